// What the portal itself says, in the reader's language. Sentences about policies come from the gateway, in the same one.
import { signal } from "@preact/signals";
import { kept, keep } from "./kept.js";

const files = import.meta.glob("./words/*.js");

/** Language to its own name. */
export const LANGUAGES = { en: "English", de: "Deutsch", fr: "Français", it: "Italiano" };
const known = Object.keys(LANGUAGES).filter((code) => files[`./words/${code}.js`]);

export const language = signal(first());
const table = signal({});

/** Returns the words of a key, with {names} filled in; a count picks "key.one" where the language has it. */
export function t(key, values = {}) {
  const words = table.value;
  const form = "n" in values ? `${key}.${plural(values.n)}` : key;
  const text = words[form] || words[`${key}.other`] || words[key] || key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Loads a language and shows the page in it. */
export async function speak(code) {
  const words = (await files[`./words/${code}.js`]()).default;
  table.value = words;
  language.value = code;
  document.documentElement.lang = code;
}

/** As speak, and remembered in this browser. */
export async function choose(code) {
  await speak(code);
  keep("language", code);
}

export const choices = () => known.map((code) => [code, LANGUAGES[code]]);

function first() {
  const wanted = [kept("language"), ...(navigator.languages || [navigator.language])];
  const found = wanted.map((tag) => (tag || "").slice(0, 2).toLowerCase()).find((code) => known.includes(code));
  return found || "en";
}

function plural(n) {
  return new Intl.PluralRules(language.value).select(Number(n));
}
