// The energy of this moment as a picture: where it comes from at the left, where it goes at the right, the house between.
import { html } from "../html.js";
import { about, NONE, power, share } from "../format.js";
import { heardAt, me, policies, site, tick } from "../store.js";
import { t } from "../words.js";
import { outline } from "./icon.js";

const NOTHING_W = 15; // less is a meter's noise
const HOME = { x: 215, y: 112, r: 50 };
const R = 37;
/** Where a circle sits by how many there are on its side. */
const ROWS = { 1: [HOME.y], 2: [52, 172] };

export function Flow() {
  const one = site.value;
  if (!one) return null;
  const flows = balance(one, policies.value || []);
  const left = [flows.pv, flows.grid].filter(Boolean);
  const right = [flows.loads, flows.battery].filter(Boolean);
  const placed = [
    ...left.map((node, k) => ({ ...node, x: 62, y: ROWS[left.length][k] })),
    ...right.map((node, k) => ({ ...node, x: 368, y: ROWS[right.length][k] })),
  ];
  return html`<figure class="flow sheet" aria-label=${t("home.flow")}>
    <svg viewBox=${`0 0 ${right.length ? 430 : 280} 236`} role="img" aria-label=${spoken(flows)}>
      ${placed.map((node) => html`<path class="pipe" d=${pipe(node)} />
        ${node.runs > NOTHING_W && html`<path class=${`stream ${node.kind} ${node.inward ? "" : "back"} ${node.quality || ""}`} d=${pipe(node)} style=${{ animationDuration: pace(node.runs) }} />`}`)}
      <${House} flows=${flows} />
      ${placed.map((node) => html`<${Node} key=${node.kind} ...${node} />`)}
    </svg>
    <figcaption><${Age} signals=${flows.measured} /></figcaption>
  </figure>`;
}

/** Returns what flows where, each with its size in watts; null where the site has no such thing. */
export function balance(one, cards) {
  const pv = one.pv && { kind: "pv", value: one.pv.power_w, runs: Math.max(one.pv.power_w || 0, 0), inward: true, quality: one.pv.quality };
  const grid = one.grid && {
    kind: "grid", value: size(one.grid.power_w), runs: Math.abs(one.grid.power_w || 0), inward: one.grid.power_w > 0, quality: one.grid.quality,
    name: one.grid.power_w > NOTHING_W ? "flow.buying" : one.grid.power_w < -NOTHING_W ? "flow.selling" : "flow.grid",
  };
  const battery = one.battery && {
    kind: "battery", value: size(one.battery.power_w), runs: Math.abs(one.battery.power_w || 0), inward: one.battery.power_w < 0,
    quality: one.battery.quality, soc: one.battery.soc,
    name: one.battery.power_w > NOTHING_W ? "flow.charging" : one.battery.power_w < -NOTHING_W ? "flow.giving" : "flow.battery",
  };
  const whole = one.energy || {};
  const drawnW = value(whole.controlled_w);
  const loads = cards.length > 0 && !me.value.scope && { kind: "loads", value: drawnW, runs: drawnW || 0, inward: false };
  const signals = [one.pv, one.grid, one.battery].filter(Boolean);
  return { pv, grid, battery, loads, houseW: value(whole.house_w), measured: signals };
}

const value = (known) => (known ? known.value : null);
const size = (w) => (w === null ? null : Math.abs(w));
const pace = (w) => `${Math.max(0.5, 2.4 - Math.log10(w) * 0.45).toFixed(2)}s`;

/** From a circle to the house, on whichever side it is. */
function pipe({ x, y }) {
  const side = x < HOME.x ? -1 : 1;
  const from = x - side * R, to = HOME.x + side * HOME.r;
  const middle = (from + to) / 2;
  return `M${from} ${y}C${middle} ${y} ${middle} ${HOME.y} ${to} ${HOME.y}`;
}

