// How long? A row of buttons, each does it.
import { html } from "../html.js";

/** @param {{spans: Array<string|[string, string]>, choose: (value: string) => void}} props a pair is value and words */
export function Span({ legend, spans, busy, choose }) {
  return html`<div role="group" aria-label=${legend}><p class="small soft">${legend}</p><div class="actions">
    ${spans.map((one) => {
      const [value, words] = Array.isArray(one) ? one : [one, one];
      return html`<button type="button" key=${value} aria-disabled=${busy ? "true" : null} onClick=${() => busy || choose(value)}>${words}</button>`;
    })}
  </div></div>`;
}
