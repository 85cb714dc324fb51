// For whoever installs or mends: what answers, how old each signal is, what lets go by itself, and a switch for a try.
import { useState } from "preact/hooks";
import "../inner.css";
import { put } from "../api.js";
import { Table } from "../charts/frame.js";
import { about, current, duration, NONE, number, power } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loaded.js";
import { Act, Refusal, useAct } from "../parts/act.js";
import { Blank, refused } from "../parts/blank.js";
import { Dialog } from "../parts/dialog.js";
import { Segments } from "../parts/field.js";
import { Facts, Missing, Part, When } from "../parts/told.js";
import { mayOn, now, old, policies, policyNamed } from "../store.js";
import { t } from "../words.js";

const EVERY_MS = 5000;
const TRIES = ["10 s", "30 s", "2 min", "5 min"];
const DOES = ["devices.answers", "devices.silent", "devices.unasked"];
const STATION = ["station.answers", "station.silent", "station.unasked"]; // it is the one that calls
const until = (at) => (Date.parse(at) - now()) / 1000;

export default function Devices() {
  const { data, problem, again } = useLoaded("devices", {}, Math.floor(now() / EVERY_MS));
  const [tried, attempt] = useState(null);
  if (!data) return problem ? refused(problem) : html`<${Blank} kind="loading" />`;
  return html`<article class=${`inner ${old.value ? "old" : ""}`}>
    <h1>${t("place.devices")}</h1>
    ${problem && html`<${Missing} problem=${problem} again=${again} />`}
    ${data.signals && html`<${Part} id="signals" title=${t("devices.signals")}>
      ${data.signals.length ? html`<${Table} label=${t("devices.signals")} heads=${["signal", "value", "quality", "age", "every", "channel"].map((key) => t(`devices.${key}`))}
        rows=${[...data.signals.map(signal), ...(data.load_meters || []).map(meter)]} />` : html`<p class="nothing">${t("devices.signals.none")}</p>`}
    </${Part}>`}
    ${data.devices.map((one) => html`<${Part} key=${one.device} id=${`device-${one.device}`} title=${one.device} aside=${one.driver}>
      <ul class="channels">${one.channels.map((each) => html`<${Channel} key=${each.channel} one=${each} attempt=${attempt} />`)}</ul>
    </${Part}>`)}
    ${!data.devices.length && html`<p class="nothing">${t("devices.none")}</p>`}
    ${tried && html`<${Try} name=${tried} close=${() => attempt(null)} />`}
  </article>`;
}

const age = (seconds) => (seconds === null || seconds === undefined ? t("devices.never") : about(seconds));
const signal = (one) => [t(`role.${one.role}`), one.active === null ? power(one.power_w) : t(one.active ? "devices.active" : "devices.idle"),
  one.quality ? html`<span class=${`pill ${one.quality}`}>${t(`quality.${one.quality}`)}</span>` : NONE, one.active === null ? age(one.age_s) : NONE, `${number(one.every_s)} s`, html`<code>${one.channel}</code>`];
const meter = (one) => [html`<a href=${`/policies/${encodeURIComponent(one.policy)}`}>${one.policy}</a>`, power(one.power_w), NONE, age(one.age_s), `${number(one.every_s)} s`, html`<code>${one.channel}</code>`];

function Channel({ one, attempt }) {
  const { relay, station } = one, view = one.policy && policyNamed(one.policy);
  const lets = (relay && relay.lets_go_at) || (station && station.lets_go_at);
  return html`<li class=${one.ok === false ? "amiss" : ""}>
    <header><h3><code>${one.channel}</code></h3><span class="soft">${t(`kind.${one.kind}`)}</span>
      <span class=${`pill ${one.ok === false ? "stale" : one.ok ? "fresh" : ""}`}>${t((one.kind === "station" ? STATION : DOES)[one.ok === false ? 1 : one.ok ? 0 : 2])}</span>
      <span class="soft">${one.last_ok && html`<${When} at=${one.last_ok} />`}${one.answers + one.errors > 0 && ` · ${t("devices.errors", { errors: number(one.errors), all: number(one.answers + one.errors) })}`}</span></header>
    ${one.last_error && html`<p class=${one.ok === false ? "trouble" : "soft"}>${one.last_error} <span class="soft"><${When} at=${one.last_error_at} /></span></p>`}
    ${one.policy && html`<${Facts} of=${[
      [t("devices.use"), view ? html`<a href=${one.kind === "station" ? `/stations/${encodeURIComponent(one.channel.split("/").pop())}` : `/policies/${encodeURIComponent(one.policy)}`}>${one.kind === "station" ? one.channel.split("/").pop() : one.policy}</a>` : one.policy],
      [t("devices.address"), one.address && html`<code>${one.address}</code>`],
      [t("devices.told"), relay && relay.commanded !== null ? t(relay.commanded ? "devices.closed" : "devices.open") : null],
      [t("devices.read"), relay && relay.closed !== null ? html`${t(relay.closed ? "devices.closed" : "devices.open")} <span class="soft"><${When} at=${relay.read_at} /></span>` : null],
      [t("devices.deadman"), relay ? (relay.dead_man_s === null ? t("devices.deadman.none") : duration(relay.dead_man_s)) : null],
      [t("devices.granted"), station && station.granted_a !== null ? current(station.granted_a) : null],
      [t("devices.safe"), station && station.safe_a !== null ? current(station.safe_a) : null],
      [t("devices.lets"), lets && until(lets) > 0 ? t("why.in", { time: duration(until(lets)) }) : null],
    ]} />`}
    ${relay && view && mayOn(view, "test") && html`<${Trying} view=${view} attempt=${attempt} />`}
  </li>`;
}

function Trying({ view, attempt }) {
  if (!view.test) return html`<div class="actions"><button type="button" onClick=${() => attempt(view.name)}>${t("try.open")}</button></div>`;
  return html`<div class="lease"><span>${t(view.test.on ? "try.on" : "try.off", { time: duration(until(view.test.until)), by: view.test.by })}</span>
    <${Act} kind="quiet" does=${() => send(view.name, view.test.on, "0 s")}>${t("bay.stop")}</${Act}></div>`;
}

const send = (name, on, span) => put(`policies/${encodeURIComponent(name)}/test`, { on, for: span });

/** Asks once more before something in the cellar clicks. */
function Try({ name, close }) {
  const [on, set] = useState("on"), [span, choose] = useState("30 s");
  const act = useAct(), view = policies.value && policyNamed(name);
  const submit = async (event) => {
    event.preventDefault();
    if (await act.run(() => send(name, on === "on", span))) close();
  };
  return html`<${Dialog} title=${t("try.title", { name })} close=${close}><form onSubmit=${submit}>
    <p>${t("try.warn")}</p>
    ${view && html`<p class="soft">${view.sentence}</p>`}
    <${Segments} legend=${t("try.what")} name="on" value=${on} set=${set} of=${[["on", t("state.on")], ["off", t("state.off")]]} />
    <${Segments} legend=${t("try.for")} name="span" value=${span} set=${choose} of=${TRIES.map((one) => [one, one])} />
    <${Refusal} of=${act.problem} />
    <div class="actions"><button class="first" aria-busy=${act.busy ? "true" : null}>${t("try.do", { name, what: t(`state.${on}`) })}</button>
      <button type="button" onClick=${close}>${t("dialog.cancel")}</button></div></form></${Dialog}>`;
}
