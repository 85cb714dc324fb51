// Oneself: what one may, password, where one is signed in, language and colours.
import { useState } from "preact/hooks";
import { put, remove } from "../api.js";
import { html } from "../html.js";
import { useLoaded } from "../loaded.js";
import { Act, Refusal, useAct } from "../parts/act.js";
import { Themes, Tongues } from "../parts/choosers.js";
import { Field } from "../parts/field.js";
import { granted } from "../parts/grant.js";
import { Icon } from "../parts/icon.js";
import { NewPassword } from "../parts/password.js";
import { Sessions } from "../parts/sessions.js";
import { Tokens } from "../parts/tokens.js";
import { go } from "../router.js";
import { may, me, restart } from "../store.js";
import { t } from "../words.js";

export default function Account() {
  const who = me.value;
  const leave = async () => {
    await restart.call();
    go("/sign-in");
  };
  return html`<div class="stack">
    <h1>${t("place.account")}</h1>
    <section class="sheet stack">
      ${who.signed_in
        ? html`<div class="head"><div><h2>${who.name}</h2><p class="soft">${granted(who)}</p></div>
            ${who.how === "session" && html`<div><${Act} does=${() => remove("session")} then=${leave}><${Icon} name="out" />${t("account.leave")}</${Act}></div>`}</div>`
        : html`<div class="head"><div><h2>${t("account.visitor")}</h2><p class="soft">${t("account.visitor.text")}</p></div>
            <a class="button first" href="/sign-in">${t("signin.do")}</a></div>`}
      ${(may("people") || may("audit")) && html`<p class="actions">
        ${may("people") && html`<a class="button" href="/people"><${Icon} name="people" />${t("place.people")}</a>`}
        ${may("audit") && html`<a class="button" href="/audit"><${Icon} name="audit" />${t("place.audit")}</a>`}</p>`}
    </section>
    <section class="sheet stack" aria-labelledby="looks"><h2 id="looks">${t("account.looks")}</h2>
      <p class="soft small">${t("account.looks.text")}</p><${Tongues} shown=${true} /><${Themes} /></section>
    ${who.how === "session" && html`<${Password} />`}
    ${who.how === "session" && html`<${Mine} />`}
  </div>`;
}

function Password() {
  const [old, setOld] = useState("");
  const [fresh, setFresh] = useState("");
  const [done, setDone] = useState(false);
  const act = useAct();
  const submit = async (event) => {
    event.preventDefault();
    setDone(false);
    if (!(await act.run(() => put("me/password", { old, new: fresh })))) return;
    setOld("");
    setFresh("");
    setDone(true);
  };
  return html`<section class="sheet stack" aria-labelledby="password"><h2 id="password">${t("account.password")}</h2>
    <form onSubmit=${submit} class="narrowish">
      <input class="unseen" type="text" autocomplete="username" value=${me.value.name} readonly tabindex="-1" aria-hidden="true" />
      <${Field} label=${t("account.password.old")} type="password" value=${old} set=${setOld} autocomplete="current-password" required />
      <${NewPassword} value=${fresh} set=${setFresh} />
      <${Refusal} of=${act.problem} />
      <p class="done" role="status">${done ? t("account.password.done") : ""}</p>
      <div class="actions"><button aria-busy=${act.busy ? "true" : null}>${t("account.password.do")}</button></div>
    </form></section>`;
}

function Mine() {
  const sessions = useLoaded("sessions");
  const tokens = useLoaded("tokens");
  return html`<section class="sheet stack" aria-labelledby="sessions"><h2 id="sessions">${t("account.sessions")}</h2>
      <${Sessions} of=${sessions} mine=${me.value.name} /></section>
    <section class="sheet stack" aria-labelledby="tokens"><h2 id="tokens">${t("account.tokens")}</h2>
      <p class="soft small">${t("account.tokens.text")}</p>
      <${Tokens} of=${tokens} mine=${true} /></section>`;
}
