// The sun and the house over the day.
import { html } from "../html.js";
import { clock, power } from "../format.js";
import { now } from "../store.js";
import { t } from "../words.js";

const WIDTH = 480, HEIGHT = 120;

export function DayCurve({ of: day }) {
  const { pv_w: pv = [], grid_w: grid = [], battery_w: battery = [] } = day.signals;
  const used = grid.map((w, k) => (w === null ? null : Math.max(0, w + (pv[k] || 0) - (battery[k] || 0))));
  const peak = Math.max(500, ...pv.map((w) => w || 0), ...used.map((w) => w || 0));
  const x = (at) => ((at - day.from) / (day.to - day.from)) * WIDTH;
  const y = (w) => HEIGHT - (w / peak) * (HEIGHT - 6);
  const stamp = (day.to - day.from) / 4;
  return html`<figure class="curve">
    <svg viewBox=${`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label=${t("today.curve", { peak: power(peak) })}>
      <path class="pv" d=${trace(day, pv, x, y, true)} />
      <path class="used" d=${trace(day, used, x, y, false)} />
      <path class="now" d=${`M${x(now() / 1000)} 0V${HEIGHT}`} />
    </svg>
    <div class="axis" aria-hidden="true">${[0, 1, 2, 3].map((k) => html`<span>${clock(day.from + k * stamp)}</span>`)}<span>24:00</span></div>
    <p class="keys" aria-hidden="true"><i class="pv"></i>${t("today.sun")}<i class="used"></i>${t("today.used")}</p>
  </figure>`;
}

function trace(day, values, x, y, filled) {
  let path = "", open = false;
  values.forEach((w, k) => {
    if (w === null) {
      if (open && filled) path += `V${HEIGHT}Z`;
      open = false;
      return;
    }
    const a = x(day.time[k] + day.step_s / 2).toFixed(1);
    if (open) path += `L${a} ${y(w).toFixed(1)}`;
    else path += filled ? `M${a} ${HEIGHT}V${y(w).toFixed(1)}` : `M${a} ${y(w).toFixed(1)}`;
    open = true;
  });
  return open && filled ? `${path}V${HEIGHT}Z` : path;
}
