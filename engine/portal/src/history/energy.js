// Energy and money of periods: added up, as figures, and as a table of who took how much.
import { Table } from "../charts/frame.js";
import { energy, number, share } from "../format.js";
import { html } from "../html.js";
import { t } from "../words.js";
import { money } from "./money.js";
import { added, sunny, used } from "./sums.js";

export function Figures({ of: { site, known_h: hours }, currency, elapsed_h: elapsed }) {
  const own = site.pv_kwh > 0.05 && site.export_kwh !== null ? (site.pv_kwh - site.export_kwh) / site.pv_kwh : null;
  const self = used(site) > 0.05 && site.import_kwh !== null ? Math.max(0, 1 - site.import_kwh / used(site)) : null;
  const figures = [
    ["figure.pv", energy(site.pv_kwh), own === null ? null : t("figure.own", { part: share(own) })],
    ["figure.used", energy(used(site)), self === null ? null : t("figure.self", { part: share(self) })],
    ["figure.import", energy(site.import_kwh), known(site.cost) ? money(site.cost, currency) : null],
    ["figure.export", energy(site.export_kwh), known(site.earned) ? money(site.earned, currency) : null],
  ];
  return html`<dl class="sums">${figures.map(([key, value, aside]) => html`<div key=${key}><dt>${t(key)}</dt><dd>${value}${aside && html` <span class="part-of">${aside}</span>`}</dd></div>`)}</dl>
    ${hours < KNOWN * elapsed && html`<p class="soft small">${t("figure.known", { known: number(hours, hours % 1 && hours < 10 ? 1 : 0), n: number(elapsed) })}</p>`}`;
}

/** Of less than this it is said how much is known. */
const KNOWN = 0.97;
const known = (value) => value !== null && value !== undefined;

/** Who took how much, how much of it from the sun, and what it cost. */
export function Takers({ of, currency, zones, order }) {
  const paid = known(of.site.cost);
  const row = (name, one) => [name, energy(one.energy_kwh), energy(one.solar_kwh), share(sunny(one)), ...(paid ? [money(one.cost, currency)] : [])];
  const rank = ([name]) => order.indexOf(name) + (order.includes(name) ? 0 : order.length + 1);
  const rows = Object.entries(of.policies).sort((a, b) => rank(a) - rank(b)).flatMap(([name, one]) => [
    row(html`<a href=${`/policies/${encodeURIComponent(name)}`}>${name}</a>`, one),
    ...(zones[name] || []).filter((station) => of.stations[station]).map((station) => row(html`<a class="below" href=${`/stations/${encodeURIComponent(station)}`}>${station}</a>`, of.stations[station])),
  ]);
  const alone = Object.entries(of.stations).filter(([name]) => !Object.values(zones).some((names) => names.includes(name)));
  rows.push(...alone.map(([name, one]) => row(name, one)));
  if (!rows.length) return html`<p class="nothing">${t("history.none")}</p>`;
  const all = added([...Object.values(of.policies), ...alone.map(([, one]) => one)]);
  const drivers = Object.entries(of.users).filter(([name]) => name);
  const heads = (keys) => [...keys, ...(paid ? ["takers.cost"] : [])].map((key) => t(key));
  return html`<${Table} label=${t("takers.title")} heads=${heads(["takers.who", "takers.energy", "takers.solar", "takers.part"])} rows=${rows} total=${row(t("takers.all"), all)} />
    ${drivers.length > 0 && html`<h3>${t("drivers.title")}</h3><${Table} label=${t("drivers.title")} heads=${heads(["drivers.who", "takers.energy", "takers.solar", "takers.part"])} rows=${drivers.map(([name, one]) => row(`${name} (${t("drivers.stays")}: ${number(one.sessions)})`, one))} />`}`;
}
