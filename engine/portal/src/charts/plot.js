// uPlot as a component: one canvas that keeps its size, its colours and its cursor in step with the page.
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clock, number } from "../format.js";
import { html } from "../html.js";
import { colour, painted } from "../theme.js";
import { offset } from "../wall.js";

const FONT = '12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';
const STEPS_S = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200, 86400];

export const steps = uPlot.paths.stepped({ align: 1 });
export const bars = uPlot.paths.bars({ size: [0.78, 56] });

/** A filled area or bar; what is stacked is drawn from the highest down. */
export const filled = (name, more) => ({ paths: steps, points: { show: false }, fill: () => colour(name), width: 0, ...more });
export const line = (name, more) => ({ paths: steps, points: { show: false }, stroke: () => colour(name), width: 1.75, ...more });

export function axis(more) {
  return { font: FONT, stroke: () => colour("soft"), grid: { stroke: () => colour("line"), width: 1 }, ticks: { show: false }, ...more };
}

/** Watts or kilowatt-hours at the left. */
export const amounts = (scale, more) => axis({
  size: 44, gap: 6, space: 30, values: (u, splits) => splits.map((v) => number(v / scale, v / scale % 1 ? 1 : 0)), ...more,
});

/** Round times on the site's wall clock, summer time included. */
export const times = (zone, more) => axis({
  size: 24, gap: 4, splits: (u, _, min, max) => round(min, max, Math.max(2, u.width / 64), zone),
  values: (u, splits) => splits.map(clock), ...more,
});

function round(min, max, most, zone) {
  const step = STEPS_S.find((s) => (max - min) / s <= most) || 86400;
  const fine = Math.min(step, 900), found = [];
  const shift = (max - min) < 86400 ? offset(min, zone) : null; // within hours one look is enough
  for (let t = Math.ceil(min / fine) * fine; t <= max; t += fine) {
    if ((t + (shift === null || offset(min, zone) !== offset(max, zone) ? offset(t, zone) : shift)) % step === 0) found.push(t);
  }
  return found;
}

/** From the least to the most, zero always in sight, and never so close that noise fills the picture. */
export const upTo = (least) => (u, low, high) => {
  const bottom = Math.min(0, low || 0) * 1.05, top = Math.max(high || 0, least) * 1.05;
  return [bottom, Math.max(top, -bottom * 0.12)];
};

/** Writes the unit above the axis. */
export const unit = (text) => ({ ctx, bbox }) => {
  const px = devicePixelRatio || 1;
  ctx.save();
  Object.assign(ctx, { font: FONT.replace("12px", `${12 * px}px`), fillStyle: colour("soft"), textAlign: "right", textBaseline: "bottom" });
  ctx.fillText(text, bbox.left - 6 * px, bbox.top - px);
  ctx.restore();
};

/**
 * One plot.
 * @param {() => object} make options of uPlot without size; called anew when `shape` or the colours change
 * @param {string} shape names what `make` depends on
 * @param {Array} columns as uPlot takes them: x, then each series
 * @param {[number, number]} range of x
 * @param {import("@preact/signals").Signal} cursor x under the cursor, shared by plots of one picture
 */
export function Plot({ make, shape, columns, range, height, cursor }) {
  const place = useRef(null), plot = useRef(null);
  const paint = painted.value;
  const show = () => {
    const u = plot.current;
    if (!u) return;
    u.batch(() => {
      u.setData(columns, false);
      u.setScale("x", { min: range[0], max: range[1] });
    });
  };

  useEffect(() => {
    const made = make();
    const width = () => Math.max(Math.floor(place.current.clientWidth), 200);
    const u = new uPlot({
      legend: { show: false }, padding: [16, 10, 0, 0], width: width(), height, ...made,
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false }, ...made.cursor },
      hooks: { ...made.hooks, setCursor: [(own) => { if (own.cursor.left >= 0) cursor.value = own.posToVal(own.cursor.left, "x"); }] },
    }, null, place.current);
    plot.current = u;
    show();
    const follow = effect(() => {
      const x = cursor.value;
      if (x !== null) u.setCursor({ left: u.valToPos(x, "x"), top: 10 }, false);
    });
    const fit = () => { if (width() !== u.width) u.setSize({ width: width(), height }); };
    const watch = window.ResizeObserver ? new ResizeObserver(fit) : null;
    if (watch) watch.observe(place.current);
    else addEventListener("resize", fit);
    return () => {
      follow();
      if (watch) watch.disconnect();
      else removeEventListener("resize", fit);
      u.destroy();
      plot.current = null;
    };
  }, [shape, paint, height]);
  useEffect(show, [columns, range[0], range[1]]);
  const touch = (event) => {
    const over = event.pointerType === "touch" && event.target.closest(".u-over");
    if (over) cursor.value = plot.current.posToVal(event.clientX - over.getBoundingClientRect().left, "x");
  };
  return html`<div class="plot" ref=${place} onPointerMove=${touch} onPointerDown=${touch}></div>`;
}
