// Line icons on a grid of 24; they never carry meaning alone.
import { html } from "../html.js";

const PATHS = {
  home: "M4 11 12 4l8 7M6 9.5V20h12V9.5M10 20v-5h4v5",
  history: "M4 19V5M4 19h16M8 15l3.5-4 3 2.5L20 8",
  alarms: "M12 4a5 5 0 0 0-5 5v4l-2 3h14l-2-3V9a5 5 0 0 0-5-5ZM10 19a2 2 0 0 0 4 0",
  devices: "M7 7h10v10H7ZM10 3v4M14 3v4M10 17v4M14 17v4M3 10h4M3 14h4M17 10h4M17 14h4",
  people: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM3 20c0-3.5 2.5-6 6-6s6 2.5 6 6M16 4.5a3.5 3.5 0 0 1 0 6M17.500 14.300c2.200.8 3.500 2.900 3.500 5.700",
  audit: "M6 3h9l4 4v14H6ZM9 11h7M9 15h7M9 7h3",
  account: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4 21c0-4 3.5-7 8-7s8 3 8 7",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2v2.500M12 19.500V22M2 12h2.500M19.500 12H22M5 5l1.700 1.700M17.300 17.300 19 19M5 19l1.700-1.700M17.300 6.700 19 5",
  grid: "M8 21 11 3h2l3 18M6 9h12M5 14h14M9 14l5.500-5M15 14 9.500 9",
  battery: "M4 8h14v9H4ZM18 11h2.500v3H18M8 11v3",
  loads: "M13 3 6 13.500h5L10 21l8-11h-5.500Z",
  car: "M4 16v-3.500l2-5.500h12l2 5.500V16ZM4 16v3h3v-3M17 16v3h3v-3M4.500 12h15",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.500 2",
  lock: "M6 11h12v9H6ZM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  lost: "M4 12a11 11 0 0 1 4-3M20 12a11 11 0 0 0-5-3.400M8 15.500a6 6 0 0 1 3-1.500M12 19h.01M4 4l16 16",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  out: "M14 4H5v16h9M10 12h11M17.500 8.500 21 12l-3.500 3.500",
  check: "M5 13l4.500 4.500L19 7.500",
  wake: "M12 5v3M5.500 8 7.500 10M18.500 8l-2 2M4 17h16M7 17a5 5 0 0 1 10 0",
  down: "M6 9.500l6 6 6-6",
  mode: "M4 8h9M19 8h1M16 5.500v5M4 16h3M13 16h7M10 13.500v5",
  link: "M9 6h9v9M18 6 6 18",
};

export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;
}

/** The same as part of another picture. */
export const outline = (name) => PATHS[name];
