// The stations of a zone, and how its power is shared among them.
import { current, energy, power } from "../format.js";
import { html } from "../html.js";
import { Part } from "../parts/told.js";
import { colourOf } from "../charts/colours.js";
import { t } from "../words.js";

const VOLTAGE_V = 230;

/** What a station may draw at its limit; one whose phases are not known yet counts with all three. [W] */
export const offered = ({ limit_a: limit, phases }) => (limit ? limit * (phases || 3) * VOLTAGE_V : 0);

export function Stations({ zone }) {
  const names = zone.stations.map((one) => one.station);
  return html`<${Part} id="stations" title=${t("zone.stations")}>
    ${zone.max_power_w && html`<${Sharing} zone=${zone} names=${names} />`}
    <ul class="bays">${zone.stations.map((one) => html`<li key=${one.station} class=${one.online ? "" : "silent"}>
      <h3><a href=${`/stations/${encodeURIComponent(one.station)}`}><span class=${`swatch paint-${colourOf(names, one.station)}`} aria-hidden="true"></span>${one.station}</a></h3>
      <p>${begun(one.summary)}</p>
      <p class="soft">${one.state === "absent" ? null : one.sentence}</p>
      ${one.trouble && html`<p class="trouble">${one.trouble}</p>`}
      <p class="soft">${[one.drawn_w ? power(one.drawn_w) : null, one.session_kwh ? t("station.sofar", { energy: energy(one.session_kwh) }) : null,
        one.limit_a ? t("station.upto", { current: current(one.limit_a) }) : null, one.charge_now && one.charge_now.summary, one.need && one.need.summary].filter(Boolean).join(" · ")}</p>
    </li>`)}</ul>
  </${Part}>`;
}

/** The zone's maximum as a bar: what each station is offered of it, what of that is drawn, what is free. */
function Sharing({ zone, names }) {
  const shares = zone.stations.map((one) => ({ name: one.station, offered: offered(one), drawn: one.drawn_w || 0 })).filter((one) => one.offered || one.drawn);
  const whole = Math.max(zone.max_power_w, shares.reduce((sum, one) => sum + Math.max(one.offered, one.drawn), 0));
  const percent = (watts) => `${(100 * watts) / whole}%`;
  let at = 0;
  const total = shares.reduce((sum, one) => sum + one.offered, 0);
  return html`<figure class="sharing">
    <svg role="img" aria-label=${t("zone.shared", { offered: power(total), most: power(zone.max_power_w) })}>
      <rect class="free" width="100%" height="100%" rx="4" />
      ${shares.map((one) => {
        const x = at;
        at += Math.max(one.offered, one.drawn);
        const paint = colourOf(names, one.name);
        return html`<g key=${one.name}><rect class=${`offered fill-${paint}`} x=${percent(x)} width=${percent(one.offered)} height="100%" />
          <rect class=${`fill-${paint}`} x=${percent(x)} width=${percent(one.drawn)} height="100%" /></g>`;
      })}
    </svg>
    <figcaption class="soft">${t("zone.shared", { offered: power(total), most: power(zone.max_power_w) })}
      ${shares.map((one) => html` · ${t("zone.part", { station: one.name, drawn: power(one.drawn), offered: power(one.offered) })}`)}</figcaption>
  </figure>`;
}

export const begun = (words) => (words || "").replace(/^./, (letter) => letter.toUpperCase());
