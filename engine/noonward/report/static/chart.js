/* What all charts have in common. */
const COLOURS = 6;
const EDGE = 46;
const colours = {};
function readColours() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["text", "soft", "line", "surface", "gap", "pv", "pv-line", "base", "import", "export", "battery", "old",
    "low", "high", "less", "even", "more", ...Array.from({ length: COLOURS }, (_, k) => `c${k}`)])
    colours[name] = style.getPropertyValue(`--${name}`).trim();
}
const colour = (k) => colours[`c${k % COLOURS}`];

const kw = (w) => `${(w / 1000).toFixed(2)} kW`.replace("-", "−");
const FONT = '12px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null));
  return made;
}

function swatch(paint, kind = "") {
  const made = element("span", { class: `swatch ${kind}`.trim(), "aria-hidden": "true" });
  made.style.setProperty("--paint", paint);
  return made;
}

function axis(more) {
  return {
    font: FONT,
    stroke: () => colours.soft,
    grid: { stroke: () => colours.line, width: 1 },
    ticks: { show: false },
    ...more,
  };
}
const kwAxis = (more) => axis({
  size: EDGE, gap: 6, space: 32, values: (u, splits) => splits.map((w) => `${+(w / 1000).toFixed(2)}`.replace("-", "−")),
  ...more,
});
const steps = uPlot.paths.stepped({ align: 1 });

/* Draw again in other colours when the system turns dark or light, and in another width when there is more room. */
const onChange = [];
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  readColours();
  for (const redraw of onChange) redraw();
});
function fits(place, plots) {
  new ResizeObserver(() => {
    const width = Math.floor(place.clientWidth);
    for (const u of plots) if (width && u.width !== width) u.setSize({ width, height: u.height });
  }).observe(place);
}
