// What stands around every page: name, navigation, banners, footer.
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { Home } from "../pages/home.js";
import { match, where } from "../router.js";
import { may, me, site, troubles } from "../store.js";
import { t } from "../words.js";
import { Banners } from "./banners.js";
import { Blank } from "./blank.js";
import { Boundary } from "./boundary.js";
import { Icon } from "./icon.js";
import { Tongues } from "./choosers.js";

const files = import.meta.glob([
  "../pages/policy.js",
  "../pages/station.js",
  "../pages/history.js",
  "../pages/alarms.js",
  "../pages/devices.js",
  "../pages/people.js",
  "../pages/audit.js",
  "../pages/account.js",
  "../pages/signin.js",
  "../pages/setup.js",
]);

/** Path, icon, and the action without which it is not offered. */
const PLACES = [
  ["/", "home", null],
  ["/history", "history", null],
  ["/alarms", "alarms", null],
  ["/devices", "devices", "devices"],
  ["/people", "people", "people"],
  ["/audit", "audit", "audit"],
  ["/account", "account", null],
];

export function Shell() {
  const known = me.value;
  const inside = known && known.role;
  return html`
    <a class="skip" href="#main">${t("shell.skip")}</a>
    <header class="bar">
      <a class="brand" href="/"><img src="/static/icon.svg" alt="" width="28" height="28" /><span>${site.value ? site.value.name : "Noonward"}</span></a>
      ${inside && html`<${Places} />`}
    </header>
    <${Banners} />
    <main id="main" tabindex="-1"><${Page} /></main>
    <footer class="foot">
      <span>Noonward ${site.value ? site.value.version : ""}</span>
      <${Tongues} />
      <a href="/status">${t("shell.plain")}</a>
    </footer>
  `;
}

function Places() {
  const { path } = where.value;
  const count = troubles.value.length;
  return html`<nav class="places" aria-label=${t("shell.places")}>
    ${PLACES.filter(([, , action]) => !action || may(action)).map(([href, name, action]) => {
      const here = path === href || (href === "/" && /^\/(policies|stations)\//.test(path));
      return html`<a href=${href} aria-current=${here ? "page" : null} class=${action === "people" || action === "audit" ? "rare" : null}>
        <${Icon} name=${name} /><span>${t(`place.${name}`)}</span>
        ${name === "alarms" && count > 0 && html`<b class="count" aria-label=${t("shell.alarms", { n: count })}>${count}</b>`}
      </a>`;
    })}
  </nav>`;
}

/** Shows the page of the address; its module is loaded when it is first wanted. */
function Page() {
  const { path, query, hash } = where.value;
  const { page, params } = match(path);
  const loaded = useSignal({ home: Home });
  const failed = useSignal(null);
  const first = useRef(true);
  const load = files[`../pages/${page}.js`];

  useEffect(() => {
    failed.value = null;
    if (!page || loaded.value[page] || !load) return;
    load().then(
      (module) => (loaded.value = { ...loaded.value, [page]: module.default }),
      () => (failed.value = page),
    );
  }, [page]);

  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    if (!hash) document.getElementById("main").focus({ preventScroll: true });
  }, [path]);

  const Shown = loaded.value[page];
  useTitle(page);
  if (!page || (!Shown && !load)) return html`<${Blank} kind="missing" />`;
  if (failed.value === page) return html`<${Blank} kind="unloaded" />`;
  if (!Shown || (!me.value && page !== "home")) return html`<${Blank} kind="loading" />`;
  return html`<${Boundary} of=${path}><${Shown} key=${path} params=${params} query=${query} hash=${hash} /></${Boundary}>`;
}

function useTitle(page) {
  const name = site.value ? site.value.name : "Noonward";
  const title = page && page !== "home" ? `${t(`place.${page}`)} · ${name}` : name;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
