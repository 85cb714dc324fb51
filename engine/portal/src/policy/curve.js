// The day of one policy: what was left for it, what it drew, when it was on, and what was decided under the cursor.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { get } from "../api.js";
import { lastUpTo, wallTicks } from "../charts/numbers.js";
import { Frame, Twin } from "../charts/frame.js";
import { Plot } from "../charts/plot.js";
import { clock, power } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loaded.js";
import { Missing } from "../parts/told.js";
import { site } from "../store.js";
import { language, t } from "../words.js";

const LEAST_W = 500;
const HOUR_S = 3600;
const PAGE = 300, PAGES = 10;

/** What the grid meter would send out if this policy drew nothing. [W] */
export const surplus = (grid, draw) => grid.map((w, k) => (w === null || w === undefined ? null : (draw[k] || 0) - w));

/** What was decided of a policy since a moment, and the last decision before it; newest first. */
function useDecisions(name, since, version) {
  const [found, set] = useState([]);
  useEffect(() => {
    let left = false;
    const ask = async (list, before, pages) => {
      const { decisions, next } = await get("decisions", { policy: name, limit: PAGE, before });
      const all = [...list, ...decisions], last = all[all.length - 1];
      if (left || !next || pages === 1 || Date.parse(last.at) / 1000 < since) return all;
      return ask(all, next, pages - 1);
    };
    ask([], null, PAGES).then((all) => left || set(all), () => {});
    return () => { left = true; };
  }, [name, since, version, language.value]);
  return found;
}

export default function Curve({ name, day, version, decided }) {
  const zone = site.value.timezone;
  const wanted = [`policy/${name}`, `on/${name}`, "grid_w"];
  const told = useLoaded("history", { from: iso(day.from), to: iso(day.to), signals: wanted.join(",") }, version);
  const said = useDecisions(name, day.from, decided);
  const cursor = useSignal(null);
  const ready = told.data && told.data.time.length > 0;
  const data = useMemo(() => {
    if (!ready) return null;
    const { time, signals, step_s: step } = told.data;
    const [draw, on, grid] = wanted.map((key) => signals[key] || time.map(() => null));
    const left = surplus(grid, draw);
    return {
      time, draw, left, step, ends: [...time, time[time.length - 1] + step],
      bands: time.flatMap((at, k) => (on[k] > 0 ? [[at, at + step]] : [])),
      layers: [{ kind: "area", paint: "sun-soft", values: left }, { kind: "area", paint: "draw", values: draw }, { kind: "line", paint: "pv-line", values: left }],
    };
  }, [told.data]);
  const decisions = useMemo(() => said.filter((one) => !one.station).map((one) => ({ ...one, t: Date.parse(one.at) / 1000 })).reverse(), [said]);
  const range = useMemo(() => [day.from, day.to], [day.from, day.to]);
  const marks = useMemo(() => decisions.map((one) => one.t).filter((x) => x >= day.from && x < day.to), [decisions, range]);

  if (!ready && told.problem) return html`<${Missing} problem=${told.problem} again=${told.again} />`;
  if (!told.data) return html`<div class="awaited chart" aria-busy="true"></div>`;
  if (!ready || data.draw.concat(data.left).every((w) => w === null)) return html`<p class="nothing">${t("history.none")}</p>`;

  return html`<ul class="legend" aria-hidden="true">
      <li><span class="swatch line paint-pv-line"></span>${t("curve.left")}</li>
      <li><span class="swatch paint-draw"></span>${t("curve.draw")}</li>
      <li><span class="swatch paint-band"></span>${t("curve.on")}</li>
      ${marks.length > 0 && html`<li><span class="tick"></span>${t("curve.decided")}</li>`}</ul>
    <${Frame} label=${t("curve.label")} cursor=${cursor} stops=${data.time} marks=${marks}>
      <${Plot} layers=${data.layers} ends=${data.ends} bands=${data.bands} marks=${marks} range=${range} height=${230} least=${LEAST_W}
        ticks=${(most) => wallTicks(zone, range, most)} named=${clock} scale=${1000} unit="kW" cursor=${cursor} />
    </${Frame}>
    <${Readout} data=${data} decisions=${decisions} cursor=${cursor} />
    <${Twin} summary=${t("curve.table")} heads=${[t("curve.hour"), t("curve.left"), t("curve.draw")]} rows=${() => hourly(data, day)} />`;
}

function Readout({ data, decisions, cursor }) {
  const known = data.draw.reduce((last, w, k) => (w === null ? last : k), 0);
  const at = cursor.value === null ? data.time[known] + data.step / 2 : cursor.value;
  const k = Math.max(0, lastUpTo(data.time, at));
  const i = lastUpTo(decisions.map((one) => one.t), Math.min(at, data.time[k] + data.step));
  return html`<div class="readout" aria-live="polite">
    <p><b>${clock(at)}</b> <span class="soft">${t("curve.left")} ${power(data.left[k])} · ${t("curve.draw")} ${power(data.draw[k])}</span></p>
    <p>${i < 0 ? html`<span class="soft">${t("curve.undecided")}</span>` : html`${decisions[i].sentence || decisions[i].code} <span class="soft">${t("curve.since", { time: clock(decisions[i].t) })}</span>`}</p>
  </div>`;
}

function hourly({ time, left, draw }, day) {
  const rows = [];
  for (let at = day.from; at < day.to; at += HOUR_S) {
    const mean = (column) => {
      const inside = column.filter((w, k) => time[k] >= at && time[k] < at + HOUR_S && w !== null);
      return inside.length ? inside.reduce((sum, w) => sum + w, 0) / inside.length : null;
    };
    rows.push([clock(at), power(mean(left)), power(mean(draw))]);
  }
  return rows;
}

const iso = (at) => new Date(at * 1000).toISOString();
