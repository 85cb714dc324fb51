// Energy in bars: the days of a month, or the months of a year.
import { useMemo } from "preact/hooks";
import { colourOf } from "../charts/colours.js";
import { dated, energy } from "../format.js";
import { html } from "../html.js";
import { policies } from "../store.js";
import { t } from "../words.js";
import { Flows } from "./flows.js";

/** @param {{periods: Array, by: "day"|"month", open: (period) => void}} props */
export function Bars({ periods, by, open }) {
  const known = policies.value.map(({ name }) => name);
  const of = useMemo(() => {
    const names = [...new Set([...known, ...periods.flatMap((one) => Object.keys(one.policies))])];
    const site = (key) => periods.map((one) => one.site[key]);
    const some = (values) => values.some((v) => v !== null && v !== undefined);
    const loads = names.map((name) => ({ key: name, name, paint: colourOf(names, name), values: periods.map((one) => one.policies[name] && one.policies[name].energy_kwh) }));
    return {
      pv: some(site("pv_kwh")) ? { key: "pv", name: t("flows.pv"), paint: "pv", values: site("pv_kwh") } : null,
      used: [...(some(site("base_load_kwh")) ? [{ key: "base", name: t("flows.base"), paint: "base", values: site("base_load_kwh") }] : []),
        ...loads.filter(({ values }) => some(values)).map((one) => ({ ...one, values: one.values.map((v, k) => (v === undefined || v === null ? (periods[k].site.base_load_kwh === null ? null : 0) : v)) })),
        ...(some(site("charge_kwh")) ? [{ key: "battery", name: t("flows.charging"), paint: "battery", values: site("charge_kwh") }] : [])],
      grid: { from: site("import_kwh"), to: site("export_kwh") },
    };
  }, [periods]);
  const axes = useMemo(() => ({
    range: [-0.6, periods.length - 0.4], ends: [], scale: 1, unit: "kWh", least: 1,
    ticks: (most) => periods.map((_, k) => k).filter((k) => k % Math.ceil(periods.length / most) === 0),
    named: (k) => dated(periods[k].from + 43200, by === "day" ? { day: "numeric" } : { month: "short" }),
  }), [periods]);
  const title = (k) => dated(periods[k].from + 43200, by === "day" ? { weekday: "long", day: "numeric", month: "long" } : { month: "long", year: "numeric" });
  return html`<${Flows} of=${of} x=${useMemo(() => periods.map((_, k) => k), [periods])} barred axes=${axes} title=${title} told=${energy} open=${(k) => open(periods[k])} label=${t("flows.energy")}
    table=${{ title: t("flows.table"), head: t(by === "day" ? "unit.day" : "unit.month"), rows: (columns) => periods.map((_, k) => [title(k), ...columns.map(({ values }) => energy(values[k]))]) }} />`;
}
