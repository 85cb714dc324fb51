// How far a need is met, and how its plan waits.
import { html } from "../html.js";
import { energy, moment } from "../format.js";
import { minute } from "../store.js";
import { t } from "../words.js";
import { Meter } from "./meter.js";

export function Need({ of: need, plan }) {
  if (!need) return null;
  const by = need.departure || need.by; // of a vehicle "by" is who said it
  return html`<${Meter} kind=${need.at_risk || need.missed ? "risk" : ""} label=${need.met ? t("card.need.met") : t("card.need.by", { by: by ? moment(by, minute.value) : "–" })}
      value=${t("card.need.of", { drawn: energy(need.drawn_kwh), all: energy(need.energy_kwh) })} part=${need.met ? 1 : need.drawn_kwh / need.energy_kwh} />
    ${plan && html`<p class="also small">${t("card.plan", { summary: plan.summary })}</p>`}`;
}
