// Charging sessions that are over, newest first: of a station, or of all of a zone.
import { Table } from "../charts/frame.js";
import { clock, dated, duration, energy, NONE, share } from "../format.js";
import { money } from "../history/money.js";
import { sunny } from "../history/sums.js";
import { html } from "../html.js";
import { usePaged } from "../loaded.js";
import { Missing, More, Part } from "../parts/told.js";
import { t } from "../words.js";

const DAY = { weekday: "short", day: "numeric", month: "short", year: "numeric" };

export function Sessions({ station, zone, version }) {
  const paged = usePaged("charging", { station, limit: 20 }, "sessions", version);
  const { problem, again } = paged;
  const items = paged.items && paged.items.filter((one) => !zone || one.zone === zone);
  const columns = [["began", (one) => `${dated(one.from, DAY)}, ${clock(one.from)}`], zone && ["station", (one) => html`<a href=${`/stations/${encodeURIComponent(one.station)}`}>${one.station}</a>`],
    ["who", (one) => one.user || NONE], ["stay", (one) => duration((Date.parse(one.to) - Date.parse(one.from)) / 1000)], ["energy", (one) => energy(one.energy_kwh)],
    ["solar", (one) => share(sunny(one))],
    items && items.some((one) => one.cost !== null && one.cost !== undefined) && ["cost", (one) => money(one.cost)]].filter(Boolean);
  return html`<${Part} id="sessions" title=${t("charges.title")}>
    ${!items && problem && html`<${Missing} problem=${problem} again=${again} />`}
    ${!items && !problem && html`<div class="awaited" aria-busy="true"></div>`}
    ${items && !items.length && html`<p class="nothing">${t("charges.none")}</p>`}
    ${items && items.length > 0 && html`<${Table} label=${t("charges.title")} heads=${columns.map(([key]) => t(`charges.${key}`))} rows=${items.map((one) => columns.map(([, told]) => told(one)))} />`}
    <${More} paged=${paged} />
  </${Part}>`;
}
