// A bar that fills.
import { html } from "../html.js";

/** @param {{label, value, part: number, kind?: "hold"|"risk"}} props part of 1 */
export function Meter({ label, value, part, kind = "" }) {
  const width = `${Math.max(0, Math.min(1, part || 0)) * 100}%`;
  return html`<div class=${`meter ${kind}`}><span><span>${label}</span><b>${value}</b></span>
    <span class="track" aria-hidden="true"><i style=${{ width }}></i></span></div>`;
}
