// One appliance or zone: what it does, why, what would change it, and what its people may do about it.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { put, remove } from "../api.js";
import { clock, duration, moment } from "../format.js";
import { stateOf } from "../states.js";
import { mayOn, me, minute, now } from "../store.js";
import { today } from "../today.js";
import { t } from "../words.js";
import { Act, Refusal, useAct } from "./act.js";
import { Bay } from "./bay.js";
import { Icon } from "./icon.js";
import { Meter } from "./meter.js";
import { ModeDialog, overridden } from "./mode.js";
import { Need } from "./need.js";
import { Span } from "./span.js";
import { Spark } from "./spark.js";

const path = (one, what) => `policies/${encodeURIComponent(one.name)}/${what}`;
const epoch = (stamp) => Date.parse(stamp);

export function Card({ of: one }) {
  const id = `policy-${one.name}`;
  const bays = one.stations || [];
  const looks = one.on === null ? "unknown" : one.on ? "on" : "off";
  return html`<article class=${`card sheet ${looks} ${bays.length > 4 ? "wide" : bays.length > 1 ? "wide few" : ""}`} id=${id} aria-labelledby=${`${id}-name`}>
    <header>
      <div><h3 id=${`${id}-name`}><a href=${`/policies/${encodeURIComponent(one.name)}`}>${one.name}</a></h3>
        ${one.description && html`<p class="description">${one.description}</p>`}</div>
      <span class="pill">${stateOf(one)}</span>
    </header>
    <${Why} of=${one} />
    <${MinOn} of=${one} />
    <${Need} of=${one.need} plan=${one.plan} />
    <${Today} of=${one} />
    ${bays.length > 0 && html`<ul class="bays">${bays.map((bay) => html`<${Bay} key=${bay.station} of=${bay} zone=${one} />`)}</ul>`}
    <i class="fill" aria-hidden="true"></i>
    <${Leases} of=${one} />
    <${Hands} of=${one} />
  </article>`;
}

/** Why it is so, and what would change it and when. */
function Why({ of: one }) {
  const also = [...new Set(one.reasons.map((reason) => reason.sentence))].filter((sentence) => sentence !== one.sentence);
  const change = one.next_change;
  return html`<p class="why">${one.sentence}</p>
    ${also.map((sentence) => html`<p class="also" key=${sentence}>${sentence}</p>`)}
    ${change && html`<p class="then"><${Icon} name="clock" /><span><b>${moment(change.at, minute.value)}</b> ${change.what}</span></p>`}
    ${one.condition && !one.switch && html`<p class="then"><${Icon} name=${one.mode.startsWith("auto") ? "sun" : "mode"} /><span>${one.condition}</span></p>`}`;
}

function MinOn({ of: one }) {
  if (!one.min_on_until) return null;
  const left = (epoch(one.min_on_until) - now()) / 1000;
  if (left <= 0) return null;
  const whole = one.since ? (epoch(one.min_on_until) - epoch(one.since)) / 1000 : left;
  return html`<${Meter} kind="hold" label=${t("card.minon")} value=${t("card.left", { time: duration(left) })} part=${1 - left / whole} />`;
}

function Today({ of: one }) {
  const known = today.value;
  const watts = known && known.signals[`policy/${one.name}`];
  if (!watts || watts.every((w) => w === null)) return null;
  return html`<${Spark} day=${known} name=${one.name} on=${one.on} />`;
}

/** What people set and is not over yet, each with its end. */
export function Leases({ of: one }) {
  return html`
    ${one.override && html`<div class="lease"><span>${t("card.override", { mode: t(`mode.${one.override.mode}`) })} ${overridden(one.override)}</span>
      ${mayOn(one, "mode") && html`<${Act} kind="quiet" does=${() => remove(path(one, "override"))}>${t("card.override.clear")}</${Act}>`}</div>`}
    ${one.boost && html`<div class="lease"><span>${t("card.boost.until", { at: clock(one.boost.until), left: duration((epoch(one.boost.until) - now()) / 1000) })}</span>
      ${mayOn(one, "wish") && html`<${Act} kind="quiet" does=${() => put(path(one, "boost"), { for: "0 s" })}>${t("card.boost.end")}</${Act}>`}</div>`}`;
}

/** What may be done, or that nothing may. */
export function Hands({ of: one }) {
  const [open, setOpen] = useState(null);
  const act = useAct();
  const wish = mayOn(one, "wish"), mode = mayOn(one, "mode");
  if (!wish && !mode) {
    if (!me.value || !me.value.signed_in) return null;
    return html`<p class="locked end"><${Icon} name="lock" />${t("card.locked")}</p>`;
  }
  const boost = async (span) => {
    if (await act.run(() => put(path(one, "boost"), { for: span }))) setOpen(null);
  };
  return html`<div class="end stack">
    <div class="actions">
      ${wish && one.switch && html`<${Switch} of=${one} />`}
      ${wish && one.kind === "appliance" && !one.switch && html`<button type="button" onClick=${() => setOpen(open === "boost" ? null : "boost")} aria-expanded=${open === "boost"}><${Icon} name="loads" />${t("card.boost")}</button>`}
      ${mode && html`<button type="button" class="quiet mode" onClick=${() => setOpen("mode")}><${Icon} name="mode" /><span class="unseen">${t("card.mode")}:</span>${t(`mode.${one.mode}`)}</button>`}
    </div>
    ${open === "boost" && html`<${Span} legend=${t("card.boost.how")} spans=${["30 min", "1 h", "2 h", "4 h"]} busy=${act.busy} choose=${boost} />`}
    <${Refusal} of=${act.problem} />
    ${open === "mode" && html`<${ModeDialog} policy=${one} close=${() => setOpen(null)} />`}
  </div>`;
}

function Switch({ of: one }) {
  const act = useAct();
  const flip = () => act.busy || act.run(() => put(path(one, "switch"), { on: !one.switch.on }));
  return html`<div class="stack"><button type="button" class="switch" role="switch" aria-checked=${one.switch.on ? "true" : "false"} aria-busy=${act.busy ? "true" : null} onClick=${flip}>
      <i aria-hidden="true"></i><span>${t(one.switch.on ? "card.switch.on" : "card.switch.off")}</span></button>
    <${Refusal} of=${act.problem} /></div>`;
}
