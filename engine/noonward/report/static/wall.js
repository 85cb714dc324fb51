/* What clocks at the site show. Instants are seconds since 1970 in UTC. */
const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
  "November", "December"];
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const within = (t, least, most) => Math.min(Math.max(t, least), most);
const two = (n) => String(n).padStart(2, "0");

/* The last place of a sorted list whose value is at most this; -1 where none is. */
function lastUpTo(sorted, value) {
  let lo = 0, hi = sorted.length;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (sorted[middle] <= value) lo = middle + 1;
    else hi = middle;
  }
  return lo - 1;
}

function wallClock(offsets) {
  const from = offsets.map(([t]) => t);
  const local = (t) => t + offsets[Math.max(0, lastUpTo(from, t))][1];
  const ofDay = (t) => ((Math.round(local(t)) % 86400) + 86400) % 86400;
  return {
    ofDay,
    clock(t, seconds) {
      const s = ofDay(t);
      return `${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}${seconds ? `:${two(s % 60)}` : ""}`;
    },
    /* The same with the day of the week where it is not between two moments. */
    when(t, from, to, seconds) {
      const other = t < from || t > to;
      return `${other ? `${WEEKDAYS[new Date(local(t) * 1000).getUTCDay()].slice(0, 3)} ` : ""}${this.clock(t, seconds)}`;
    },
    /* Moments between two at which the clock shows a round time, at most so many. */
    round(min, max, most) {
      const step = [60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200].find(
        (s) => (max - min) / s <= most) || 86400;
      const fine = Math.min(step, 900), found = [];
      for (let t = Math.ceil(min / fine) * fine; t <= max; t += fine) if (ofDay(t) % step === 0) found.push(t);
      return found;
    },
  };
}

/* Dates as text: "2020-06-01" and its next, "Monday 1 June 2020". */
const dateAfter = (date, days) => new Date(Date.parse(`${date}T00:00Z`) + days * 864e5).toISOString().slice(0, 10);
function longDate(date) {
  const d = new Date(`${date}T00:00Z`);
  return `${WEEKDAYS[d.getUTCDay()]} ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
}
