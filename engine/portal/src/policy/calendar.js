// The windows of a policy as a week on the wall: a night in which the clock changes is marked, and said.
import { useState } from "preact/hooks";
import { Table } from "../charts/frame.js";
import { colourOf } from "../charts/colours.js";
import { clock, dated, day, duration } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loaded.js";
import { Missing, Part } from "../parts/told.js";
import { now, site } from "../store.js";
import { dateOf, ofDate, offset, shown, span } from "../wall.js";
import { t } from "../words.js";

const HOUR_S = 3600, DAY_H = 24;
const DATE = { day: "numeric", month: "short" };
const percent = (hours) => `${(hours / DAY_H) * 100}%`;

/** Hours since the wall showed midnight. */
const hours = (at, zone) => { const { hour, minute, second } = shown(at, zone); return hour + minute / 60 + second / HOUR_S; };

/** What of windows falls on a day: {name, from, to} in hours on the wall. */
export function onDay(windows, begin, end, zone) {
  return windows.filter(({ from, to }) => from < end && to > begin).map((one) => ({
    ...one, low: one.from <= begin ? 0 : hours(one.from, zone), high: one.to >= end ? DAY_H : hours(one.to, zone),
  }));
}

export function Calendar({ name, version }) {
  const [week, turn] = useState(0);
  const zone = site.value.timezone, today = dateOf(now() / 1000, zone);
  const { from, to } = span("week", now() / 1000, zone, week);
  const query = { from: new Date(from * 1000).toISOString(), days: 7 };
  const { data, problem, again } = useLoaded(`policies/${encodeURIComponent(name)}/windows`, query, version);
  if (data && !data.windows.length && !week) return null;

  const windows = ((data && data.windows) || []).map((one) => ({ ...one, from: Date.parse(one.from) / 1000, to: Date.parse(one.to) / 1000 }));
  const names = [...new Set(windows.map((one) => one.name))].sort();
  const days = Array.from({ length: 7 }, (_, k) => {
    const own = span("day", from + 12 * HOUR_S, zone, k);
    return { ...own, change: offset(own.to, zone) - offset(own.from, zone), now: own.date === today ? hours(now() / 1000, zone) : null };
  });
  const changes = days.filter((one) => one.change);
  const bar = html`<span class="turns">
    <button type="button" class="quiet" aria-label=${t("windows.before")} onClick=${() => turn(week - 1)}>‹</button>
    <span aria-live="polite">${dated(days[0].from + 12 * HOUR_S, DATE)} – ${dated(days[6].from + 12 * HOUR_S, DATE)}</span>
    <button type="button" class="quiet" aria-label=${t("windows.after")} onClick=${() => turn(week + 1)}>›</button>
    ${week !== 0 && html`<button type="button" class="quiet" onClick=${() => turn(0)}>${t("windows.now")}</button>`}</span>`;

  return html`<${Part} id="windows" title=${t("windows.title")} aside=${bar}>
    ${problem && !data && html`<${Missing} problem=${problem} again=${again} />`}
    <div class="week" aria-hidden="true">
      <div class="hours"><b></b><svg>${[0, 6, 12, 18, 24].map((h) => html`<text y=${percent(h)} class=${h === 0 ? "first" : h === 24 ? "last" : null}>${h}</text>`)}</svg></div>
      ${days.map((one) => html`<div key=${one.date} class=${`date ${one.date === today ? "here" : ""}`}>
        <b>${weekday(one)}${one.change ? " *" : ""}</b>
        <svg>${[6, 12, 18].map((h) => html`<line x1="0" x2="100%" y1=${percent(h)} y2=${percent(h)} />`)}
          ${onDay(windows, one.from, one.to, zone).map((each) => html`<rect class=${`fill-${colourOf(names, each.name)}`} x="6%" width="88%" rx="3"
            y=${percent(each.low)} height=${percent(Math.max(each.high - each.low, 0.2))} />`)}
          ${one.now !== null && html`<line class="now" x1="0" x2="100%" y1=${percent(one.now)} y2=${percent(one.now)} />`}
        </svg></div>`)}
    </div>
    ${names.length > 1 && html`<ul class="legend" aria-hidden="true">${names.map((each) => html`<li><span class=${`swatch paint-${colourOf(names, each)}`}></span>${each}</li>`)}</ul>`}
    ${changes.map((one) => html`<p class="soft">* ${t(one.change > 0 ? "windows.forward" : "windows.back", { day: day(one.from + 12 * HOUR_S), time: duration(Math.abs(one.change)) })}</p>`)}
    ${data && data.in_force === false && html`<p class="soft">${t("windows.unused")}</p>`}
    ${data && !windows.length && html`<p class="soft">${t("windows.none")}</p>`}
    ${windows.length > 0 && html`<details class="twin"><summary>${t("windows.table")}</summary>
      <${Table} label=${t("windows.table")} heads=${[t("windows.opens"), t("windows.closes"), t("windows.name"), t("windows.length")]}
        rows=${windows.map((one) => [`${day(one.from)}, ${clock(one.from)}`, one.to - one.from < 24 * HOUR_S ? clock(one.to) : `${day(one.to)}, ${clock(one.to)}`, one.name, duration(one.to - one.from)])} /></details>`}
  </${Part}>`;
}

const weekday = ({ date }) => {
  const [, , d] = date.split("-");
  return `${day(ofDate(date, site.value.timezone) + 12 * HOUR_S).slice(0, 2)} ${Number(d)}`;
};
