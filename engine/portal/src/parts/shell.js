// What stands around every page: name, navigation, banners, footer.
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { load, loaded } from "../pages.js";
import { match, where } from "../router.js";
import { link, may, me, site, spoken, troubles } from "../store.js";
import { t } from "../words.js";
import { Banners } from "./banners.js";
import { Blank } from "./blank.js";
import { Boundary } from "./boundary.js";
import { Icon } from "./icon.js";
import { Tongues } from "./choosers.js";

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

/** Pages for those who may see nothing yet. */
const OPEN = ["signin", "setup", "account"];

export function Shell() {
  const known = me.value;
  const inside = known && known.role;
  return html`
    <a class="skip" href="#main">${t("shell.skip")}</a>
    <header class="bar">
      <a class="brand" href="/"><img src="/static/icon.svg" alt="" width="28" height="28" /><span>${site.value ? site.value.name : "Noonward"}</span></a>
      ${inside && html`<${Line} /><${Places} />`}
    </header>
    <${Banners} />
    <p class="unseen" role="status">${spoken.value}</p>
    <main id="main" tabindex="-1"><${Page} /></main>
    <footer class="foot">
      <span>Noonward ${site.value ? site.value.version : ""}</span>
      <${Tongues} />
      <a href="/status">${t("shell.plain")}</a>
    </footer>
  `;
}

/** Whether what is shown is of this moment. */
function Line() {
  return html`<span class=${`line ${link.value}`}><i aria-hidden="true"></i>${t(`line.${link.value}`)}</span>`;
}

function Places() {
  const { path } = where.value;
  const count = troubles.value.length;
  return html`<nav class="places" aria-label=${t("shell.places")}>
    ${PLACES.filter(([, , action]) => !action || may(action)).map(([href, name, action]) => {
      const here = path === href || (href === "/" && /^\/(policies|stations)\//.test(path));
      return html`<a href=${href} aria-current=${here ? "page" : null} class=${action === "people" || action === "audit" ? "rare" : null}>
        <${Icon} name=${name} /><span>${t(name === "account" && !me.value.signed_in ? "signin.do" : `place.${name}`)}</span>
        ${name === "alarms" && count > 0 && html`<b class="count" aria-label=${t("shell.alarms", { n: count })}>${count}</b>`}
      </a>`;
    })}
  </nav>`;
}

/** Shows the page of the address. */
function Page() {
  const { path, query, hash } = where.value;
  const { page, params } = match(path);
  const first = useRef(true);
  useEffect(() => {
    load(page);
    if (!first.current && !hash) document.getElementById("main").focus({ preventScroll: true });
    first.current = false;
  }, [path]);
  useTitle(page, params.name || params.id);
  const Shown = loaded.value[page];
  if (!page) return html`<${Blank} kind="missing" />`;
  if (Shown === false) return html`<${Blank} kind="unloaded" />`;
  if (!Shown || !me.value) return html`<${Blank} kind=${link.value === "lost" ? "offline" : "loading"} />`;
  if (!me.value.role && !OPEN.includes(page)) return null; // main.js is on the way to the sign-in
  return html`<${Boundary} of=${path}><${Shown} key=${path} params=${params} query=${query} hash=${hash} /></${Boundary}>`;
}

function useTitle(page, of) {
  const name = site.value ? site.value.name : "Noonward";
  const title = page && page !== "home" ? `${of || t(`place.${page}`)} · ${name}` : name;
  useEffect(() => {
    document.title = title;
  }, [title]);
}
