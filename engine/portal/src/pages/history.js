// What was: power over a day, energy of a month or a year, who took it, what it cost, and the tape of it.
import "../inner.css";
import { address } from "../api.js";
import { dated } from "../format.js";
import { Bars } from "../history/bars.js";
import { Carpet } from "../history/carpet.js";
import { Day } from "../history/day.js";
import { Figures, Takers } from "../history/energy.js";
import { total } from "../history/sums.js";
import { html } from "../html.js";
import { useLoaded } from "../loaded.js";
import { Blank } from "../parts/blank.js";
import { Segments } from "../parts/field.js";
import { Missing, Part } from "../parts/told.js";
import { ask } from "../router.js";
import { me, now, old, policies, site } from "../store.js";
import { dateOf, ofDate, span as around } from "../wall.js";
import { t } from "../words.js";

const DATE = { day: "numeric", month: "long", year: "numeric" };
const UNITS = { day: { weekday: "long", ...DATE }, week: DATE, month: { month: "long", year: "numeric" }, year: { year: "numeric" } };
/** How a span is cut into bars. */
const BY = { day: "day", week: "day", month: "day", year: "month" };
const NEWS_MS = 60000;

export default function History({ query }) {
  if (!site.value || !policies.value) return html`<${Blank} kind="loading" />`;
  const zone = site.value.timezone, today = dateOf(now() / 1000, zone);
  const unit = UNITS[query.get("unit")] ? query.get("unit") : "day";
  const date = /^\d{4}-\d\d-\d\d$/.test(query.get("date") || "") && query.get("date") <= today ? query.get("date") : today;
  const span = around(unit, ofDate(date, zone), zone);
  const present = span.to * 1000 > now();
  const show = (next, at) => ask({ unit: next === "day" ? null : next, date: dateOf(at, zone) === today ? null : dateOf(at, zone) });
  const turn = (n) => show(unit, Math.min(around(unit, span.from, zone, n).from, now() / 1000));
  const version = present ? Math.floor(now() / NEWS_MS) : 0;

  return html`<article class=${`inner history ${old.value ? "old" : ""}`}>
    <h1>${t("history.title")}</h1>
    <div class="controls">
      <${Segments} legend=${t("history.unit")} name="unit" value=${unit} set=${(next) => show(next, ofDate(date, zone))} of=${Object.keys(UNITS).map((one) => [one, t(`unit.${one}`)])} />
      <div class="turns"><button type="button" aria-label=${t(`history.before.${unit}`)} onClick=${() => turn(-1)}>‹</button>
        <input type="date" aria-label=${t("history.date")} max=${today} value=${date} onChange=${(event) => event.target.value && show(unit, ofDate(event.target.value, zone))} />
        <button type="button" aria-label=${t(`history.after.${unit}`)} disabled=${present} onClick=${() => turn(1)}>›</button>
        <button type="button" disabled=${present} onClick=${() => show(unit, now() / 1000)}>${t("history.now")}</button></div>
    </div>
    <${Spanned} key=${`${unit} ${span.from}`} unit=${unit} span=${span} version=${version} open=${(next, at) => show(next, Math.min(at, now() / 1000))} />
  </article>`;
}

function Spanned({ unit, span, version, open }) {
  const { data, problem, again } = useLoaded("energy", { by: BY[unit], from: iso(span.from), to: iso(span.to) }, version);
  const periods = data && data.periods.map((one) => ({ ...one, from: Date.parse(one.from) / 1000, to: Date.parse(one.to) / 1000 }));
  const whole = periods && total(periods);
  const zones = Object.fromEntries(policies.value.filter((one) => one.stations).map((one) => [one.name, one.stations.map(({ station }) => station)]));
  const tape = address("history/tape", { from: iso(span.from), to: iso(span.to), format: "csv" });
  return html`<${Part} id="energy" title=${unit === "week" ? `${dated(span.from, DATE)} – ${dated(span.to - 3600, DATE)}` : dated(span.from, UNITS[unit])}>
      ${problem && !data && html`<${Missing} problem=${problem} again=${again} />`}
      ${!data && !problem && html`<div class="awaited" aria-busy="true"></div>`}
      ${whole && html`<${Figures} of=${whole} currency=${data.currency} elapsed_h=${(Math.min(span.to, now() / 1000) - span.from) / 3600} />`}
      ${unit === "day" ? html`<${Day} span=${span} version=${version} />`
        : periods && html`<${Bars} periods=${periods} by=${BY[unit]} open=${(one) => open(BY[unit], one.from)} />`}
    </${Part}>
    ${unit === "year" && html`<${Part} id="carpet" title=${t("carpet.title")}><${Carpet} span=${span} version=${0} open=${(at) => open("day", at)} /></${Part}>`}
    ${whole && html`<${Part} id="takers" title=${t("takers.title")}><${Takers} of=${whole} currency=${data.currency} zones=${zones} order=${policies.value.map(({ name }) => name)} /></${Part}>`}
    ${!me.value.scope && whole && whole.known_h > 0 && html`<p class="actions"><a class="button" href=${tape} download="">${t("history.tape")}</a> <span class="soft small">${t("history.tape.about")}</span></p>`}`;
}

const iso = (at) => new Date(at * 1000).toISOString();
