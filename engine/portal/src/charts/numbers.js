// Numbers of pictures: what is stacked, where ticks stand, what is under the cursor.
import { offset } from "../wall.js";

const STEPS_S = [60, 300, 900, 1800, 3600, 7200, 10800, 14400, 21600, 43200];

/** Columns on top of each other, each with the sum of those before it; what is unknown in one is unknown in all above. */
export function stacked(columns) {
  const tops = [];
  for (const column of columns) {
    const below = tops[tops.length - 1];
    tops.push(column.map((v, k) => (v === null || v === undefined || (below && below[k] === null) ? null : (below ? below[k] : 0) + v)));
  }
  return tops;
}

/** The place of the last value that is at most this in a sorted list; -1 where none is. */
export function lastUpTo(sorted, value) {
  let lo = 0, hi = sorted.length;
  while (lo < hi) {
    const middle = (lo + hi) >> 1;
    if (sorted[middle] <= value) lo = middle + 1;
    else hi = middle;
  }
  return lo - 1;
}

/** Round times on the site's wall clock, summer time included, at most so many: [[at, at], …]. */
export function wallTicks(zone, [min, max], most) {
  const step = STEPS_S.find((s) => (max - min) / s <= most) || 86400;
  const fine = Math.min(step, 900), found = [];
  for (let at = Math.ceil(min / fine) * fine; at <= max; at += fine) if ((at + offset(at, zone)) % step === 0) found.push(at);
  return found;
}

/** Round values from least to most, at most so many. */
export function roundTicks(low, high, most) {
  const rough = (high - low) / Math.max(1, most), size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * size).find((s) => s >= rough);
  const found = [];
  for (let k = Math.ceil(low / step); k * step <= high; k++) found.push(k * step);
  return found;
}

/** Least and most of what is drawn: zero always in sight, and never so close that noise fills the picture. */
export function reach(layers, least) {
  let low = 0, high = least;
  for (const { values } of layers) {
    for (const v of values) {
      if (v < low) low = v;
      if (v > high) high = v;
    }
  }
  return [low * 1.04, Math.max(high * 1.04, -low * 0.12)];
}
