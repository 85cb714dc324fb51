// The day of the whole site: what the sun gave, what was used, bought and sold so far, and what plans go by.
import { useMemo } from "preact/hooks";
import { sums, used } from "../dayfigures.js";
import { html } from "../html.js";
import { day, energy, share } from "../format.js";
import { minute, site } from "../store.js";
import { today } from "../today.js";
import { t } from "../words.js";
import { DayCurve } from "./daycurve.js";

export function Summary() {
  const one = site.value;
  const { pv, battery } = one;
  const [figures, taken] = useMemo(() => {
    const has = { pv: Boolean(pv), battery: Boolean(battery) };
    return today.value ? [sums(today.value, has), used(today.value.signals, has)] : [null, null];
  }, [today.value]);
  const known = [one.learnt, one.forecast].filter(Boolean).map((each) => each.summary);
  return html`<section class="today sheet" aria-labelledby="today-title">
    <h2 id="today-title">${t("today.title")} <span class="soft small">${day(minute.value / 1000)}</span></h2>
    ${figures ? html`<dl class="sums">
        ${pv && html`<div><dt>${t("today.sun")}</dt><dd>${energy(figures.sun)}</dd></div>`}
        <div><dt>${t("today.used")}</dt><dd>${energy(figures.used)}</dd></div>
        <div><dt>${t("today.bought")}</dt><dd>${energy(figures.bought)}</dd></div>
        ${pv && html`<div><dt>${t("today.sold")}</dt><dd>${energy(figures.sold)}</dd></div>
        <div><dt>${t("today.own")}</dt><dd>${share(figures.own)}</dd></div>`}
      </dl><${DayCurve} of=${today.value} used=${taken} />` : html`<p class="soft">${t("today.nothing")}</p>`}
    ${known.length > 0 && html`<p class="soft small">${known.join(" ")}</p>`}
  </section>`;
}
