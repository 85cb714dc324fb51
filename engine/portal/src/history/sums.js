// Energy and money of several periods, added up; what nobody knows stays unknown.

/** The sum of what is known; null where nothing is. */
export function sum(values) {
  const known = values.filter((v) => v !== null && v !== undefined);
  return known.length ? known.reduce((all, v) => all + v, 0) : null;
}

/** Adds up parts with the same keys. */
export function added(parts) {
  const keys = new Set(parts.flatMap((one) => Object.keys(one || {})));
  return Object.fromEntries([...keys].map((key) => [key, sum(parts.map((one) => one && one[key]))]));
}

/** Adds up periods: {site, policies: {name: …}, stations: {name: …}}. */
export function total(periods) {
  const named = (group) => Object.fromEntries([...new Set(periods.flatMap((one) => Object.keys(one[group] || {})))].map((name) => [name, added(periods.map((one) => (one[group] || {})[name]))]));
  return { site: added(periods.map(({ site }) => site)), policies: named("policies"), stations: named("stations"), users: named("users"), known_h: sum(periods.map((one) => one.known_h)) };
}

/** How much of an amount is from the sun; null where that is not known, or nothing was taken. */
export const sunny = ({ energy_kwh: all, solar_kwh: sun }) => (all && sun !== null && sun !== undefined ? sun / all : null);

/** What was used: everything but what went to the grid or into the battery. [kWh] */
export const used = (site) => (site.base_load_kwh === null || site.base_load_kwh === undefined ? null : site.base_load_kwh + (site.controlled_kwh || 0));
