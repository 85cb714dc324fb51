// Two pictures over the same time: what was used and by whom, beside what the sun gave; and what came from and went to the
// grid. As power over a day, or as energy in bars; what is hidden in the legend leaves the stack.
import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { lastUpTo, stacked } from "../charts/colours.js";
import { Frame, Legend, Twin } from "../charts/frame.js";
import { amounts, axis, bars, filled, line, Plot, steps, unit, upTo } from "../charts/plot.js";
import { html } from "../html.js";
import { t } from "../words.js";

/**
 * @param {Array<number>} x starts of intervals, or places of bars
 * @param {[number, number]} range of x
 * @param {Array<{key, name, paint, values, kind?}>} used the stack, lowest first
 * @param {?{key, name, paint, values}} pv
 * @param {{from: Array, to: Array}} grid energy or power in each direction, both positive
 * @param {boolean} barred bars in place of steps
 * @param {object} across the axis of x
 * @param {(k: number) => string} named names an interval
 * @param {(value: ?number) => string} told writes a value
 * @param {(k: number) => void} open follows an interval
 */
export function Flows({ x, range, used, pv, grid, barred, across, named, told, scale, unitText, least, open, label, table }) {
  const cursor = useSignal(null), hidden = useSignal(new Set());
  const parts = used.filter(({ key }) => !hidden.value.has(key));
  const sun = pv && !hidden.value.has(pv.key) ? pv : null;
  const shape = `${barred} ${x.length} ${range[0]} ${parts.map(({ key }) => key)} ${Boolean(sun)}`;
  const [power, flow] = useMemo(() => {
    const tops = stacked(parts.map(({ values }) => values)).reverse();
    const end = (column) => (barred ? column : [...column, column[column.length - 1]]); // a step holds up to the next point
    const at = barred ? x : [...x, x.length ? x[x.length - 1] + (x.length > 1 ? x[1] - x[0] : 1) : 1];
    const out = grid.to.map((v) => (v === null || v === undefined ? null : -v));
    return [[at, ...(sun ? [end(sun.values)] : []), ...tops.map(end), ...(sun ? [end(sun.values)] : [])], [at, end(grid.from), end(out)]];
  }, [x, used, pv, grid, shape]);

  const paths = barred ? { paths: bars } : { paths: steps };
  const scales = { x: { time: false }, y: { range: upTo(least) } };
  const top = () => ({
    scales, axes: [across(true), amounts(scale)], hooks: { draw: [unit(unitText)] },
    series: [{}, ...(sun ? [filled("sun-soft", paths)] : []), ...[...parts].reverse().map(({ paint }) => filled(paint, paths)),
      ...(sun ? [line("sun", barred ? { paths: () => null, points: { show: true, size: 7, fill: line("sun").stroke, width: 1 } } : paths)] : [])],
  });
  const bottom = () => ({
    scales, axes: [axis({ ...across(false), size: 6, values: (u, splits) => splits.map(() => "") }), amounts(scale, { space: 22 })],
    series: [{}, filled("import", paths), filled("export", paths)], hooks: { draw: [unit(unitText)] },
  });
  const place = (value) => (barred ? Math.min(Math.max(Math.round(value), 0), x.length - 1) : Math.max(lastUpTo(x, value), 0));
  const follow = (event) => { if (open && event.target.closest(".u-over") && cursor.value !== null) open(place(cursor.value)); };
  const columns = [...(pv ? [pv] : []), ...used, { key: "from", name: t("flow.import"), paint: "import", values: grid.from }, { key: "to", name: t("flow.export"), paint: "export", values: grid.to }];

  return html`<${Legend} entries=${[...(pv ? [{ ...pv, kind: "line" }] : []), ...used]} hidden=${hidden} />
    <div onClick=${follow} class=${open ? "opens" : ""}><${Frame} label=${label} cursor=${cursor} stops=${x} enter=${open && ((at) => open(place(at)))}>
      <${Plot} make=${top} shape=${shape} columns=${power} range=${range} height=${260} cursor=${cursor} />
      <${Plot} make=${bottom} shape=${shape} columns=${flow} range=${range} height=${120} cursor=${cursor} />
    </${Frame}></div>
    <ul class="legend" aria-hidden="true"><li><span class="swatch paint-import"></span>${t("flow.import")}</li><li><span class="swatch paint-export"></span>${t("flow.export")}</li></ul>
    <${Readout} cursor=${cursor} place=${place} columns=${columns} named=${named} told=${told} />
    <${Twin} summary=${table.title} heads=${[table.head, ...columns.map(({ name }) => name)]}
      rows=${() => table.rows(columns)} />`;
}

function Readout({ cursor, place, columns, named, told }) {
  if (cursor.value === null) return html`<div class="readout"><p class="soft">${t("flow.point")}</p></div>`;
  const k = place(cursor.value);
  return html`<div class="readout values" aria-live="polite"><p><b>${named(k)}</b></p>
    <dl>${columns.map(({ key, name, paint, values }) => html`<div key=${key}><dt><span class=${`swatch paint-${paint}`} aria-hidden="true"></span>${name}</dt><dd>${told(values[k])}</dd></div>`)}</dl></div>`;
}
