// Today on a card: what the load drew, when it was on, and where the sun was, from midnight to midnight of the site.
import { html } from "../html.js";
import { clock, energy, lasted, power } from "../format.js";
import { t } from "../words.js";

const WIDTH = 288, HEIGHT = 52, RAIL = 5;

/**
 * @param {{from: number, to: number, time: number[], watts: (number|null)[], ran: ?(number|null)[], sun: ?(number|null)[], step: number, on: boolean}} props
 *   ran is the share of each step that it was on; on, whether it is now
 */
export function Spark({ name, from, to, time, watts, ran: part, on, sun, step, now }) {
  const x = (at) => ((at - from) / (to - from)) * WIDTH;
  const peak = Math.max(0, ...watts.filter((w) => w !== null));
  const bright = Math.max(1, ...(sun || []).filter((w) => w !== null));
  const top = HEIGHT - RAIL - 3;
  const runs = spans(time, part || watts.map((w) => (w === null ? null : w > 15 ? 1 : 0)), step);
  const kwh = watts.reduce((all, w) => all + ((w || 0) * step) / 3.6e6, 0);
  const ran = runs.reduce((all, [a, b]) => all + b - a, 0);
  const told = t("spark.told", { name, energy: energy(kwh), ran: lasted(ran), starts: runs.length, peak: power(peak) });
  return html`<figure><svg class="spark" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${told}>
      ${sun && html`<path class="sun" d=${area(time, sun, step, x, (w) => top - (w / bright) * (top - 4), top)} />`}
      ${peak > 15 && html`<path class="area" d=${area(time, watts.map((w) => (w > 15 ? w : null)), step, x, (w) => top - (w / peak) * (top - 4), top)} />`}
      <rect class="rail" x="0" y=${HEIGHT - RAIL} width=${WIDTH} height=${RAIL} />
      ${runs.map(([a, b]) => html`<rect class="ran" x=${x(a)} y=${HEIGHT - RAIL} width=${Math.max(x(b) - x(a), 0.7)} height=${RAIL} />`)}
      <path class="now" d=${`M${x(now)} 0V${HEIGHT}`} />
    </svg>
    <div class="axis" aria-hidden="true"><span>${clock(from)}</span><span>${runs.length ? t("spark.sum", { energy: energy(kwh), ran: lasted(ran) }) : on ? "" : t("spark.none")}</span><span>24:00</span></div>
  </figure>`;
}

/** The path of a stepped area; what is unknown leaves a gap. */
function area(time, values, step, x, y, floor) {
  let path = "", inside = false;
  values.forEach((value, k) => {
    if (value === null || value === undefined) {
      if (inside) path += `V${floor}Z`;
      inside = false;
      return;
    }
    const a = x(time[k]).toFixed(1), b = x(time[k] + step).toFixed(1);
    path += `${inside ? "" : `M${a} ${floor}`}V${y(value).toFixed(1)}H${b}`;
    inside = true;
  });
  return inside ? `${path}V${floor}Z` : path;
}

/** From when to when it was on: [[from, to], …]. */
export function spans(time, on, step) {
  const found = [];
  on.forEach((part, k) => {
    if (!part || part < 0.05) return;
    const last = found[found.length - 1];
    if (last && time[k] - last[1] < 1) last[1] = time[k] + step;
    else found.push([time[k], time[k] + step]);
  });
  return found;
}
