// Numbers and times as people of the chosen language write them. What is not known is a dash, never a zero.
import { site } from "./store.js";
import { language, t } from "./words.js";

export const NONE = "–";
const made = new Map();

function format(kind, options) {
  const key = kind.name + language.value + JSON.stringify(options);
  if (!made.has(key)) made.set(key, new kind(locale(), options));
  return made.get(key);
}

// Decimal commas where the gateway writes them too: a page must not show "2.1" beside "2,1".
const locale = () => ({ en: "en-GB", de: "de", fr: "fr-CH", it: "it" })[language.value] || language.value;
const zone = () => (site.value ? site.value.timezone : undefined);

export function number(value, digits = 0) {
  if (value === null || value === undefined) return NONE;
  const shown = format(Intl.NumberFormat, { maximumFractionDigits: digits, minimumFractionDigits: digits }).format(value);
  return /[1-9]/.test(shown) ? shown : shown.replace("-", "");
}

/** [W] "640 W", "3.2 kW" */
export function power(watts) {
  if (watts === null || watts === undefined) return NONE;
  return Math.abs(watts) < 995 ? `${number(Math.round(watts / 10) * 10)}\u00a0W` : `${number(watts / 1000, 1)}\u00a0kW`;
}

/** [kWh] "2.1 kWh" */
export function energy(kwh) {
  return kwh === null || kwh === undefined ? NONE : `${number(kwh, Math.abs(kwh) < 99.5 ? 1 : 0)}\u00a0kWh`;
}

export const current = (amps) => (amps === null || amps === undefined ? NONE : `${number(amps, amps % 1 ? 1 : 0)}\u00a0A`);
export const share = (part) => (part === null || part === undefined ? NONE : `${number(part * 100)}\u00a0%`);

const instant = (at) => (typeof at === "number" ? at * 1000 : Date.parse(at));

/** A part of a date, as `options` of Intl.DateTimeFormat name it, in the time of the site. */
export const dated = (at, options) => format(Intl.DateTimeFormat, { ...options, timeZone: zone() }).format(instant(at));

/** "14:05" in the time of the site; `at` is ISO 8601 or seconds of epoch. */
export const clock = (at) =>
  format(Intl.DateTimeFormat, { hour: "2-digit", minute: "2-digit", timeZone: zone() }).format(instant(at));
export const day = (at) =>
  format(Intl.DateTimeFormat, { weekday: "long", day: "numeric", month: "long", timeZone: zone() }).format(instant(at));
export const dayOf = (at) =>
  format(Intl.DateTimeFormat, { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone() }).format(instant(at));

/** "14:05" today, "Tue 14:05" this week, "2 Jun, 14:05" else. */
export function moment(at, now = Date.now()) {
  const when = instant(at);
  if (dayOf(when / 1000) === dayOf(now / 1000)) return clock(at);
  const near = Math.abs(when - now) < 6 * 86400e3;
  const options = near ? { weekday: "short" } : { day: "numeric", month: "short" };
  const head = format(Intl.DateTimeFormat, { ...options, timeZone: zone() }).format(when);
  return `${head}${near ? " " : ", "}${clock(at)}`;
}

/** [s] "4 s", "3:41 min", "2 h 05 min", "3 d" */
export function duration(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const two = (n) => String(n).padStart(2, "0");
  if (whole < 60) return `${whole}\u00a0s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)}\u00a0min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)}\u00a0h ${two(Math.floor((whole % 3600) / 60))}\u00a0min`;
  return t("time.days", { n: Math.floor(whole / 86400) });
}

/** [s] how long something lasted, without seconds: "20 min", "2 h 05 min" */
export const lasted = (seconds) => (seconds < 3600 ? `${Math.round(seconds / 60)}\u00a0min` : duration(seconds));

/** [s] as duration, but coarse: "4 s", "3 min", "2 h", for ages that are read at a glance. */
export function about(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole}\u00a0s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}\u00a0min`;
  if (whole < 86400) return `${Math.floor(whole / 3600)}\u00a0h`;
  return t("time.days", { n: Math.floor(whole / 86400) });
}
