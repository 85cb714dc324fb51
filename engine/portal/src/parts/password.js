// A new password, which can be looked at while it is typed: nobody has to type it twice.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../words.js";
import { Field, Tick } from "./field.js";

export function NewPassword({ value, set }) {
  const [shown, show] = useState(false);
  return html`<div class="stack tight"><${Field} label=${t("password.new")} hint=${t("password.hint")} type=${shown ? "text" : "password"} value=${value} set=${set}
      autocomplete="new-password" minlength="8" maxlength="256" spellcheck=${false} required />
    <${Tick} label=${t("password.show")} checked=${shown} set=${show} /></div>`;
}
