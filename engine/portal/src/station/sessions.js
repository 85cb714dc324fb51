// Charging sessions that are over, newest first.
import { clock, day, duration, energy, share } from "../format.js";
import { html } from "../html.js";
import { usePaged } from "../loaded.js";
import { Missing, More, Part } from "../parts/told.js";
import { Table } from "../charts/frame.js";
import { money } from "../history/money.js";
import { t } from "../words.js";

export function Sessions({ station, version }) {
  const paged = usePaged("charging", { station, limit: 20 }, "sessions", version);
  const { items, problem, again } = paged;
  return html`<${Part} id="sessions" title=${t("charges.title")}>
    ${!items && problem && html`<${Missing} problem=${problem} again=${again} />`}
    ${!items && !problem && html`<div class="awaited" aria-busy="true"></div>`}
    ${items && !items.length && html`<p class="nothing">${t("charges.none")}</p>`}
    ${items && items.length > 0 && html`<${Table} label=${t("charges.title")}
      heads=${["charges.began", "charges.stay", "charges.energy", "charges.solar", "charges.cost"].map((key) => t(key))}
      rows=${items.map((one) => [`${day(one.from)}, ${clock(one.from)}`, duration((Date.parse(one.to) - Date.parse(one.from)) / 1000),
        energy(one.energy_kwh), share(one.energy_kwh ? one.solar_kwh / one.energy_kwh : null), money(one.cost)])} />`}
    <${More} paged=${paged} />
  </${Part}>`;
}
