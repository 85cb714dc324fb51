// What stands around plots: the cursor by keyboard, the legend that hides and shows, and the same numbers as a table.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../words.js";

/**
 * Plots that share a cursor, moved by arrow keys.
 * @param {Array<number>} stops x of each place the cursor can stand
 * @param {Array<number>} marks places worth jumping to with Shift
 * @param {?() => void} enter what Enter, or a click, does at the cursor
 */
export function Frame({ label, cursor, stops, marks = [], enter, children }) {
  const move = (to) => { if (to !== undefined) cursor.value = to; };
  const nearest = (list, direction) => {
    const at = cursor.value;
    if (at === null) return direction > 0 ? list[0] : list[list.length - 1];
    return direction > 0 ? list.find((x) => x > at + 1e-6) : [...list].reverse().find((x) => x < at - 1e-6);
  };
  const keys = {
    ArrowLeft: (event) => move(nearest(event.shiftKey ? marks : stops, -1)),
    ArrowRight: (event) => move(nearest(event.shiftKey ? marks : stops, 1)),
    Home: () => move(stops[0]),
    End: () => move(stops[stops.length - 1]),
    ...(enter && { Enter: enter }),
  };
  const press = (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    keys[event.key](event);
  };
  return html`<div class=${`charts ${enter ? "opens" : ""}`} tabindex="0" role="group" aria-label=${label} onKeyDown=${press} onClick=${enter}>${children}</div>`;
}

/** @param {Array<{key, name, paint, kind}>} entries; `hidden` is a signal of a set of keys */
export function Legend({ entries, hidden }) {
  const toggle = (key) => {
    const next = new Set(hidden.value);
    if (!next.delete(key)) next.add(key);
    hidden.value = next;
  };
  return html`<ul class="legend" aria-label=${t("chart.legend")}>
    ${entries.map(({ key, name, paint, kind }) => html`<li key=${key}>
      <button type="button" class="key" aria-pressed=${String(!hidden.value.has(key))} onClick=${() => toggle(key)}>
        <span class=${`swatch paint-${paint} ${kind || ""}`} aria-hidden="true"></span>${name}
      </button></li>`)}
  </ul>`;
}

/** The numbers behind a picture; made when somebody opens it. */
export function Twin({ summary, heads, rows }) {
  const [open, setOpen] = useState(false);
  return html`<details class="twin" onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary>${summary}</summary>
    ${open && html`<${Table} label=${summary} heads=${heads} rows=${rows()} />`}
  </details>`;
}

/** A table that scrolls by itself where it is wider than the page; the first cell of a row names it. */
export function Table({ label, heads, rows, total }) {
  const line = ([name, ...cells], k) => html`<tr key=${k}><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`;
  return html`<div class="wide" tabindex="0" role="group" aria-label=${label}>
    <table>
      <thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
      <tbody>${rows.map(line)}</tbody>
      ${total && html`<tfoot>${line(total)}</tfoot>`}
    </table>
  </div>`;
}
