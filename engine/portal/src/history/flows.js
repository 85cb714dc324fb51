// Two pictures over the same time: what was used and by whom, beside what the sun gave; and what came from and went to the
// grid. As power over a day, or as energy in bars; what is hidden in the legend leaves the stack.
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { lastUpTo, stacked } from "../charts/numbers.js";
import { Frame, Legend, Twin } from "../charts/frame.js";
import { Plot } from "../charts/plot.js";
import { html } from "../html.js";
import { t } from "../words.js";

/**
 * @param {{used: Array<{key, name, paint, values}>, pv: ?object, grid: {from: Array, to: Array}}} of used: the stack, lowest
 *   first; grid: both positive
 * @param {Array<number>} x starts of intervals, or places of bars
 * @param {boolean} barred bars in place of steps
 * @param {object} axes range, ends, ticks, named, scale, unit, least of the plots
 * @param {(k: number) => string} title names an interval
 * @param {(value: ?number) => string} told writes a value
 * @param {?(k: number) => void} open follows an interval
 * @param {{title, head, rows: (columns) => Array}} table the same numbers
 */
export function Flows({ of, x, barred, axes, title, told, open, label, table }) {
  const cursor = useSignal(null), hidden = useSignal(new Set());
  const gone = hidden.value;
  const columns = useMemo(() => [...(of.pv ? [of.pv] : []), ...of.used,
    { key: "from", name: t("flows.import"), paint: "import", values: of.grid.from }, { key: "to", name: t("flows.export"), paint: "export", values: of.grid.to }], [of]);
  const [upper, lower] = useMemo(() => {
    const kind = barred ? "bars" : "area";
    const parts = of.used.filter(({ key }) => !gone.has(key)), tops = stacked(parts.map(({ values }) => values));
    const sun = of.pv && !gone.has(of.pv.key) ? of.pv.values : null;
    const out = of.grid.to.map((v) => (v === null || v === undefined ? null : -v));
    return [[...(sun && !barred ? [{ kind, paint: "sun-soft", values: sun }] : []),
      ...parts.map(({ paint }, k) => ({ kind, paint, values: tops[k] })).reverse(),
      ...(sun ? [{ kind: barred ? "dots" : "line", paint: "pv-line", values: sun }] : [])],
    [{ kind, paint: "import", values: of.grid.from }, { kind, paint: "export", values: out }]];
  }, [of, gone]);
  const place = (value) => (barred ? Math.min(Math.max(Math.round(value), 0), x.length - 1) : Math.max(lastUpTo(x, value), 0));
  const known = useMemo(() => columns.reduce((last, { values }) => values.reduce((at, v, k) => (v === null || v === undefined ? at : Math.max(at, k)), last), 0), [columns]);
  const follow = open && (() => cursor.value !== null && open(place(cursor.value)));

  return html`<${Legend} entries=${[...(of.pv ? [{ ...of.pv, kind: "line" }] : []), ...of.used]} hidden=${hidden} />
    <${Frame} label=${label} cursor=${cursor} stops=${x.slice(0, known + 1)} enter=${follow}>
      <${Plot} ...${axes} layers=${upper} height=${260} cursor=${cursor} />
      <${Plot} ...${axes} layers=${lower} height=${110} named=${null} cursor=${cursor} />
    </${Frame}>
    <ul class="legend" aria-hidden="true">${columns.slice(-2).map(({ name, paint }) => html`<li key=${paint}><span class=${`swatch paint-${paint}`}></span>${name}</li>`)}</ul>
    <${Readout} k=${cursor.value === null ? null : place(cursor.value)} columns=${columns} title=${title} told=${told} />
    <${Twin} summary=${table.title} heads=${[table.head, ...columns.map(({ name }) => name)]} rows=${() => table.rows(columns)} />`;
}

function Readout({ k, columns, title, told }) {
  if (k === null) return html`<div class="readout"><p class="soft">${t("flows.point")}</p></div>`;
  return html`<div class="readout" aria-live="polite"><p><b>${title(k)}</b></p>
    <dl class="values">${columns.map(({ key, name, paint, values }) => html`<div key=${key}><dt><span class=${`swatch paint-${paint === "pv" ? "pv-line" : paint}`} aria-hidden="true"></span>${name}</dt><dd>${told(values[k])}</dd></div>`)}</dl></div>`;
}
