// What the gateway says, as it is to be shown.
const SAID = ["sentence", "summary", "condition", "what", "trouble", "todo"];

/** Reads JSON; in what is said to people no line breaks between a number and its unit. */
export const parse = (text) => JSON.parse(text, (key, value) =>
  SAID.includes(key) && typeof value === "string" ? value.replace(/(\d) (?=(k?Wh?|A|s|min|h|d)\b)/g, "$1\u00a0") : value);
