// A year as days by hours of the wall clock.
import { offset } from "../wall.js";

export const HOURS = 24, DAY_S = 86400, HOUR_S = 3600;

/** Means by day of the year and hour on the wall: cells[day * 24 + hour], null where nothing is known. */
export function cellsOf(time, values, from, days, zone) {
  const cells = new Array(days * HOURS).fill(null);
  const begin = from + offset(from, zone);
  let ahead = offset(from, zone), until = from;
  time.forEach((at, k) => {
    if (at >= until) { // the clock changes on two days of a year: those are looked at hour by hour
      ahead = offset(at, zone);
      until = offset(at + DAY_S, zone) === ahead ? at + DAY_S - ((at + ahead) % DAY_S) : at + HOUR_S;
    }
    const hour = Math.floor((at + ahead - begin) / HOUR_S);
    if (hour >= 0 && hour < cells.length && values[k] !== null) cells[hour] = values[k];
  });
  return cells;
}
