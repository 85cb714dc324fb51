// Who has which colour, the same on every page: by place in the list of policies, never by what happens to be shown.
export const COLOURS = 6;
export const colourOf = (names, name) => `c${Math.max(0, names.indexOf(name)) % COLOURS}`;

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
