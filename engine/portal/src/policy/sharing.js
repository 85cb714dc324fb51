// How the power of a zone is shared: what each station is offered of it, what of that is drawn, what is free.
import { colourOf } from "../charts/colours.js";
import { power } from "../format.js";
import { html } from "../html.js";
import { t } from "../words.js";

const VOLTAGE_V = 230;

/** What a station may draw at its limit; one whose phases are not known yet counts with three. [W] */
export const offered = ({ limit_a: limit, phases }) => (limit ? limit * (phases || 3) * VOLTAGE_V : 0);

export function Sharing({ zone }) {
  const names = zone.stations.map((one) => one.station);
  const shares = zone.stations.map((one) => ({ name: one.station, offered: offered(one), drawn: one.drawn_w || 0 }));
  const taken = (one) => Math.max(one.offered, one.drawn);
  const total = shares.reduce((sum, one) => sum + one.offered, 0);
  const whole = Math.max(zone.max_power_w, shares.reduce((sum, one) => sum + taken(one), 0));
  const percent = (watts) => `${(100 * watts) / whole}%`;
  let at = 0;
  return html`<figure class="sharing">
    <figcaption>${t("zone.shared", { offered: power(total), most: power(zone.max_power_w) })}</figcaption>
    <svg aria-hidden="true"><rect class="free" width="100%" height="100%" />${shares.map((one) => {
      const x = percent(at), paint = `fill-${colourOf(names, one.name)}`;
      at += taken(one);
      return html`<rect class=${`offered ${paint}`} x=${x} width=${percent(one.offered)} height="100%" /><rect class=${paint} x=${x} width=${percent(one.drawn)} height="100%" />`;
    })}</svg>
    <ul class="legend">${shares.filter(taken).map((one) => html`<li key=${one.name}><span class=${`swatch paint-${colourOf(names, one.name)}`} aria-hidden="true"></span>${
      t("zone.part", { station: one.name, drawn: power(one.drawn), offered: power(one.offered) })}</li>`)}</ul>
  </figure>`;
}
