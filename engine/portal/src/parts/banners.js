// What is wrong with everything below: told once, above it.
import { html } from "../html.js";
import { link, me, site } from "../store.js";
import { t } from "../words.js";
import { Icon } from "./icon.js";

export function Banners() {
  const inside = me.value && me.value.role;
  return html`<div class="banners" role="status" aria-live="polite">
    ${link.value === "lost" && (inside || !me.value) && html`<p class="banner trouble"><${Icon} name="lost" /><span>${t("banner.lost")}</span></p>`}
    ${inside && site.value && (site.value.notices || []).map((one) => html`<p class=${`banner ${one.level}`} key=${one.id || one.text}>
      <${Icon} name=${one.level === "trouble" ? "alarms" : "clock"} /><span>${one.text}${one.todo ? html` <span class="soft">${one.todo}</span>` : null}</span></p>`)}
  </div>`;
}
