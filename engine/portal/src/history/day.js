// Power over one day.
import { useMemo } from "preact/hooks";
import { colourOf } from "../charts/colours.js";
import { wallTicks } from "../charts/numbers.js";
import { clock, power } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loaded.js";
import { Missing } from "../parts/told.js";
import { policies, site } from "../store.js";
import { t } from "../words.js";
import { Flows } from "./flows.js";

const HOUR_S = 3600;
const iso = (at) => new Date(at * 1000).toISOString();
const up = (column) => column.map((w) => (w === null ? null : Math.max(w, 0)));
const down = (column) => column.map((w) => (w === null ? null : Math.max(-w, 0)));

export function Day({ span, version }) {
  const names = policies.value.map(({ name }) => name);
  const wanted = ["pv_w", "grid_w", "battery_w", "base_load_w", ...names.map((name) => `policy/${name}`)];
  const { data, problem, again } = useLoaded("history", { from: iso(span.from), to: iso(span.to), signals: wanted.join(",") }, version);
  const flows = useMemo(() => {
    if (!data) return null;
    const of = (key) => data.signals[key] || data.time.map(() => null);
    const seen = (column) => column.some((w) => w !== null);
    const battery = of("battery_w");
    return {
      known: wanted.some((key) => seen(of(key))),
      pv: seen(of("pv_w")) ? { key: "pv", name: t("flows.pv"), paint: "pv", values: of("pv_w") } : null,
      used: [...(seen(of("base_load_w")) ? [{ key: "base", name: t("flows.base"), paint: "base", values: of("base_load_w") }] : []),
        ...names.filter((name) => seen(of(`policy/${name}`))).map((name) => ({ key: name, name, paint: colourOf(names, name), values: of(`policy/${name}`).map((w, k) => (w === null && of("base_load_w")[k] !== null ? 0 : w)) })),
        ...(seen(battery) ? [{ key: "battery", name: t("flows.charging"), paint: "battery", values: up(battery) }] : [])],
      grid: { from: up(of("grid_w")), to: down(of("grid_w")) },
    };
  }, [data]);
  const axes = useMemo(() => {
    const range = [span.from, span.to];
    return data && { range, ends: [...data.time, data.time[data.time.length - 1] + data.step_s], ticks: (most) => wallTicks(site.value.timezone, range, most),
      named: clock, scale: 1000, unit: "kW", least: 500 };
  }, [data]);
  if (!data && problem) return html`<${Missing} problem=${problem} again=${again} />`;
  if (!data) return html`<div class="awaited chart" aria-busy="true"></div>`;
  if (!flows.known) return html`<p class="nothing">${t("history.none")}</p>`;
  const rows = (columns) => {
    const hours = [];
    for (let at = span.from; at < span.to; at += HOUR_S) {
      hours.push([clock(at), ...columns.map(({ values }) => {
        const inside = values.filter((w, k) => w !== null && data.time[k] >= at && data.time[k] < at + HOUR_S);
        return power(inside.length ? inside.reduce((sum, w) => sum + w, 0) / inside.length : null);
      })]);
    }
    return hours;
  };
  return html`<${Flows} of=${flows} x=${data.time} axes=${axes} title=${(k) => clock(data.time[k])} told=${power} label=${t("flows.day")}
    table=${{ title: t("flows.table"), head: t("curve.hour"), rows }} />`;
}
