// One appliance or zone: what it does and why, its day, what was decided, how it decides, and the file behind it.
import { useState } from "preact/hooks";
import "../inner.css";
import { dated, duration, power, share } from "../format.js";
import { html } from "../html.js";
import { Machine } from "../machine/diagram.js";
import { useLoaded } from "../loaded.js";
import { Bay } from "../parts/bay.js";
import { Blank } from "../parts/blank.js";
import { Hands, Leases } from "../parts/card.js";
import { later } from "../parts/later.js";
import { Facts, Missing, Part, When } from "../parts/told.js";
import { Calendar } from "../policy/calendar.js";
import { Decisions } from "../policy/decisions.js";
import { Source } from "../policy/source.js";
import { Sharing } from "../policy/sharing.js";
import { Sessions } from "../station/sessions.js";
import { stateOf } from "../states.js";
import { now, old, policies, policyNamed, site } from "../store.js";
import { span } from "../wall.js";
import { t } from "../words.js";

const Curve = later(() => import("../policy/curve.js"), "chart");
const CURVE_MS = 60000; // history has a row a minute

export default function Policy({ params, hash }) {
  const view = policyNamed(params.name);
  const [line, toLine] = useState(Number((/^#line-(\d+)$/.exec(hash) || [])[1]) || null);
  const [turned, turn] = useState(0);
  if (!policies.value || !site.value) return html`<${Blank} kind="loading" />`;
  if (!view) return html`<${Blank} kind="missing" text=${t("policy.missing", { name: params.name })} />`;

  const day = span("day", now() / 1000, site.value.timezone, turned);
  const decided = `${view.state} ${view.reasons.map((one) => one.code)} ${view.line}`;
  const minute = turned ? 0 : Math.floor(now() / CURVE_MS);
  return html`<article class=${`inner policy ${old.value ? "old" : ""}`}>
    <header class="title"><p class="crumb"><a href="/">${t("place.home")}</a></p>
      <h1>${view.name}</h1>${view.description && html`<p class="soft">${view.description}</p>`}</header>
    <${Why} view=${view} />
    ${view.stations && html`<${Part} id="stations" title=${t("zone.stations")}>
      ${view.max_power_w && html`<${Sharing} zone=${view} />`}
      <h3 class="unseen">${t("zone.stations")}</h3><ul class="bays">${view.stations.map((one) => html`<${Bay} key=${one.station} of=${one} zone=${view} />`)}</ul></${Part}>`}
    <${Part} id="day" title=${t("curve.title")} aside=${html`<${Days} day=${day} turned=${turned} turn=${turn} />`}>
      <${Curve} key=${day.from} name=${view.name} day=${day} version=${minute} decided=${decided} />
    </${Part}>
    ${view.stations && html`<${Sessions} zone=${view.name} version=${view.stations.map((one) => one.plugged_at).join()} />`}
    <${Decisions} name=${view.name} version=${decided} toLine=${toLine} />
    <${How} view=${view} toLine=${toLine} />
    <${Calendar} name=${view.name} version=${site.value.digest} />
    <${Source} name=${view.name} version=${`${site.value.digest} ${view.line}`} wanted=${line} />
  </article>`;
}

function Days({ day, turned, turn }) {
  return html`<span class="turns"><button type="button" class="quiet" aria-label=${t("day.before")} onClick=${() => turn(turned - 1)}>‹</button>
    <span aria-live="polite">${turned ? dated(day.from + 43200, { weekday: "short", day: "numeric", month: "short" }) : t("day.today")}</span>
    <button type="button" class="quiet" aria-label=${t("day.after")} disabled=${turned >= 0} onClick=${() => turn(turned + 1)}>›</button></span>`;
}

/** What it does and why, all reasons; what would change it, and when. */
function Why({ view }) {
  const [first, ...others] = view.reasons;
  const left = view.min_on_until ? (Date.parse(view.min_on_until) - now()) / 1000 : 0;
  const next = view.next_change;
  return html`<${Part} id="why" title=${t("why.title")} aside=${html`<span class="pill">${stateOf(view)}</span>`}>
    <p class="lead">${first ? first.sentence : view.sentence}</p>
    ${others.length > 0 && html`<h3>${t("why.also")}</h3><ul class="ways">${others.map((one) => html`<li key=${one.code}>${one.sentence}</li>`)}</ul>`}
    ${(view.condition || next) && html`<h3>${t("why.change")}</h3><ul class="ways">
      ${view.condition && html`<li>${view.condition}</li>`}
      ${next && html`<li><b><${When} at=${next.at} /></b> ${next.what} ${Date.parse(next.at) > now() && html`<span class="soft">(${t("why.in", { time: duration((Date.parse(next.at) - now()) / 1000) })})</span>`}</li>`}</ul>`}
    <${Facts} of=${[
      [t("why.mode"), html`${t(`mode.${view.mode}`)}${view.override ? html` <span class="soft">${t("why.overridden", { mode: t(`mode.${view.file_mode}`) })}</span>` : ""}`],
      [t("why.since"), view.since && html`<${When} at=${view.since} />`],
      [t("why.draws"), view.draw_w === null || view.draw_w === undefined ? null : power(view.draw_w)],
      [t("why.min-on"), left > 0 ? duration(left) : null],
      [t("why.need"), view.need && view.need.summary],
      [t("why.plan"), view.plan && view.plan.summary],
      [t("why.covered"), view.plan && view.plan.covers !== null ? share(view.plan.covers) : null],
      [t("why.starts"), view.starts],
      [t("why.priority"), view.priority],
      [t("why.most"), view.max_power_w ? power(view.max_power_w) : null],
    ]} />
    <${Leases} of=${view} /><${Hands} of=${view} />
  </${Part}>`;
}

function How({ view, toLine }) {
  const { data, problem, again } = useLoaded(`policies/${encodeURIComponent(view.name)}/machine`, {}, `${view.state} ${view.mode} ${site.value.digest}`);
  return html`<${Part} id="machine" title=${t("machine.title")}>
    ${problem && !data && html`<${Missing} problem=${problem} again=${again} />`}
    ${!data && !problem && html`<div class="awaited chart" aria-busy="true"></div>`}
    ${data && html`<p class="soft">${t("machine.about")}</p><${Machine} machine=${data} toLine=${toLine} />`}
  </${Part}>`;
}
