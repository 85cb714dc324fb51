// What is wrong with everything below: told once, above it.
import { html } from "../html.js";
import { where } from "../router.js";
import { link, me, site } from "../store.js";
import { t } from "../words.js";
import { Icon } from "./icon.js";

const MOST = 3; // the page of alarms has them all

export function Banners() {
  const who = me.value;
  const notices = who && who.role && site.value && where.value.path === "/" ? site.value.notices : [];
  const more = notices.length - MOST;
  return html`<div class="banners" role="status" aria-live="polite">
    ${link.value === "lost" && html`<p class="banner trouble"><${Icon} name="lost" /><span>${t("banner.lost")}</span></p>`}
    ${who && who.setup_needed && where.value.path !== "/setup" && html`<p class="banner note"><${Icon} name="account" /><span>${t("banner.setup")} <a href="/setup">${t("place.setup")}</a></span></p>`}
    ${notices.slice(0, MOST).map((one) => html`<p class=${`banner ${one.level}`} key=${one.id || one.text}>
      <${Icon} name=${one.level === "trouble" ? "alarms" : "clock"} /><span>${one.text}${one.todo && html` <span class="todo">${one.todo}</span>`}</span></p>`)}
    ${more > 0 && html`<p class="small"><a class="button" href="/alarms">${t("banner.more", { n: more })}</a></p>`}
  </div>`;
}
