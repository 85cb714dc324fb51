// Fields of forms: a label above, a hint below.
import { html } from "../html.js";

export function Field({ label, hint, value, set, type = "text", ...more }) {
  return html`<label class="field"><span>${label}</span>
    <input type=${type} value=${value} onInput=${(event) => set(event.target.value)} ...${more} />
    ${hint && html`<small>${hint}</small>`}</label>`;
}

/** One of a few, all in sight. @param {Array<[string, string]>} of value and its words */
export function Segments({ legend, name, of, value, set }) {
  return html`<fieldset class="segments"><legend>${legend}</legend><div class="row">
    ${of.map(([one, words]) => html`<label key=${one}><input type="radio" name=${name} value=${one} checked=${one === value}
      onChange=${() => set(one)} /><span>${words}</span></label>`)}
  </div></fieldset>`;
}

/** One of a few that need a word of explanation. @param {Array<[string, string, string]>} of value, words, hint */
export function Options({ legend, name, of, value, set }) {
  return html`<fieldset><legend>${legend}</legend><div class="options">
    ${of.map(([one, words, hint]) => html`<label class=${`option ${one === value ? "chosen" : ""}`} key=${one}>
      <input type="radio" name=${name} value=${one} checked=${one === value} onChange=${() => set(one)} />
      <span><b>${words}</b>${hint && html`<small>${hint}</small>`}</span></label>`)}
  </div></fieldset>`;
}

export function Tick({ label, checked, set, ...more }) {
  return html`<label class="check"><input type="checkbox" checked=${checked} onChange=${(event) => set(event.target.checked)} ...${more} /><span>${label}</span></label>`;
}
