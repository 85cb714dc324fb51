/* A year's days as a heat map; a click, or Enter, opens one. */
function mixed(from, to, share) {
  const part = (text) => [1, 3, 5].map((k) => parseInt(text.slice(k, k + 2), 16));
  const a = part(from), b = part(to);
  return a.map((c, k) => Math.round(c + (b[k] - c) * share));
}
const light = ([r, g, b]) => [r, g, b].map((c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
  .reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);

function drawCalendar(place, dates, measures, open) {
  const choice = element("select", { id: "measure", onchange: paint },
    ...measures.map((m, k) => element("option", { value: k }, m.name)));
  const legend = element("div", { class: "legend", id: "scale" });
  const months = element("div", { class: "months" });
  place.append(element("div", { class: "bar" }, element("label", { for: "measure" }, "Colour"), choice, legend), months);

  const cells = new Map();
  let selected = dates[0];
  for (let k = 0, grid; k < dates.length; k++) {
    const [year, month, day] = dates[k].split("-").map(Number);
    if (!k || day === 1) {
      grid = element("div", { class: "days" });
      const lead = (new Date(`${dates[k].slice(0, 7)}-01T00:00Z`).getUTCDay() + 6) % 7;
      for (const name of "MTWTFSS") grid.append(element("span", { class: "weekday", "aria-hidden": "true" }, name));
      for (let n = 1; n < lead + day; n++) grid.append(element("span"));
      months.append(element("section", { class: "month" }, element("h3", {}, `${MONTHS[month - 1]} ${year}`), grid));
    }
    const cell = element("button", { type: "button", tabindex: k ? -1 : 0, "data-date": dates[k] }, String(day));
    cell.addEventListener("click", () => open(dates[k]));
    cells.set(dates[k], cell);
    grid.append(cell);
  }
  months.addEventListener("keydown", (event) => {
    const days = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    const date = days && dateAfter(document.activeElement.dataset.date, days);
    if (!days || !cells.has(date)) return;
    event.preventDefault();
    for (const cell of cells.values()) cell.tabIndex = -1;
    cells.get(date).tabIndex = 0;
    cells.get(date).focus();
  });

  function paint() {
    const { values, words, diverging } = measures[choice.value];
    const known = values.filter((v) => v !== null);
    const most = Math.max(...known.map(Math.abs), 1e-9);
    const least = diverging ? -most : Math.min(...known, most);
    const shade = (v) => !diverging ? mixed(colours.low, colours.high, most > least ? (v - least) / (most - least) : 1)
      : mixed(colours.even, v < 0 ? colours.less : colours.more, Math.abs(v) / most);
    dates.forEach((date, k) => {
      const cell = cells.get(date), v = values[k], said = v === null ? "unknown" : words(v);
      cell.classList.toggle("unknown", v === null);
      const rgb = v === null ? null : shade(v);
      cell.style.backgroundColor = rgb ? `rgb(${rgb})` : "";
      cell.style.color = rgb ? (light(rgb) > 0.18 ? "#000" : "#fff") : "";
      cell.title = `${longDate(date)}: ${said}`;
      cell.setAttribute("aria-label", cell.title);
    });
    legend.replaceChildren();
    if (!known.length) return;
    if (!diverging && most <= least) {
      legend.append(swatch(`rgb(${shade(most)})`), element("span", {}, words(known[0])));
      return;
    }
    const shown = diverging ? [-most, -most / 2, 0, most / 2, most] : [0, 0.25, 0.5, 0.75, 1].map((s) => least + s * (most - least));
    legend.append(element("span", {}, words(shown[0])), ...shown.map((v) => swatch(`rgb(${shade(v)})`)),
      element("span", {}, words(shown[4])));
  }

  onChange.push(paint);
  paint();
  return (date) => {
    for (const which of [selected, date]) {
      const cell = cells.get(which), now = which === date;
      cell.tabIndex = now ? 0 : -1;
      if (now) cell.setAttribute("aria-current", "date");
      else cell.removeAttribute("aria-current");
    }
    selected = date;
  };
}
