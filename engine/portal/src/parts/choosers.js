// Language and colours, as people choose them for this browser.
import { html } from "../html.js";
import * as dressed from "../theme.js";
import { Segments } from "./field.js";
import * as words from "../words.js";
import { t } from "../words.js";

export function Tongues({ shown }) {
  const choices = words.choices();
  if (choices.length < 2) return null;
  return html`<label class=${shown ? "field" : "chooser"}><span class=${shown ? "" : "unseen"}>${t("chooser.language")}</span>
    <select value=${words.language.value} onChange=${(event) => words.choose(event.target.value)}>
      ${choices.map(([code, name]) => html`<option value=${code} lang=${code} selected=${code === words.language.value}>${name}</option>`)}
    </select></label>`;
}

export function Themes() {
  return html`<${Segments} legend=${t("chooser.theme")} name="theme" of=${dressed.THEMES.map((one) => [one, t(`chooser.${one}`)])}
    value=${dressed.theme.value} set=${dressed.choose} />`;
}
