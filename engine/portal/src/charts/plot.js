// Power or energy over time on a canvas. It draws steps, lines, bars and dots, marks and bands, and knows what is under the
// cursor; everything else about a picture (legend, numbers, keyboard, table) stands around it in frame.js.
import { effect } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { number } from "../format.js";
import { html } from "../html.js";
import { colour, painted } from "../theme.js";
import { reach, roundTicks } from "./numbers.js";

const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';
const LEFT = 44, RIGHT = 18, TOP = 20, LABELS = 24, BARE = 6;
const BAR = 0.76;

const DRAW = {
  /** Filled from zero, each value up to the next. */
  area({ ctx, x, y, ends }, { values }) {
    ctx.beginPath();
    values.forEach((v, k) => {
      if (v === null || v === undefined) return;
      const open = k > 0 && values[k - 1] !== null && values[k - 1] !== undefined;
      if (!open) ctx.moveTo(x(ends[k]), y(0));
      ctx.lineTo(x(ends[k]), y(v));
      ctx.lineTo(x(ends[k + 1]), y(v));
      const next = values[k + 1];
      if (next === null || next === undefined) ctx.lineTo(x(ends[k + 1]), y(0));
    });
    ctx.fill();
  },
  line({ ctx, x, y, ends }, { values }) {
    ctx.beginPath();
    values.forEach((v, k) => {
      if (v === null || v === undefined) return;
      const open = k > 0 && values[k - 1] !== null && values[k - 1] !== undefined;
      ctx[open ? "lineTo" : "moveTo"](x(ends[k]), y(v));
      ctx.lineTo(x(ends[k + 1]), y(v));
    });
    ctx.stroke();
  },
  bars({ ctx, x, y }, { values }) {
    const width = (x(1) - x(0)) * BAR;
    values.forEach((v, k) => v && ctx.fillRect(x(k) - width / 2, Math.min(y(v), y(0)), width, Math.abs(y(v) - y(0))));
  },
  dots({ ctx, x, y }, { values }) {
    const width = Math.max(3, (x(1) - x(0)) * BAR + 4);
    values.forEach((v, k) => v !== null && v !== undefined && ctx.fillRect(x(k) - width / 2, y(v) - 1.5, width, 3));
  },
};

function paint(canvas, width, { height, range, layers, ends, ticks, named, scale, unit, least, bands = [], marks = [] }) {
  const px = window.devicePixelRatio || 1;
  canvas.width = width * px;
  canvas.height = height * px;
  const ctx = canvas.getContext("2d");
  ctx.scale(px, px);
  ctx.font = FONT;
  const [low, high] = reach(layers, least), floor = height - (named ? LABELS : BARE);
  const x = (at) => LEFT + ((at - range[0]) / (range[1] - range[0])) * (width - LEFT - RIGHT);
  const y = (v) => floor - ((v - low) / (high - low)) * (floor - TOP);
  const text = (words, at, level, align, baseline) => {
    Object.assign(ctx, { textAlign: align, textBaseline: baseline, fillStyle: colour("soft") });
    ctx.fillText(words, at, level);
  };

  ctx.fillStyle = colour("band");
  for (const [from, to] of bands) ctx.fillRect(x(from), TOP, x(to) - x(from), floor - TOP);
  ctx.strokeStyle = colour("line");
  ctx.lineWidth = 1;
  const levels = roundTicks(low, high, Math.max(4, (floor - TOP) / 34)), fine = levels.length > 1 && (levels[1] - levels[0]) / scale < 1;
  for (const v of levels) {
    ctx.beginPath();
    ctx.moveTo(LEFT, Math.round(y(v)) + 0.5);
    ctx.lineTo(width - RIGHT, Math.round(y(v)) + 0.5);
    ctx.stroke();
    text(number(v / scale, fine ? 1 : 0), LEFT - 6, y(v), "right", "middle");
  }
  text(unit, LEFT - 6, TOP - 3, "right", "bottom");
  const shown = ticks(Math.max(2, (width - LEFT) / 58));
  if (named) for (const at of shown) text(named(at), x(at), floor + 7, "center", "top");

  ctx.save();
  ctx.beginPath();
  ctx.rect(LEFT, 0, width - LEFT - RIGHT, height);
  ctx.clip();
  for (const layer of layers) {
    ctx.fillStyle = ctx.strokeStyle = colour(layer.paint);
    ctx.lineWidth = 1.75;
    DRAW[layer.kind]({ ctx, x, y, ends }, layer);
  }
  ctx.restore();
  ctx.fillStyle = colour("edge");
  ctx.fillRect(LEFT, Math.round(y(0)), width - LEFT - RIGHT, 1);
  ctx.fillStyle = colour("text");
  for (const at of marks) {
    ctx.beginPath();
    ctx.moveTo(x(at) - 4, TOP - 8);
    ctx.lineTo(x(at) + 4, TOP - 8);
    ctx.lineTo(x(at), TOP - 1);
    ctx.fill();
  }
}

/**
 * One canvas.
 * @param {object} props height; range: x at both edges; layers: [{kind, paint, values}], the lowest last; ends: x where each
 *   interval begins, and where the last one ends; ticks: (most) => x of labels; named: (x) => words, null for none;
 *   scale and unit of the labels at the left; least: the picture reaches at least this high; bands: [[from, to]]; marks: [x]
 * @param {import("@preact/signals").Signal} props.cursor x under the cursor, shared by plots of one picture
 */
export function Plot({ cursor, ...picture }) {
  const canvas = useRef(null), hair = useRef(null);
  const [width, measure] = useState(0);
  const { range, height } = picture;
  useEffect(() => {
    const place = canvas.current.parentNode, fit = () => measure(Math.max(place.clientWidth, 200));
    fit();
    if (window.ResizeObserver) {
      const watch = new ResizeObserver(fit);
      watch.observe(place);
      return () => watch.disconnect();
    }
    addEventListener("resize", fit);
    return () => removeEventListener("resize", fit);
  }, []);
  useEffect(() => {
    if (width) paint(canvas.current, width, picture);
  }, [width, painted.value, ...Object.values(picture).filter((one) => typeof one !== "function")]);
  useEffect(() => effect(() => {
    const at = cursor.value, part = at === null ? -1 : (at - range[0]) / (range[1] - range[0]);
    hair.current.hidden = part < 0 || part > 1;
    hair.current.style.transform = `translateX(${LEFT + part * (width - LEFT - RIGHT)}px)`;
  }), [width, range[0], range[1]]);
  const point = (event) => {
    const part = (event.clientX - canvas.current.getBoundingClientRect().left - LEFT) / (width - LEFT - RIGHT);
    cursor.value = range[0] + Math.max(0, Math.min(1, part)) * (range[1] - range[0]);
  };
  return html`<div class="plot" onPointerMove=${point} onPointerDown=${point} onMouseMove=${point}>
    <canvas ref=${canvas} height=${height} aria-hidden="true"></canvas><i ref=${hair} class="hair" hidden></i></div>`;
}
