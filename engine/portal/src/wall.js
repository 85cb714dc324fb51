/* The site's wall clock. Instants are epoch seconds; a browser may be in another zone than the site. */

const PARTS = { hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" };
const clocks = new Map();

function clock(zone) {
  if (!clocks.has(zone)) clocks.set(zone, new Intl.DateTimeFormat("en", { ...PARTS, timeZone: zone }));
  return clocks.get(zone);
}

/* What a clock on the wall shows at an instant. */
export function shown(t, zone) {
  const part = {};
  for (const { type, value } of clock(zone).formatToParts(t * 1000)) part[type] = Number(value);
  return part;
}

/* Seconds that the wall clock is ahead of UTC. */
export function offset(t, zone) {
  const { year, month, day, hour, minute, second } = shown(t, zone);
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - Math.floor(t);
}

/* The instant at which the wall shows this date and hour; of two the first, of none the one an hour on. */
export function instant(zone, year, month, day, hour = 0, minute = 0) {
  const wanted = Date.UTC(year, month - 1, day, hour, minute) / 1000;
  const early = wanted - offset(wanted - 86400, zone), late = wanted - offset(wanted + 86400, zone);
  return [early, late].filter((t) => offset(t, zone) + t === wanted).sort((a, b) => a - b)[0] ?? Math.max(early, late);
}

const next = {
  day: (y, m, d, n) => [y, m, d + n],
  week: (y, m, d, n) => [y, m, d + 7 * n],
  month: (y, m, _, n) => [y, m + n, 1],
  year: (y, _, __, n) => [y + n, 1, 1],
};

/* The day, week, month or year around an instant, moved on by n of them: {from, to, date: "2026-06-01"}. */
export function span(unit, t, zone, n = 0) {
  const { year, month, day } = shown(t, zone);
  const weekday = (new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 6) % 7;
  const first = { day: [year, month, day], week: [year, month, day - weekday], month: [year, month, 1], year: [year, 1, 1] }[unit];
  const begin = next[unit](...first, n), end = next[unit](...first, n + 1);
  return { from: instant(zone, ...begin), to: instant(zone, ...end), date: iso(...begin) };
}

/* "2026-06-01" of a date whose day or month may lie outside its month or year. */
function iso(year, month, day) {
  return new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);
}

export const dateOf = (t, zone) => { const { year, month, day } = shown(t, zone); return iso(year, month, day); };
export const ofDate = (text, zone) => instant(zone, ...text.split("-").map(Number));
