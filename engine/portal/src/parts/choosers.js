// Language and colours, as people choose them for this browser.
import { html } from "../html.js";
import * as dressed from "../theme.js";
import * as words from "../words.js";
import { t } from "../words.js";

export function Tongues() {
  const choices = words.choices();
  if (choices.length < 2) return null;
  return html`<label class="chooser"><span class="unseen">${t("chooser.language")}</span>
    <select value=${words.language.value} onChange=${(event) => words.choose(event.target.value)}>
      ${choices.map(([code, name]) => html`<option value=${code} lang=${code} selected=${code === words.language.value}>${name}</option>`)}
    </select></label>`;
}

export function Themes() {
  return html`<fieldset class="segments"><legend>${t("chooser.theme")}</legend>
    ${dressed.THEMES.map((one) => html`<label><input type="radio" name="theme" value=${one} checked=${dressed.theme.value === one}
      onChange=${() => dressed.choose(one)} /><span>${t(`chooser.${one}`)}</span></label>`)}
  </fieldset>`;
}
