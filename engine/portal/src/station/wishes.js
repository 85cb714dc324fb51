// What a driver can ask for at a station: charge now, so much by then, wake the car.
import { useState } from "preact/hooks";
import { put, remove } from "../api.js";
import { html } from "../html.js";
import { Part } from "../parts/told.js";
import { begun } from "../policy/stations.js";
import { now, site } from "../store.js";
import { shown, span } from "../wall.js";
import { t } from "../words.js";
import { Refusal, useWriting } from "../writing.js";

const path = (one, what) => `stations/${encodeURIComponent(one.station)}/${what}`;
const ASLEEP = ["asleep", "needs-driver"];

/** What the answer to each choice says is the end of charge-now. */
const ENDS = { unplugged: () => "unplugged", duration: (amount) => `${amount} h`, energy: (amount) => `${amount} kWh` };

export function Wake({ one }) {
  const { busy, problem, write } = useWriting();
  if (!ASLEEP.includes(one.state)) return null;
  return html`<p><button type="button" disabled=${busy} onClick=${() => write(() => put(path(one, "wake"), {}))}>${t("wake.do")}</button>
    <span class="soft">${t("wake.about")}</span></p><${Refusal} problem=${problem} />`;
}

export function ChargeNow({ one }) {
  const [end, choose] = useState("unplugged");
  const [amounts, change] = useState({ duration: "2", energy: "10" });
  const { busy, problem, write } = useWriting();
  const begin = (event) => {
    event.preventDefault();
    write(() => put(path(one, "charge-now"), { until: ENDS[end](Number(amounts[end])) }));
  };
  const choice = (key, label) => html`<label class="choice"><input type="radio" name="end" value=${key} checked=${end === key} onChange=${() => choose(key)} /><span>${label}</span></label>`;
  const field = (key, unit, most, step) => html`<label class="amount"><span class="unseen">${t(`charge.${key}`)}</span>
    <input type="number" inputmode="decimal" required=${end === key} min=${step} max=${most} step=${step} value=${amounts[key]}
      onFocus=${() => choose(key)} onInput=${(event) => change({ ...amounts, [key]: event.target.value })} /> ${unit}</label>`;
  return html`<${Part} id="charge-now" title=${t("charge.title")}>
    ${one.charge_now ? html`<p>${begun(one.charge_now.summary)}</p>
      <p><button type="button" disabled=${busy} onClick=${() => write(() => remove(path(one, "charge-now")))}>${t("charge.end")}</button></p>`
    : html`<form class="wish" onSubmit=${begin}>
      <p class="soft">${t("charge.about")}</p>
      <fieldset><legend class="unseen">${t("charge.until")}</legend>
        <div>${choice("unplugged", t("charge.unplugged"))}</div>
        <div>${choice("duration", t("charge.duration"))} ${field("duration", "h", 24, 0.5)}</div>
        <div>${choice("energy", t("charge.energy"))} ${field("energy", "kWh", 200, 0.5)}</div>
      </fieldset>
      <p><button class="primary" disabled=${busy}>${t("charge.do")}</button></p></form>`}
    <${Refusal} problem=${problem} />
  </${Part}>`;
}

export function Need({ one }) {
  const zone = site.value.timezone;
  const said = one.need && one.need.source === "driver" ? one.need : null;
  const [energy, setEnergy] = useState(String((one.need && one.need.energy_kwh) || 10));
  const [departure, setDeparture] = useState(one.need ? local(Date.parse(one.need.departure) / 1000, zone) : tomorrow(zone));
  const { busy, problem, write } = useWriting();
  const send = (event) => {
    event.preventDefault();
    write(() => put(path(one, "need"), { energy_kwh: Number(energy), departure }));
  };
  return html`<${Part} id="need" title=${t("need.title")}>
    ${one.need && html`<p>${begun(one.need.summary)}</p>`}
    <form class="wish" onSubmit=${send}>
      <p class="soft">${t("need.about")}</p>
      <div class="fields">
        <label>${t("need.energy")} <span class="with"><input type="number" inputmode="decimal" required min="0.5" max="200" step="0.5" value=${energy} onInput=${(event) => setEnergy(event.target.value)} /> kWh</span></label>
        <label>${t("need.departure")} <input type="datetime-local" required min=${local(now() / 1000, zone)} value=${departure} onInput=${(event) => setDeparture(event.target.value)} /></label>
      </div>
      <p class="buttons"><button class="primary" disabled=${busy}>${t("need.do")}</button>
        ${said && html`<button type="button" class="quiet" disabled=${busy} onClick=${() => write(() => remove(path(one, "need")))}>${t("need.forget")}</button>`}</p>
    </form>
    <${Refusal} problem=${problem} />
  </${Part}>`;
}

/** An instant as a field for site time holds it. */
export function local(at, zone) {
  const { year, month, day, hour, minute } = shown(at, zone);
  const two = (n) => String(n).padStart(2, "0");
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

const tomorrow = (zone) => `${span("day", now() / 1000, zone, 1).date}T07:00`;
