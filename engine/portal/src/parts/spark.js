// Today on a card: what the load drew, when it was on, and where the sun was, from midnight to midnight of the site.
import { useMemo } from "preact/hooks";
import { spans, steps } from "../dayfigures.js";
import { html } from "../html.js";
import { clock, energy, lasted, power } from "../format.js";
import { minute } from "../store.js";
import { t } from "../words.js";

const WIDTH = 288, HEIGHT = 52, RAIL = 5, TOP = HEIGHT - RAIL - 3;
const NOTHING_W = 15; // less is a meter's noise

/**
 * @param {{day: object, name: string, on: boolean}} props day as today.js has it; on, whether it is now
 */
export function Spark({ day, name, on }) {
  const { from, to, time, step_s: step, signals } = day;
  const watts = signals[`policy/${name}`], ran = signals[`on/${name}`], sun = signals.pv_w;
  const x = (at) => ((at - from) / (to - from)) * WIDTH;
  const seen = useMemo(() => {
    const drawn = watts.map((w) => (w > NOTHING_W ? w : null));
    const peak = Math.max(0, ...drawn), bright = Math.max(NOTHING_W, ...(sun || []));
    const runs = spans(time, ran || drawn.map((w) => (w ? 1 : 0)), step);
    return {
      peak, runs,
      kwh: drawn.reduce((all, w) => all + (w || 0), 0) * (step / 3.6e6),
      lasted: runs.reduce((all, [a, b]) => all + b - a, 0),
      sun: sun && steps(time, sun, step, x, (w) => TOP - (Math.max(w, 0) / bright) * (TOP - 4), TOP),
      area: steps(time, drawn, step, x, (w) => TOP - (w / peak) * (TOP - 4), TOP),
    };
  }, [day, name]);
  const figures = { energy: energy(seen.kwh), ran: lasted(seen.lasted) };
  return html`<figure><svg class="spark" viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img"
      aria-label=${t("spark.told", { ...figures, name, starts: seen.runs.length, peak: power(seen.peak) })}>
      ${seen.sun && html`<path class="sun" d=${seen.sun} />`}
      <path class="area" d=${seen.area} />
      <rect class="rail" x="0" y=${HEIGHT - RAIL} width=${WIDTH} height=${RAIL} />
      ${seen.runs.map(([a, b]) => html`<rect class="ran" x=${x(a)} y=${HEIGHT - RAIL} width=${Math.max(x(b) - x(a), 0.7)} height=${RAIL} />`)}
      <path class="now" d=${`M${x(minute.value / 1000)} 0V${HEIGHT}`} />
    </svg>
    <div class="axis" aria-hidden="true"><span>${clock(from)}</span><span>${seen.runs.length ? t("spark.sum", figures) : on ? "" : t("spark.none")}</span><span>24:00</span></div>
  </figure>`;
}
