// A charging station as a row of its zone's card.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { put, remove } from "../api.js";
import { energy, power } from "../format.js";
import { mayOn } from "../store.js";
import { t } from "../words.js";
import { Act, Refusal, useAct } from "./act.js";
import { Icon } from "./icon.js";
import { Need } from "./need.js";
import { Span } from "./span.js";

/** State to how its row looks; all others wait. */
const LOOKS = { charging: "drawing", detecting: "drawing", absent: "empty", unknown: "empty", "needs-driver": "amiss", "not-answering": "amiss" };
const SLEEPS = ["asleep", "needs-driver"];

const path = (one, what) => `stations/${encodeURIComponent(one.station)}/${what}`;
const begun = (words) => words.charAt(0).toUpperCase() + words.slice(1);

/** Why, without the words that stand above it already: "Waiting: …". */
function besides({ sentence, summary }) {
  const [first, ...rest] = sentence.split(/\u00a0?: /);
  return rest.length && first === begun(summary) ? begun(sentence.slice(sentence.indexOf(": ") + 2)) : sentence;
}

export function Bay({ of: one, zone }) {
  const draws = one.online && one.drawn_w > 15;
  const said = one.trouble || (one.state !== "absent" && one.state !== null ? besides(one) : null);
  return html`<li class=${`bay ${LOOKS[one.state] || "waiting"}`} id=${`station-${one.station}`}>
    <header><${Icon} name="car" /><h4><a href=${`/stations/${encodeURIComponent(one.station)}`}>${one.station}</a></h4>
      ${draws && html`<span class="draws">${power(one.drawn_w)}</span>`}</header>
    <p class="does">${begun(one.summary)}</p>
    ${said && html`<p class="told">${said}</p>`}
    ${one.session_kwh >= 0.05 && html`<p class="told">${t("bay.sofar", { energy: energy(one.session_kwh) })}</p>`}
    ${one.need && html`<${Need} of=${one.need} plan=${one.plan} />`}
    ${one.charge_now && html`<div class="lease"><span>${begun(one.charge_now.summary)}</span>
      ${mayOn(one.may ? one : zone, "wish") && html`<${Act} kind="quiet" does=${() => remove(path(one, "charge-now"))}>${t("bay.stop")}</${Act}>`}</div>`}
    ${mayOn(one.may ? one : zone, "wish") && html`<${BayHands} of=${one} zone=${zone} />`}
  </li>`;
}

/** Charge now and wake; the page of a station offers the same. */
export function BayHands({ of: one, zone }) {
  const [open, setOpen] = useState(false);
  const act = useAct();
  const now = zone.charge_now_allowed && one.state !== "absent" && !one.charge_now;
  const sleeps = SLEEPS.includes(one.state);
  if (!now && !sleeps) return null;
  const ends = [[null, t("bay.now.usual")], ["unplugged", t("bay.now.unplugged")], ["5 kWh", "5 kWh"], ["10 kWh", "10 kWh"], ["1 h", "1 h"], ["2 h", "2 h"]];
  const charge = async (until) => {
    if (await act.run(() => put(path(one, "charge-now"), { until }))) setOpen(false);
  };
  return html`<div class="actions">
      ${now && html`<button type="button" onClick=${() => setOpen(!open)} aria-expanded=${open}><${Icon} name="loads" />${t("bay.now")}</button>`}
      ${sleeps && html`<${Act} does=${() => put(path(one, "wake"), {})}><${Icon} name="wake" />${t("bay.wake")}</${Act}>`}
    </div>
    ${open && html`<${Span} legend=${t("bay.now.until")} spans=${ends} busy=${act.busy} choose=${charge} />`}
    <${Refusal} of=${act.problem} />`;
}
