/* One day: production and what used it, the grid, who was on when, and what was decided under the cursor. */
const LANE = 26;
const MOST_LAYERS = 8;

function drawDay(place, data, told, wall) {
  const { loads, zones, shown, step, start, end, grain, series } = data;
  const many = shown.length;
  const newest = many - 1;

  /* What is stacked: every load, or where these are many, every policy. */
  const layers = loads.length <= MOST_LAYERS
    ? loads.map((load, k) => ({ name: load.name, members: [k] }))
    : [...new Set(loads.map((load) => load.policy))].map(
      (policy) => ({ name: policy, members: loads.flatMap((load, k) => (load.policy === policy ? [k] : [])) }));
  const layerOf = loads.map((_, k) => layers.findIndex((layer) => layer.members.includes(k)));
  const lanes = loads.flatMap((_, load) => shown.map((_, side) => ({ load, side })));

  let day = 0;
  let first = 0, last = 0;
  let at = null;

  /* -- numbers ------------------------------------------------------------------------------------------------- */
  const interval = (t) => Math.min(Math.max(Math.floor((t - start) / step + 1e-6), 0), series.pv.length - 1);
  const drawn = (side, members, i) => members.reduce((sum, k) => sum + (series.draws[side][k][i] || 0), 0) * grain;
  const all = loads.map((_, k) => k);
  const stored = (side, i) => (series.battery[side].power[i] || 0) * grain;
  const battery = shown.some((one) => one.battery);
  const gridAt = (side, i) => (series.unknown.has(i) ? null
    : (series.base[i] - series.pv[i]) * grain + drawn(side, all, i) + stored(side, i));
  const spansOf = (side, load, from, to) => {
    const { starts, stops } = data.contacts[side][load];
    const found = [];
    for (let k = Math.max(lastUpTo(starts, from - start), 0); k < starts.length && starts[k] + start < to; k++)
      if (stops[k] + start > from) found.push([starts[k] + start, stops[k] + start]);
    return found;
  };
  const staysOf = (side, load, from, to) => {
    const { arrivals, departures } = data.contacts[side][load];
    return arrivals.map((t, k) => [t + start, departures[k] + start]).filter(([a, b]) => b > from && a < to);
  };

  /* -- what there is on the page --------------------------------------------------------------------------------- */
  const title = element("h3", { id: "date", "aria-live": "polite" });
  const picker = element("input", { type: "date", id: "pick", min: data.dates[0], max: data.dates.at(-1),
    "aria-label": "Day", onchange: () => data.dates.includes(picker.value) && open(picker.value) });
  const button = (label, text, does, id) => element("button", { type: "button", id, "aria-label": label, title: label, onclick: does }, text);
  const turn = (days) => data.dates[day + days] && open(data.dates[day + days]);
  const bar = element("div", { class: "bar" }, element("span", { class: "group" },
    button("Previous day (Page Up)", "‹", () => turn(-1), "previous"), picker,
    button("Next day (Page Down)", "›", () => turn(1), "next")), element("span", { class: "group" },
    button("Previous change (Shift+←)", "⇤", () => jump(-1), "earlier"),
    button("Next change (Shift+→)", "⇥", () => jump(1), "later"),
    button("Zoom out (−)", "−", () => zoom(2), "out"), button("Zoom in (+)", "+", () => zoom(0.5), "in"),
    button("Whole day (Escape)", "24 h", whole, "whole")));
  const charts = element("div", { class: "charts", tabindex: "0", role: "group",
    "aria-label": "Power over the day. Arrow keys move the cursor, with Shift to the next change of a decision; Page Up and Page Down turn the day, plus and minus zoom." });
  const legend = element("ul", { class: "legend keys" });
  const readout = element("div", { class: "readout", id: "readout" });
  const table = element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Table of this day" });
  const details = element("details", { ontoggle: hours }, element("summary", {}, "This day as a table"), table);
  place.append(title, bar, legend, charts, readout, details);

  /* -- the three plots ------------------------------------------------------------------------------------------- */
  const plots = [];
  let sharing = false;
  function common(height, more) {
    return {
      width: Math.max(place.clientWidth, 200), height, legend: { show: false },
      padding: [16, 22, 0, 0],
      cursor: { y: false, points: { show: false }, sync: { key: "day" }, drag: { x: true, y: false } },
      ...more,
      hooks: {
        ...more.hooks,
        setCursor: [(u) => { if (u.cursor.left >= 0 && !sharing) look(u.posToVal(u.cursor.left, "x")); }],
        setScale: [(u, key) => {
          if (key !== "x" || sharing) return;
          sharing = true;
          const { min, max } = u.scales.x;
          for (const other of plots) if (other !== u) other.setScale("x", { min, max });
          sharing = false;
        }],
      },
    };
  }
  const times = (labels) => axis({
    size: labels ? 24 : 6, gap: 4, space: 48,
    splits: (u, _, min, max) => wall.round(min, max, Math.max(2, u.width / 60)),
    values: (u, splits) => splits.map((t) => (labels ? wall.clock(t) : "")),
  });
  const scaleX = { time: false, range: (u, min, max) => [Math.max(min, data.dayStarts[day]), Math.min(max, data.dayStarts[day + 1])] };
  const upTo = (u, least, most) => {
    const low = Math.min(0, least ?? 0) * 1.05, high = Math.max(most ?? 0, 500) * 1.05;
    return [low, Math.max(high, -low * 0.12)];
  };

  function unknown(u) {
    const { ctx, bbox } = u;
    ctx.fillStyle = colours.gap;
    for (let i = first; i < last; i++) {
      if (!series.unknown.has(i)) continue;
      const from = u.valToPos(start + i * step, "x", true), to = u.valToPos(start + (i + 1) * step, "x", true);
      ctx.fillRect(Math.max(from, bbox.left), bbox.top, Math.min(to, bbox.left + bbox.width) - Math.max(from, bbox.left), bbox.height);
    }
  }

  function unit({ ctx, bbox }) {
    const px = devicePixelRatio || 1;
    ctx.save();
    Object.assign(ctx, { font: FONT.replace("12px", `${12 * px}px`), fillStyle: colours.soft, textAlign: "right", textBaseline: "bottom" });
    ctx.fillText("kW", bbox.left - 6 * px, bbox.top - 1 * px);
    ctx.restore();
  }

  const line = (stroke, more) => ({ paths: steps, points: { show: false }, stroke, width: 1.5, ...more });
  const filled = (fill, more) => ({ paths: steps, points: { show: false }, fill, width: 0, stroke: fill, ...more });
  const power = new uPlot(common(280, {
    scales: { x: scaleX, y: { range: upTo } },
    axes: [times(true), kwAxis()],
    series: [{}, ...(data.pv ? [filled(() => `${colours.pv}40`)] : []),
      ...(battery ? [filled(() => colours.battery)] : []), ...layers.map((_, k) => k).reverse().map((k) => filled(() => colour(k), { stroke: () => colours.surface, width: 0.6 })),
      filled(() => colours.base),
      ...(many > 1 ? [line(() => colours.old, { dash: [5, 4] })] : []),
      ...(data.pv ? [line(() => colours["pv-line"])] : [])],
    hooks: { drawClear: [unknown], draw: [unit] },
  }), null, charts);
  const grid = new uPlot(common(116, {
    scales: { x: scaleX, y: { range: upTo } },
    axes: [times(false), kwAxis({ space: 22 })],
    series: [{}, filled(() => colours.import), filled(() => colours.export),
      ...(battery ? [line(() => colours.battery)] : []),
      ...(many > 1 ? [line(() => colours.old, { dash: [5, 4] })] : [])],
    hooks: { drawClear: [unknown], draw: [unit] },
  }), null, charts);
  const contacts = new uPlot(common(lanes.length * LANE + 40, {
    scales: { x: scaleX, y: { range: () => [0, 1] } },
    axes: [times(true), axis({ size: EDGE, splits: () => [], grid: { show: false } })],
    series: [{}, { paths: () => null, points: { show: false } }],
    hooks: { draw: [drawLanes] },
  }), null, charts);
  plots.push(power, grid, contacts);
  contacts.root.hidden = !lanes.length;
  fits(charts, plots);
  onChange.push(() => { key(); for (const u of plots) u.redraw(false); show(); });

  function drawLanes(u) {
    const { ctx, bbox } = u, px = devicePixelRatio || 1;
    const from = u.scales.x.min, to = u.scales.x.max;
    const x = (t) => u.valToPos(Math.min(Math.max(t, from), to), "x", true);
    const height = bbox.height / Math.max(lanes.length, 1);
    ctx.save();
    lanes.forEach(({ load, side }, n) => {
      const top = bbox.top + n * height, paint = colour(layerOf[load]);
      const bars = (spans, y, h, alpha) => {
        ctx.globalAlpha = alpha;
        ctx.fillStyle = paint;
        for (const [a, b] of spans) ctx.fillRect(x(a), top + y * px, Math.max(x(b) - x(a), px), h * px);
      };
      bars(staysOf(side, load, from, to), 14, 10, 0.25);
      bars(spansOf(side, load, from, to), 14, 10, 0.45);
      bars(stretches(series.draws[side][load]), 16, 6, 1);
      ctx.globalAlpha = 1;
      ctx.fillStyle = colours.line;
      ctx.fillRect(bbox.left, top + height - px, bbox.width, px);
      ctx.fillStyle = colours.text;
      ctx.font = FONT.replace("12px", `${11.5 * px}px`);
      ctx.textAlign = "left";
      ctx.textBaseline = "top";
      ctx.fillText(loads[load].name + (many > 1 ? ` · ${shown[side].name}` : ""), bbox.left + 3 * px, top + px);
    });
    ctx.restore();
  }

  function stretches(values) {
    const found = [];
    for (let i = first; i < last; i++) {
      if (!values[i]) continue;
      const from = start + i * step;
      if (found.length && found.at(-1)[1] === from) found.at(-1)[1] = from + step;
      else found.push([from, from + step]);
    }
    return found;
  }

  /* -- turning and zooming ---------------------------------------------------------------------------------------- */
  function open(date, t = null) {
    day = data.dates.indexOf(date);
    const from = data.dayStarts[day], to = data.dayStarts[day + 1];
    first = Math.max(0, Math.ceil((from - start) / step - 1e-6));
    last = Math.max(first, Math.min(series.pv.length, Math.ceil((to - start) / step - 1e-6)));
    const xs = [], rows = { pv: [], base: [], import: [], export: [], old: [], oldGrid: [], battery: [], charging: [] }, tops = layers.map(() => []);
    for (let i = first; i < last; i++) {
      const gone = series.unknown.has(i);
      xs.push(Math.max(from, start + i * step));
      rows.pv.push(gone ? null : series.pv[i] * grain);
      let top = series.base[i] * grain;
      rows.base.push(gone ? null : top);
      layers.forEach((layer, k) => tops[k].push(gone ? null : (top += drawn(newest, layer.members, i))));
      rows.battery.push(gone ? null : stored(newest, i));
      rows.charging.push(gone ? null : (top += Math.max(stored(newest, i), 0)));
      const g = gridAt(newest, i), old = gridAt(0, i);
      rows.import.push(g === null ? null : Math.max(g, 0));
      rows.export.push(g === null ? null : Math.min(g, 0));
      rows.oldGrid.push(old);
      rows.old.push(gone ? null : series.base[i] * grain + drawn(0, all, i) + Math.max(stored(0, i), 0));
    }
    /* A step holds up to the next point, so the last interval needs one at its end. */
    for (const column of [...Object.values(rows), ...tops]) column.push(column.at(-1) ?? null);
    xs.push(Math.min(to, start + last * step));
    const both = many > 1;
    sharing = true;
    const fill = (u, columns) => u.batch(() => {
      u.setData([xs, ...columns], false);
      u.setScale("x", { min: from, max: to });
    });
    fill(power, [...(data.pv ? [rows.pv] : []), ...(battery ? [rows.charging] : []), ...tops.reverse(), rows.base, ...(both ? [rows.old] : []), ...(data.pv ? [rows.pv] : [])]);
    fill(grid, [rows.import, rows.export, ...(battery ? [rows.battery] : []), ...(both ? [rows.oldGrid] : [])]);
    fill(contacts, [xs.map(() => 0)]);
    title.textContent = longDate(date);
    picker.value = date;
    document.getElementById("previous").disabled = !day;
    document.getElementById("next").disabled = day === data.dates.length - 1;
    requestAnimationFrame(() => {
      sharing = false;
      const clock = at === null ? 43200 : wall.ofDay(at), there = from + clock;
      point(t ?? within(there + clock - wall.ofDay(there), Math.max(from, start), Math.min(to, end) - 1));
      hours();
    });
    for (const listener of data.opened) listener(date);
  }

  function view(min, max) {
    const from = data.dayStarts[day], to = data.dayStarts[day + 1];
    const width = Math.min(Math.max(max - min, 900), to - from);
    const left = Math.min(Math.max(min, from), to - width);
    power.setScale("x", { min: left, max: left + width });
  }
  function zoom(factor) {
    const { min, max } = power.scales.x, half = (max - min) * factor / 2;
    const middle = at > min && at < max ? at : (min + max) / 2;
    view(middle - half, middle + half);
    requestAnimationFrame(() => point(at));
  }
  function whole() {
    view(data.dayStarts[day], data.dayStarts[day + 1]);
    requestAnimationFrame(() => point(at));
  }

  /* -- the cursor -------------------------------------------------------------------------------------------------- */
  function look(t) {
    at = t;
    show();
  }
  function point(t) {
    const { min, max } = power.scales.x;
    if (t < min || t > max) view(t - (max - min) / 2, t + (max - min) / 2);
    requestAnimationFrame(() => {
      sharing = true;
      for (const u of plots) u.setCursor({ left: u.valToPos(t, "x"), top: 10 }, false);
      sharing = false;
      look(t);
    });
  }
  const speakers = (side) => [...loads, ...zones].map((_, k) => side * (loads.length + zones.length) + k);
  function jump(direction) {
    const from = data.dayStarts[day], to = data.dayStarts[day + 1];
    const moments = shown.flatMap((_, side) => [
      ...speakers(side).flatMap((speaker) => told.times(speaker)),
      ...loads.flatMap((_, k) => spansOf(side, k, from, to).flat()),
    ]).filter((t) => t >= from && t < to && (direction > 0 ? t > at + 0.5 : t < at - 0.5));
    if (moments.length) point(direction > 0 ? Math.min(...moments) : Math.max(...moments));
  }
  charts.addEventListener("keydown", (event) => {
    const does = {
      ArrowLeft: () => (event.shiftKey ? jump(-1) : point(Math.max(at - step, data.dayStarts[day]))),
      ArrowRight: () => (event.shiftKey ? jump(1) : point(Math.min(at + step, data.dayStarts[day + 1] - 1))),
      PageUp: () => turn(-1), PageDown: () => turn(1),
      Home: () => point(data.dayStarts[day]), End: () => point(data.dayStarts[day + 1] - 1),
      "+": () => zoom(0.5), "=": () => zoom(0.5), "-": () => zoom(2), Escape: whole,
    }[event.key];
    if (!does || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    readout.setAttribute("aria-live", "polite");
    does();
  });
  charts.addEventListener("pointermove", (event) => {
    readout.setAttribute("aria-live", "off");
    const over = event.target.closest(".u-over");
    if (event.pointerType !== "touch" || !over) return;
    point(power.posToVal(event.clientX - over.getBoundingClientRect().left, "x"));
  });

  /* -- words ------------------------------------------------------------------------------------------------------- */
  function key() {
    const item = (paint, name, kind) => element("li", {}, swatch(paint, kind), name);
    legend.replaceChildren(...(data.pv ? [item(colours["pv-line"], "production", "line")] : []),
      item(colours.base, "base load"), ...layers.map((layer, k) => item(colour(k), layer.name)),
      ...(battery ? [item(colours.battery, "battery charging")] : []), item(colours.import, "from the grid"), item(colours.export, "to the grid"),
      ...(many > 1 ? [item(colours.old, `${shown[0].name}`, "dashed")] : []));
  }

  const when = (t, seconds) => wall.when(t, data.dayStarts[day], data.dayStarts[day + 1], seconds);
  const span = ([a, b]) => `${a <= start ? "the start" : when(a)} to ${b >= end ? "the end" : when(b)}`;
  function words(side, k) {
    const said = told.at(speakers(side)[k], at);
    const parts = [];
    if (said) parts.push(said.text, ` (${said.code}, since ${when(said.at, said.at % 60)})`);
    if (k >= loads.length) return parts.join("");
    const on = spansOf(side, k, at, at + 1)[0];
    if (!said) parts.push(on ? "On " : "Off", on ? span(on) : "");
    const stay = staysOf(side, k, at, at + 1)[0];
    if (stay) parts.push(`; plugged in ${span(stay)}`);
    return parts.join("");
  }

  function show() {
    if (at === null) return;
    const i = interval(at), gone = series.unknown.has(i);
    const outside = at < start || at >= end;
    const row = (paint, name, lines, kind) => element("div", { class: "row" },
      element("span", { class: "name" }, paint ? swatch(paint, kind) : "", name),
      ...lines.flatMap(([value, said]) => [element("span", { class: "value" }, value), element("span", { class: "said" }, ...said)]));
    const watts = (value) => (outside ? "–" : gone ? "unknown" : kw(value));
    const grids = shown.map((_, side) => (gone || outside ? null : gridAt(side, i)));
    const named = (lines) => (new Set(lines.map((line) => line.join())).size === 1 ? [[lines[0][0], [lines[0][1]]]]
      : lines.map(([value, said], side) => [value, [element("b", {}, `${shown[side].name}: `), said]]));
    const rows = [
      ...(data.pv ? [row(colours["pv-line"], "production", [[watts(series.pv[i] * grain), []]], "line")] : []),
      row(colours.base, "base load", [[watts(series.base[i] * grain), []]]),
      row(grids[newest] > 0 ? colours.import : colours.export, "grid",
        named(grids.map((w) => [watts(w), w === null ? "" : w > 0 ? "imported" : "exported"]))),
    ];
    if (battery) rows.push(row(colours.battery, "battery", named(shown.map((_, side) => {
      const w = stored(side, i), { charge } = series.battery[side];
      return [watts(w), outside || gone || !charge.length ? "" : `${w > 0 ? "charging" : w < 0 ? "discharging" : "resting"}, ${charge[i]} % full`];
    }))));
    [...loads, ...zones.map((name) => ({ name }))].forEach((load, k) => {
      const lines = shown.map((_, side) => [
        k < loads.length && !outside ? kw(drawn(side, [k], i)) : "", outside ? "" : words(side, k)]);
      if (k < loads.length || lines.some(([, said]) => said))
        rows.push(row(k < loads.length ? colour(layerOf[k]) : null, load.name, named(lines)));
    });
    readout.replaceChildren(element("p", { class: "now" }, `${wall.clock(at)}`,
      element("small", {}, outside ? " outside the recording" : ` means of ${step >= 60 ? `${step / 60} min` : `${step} s`}`)), ...rows);
  }

  function hours() {
    if (!details.open) return;
    const heads = ["from", ...(data.pv ? ["production"] : []), "base load",
      ...shown.flatMap(({ name }) => [...layers.map((layer) => layer.name), ...(battery ? ["battery"] : []), "grid"].map((what) => (many > 1 ? `${what} · ${name}` : what)))];
    const body = [];
    for (let t = data.dayStarts[day]; t < data.dayStarts[day + 1]; t += 3600) {
      const inside = [];
      for (let i = first; i < last; i++) if (start + i * step >= t && start + i * step < t + 3600 && !series.unknown.has(i)) inside.push(i);
      const mean = (of) => (inside.length ? kw(inside.reduce((sum, i) => sum + of(i), 0) / inside.length) : "–");
      body.push([wall.clock(t), ...(data.pv ? [mean((i) => series.pv[i] * grain)] : []), mean((i) => series.base[i] * grain),
        ...shown.flatMap((_, side) => [...layers.map((layer) => mean((i) => drawn(side, layer.members, i))), ...(battery ? [mean((i) => stored(side, i))] : []), mean((i) => gridAt(side, i))])]);
    }
    table.replaceChildren(element("table", {},
      element("thead", {}, element("tr", {}, ...heads.map((head) => element("th", { scope: "col" }, head)))),
      element("tbody", {}, ...body.map(([head, ...cells]) => element("tr", {}, element("th", { scope: "row" }, head), ...cells.map((cell) => element("td", {}, cell)))))));
  }

  key();
  return { open };
}
