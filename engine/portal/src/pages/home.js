// The first page: how energy flows, and a card for each appliance and zone.
import { html } from "../html.js";
import { policies } from "../store.js";
import { Blank } from "../parts/blank.js";

export function Home() {
  if (!policies.value) return html`<${Blank} kind="loading" />`;
  return html`<ul>${policies.value.map((one) => html`<li>${one.name}: ${one.sentence}</li>`)}</ul>`;
}
