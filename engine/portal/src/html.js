// Markup in the language itself: htm reads a template once and keeps what it read; nothing is ever evaluated from text.
import htm from "htm";
import { h } from "preact";

export const html = htm.bind(h);
