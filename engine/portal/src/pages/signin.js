// Who are you?
import { useState } from "preact/hooks";
import { post } from "../api.js";
import { html } from "../html.js";
import { Refusal, useAct } from "../parts/act.js";
import { Field } from "../parts/field.js";
import { go } from "../router.js";
import { me, restart } from "../store.js";
import { t } from "../words.js";

export default function SignIn({ query }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const act = useAct();
  const submit = async (event) => {
    event.preventDefault();
    if (act.busy || !(await act.run(() => post("session", { name, password })))) return;
    await restart.call();
    go(inside(query.get("back")), true);
  };
  return html`<section class="sheet narrow stack" aria-labelledby="signin-title">
    <h1 id="signin-title">${t("signin.title")}</h1>
    ${me.value.role && !me.value.signed_in && html`<p class="soft">${t("signin.visitor")}</p>`}
    <form onSubmit=${submit}>
      <${Field} label=${t("signin.name")} value=${name} set=${setName} autocomplete="username" autocapitalize="none" spellcheck=${false} required />
      <${Field} label=${t("signin.password")} type="password" value=${password} set=${setPassword} autocomplete="current-password" required />
      <${Refusal} of=${act.problem} />
      <button class="first" aria-busy=${act.busy ? "true" : null}>${t("signin.do")}</button>
    </form>
    <p class="soft small">${t("signin.code")} <a href="/setup">${t("signin.setup")}</a></p>
  </section>`;
}

/** Only a path of ours may be gone back to: an address made by somebody else could name any site. */
export const inside = (path) => (path && /^\/(?![/\\])/.test(path) ? path : "/");
