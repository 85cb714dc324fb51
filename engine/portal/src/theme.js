// Light, dark, or as the device has it.
import { signal } from "@preact/signals";
import { kept, keep } from "./kept.js";

export const THEMES = ["auto", "light", "dark"];
const dark = matchMedia("(prefers-color-scheme: dark)");

export const theme = signal(THEMES.includes(kept("theme")) ? kept("theme") : "auto");
/** Counts the changes of colours: what draws on a canvas draws anew when it moves. */
export const painted = signal(0);

export function dress(wanted = theme.value) {
  theme.value = wanted;
  const shown = wanted === "auto" ? (dark.matches ? "dark" : "light") : wanted;
  document.documentElement.dataset.theme = shown;
  painted.value += 1;
}

export function choose(wanted) {
  dress(wanted);
  keep("theme", wanted === "auto" ? null : wanted);
}

/** Returns the colour that a variable of theme.css has now. */
export const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

dark[dark.addEventListener ? "addEventListener" : "addListener"](...(dark.addEventListener ? ["change", () => dress()] : [() => dress()]));
