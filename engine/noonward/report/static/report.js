/* Reads the data in the order in which noonward/report/data.py writes it, and draws. */
async function readData() {
  const names = JSON.parse(document.getElementById("names").textContent);
  const column = await unpacked(document.getElementById("columns").textContent);
  const { shown, everybody, loads, zones, start } = names;
  const wall = wallClock(names.offsets);
  const told = readTold(column, names.patterns, shown.length * (loads.length + zones.length), start, wall);
  const data = { ...names, opened: [] };
  data.series = { unknown: new Set(column()), pv: column(), base: column() };
  data.series.draws = shown.map(() => loads.map(() => column()));
  data.series.battery = shown.map(() => ({ power: column(), charge: column() }));
  data.contacts = shown.map(() => loads.map(() => ({ starts: column(), stops: column(), arrivals: column(), departures: column() })));
  const days = column().map((s) => s + start);
  data.dayStarts = [...days, column()[0] + start];
  data.dates = days.map((_, k) => dateAfter(names.firstDay, k));
  data.sums = everybody.map(() => ({
    import: column(), export: column(), pv: column(), controlled: column(), solar: column(), starts: column(),
  }));
  data.unknown = column();
  data.curves = everybody.map(() => ({ hours: column().map((h) => h / 100), watts: column().map((w) => w * names.grain) }));
  return { data, told, wall };
}

const KWH = 100; /* sums are in tens of watt-hours */
const kwh = (v) => `${v.toFixed(1)} kWh`.replace("-", "−");
const signed = (v, text) => (v > 0 ? `+${text}` : text);

function measures({ shown, sums, everybody, dayStarts, unknown }) {
  const gone = unknown.map((s, k) => s >= dayStarts[k + 1] - dayStarts[k] - 1);
  const known = (values) => values.map((v, k) => (gone[k] ? null : v));
  const [one, two] = sums;
  if (shown.length > 1) {
    const change = (name, what, scale, words) => ({
      name: `${name}: change`, diverging: true, words: (v) => signed(v, words(v)),
      values: known(two[what].map((v, k) => (v - one[what][k]) / scale)),
    });
    return [change("import", "import", KWH, kwh), change("starts", "starts", 1, (v) => `${v}`.replace("-", "−")),
      change("drawn by the loads", "controlled", KWH, kwh), change("drawn from the sun", "solar", KWH, kwh)];
  }
  const natural = everybody.indexOf("uncontrolled");
  return [
    { name: "import", values: known(one.import.map((v) => v / KWH)), words: kwh },
    { name: "loads from the sun", words: (v) => `${v.toFixed(0)} %`,
      values: known(one.solar.map((v, k) => (one.controlled[k] ? (100 * v) / one.controlled[k] : null))) },
    ...(natural > 0 ? [{ name: "import less uncontrolled", diverging: true, words: (v) => signed(v, kwh(v)),
      values: known(one.import.map((v, k) => (v - sums[natural].import[k]) / KWH)) }] : []),
    { name: "production", values: known(one.pv.map((v) => v / KWH)), words: kwh },
    { name: "starts", values: known(one.starts), words: (v) => `${v.toFixed(0)}` },
  ];
}

function drawCurve(place, { curves, everybody }) {
  if (curves.every(({ watts }) => !watts[0])) {
    place.append(element("p", {}, "Nothing came from the grid."));
    return;
  }
  const legend = element("ul", { class: "legend keys" });
  const chart = element("div", { class: "charts" });
  place.append(legend, chart);
  const dashes = [[], [6, 4], [2, 3], [8, 3, 2, 3], [12, 4], [1, 4]];
  const u = new uPlot({
    width: Math.max(place.clientWidth, 200), height: 220, legend: { show: false }, padding: [8, 22, 0, 0],
    cursor: { y: false, drag: { x: false, y: false } },
    scales: { x: { time: false }, y: { range: (_, least, most) => [0, Math.max(most ?? 0, 500) * 1.05] } },
    axes: [axis({ size: 26, gap: 4, space: 60, values: (_, splits) => splits.map((h) => `${h} h`) }), kwAxis()],
    series: [{}, ...everybody.map((_, k) => ({ stroke: () => colour(k), width: k ? 1.4 : 2.2, dash: dashes[k % dashes.length], spanGaps: true, points: { show: false } }))],
  }, uPlot.join(curves.map(({ hours, watts }) => [hours, watts])), chart);
  const key = () => legend.replaceChildren(...everybody.map((name, k) => {
    const most = curves[k].watts[0], hours = curves[k].hours.at(-1);
    return element("li", {}, swatch(colour(k), "line"), `${name}: at most ${kw(most)}, ${hours.toFixed(0)} h of import`);
  }));
  key();
  fits(chart, [u]);
  onChange.push(() => { key(); u.redraw(false); });
}

/* The first moment at which two versions switch a load differently. */
function firstDifference({ loads, contacts, start }) {
  let found = null;
  const seen = (t, k) => { if (!found || t < found.t) found = { t, k }; };
  loads.forEach((_, k) => {
    const [a, b] = contacts.map((side) => side[k]);
    for (const what of ["starts", "stops"]) {
      const n = [...a[what].keys(), b[what].length].find((i) => a[what][i] !== b[what][i]);
      const t = n === undefined ? undefined : Math.min(a[what][n] ?? Infinity, b[what][n] ?? Infinity);
      if (Number.isFinite(t)) seen(t + start, k);
    }
  });
  return found;
}

async function main() {
  readColours();
  const { data, told, wall } = await readData();
  const day = drawDay(document.getElementById("day"), data, told, wall);
  const section = document.getElementById("day").parentElement;
  const open = (date, t) => { day.open(date, t); section.scrollIntoView({ block: "start" }); };
  data.opened.push(drawCalendar(document.getElementById("calendar"), data.dates, measures(data), open));
  data.opened.push((date) => { if (decodeURIComponent(location.hash.slice(1)) !== date) history.replaceState(null, "", `#${date}`); });
  drawCurve(document.getElementById("curve"), data);

  const asked = () => data.dates.find((date) => date === location.hash.slice(1));
  addEventListener("hashchange", () => asked() && asked() !== data.date && open(asked()));
  const link = (date, text = date, t = null) => element("a", { href: `#${date}`, onclick: (event) => {
    event.preventDefault();
    open(date, t);
  } }, text);
  const solar = data.sums.at(data.shown.length - 1).solar;
  for (const item of document.querySelectorAll("main > section > ul > li")) {
    const date = data.dates.find((one) => item.textContent.startsWith(`${one}:`));
    if (date) item.replaceChildren(link(date), item.textContent.slice(date.length));
  }
  let best = data.dates[solar.indexOf(Math.max(...solar))];
  const note = document.getElementById("first");
  const found = note && firstDifference(data);
  if (found) {
    best = data.dates[lastUpTo(data.dayStarts, found.t)];
    const text = `${data.loads[found.k].name}, ${longDate(best)} at ${wall.clock(found.t)}`;
    note.replaceChildren("They part first over ", link(best, text, found.t));
  } else if (note) note.textContent = "Both versions switch everything at the same times.";
  day.open(asked() || best, asked() || !found ? null : found.t);
  requestAnimationFrame(() => {
    performance.mark("ready");
    document.documentElement.dataset.ready = "true";
  });
}
main();
