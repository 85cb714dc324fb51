// The compiled policy as a picture: states with the present one lit, moves as arrows that can be asked for their rows.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../words.js";
import { Table } from "../charts/frame.js";
import { layout, NODE } from "./layout.js";

export function Machine({ machine, toLine }) {
  const { states, current } = machine;
  const transitions = [...machine.transitions, ...(machine.stays || [])].sort((a, b) => a.row - b.row);
  const [chosen, choose] = useState(null);
  const label = Object.fromEntries(states.map((one) => [one.id, one.label]));
  const picture = layout(machine);
  const selected = chosen && (label[chosen] !== undefined || picture.arrows.some(({ key }) => key === chosen)) ? chosen : current;
  const press = (key) => ({
    tabindex: 0, role: "button", "aria-pressed": String(selected === key),
    onClick: () => choose(key),
    onKeyDown: (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(key);
    },
  });
  const arrow = picture.arrows.find(({ key }) => key === selected);

  return html`<div class="machine">
    <div class="picture"><svg viewBox=${`0 0 ${picture.width} ${picture.height}`} width=${picture.width} height=${picture.height}
        role="group" aria-label=${t("machine.picture")}>
      ${picture.arrows.map((one) => html`<g key=${one.key} class=${`arrow ${one.key === selected ? "chosen" : ""} ${one.from === selected ? "leaving" : ""}`}
          ...${press(one.key)} aria-label=${t("machine.arrow", { from: label[one.from], to: label[one.to], n: one.rows.length })}>
        <path class="hit" d=${one.path} /><path class="shaft" d=${one.path} /><path class="head" d=${one.head} />
        <circle cx=${one.x} cy=${one.y} r="10" /><text x=${one.x} y=${one.y}>${one.rows.length}</text></g>`)}
      ${picture.states.map((one) => html`<g key=${one.id} class=${`state ${one.id === current ? "current" : ""} ${one.id === selected ? "chosen" : ""}`}
          ...${press(one.id)} aria-current=${one.id === current ? "true" : null} aria-label=${one.id === current ? t("machine.now", { state: one.label }) : one.label}>
        <rect x=${one.x} y=${one.y} width=${NODE.width} height=${NODE.height} rx="10" />
        <text x=${one.x + NODE.width / 2} y=${one.y + NODE.height / 2}>${one.label}</text></g>`)}
    </svg></div>
    <div class="rows" aria-live="polite">
      ${arrow ? html`<${Rows} title=${`${label[arrow.from]} → ${label[arrow.to]}`} rows=${arrow.rows} toLine=${toLine} />`
        : html`<${State} id=${selected} label=${label} transitions=${transitions} current=${current} decided=${machine.row} toLine=${toLine} />`}
    </div>
    <details class="twin"><summary>${t("machine.table")}</summary>
      <${Table} label=${t("machine.table")} heads=${["machine.from", "machine.to", "machine.why", "machine.line"].map((key) => t(key))}
        rows=${transitions.map((row) => [label[row.from], row.from === row.to ? t("machine.stays") : label[row.to],
          html`<span class="text">${row.sentence || row.why}</span>`, html`<${Line} row=${row} toLine=${toLine} />`])} />
    </details>
  </div>`;
}

function State({ id, label, transitions, current, decided, toLine }) {
  const from = transitions.filter((row) => row.from === id);
  const targets = [...new Set(from.filter((row) => row.to !== id).map((row) => row.to))];
  const now = id === current && from.find((one) => one.row === decided);
  const stays = from.filter((row) => row.to === id);
  return html`<h3>${id === current ? t("machine.now", { state: label[id] }) : label[id]}</h3>
    ${now && html`<${Rows} title=${t("machine.decides")} rows=${[now]} decides toLine=${toLine} />`}
    ${targets.map((to) => html`<${Rows} key=${to} title=${t("machine.goes", { state: label[to] })} rows=${from.filter((row) => row.to === to)} toLine=${toLine} />`)}
    ${stays.length > 0 && html`<details><summary><h4>${t("machine.remains", { n: stays.length })}</h4></summary><${Rows} rows=${stays} toLine=${toLine} /></details>`}`;
}

function Rows({ title, rows, decides, toLine }) {
  return html`${title && html`<h4>${title}</h4>`}<ul class="ways">${rows.map((row, k) => html`<li key=${k} class=${decides ? "decides" : null}>${row.sentence || row.why} <span class="guards">${row.event}</span> <${Line} row=${row} toLine=${toLine} /></li>`)}</ul>`;
}

/** The line of the file that a row comes from; one left to its default has none. */
function Line({ row, toLine }) {
  if (!row.line) return html`<span class="soft">${t("machine.default")}</span>`;
  return html`<a class="soft" href=${`#line-${row.line}`} onClick=${(event) => { event.preventDefault(); toLine(row.line); }}>${t("machine.at", { line: row.line })}</a>`;
}