function Node({ kind, x, y, value, runs, name, soc, quality = "" }) {
  const level = kind === "battery" && soc !== null && soc !== undefined;
  return html`<g class=${`${kind} ${quality} ${runs > NOTHING_W ? "" : "idle"}`}>
    <circle class="disc" cx=${x} cy=${y} r=${R} />
    ${level && html`<path class="level" d=${filling(x, y, R - 1, soc)} />`}
    <svg x=${x - 11} y=${y - 27} width="22" height="22" viewBox="0 0 24 24"><path class="glyph" d=${outline(kind === "pv" ? "sun" : kind)} /></svg>
    <text x=${x} y=${y + 14}>${power(value)}</text>
    <text class="name" x=${x} y=${y + R + 16}>${t(name || `flow.${kind}`)}${level ? ` · ${share(soc)}` : ""}</text>
  </g>`;
}

/** The part of a circle below a level, as a path. */
function filling(x, y, r, part) {
  const full = Math.max(0.001, Math.min(0.999, part));
  const h = r * (1 - 2 * full), half = Math.sqrt(r * r - h * h);
  return `M${x - half} ${y + h}A${r} ${r} 0 ${full > 0.5 ? 1 : 0} 0 ${x + half} ${y + h}Z`;
}

/** The house, with a ring that says from where its energy comes. */
function House({ flows }) {
  const from = [
    ["pv", flows.pv ? flows.pv.runs : 0],
    ["battery", flows.battery && flows.battery.inward ? flows.battery.runs : 0],
    ["grid", flows.grid && flows.grid.inward ? flows.grid.runs : 0],
  ].filter(([, w]) => w > NOTHING_W);
  const all = from.reduce((sum, [, w]) => sum + w, 0);
  const round = 2 * Math.PI * HOME.r;
  let begun = 0;
  return html`<g class="home">
    <circle class="disc" cx=${HOME.x} cy=${HOME.y} r=${HOME.r} />
    ${from.map(([kind, w]) => {
      const length = (w / all) * round;
      const arc = html`<circle class=${`ring ${kind}`} cx=${HOME.x} cy=${HOME.y} r=${HOME.r} stroke-dasharray=${`${Math.max(length - (from.length > 1 ? 4 : 0), 1)} ${round}`}
        stroke-dashoffset=${-begun} transform=${`rotate(-90 ${HOME.x} ${HOME.y})`} />`;
      begun += length;
      return arc;
    })}
    <svg x=${HOME.x - 13} y=${HOME.y - 34} width="26" height="26" viewBox="0 0 24 24"><path class="glyph" d=${outline("home")} /></svg>
    <text x=${HOME.x} y=${HOME.y + 15}>${power(flows.houseW)}</text>
    <text class="name" x=${HOME.x} y=${HOME.y + HOME.r + 18}>${t("flow.house")}</text>
  </g>`;
}

/** How old the oldest measurement is that the picture is made of. */
function Age({ signals }) {
  if (!signals.length) return html`<span class="age">${t("flow.unmeasured")}</span>`;
  if (signals.some((signal) => signal.age_s === null)) return html`<span class="age stale">${t("flow.never")}</span>`;
  const since = heardAt.value === null ? 0 : Math.max(0, tick.value - heardAt.value) / 1000;
  const age = Math.max(...signals.map((signal) => signal.age_s)) + since;
  const stale = signals.some((signal) => signal.quality === "stale");
  return html`<span class=${`age ${stale ? "stale" : ""}`}>${t(stale ? "flow.silent" : "flow.measured", { age: about(age) })}</span>`;
}

function spoken(flows) {
  const words = ["pv", "grid", "battery", "loads"].filter((kind) => flows[kind]).map((kind) => {
    const node = flows[kind];
    const soc = kind === "battery" && node.soc !== null ? `, ${share(node.soc)}` : "";
    return `${t(node.name || `flow.${kind}`)}: ${power(node.value)}${soc}`;
  });
  return [`${t("flow.house")}: ${power(flows.houseW)}`, ...words].join("; ").split(NONE).join(t("flow.unknown"));
}
