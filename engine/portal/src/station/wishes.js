// What a driver can ask for at a station: charge now, so much by then, wake the car.
import { useState } from "preact/hooks";
import { put, remove } from "../api.js";
import { html } from "../html.js";
import { Act, Refusal, useAct } from "../parts/act.js";
import { Field, Segments } from "../parts/field.js";
import { begun, Part } from "../parts/told.js";
import { now, site } from "../store.js";
import { shown, span } from "../wall.js";
import { t } from "../words.js";

const path = (one, what) => `stations/${encodeURIComponent(one.station)}/${what}`;
const SLEEPS = ["asleep", "needs-driver"];

/** Ends of charge-now: the unit of an amount, what stands there first, and the most of it. */
const ENDS = { unplugged: null, duration: ["h", "2", 24], energy: ["kWh", "10", 200] };

export function Wake({ one }) {
  if (!SLEEPS.includes(one.state)) return null;
  return html`<div><${Act} kind="first" does=${() => put(path(one, "wake"), {})}>${t("bay.wake")}</${Act}> <p class="soft">${t("wake.about")}</p></div>`;
}

export function ChargeNow({ one }) {
  const [end, choose] = useState("unplugged");
  const [amounts, change] = useState({});
  const act = useAct();
  const [unit, first, most] = ENDS[end] || [];
  const amount = amounts[end] === undefined ? first : amounts[end];
  const send = (event) => {
    event.preventDefault();
    act.run(() => put(path(one, "charge-now"), { until: unit ? `${Number(amount)} ${unit}` : end }));
  };
  return html`<${Part} id="charge-now" title=${t("bay.now")}>
    ${one.charge_now ? html`<div class="lease"><span>${begun(one.charge_now.summary)}</span> <${Act} kind="quiet" does=${() => remove(path(one, "charge-now"))}>${t("bay.stop")}</${Act}></div>`
    : html`<form onSubmit=${send}><p class="soft">${t("charge.about")}</p>
      <${Segments} legend=${t("charge.until")} name="end" value=${end} set=${choose} of=${Object.keys(ENDS).map((key) => [key, t(`charge.${key}`)])} />
      ${unit && html`<div class="pair"><${Field} key=${end} label=${`${t(`charge.${end}`)} (${unit})`} type="number" inputmode="decimal" required min="0.5" step="0.5" max=${most}
        value=${amount} set=${(value) => change({ ...amounts, [end]: value })} /></div>`}
      <${Refusal} of=${act.problem} />
      <div class="actions"><button class="first" aria-busy=${act.busy ? "true" : null}>${t("bay.now")}</button></div></form>`}
  </${Part}>`;
}

export function Need({ one }) {
  const zone = site.value.timezone, { need } = one;
  const [energy, setEnergy] = useState(String((need && need.energy_kwh) || 10));
  const [departure, setDeparture] = useState(need ? local(Date.parse(need.departure) / 1000, zone) : `${span("day", now() / 1000, zone, 1).date}T07:00`);
  const act = useAct();
  const send = (event) => {
    event.preventDefault();
    act.run(() => put(path(one, "need"), { energy_kwh: Number(energy), departure }));
  };
  return html`<${Part} id="need" title=${t("need.title")}>
    ${need && html`<div class="lease"><span>${begun(need.summary)}</span>
      ${need.source === "driver" && html`<${Act} kind="quiet" does=${() => remove(path(one, "need"))}>${t("need.forget")}</${Act}>`}</div>`}
    <form onSubmit=${send}><p class="soft">${t("need.about")}</p>
      <div class="pair"><${Field} label=${`${t("need.energy")} (kWh)`} type="number" inputmode="decimal" required min="0.5" max="200" step="0.5" value=${energy} set=${setEnergy} />
        <${Field} label=${t("need.departure")} type="datetime-local" required min=${local(now() / 1000, zone)} value=${departure} set=${setDeparture} /></div>
      <${Refusal} of=${act.problem} />
      <div class="actions"><button class="first" aria-busy=${act.busy ? "true" : null}>${t("need.do")}</button></div></form>
  </${Part}>`;
}

/** An instant as a field for the time of the site holds it. */
export function local(at, zone) {
  const { year, month, day, hour, minute } = shown(at, zone);
  const two = (n) => String(n).padStart(2, "0");
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}
