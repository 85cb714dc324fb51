// One charging station: the vehicle at it, its session, what can be asked for it, and the sessions before.
import "../inner.css";
import { current, energy, power } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loaded.js";
import { Blank, refused } from "../parts/blank.js";
import { begun, Facts, Part, When } from "../parts/told.js";
import { ChargeNow, Need, Wake } from "../station/wishes.js";
import { Sessions } from "../station/sessions.js";
import { mayOn, me, now, old, policies, policyNamed, site, stationNamed } from "../store.js";
import { t } from "../words.js";

const ALONE_MS = 10000;

export default function Station({ params }) {
  const live = stationNamed(params.id);
  const alone = useLoaded(policies.value && !live ? `stations/${encodeURIComponent(params.id)}` : null, {}, Math.floor(now() / ALONE_MS));
  const one = live || alone.data; // who may see a station but not its zone has it from here
  if (!one || !site.value) return alone.problem ? refused(alone.problem) : html`<${Blank} kind="loading" />`;
  const zone = policyNamed(one.zone);
  const mine = mayOn(one, "wish");
  return html`<article class=${`inner station ${old.value ? "old" : ""}`}>
    <header class="title"><p class="crumb"><a href="/">${t("place.home")}</a> › ${zone ? html`<a href=${`/policies/${encodeURIComponent(one.zone)}`}>${one.zone}</a>` : one.zone}</p>
      <h1>${one.station}</h1></header>
    <${Part} id="vehicle" title=${t("station.vehicle")}>
      <p class="lead">${begun(one.summary)}</p>
      ${one.state !== "absent" && html`<p>${one.sentence}</p>`}
      ${one.trouble && html`<p class="trouble">${one.trouble}</p>`}
      ${mine && html`<${Wake} one=${one} />`}
      <${Offer} one=${one} />
      <${Facts} of=${[
        [t("station.plugged"), one.plugged_at && html`<${When} at=${one.plugged_at} />`],
        [t("station.session"), one.session_kwh === null ? null : energy(one.session_kwh)],
        [t("station.phases"), one.phases],
        [t("station.draws"), one.drawn_w === null || !one.online ? null : power(one.drawn_w)],
        [t("station.most"), one.max_a === null ? null : current(one.max_a)],
        [t("station.badge"), one.id_tag],
        [t("station.measured"), one.measured_at && html`<${When} at=${one.measured_at} />`],
      ]} />
    </${Part}>
    ${mine ? html`
      ${(!zone || zone.charge_now_allowed || one.charge_now) && html`<${ChargeNow} one=${one} />`}
      <${Need} one=${one} />`
    : html`<${Asked} one=${one} />`}
    <${Sessions} station=${one.station} version=${`${one.plugged_at} ${one.state === "absent"}`} />
  </article>`;
}

/** What somebody asked of it, for who may only look. */
function Asked({ one }) {
  const said = [one.charge_now, one.need].filter(Boolean);
  return html`<${Part} id="asked" title=${t("station.asked")}>
    ${said.length ? html`<ul class="ways">${said.map(({ summary }) => html`<li>${begun(summary)}</li>`)}</ul>` : html`<p class="soft">${t("station.nothing")}</p>`}
    <p class="soft">${t(me.value.signed_in ? "station.look" : "station.sign-in")} ${!me.value.signed_in && html`<a href=${`/sign-in?back=${encodeURIComponent(`/stations/${one.station}`)}`}>${t("place.signin")}</a>`}</p>
  </${Part}>`;
}

/** The current of each phase beside what the vehicle may draw; of a station that is away neither is known. */
function Offer({ one }) {
  const lines = Object.entries(one.drawn_a).filter(([name, amps]) => name !== "N" && amps !== null);
  const most = Math.max(one.max_a || 0, one.limit_a || 0, ...lines.map(([, amps]) => amps));
  if (!most || !one.online || one.state === "absent") return null;
  const percent = (amps) => `${(100 * amps) / most}%`;
  return html`<div class="offer">
    <p>${one.limit_a ? t("station.offered", { current: current(one.limit_a) }) : t("station.offered-nothing")}
      ${one.accepted_a !== null && one.accepted_a !== one.limit_a && html` <span class="soft">${t("station.accepted", { current: current(one.accepted_a) })}</span>`}
      ${lines.length > 0 && ` ${t("station.drawn")}`}</p>
    ${lines.length > 0 && html`<dl>${lines.map(([name, amps]) => html`<div key=${name}><dt>${name}</dt>
      <dd><svg aria-hidden="true"><rect class="free" width="100%" height="100%" rx="3" />
        <rect class="drawn" width=${percent(amps)} height="100%" rx="3" />
        ${one.limit_a ? html`<line x1=${percent(one.limit_a)} x2=${percent(one.limit_a)} y1="0" y2="100%" />` : null}</svg>
        <span>${current(Math.round(amps * 10) / 10)}</span></dd></div>`)}</dl>`}
  </div>`;
}
