// The day of the whole site: what the sun gave, what was used, bought and sold so far, and what plans go by.
import { html } from "../html.js";
import { day, energy, share } from "../format.js";
import { now, site } from "../store.js";
import { today } from "../today.js";
import { t } from "../words.js";
import { DayCurve } from "./daycurve.js";

export function Summary() {
  const one = site.value;
  const sums = today.value && added(today.value);
  const known = [one.learnt, one.forecast].filter(Boolean).map((each) => each.summary);
  return html`<section class="today sheet" aria-labelledby="today-title">
    <h2 id="today-title">${t("today.title")} <span class="soft small">${day(now() / 1000)}</span></h2>
    ${sums ? html`<dl class="sums">
        ${one.pv && html`<div><dt>${t("today.sun")}</dt><dd>${energy(sums.pv)}</dd></div>`}
        <div><dt>${t("today.used")}</dt><dd>${energy(sums.used)}</dd></div>
        <div><dt>${t("today.bought")}</dt><dd>${energy(sums.bought)}</dd></div>
        ${one.pv && html`<div><dt>${t("today.sold")}</dt><dd>${energy(sums.sold)}</dd></div>`}
        ${one.pv && html`<div><dt>${t("today.own")}</dt><dd>${share(sums.used > 0.05 ? Math.max(0, 1 - sums.bought / sums.used) : null)}</dd></div>`}
      </dl><${DayCurve} of=${today.value} />` : html`<p class="soft">${t("today.nothing")}</p>`}
    ${known.length > 0 && html`<p class="soft small">${known.join(" ")}</p>`}
  </section>`;
}

/** Sums of what is known of the day, in kWh; null where nothing is recorded. */
function added({ signals, step_s: step }) {
  const { pv_w: pv = [], grid_w: grid, battery_w: battery = [] } = signals;
  if (!grid || grid.every((w) => w === null)) return null;
  const sum = { pv: 0, bought: 0, sold: 0, used: 0 };
  grid.forEach((w, k) => {
    if (w === null) return;
    const sun = pv[k] || 0;
    sum.pv += sun;
    sum.bought += Math.max(w, 0);
    sum.sold += Math.max(-w, 0);
    sum.used += Math.max(0, sun + w - (battery[k] || 0));
  });
  return Object.fromEntries(Object.entries(sum).map(([name, w]) => [name, (w * step) / 3.6e6]));
}
