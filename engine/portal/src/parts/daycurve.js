// The sun and the house over the day.
import { useMemo } from "preact/hooks";
import { steps } from "../dayfigures.js";
import { html } from "../html.js";
import { clock, power } from "../format.js";
import { minute } from "../store.js";
import { t } from "../words.js";

const WIDTH = 480, HEIGHT = 120;

/** @param {{of: object, used: (number|null)[]}} props of as today.js has it; used in each of its intervals */
export function DayCurve({ of: day, used }) {
  const x = (at) => ((at - day.from) / (day.to - day.from)) * WIDTH;
  const seen = useMemo(() => {
    const sun = day.signals.pv_w || [];
    const peak = Math.max(500, ...sun, ...used);
    const y = (w) => HEIGHT - (Math.max(w, 0) / peak) * (HEIGHT - 6);
    return { peak, sun: steps(day.time, sun, day.step_s, x, y, HEIGHT), used: steps(day.time, used, day.step_s, x, y) };
  }, [day, used]);
  const quarter = (day.to - day.from) / 4;
  return html`<figure class="curve">
    <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${t("today.curve", { peak: power(seen.peak) })}>
      <path class="pv" d=${seen.sun} /><path class="used" d=${seen.used} />
      <path class="now" d=${`M${x(minute.value / 1000)} 0V${HEIGHT}`} />
    </svg>
    <div class="axis" aria-hidden="true">${[0, 1, 2, 3].map((k) => html`<span>${clock(day.from + k * quarter)}</span>`)}<span>24:00</span></div>
    <p class="keys" aria-hidden="true"><i class="pv"></i>${t("today.sun")}<i class="used"></i>${t("today.used")}</p>
  </figure>`;
}
