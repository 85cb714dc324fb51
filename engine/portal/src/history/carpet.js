// A year at a glance: a column a day, a row an hour, the fuller the colour the more power. A day is opened from here.
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { colourOf } from "../charts/colours.js";
import { Twin } from "../charts/frame.js";
import { dated, power } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loaded.js";
import { Missing } from "../parts/told.js";
import { policies, site } from "../store.js";
import { colour, painted } from "../theme.js";
import { instant, shown, span as around } from "../wall.js";
import { t } from "../words.js";
import { cellsOf, DAY_S, HOUR_S, HOURS } from "./cells.js";

const HEIGHT = 208, LEFT = 30, FLOOR = 20, TOP = 4;
const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

export function Carpet({ span, version, open }) {
  const zone = site.value.timezone, names = policies.value.map(({ name }) => name);
  const [signal, choose] = useState("grid_w");
  const cursor = useSignal(null), canvas = useRef(null);
  const [width, measure] = useState(0);
  const { data, problem, again } = useLoaded("history", { from: iso(span.from), to: iso(span.to), signals: signal, every: HOUR_S }, version);
  const days = Math.round((span.to - span.from) / DAY_S);
  const cells = useMemo(() => data && cellsOf(data.time, (data.signals[signal] || []), span.from, days, zone), [data]);
  const peak = useMemo(() => (cells || []).reduce((most, w) => Math.max(most, w || 0), 1), [cells]);
  const at = (cell) => instant(zone, shown(span.from, zone).year, 1, 1 + Math.floor(cell / HOURS), cell % HOURS);
  const x = (day) => LEFT + (day / days) * (width - LEFT), tall = (HEIGHT - FLOOR - TOP) / HOURS;

  useEffect(() => {
    const fit = () => canvas.current && measure(Math.max(200, canvas.current.parentNode.clientWidth));
    fit();
    addEventListener("resize", fit);
    return () => removeEventListener("resize", fit);
  }, [Boolean(data)]);
  useEffect(() => {
    if (!width || !cells || !canvas.current) return;
    const px = window.devicePixelRatio || 1, ctx = canvas.current.getContext("2d");
    canvas.current.width = width * px;
    canvas.current.height = HEIGHT * px;
    ctx.scale(px, px);
    ctx.fillStyle = colour("sunken");
    ctx.fillRect(LEFT, TOP, width - LEFT, tall * HOURS);
    const wide = x(1) - x(0);
    cells.forEach((w, k) => {
      ctx.globalAlpha = w === null ? 1 : Math.sqrt(Math.max(w, 0) / peak);
      ctx.fillStyle = colours[w === null ? "gap" : "full"];
      if (w === null || w > 0) ctx.fillRect(x(Math.floor(k / HOURS)), TOP + (k % HOURS) * tall, wide + 0.4, tall + 0.4);
    });
    ctx.globalAlpha = 1;
    Object.assign(ctx, { font: FONT, fillStyle: colour("soft"), textAlign: "right", textBaseline: "middle" });
    for (const h of [0, 6, 12, 18]) ctx.fillText(String(h), LEFT - 6, TOP + h * tall + 6);
    Object.assign(ctx, { textAlign: "left", textBaseline: "bottom" });
    for (let month = 0, right = 0; month < 12; month++) {
      const left = x((instant(zone, shown(span.from, zone).year, month + 1, 1) - span.from) / DAY_S), words = dated(span.from + (month + 0.5) * 30.4 * DAY_S, { month: "short" });
      if (left < right) continue;
      ctx.fillText(words, left, HEIGHT - 2);
      right = left + ctx.measureText(words).width + 6;
    }
    const k = cursor.value;
    if (k !== null) {
      ctx.strokeStyle = colour("text");
      ctx.lineWidth = 2;
      ctx.strokeRect(x(Math.floor(k / HOURS)) - 1, TOP + (k % HOURS) * tall - 1, Math.max(wide, 2) + 2, tall + 2);
    }
  }, [width, cells, painted.value, cursor.value]);

  if (!data && problem) return html`<${Missing} problem=${problem} again=${again} />`;
  const paint = signal === "grid_w" ? "import" : signal === "pv_w" ? "pv" : colourOf(names, signal.slice("policy/".length));
  const colours = { gap: colour("gap"), full: colour(paint) };
  const move = (step) => {
    const from = cursor.value === null ? 12 : cursor.value + step;
    cursor.value = Math.max(0, Math.min(days * HOURS - 1, from));
  };
  const steps = { ArrowLeft: -HOURS, ArrowRight: HOURS, ArrowUp: -1, ArrowDown: 1 };
  const press = (event) => {
    if (event.key === "Enter" && cursor.value !== null) open(at(cursor.value));
    if (!steps[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    move(steps[event.key]);
  };
  const point = (event) => {
    const box = canvas.current.getBoundingClientRect();
    const day = Math.floor(((event.clientX - box.left - LEFT) / (width - LEFT)) * days), hour = Math.floor((event.clientY - box.top - TOP) / tall);
    if (day >= 0 && day < days && hour >= 0 && hour < HOURS) cursor.value = day * HOURS + hour;
  };
  const known = cells && cells.some((w) => w !== null);
  return html`<div class="controls"><label class="field"><span>${t("carpet.signal")}</span><select value=${signal} onChange=${(event) => choose(event.target.value)}>
      ${[["grid_w", t("flows.import")], ["pv_w", t("flows.pv")], ...names.map((name) => [`policy/${name}`, name])].map(([key, words]) => html`<option value=${key} selected=${key === signal}>${words}</option>`)}</select></label></div>
    ${!data && html`<div class="awaited chart" aria-busy="true"></div>`}
    ${data && !known && html`<p class="nothing">${t("history.none")}</p>`}
    ${known && html`<div class="carpet" tabindex="0" role="group" aria-label=${t("carpet.label")} onKeyDown=${press}>
      <canvas ref=${canvas} aria-hidden="true" onMouseMove=${point} onPointerDown=${point} onClick=${() => cursor.value !== null && open(at(cursor.value))}></canvas></div>
    <div class="readout" aria-live="polite"><p>${cursor.value === null ? html`<span class="soft">${t("carpet.point", { most: power(peak) })}</span>`
      : html`<b>${dated(at(cursor.value), { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" })}</b> ${power(cells[cursor.value] === null ? null : Math.max(cells[cursor.value], 0))}`}</p></div>
    <${Twin} summary=${t("carpet.table")} heads=${[t("curve.hour"), ...months(span, zone).map((one) => dated(one.from, { month: "short" }))]} rows=${() => hourly(cells, span, zone)} />`}`;
}

const months = (span, zone) => Array.from({ length: 12 }, (_, k) => around("month", span.from + 1, zone, k));

/** The mean of each hour of the day in each month. */
function hourly(cells, span, zone) {
  const ends = months(span, zone).map(({ from, to }) => [from, to].map((at) => Math.round((at - span.from) / DAY_S)));
  return Array.from({ length: HOURS }, (_, hour) => [`${String(hour).padStart(2, "0")}:00`, ...ends.map(([first, end]) => {
    const inside = cells.filter((w, k) => w !== null && k % HOURS === hour && k >= first * HOURS && k < end * HOURS);
    return power(inside.length ? inside.reduce((sum, w) => sum + Math.max(w, 0), 0) / inside.length : null);
  })]);
}

const iso = (at) => new Date(at * 1000).toISOString();
