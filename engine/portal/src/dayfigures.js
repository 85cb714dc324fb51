// What a day of measured powers adds up to, and the shapes that it is drawn as. Nothing here knows of a page or a clock.

/**
 * What the house took in each interval: unknown while a source that the site has is.
 * @param {object} signals grid_w, pv_w, battery_w, each a list with null for unknown
 * @param {{pv: boolean, battery: boolean}} has which sources the site has
 */
export function used({ grid_w: grid = [], pv_w: pv = [], battery_w: battery = [] }, has) {
  return grid.map((w, k) => {
    const sun = has.pv ? pv[k] : 0, store = has.battery ? battery[k] : 0;
    return [w, sun, store].some((part) => part === null || part === undefined) ? null : Math.max(0, w + sun - store);
  });
}

/** Sums of what is known, in kWh, and the share of what was used that was not bought; null where nothing is known. */
export function sums({ signals, step_s: step }, has) {
  const kwh = (values) => values.reduce((all, w) => all + Math.max(w || 0, 0), 0) * (step / 3.6e6);
  const { grid_w: grid = [], pv_w: pv = [] } = signals;
  if (!grid.some(known)) return null;
  const taken = used(signals, has);
  const bought = kwh(grid.filter((_, k) => taken[k] !== null)), all = kwh(taken);
  return {
    sun: kwh(pv), used: all, bought: kwh(grid), sold: kwh(grid.map((w) => -w)),
    own: all > 0.05 ? Math.max(0, 1 - bought / all) : null,
  };
}

const known = (w) => w !== null && w !== undefined;

/** From when to when it was on: [[from, to], …]. */
export function spans(time, on, step) {
  const found = [];
  on.forEach((part, k) => {
    if (!part || part < 0.05) return;
    const last = found[found.length - 1];
    if (last && time[k] - last[1] < 1) last[1] = time[k] + step;
    else found.push([time[k], time[k] + step]);
  });
  return found;
}

/**
 * The path of a curve in steps; what is unknown leaves a gap.
 * @param {?number} floor closes each piece down to it, as an area
 */
export function steps(time, values, step, x, y, floor = null) {
  let path = "", inside = false;
  const end = () => (inside && floor !== null ? `V${floor}Z` : "");
  values.forEach((w, k) => {
    if (!known(w)) {
      path += end();
      inside = false;
      return;
    }
    const begin = floor === null ? `M${x(time[k]).toFixed(1)} ${y(w).toFixed(1)}` : `M${x(time[k]).toFixed(1)} ${floor}V${y(w).toFixed(1)}`;
    path += `${inside ? `V${y(w).toFixed(1)}` : begin}H${x(time[k] + step).toFixed(1)}`;
    inside = true;
  });
  return path + end();
}
