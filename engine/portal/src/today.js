// What the day has brought so far: one answer of the history for all cards, asked again while somebody looks.
import { effect, signal } from "@preact/signals";
import { get } from "./api.js";
import { link, now, policies, site } from "./store.js";
import { span } from "./wall.js";

const EVERY_MS = 120000;
const AGAIN_MS = 10000; // after a refusal
const STEP_S = 300;

/** {from, to, time, signals, step_s}; null until it is known, or where nothing is recorded. */
export const today = signal(null);

let asked = -Infinity;

async function ask() {
  const zone = site.value.timezone;
  const { from, to } = span("day", now() / 1000, zone);
  const names = policies.value.flatMap((one) => [`policy/${one.name}`, `on/${one.name}`]);
  const signals = ["pv_w", "grid_w", "battery_w", ...names].join(",");
  const told = await get("history", { from: new Date(from * 1000).toISOString(), to: new Date(now()).toISOString(), signals, every: STEP_S });
  today.value = { ...told, from, to };
}

/** Keeps it up to date; returns how to stop. */
export function follow() {
  return effect(() => {
    if (link.value !== "live" || !site.value || !policies.value || performance.now() - asked < EVERY_MS) return;
    asked = performance.now();
    ask().catch(() => (asked += AGAIN_MS - EVERY_MS));
  });
}
