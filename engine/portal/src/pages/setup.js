// A one-time code makes the first owner, and gives who was invited a password.
import { useState } from "preact/hooks";
import { post } from "../api.js";
import { html } from "../html.js";
import { Refusal, useAct } from "../parts/act.js";
import { Field } from "../parts/field.js";
import { NewPassword } from "../parts/password.js";
import { go } from "../router.js";
import { me, restart } from "../store.js";
import { t } from "../words.js";

/** An invitation is a link with the code behind the "#", which browsers tell nobody. */
const invited = (hash) => new URLSearchParams(hash.slice(1));

export default function Setup({ hash }) {
  const given = invited(hash);
  const [code, setCode] = useState(given.get("code") || "");
  const [name, setName] = useState(given.get("name") || "");
  const [password, setPassword] = useState("");
  const act = useAct();
  const submit = async (event) => {
    event.preventDefault();
    if (act.busy || !(await act.run(() => post("setup", { code: code.trim(), name: name.trim(), password })))) return;
    await restart.call();
    go("/", true);
  };
  const first = me.value.setup_needed && !given.get("name");
  return html`<section class="sheet narrow stack" aria-labelledby="setup-title">
    <h1 id="setup-title">${t(first ? "setup.first.title" : "setup.title")}</h1>
    <p class="soft">${t(first ? "setup.first.text" : "setup.text")}</p>
    ${first && html`<p><code class="code">noonward auth code</code></p>`}
    <form onSubmit=${submit}>
      <${Field} label=${t("setup.code")} value=${code} set=${setCode} autocomplete="one-time-code" autocapitalize="characters" spellcheck=${false} required />
      <${Field} label=${t("signin.name")} hint=${first ? t("setup.name.hint") : null} value=${name} set=${setName} autocomplete="username" autocapitalize="none" spellcheck=${false} maxlength="64" required />
      <${NewPassword} value=${password} set=${setPassword} />
      <${Refusal} of=${act.problem} />
      <button class="first" aria-busy=${act.busy ? "true" : null}>${t("setup.do")}</button>
    </form>
    <p class="soft small">${t("setup.known")} <a href="/sign-in">${t("signin.do")}</a></p>
  </section>`;
}
