// How far a need is met, and how its plan waits.
import { html } from "../html.js";
import { energy, moment } from "../format.js";
import { now } from "../store.js";
import { t } from "../words.js";
import { Meter } from "./meter.js";

export function Need({ of: need, plan }) {
  if (!need) return null;
  return html`<${Meter} kind=${need.at_risk || need.missed ? "risk" : ""} label=${need.met ? t("card.need.met") : t("card.need.by", { by: need.by || need.departure ? moment(need.by || need.departure, now()) : "–" })}
      value=${t("card.need.of", { drawn: energy(need.drawn_kwh), all: energy(need.energy_kwh) })} part=${need.met ? 1 : need.drawn_kwh / need.energy_kwh} />
    ${plan && html`<p class="also small">${t("card.plan", { summary: plan.summary })}</p>`}`;
}
