// Who has which grant: invite, change, take away.
import { useState } from "preact/hooks";
import { ask, post, remove } from "../api.js";
import { html } from "../html.js";
import { useLoaded } from "../loaded.js";
import { Act, Refusal, useAct } from "../parts/act.js";
import { refused, Blank } from "../parts/blank.js";
import { Dialog } from "../parts/dialog.js";
import { Field, Tick } from "../parts/field.js";
import { granted, GrantFields } from "../parts/grant.js";
import { Icon } from "../parts/icon.js";
import { Sessions } from "../parts/sessions.js";
import { Secret, Tokens } from "../parts/tokens.js";
import { When } from "../parts/told.js";
import { may, me } from "../store.js";
import { t } from "../words.js";

const path = (name, what = "") => `people/${encodeURIComponent(name)}${what}`;
const NEW = { role: "resident", scope: null, modes: false };

export default function People() {
  const people = useLoaded("people");
  const [open, setOpen] = useState(null);
  if (people.problem && !people.data) return refused(people.problem);
  if (!people.data) return html`<${Blank} kind="loading" />`;
  const done = () => {
    setOpen(null);
    people.again();
  };
  return html`<div class="stack">
    <div class="head"><h1>${t("place.people")}</h1>
      ${may("grant") && html`<button type="button" class="first" onClick=${() => setOpen({ kind: "invite" })}><${Icon} name="plus" />${t("people.invite")}</button>`}</div>
    <section class="sheet"><ul class="rows">${people.data.people.map((one) => html`<li key=${one.name}>
      <div><p><b>${one.name}</b>${one.name === me.value.name ? html` <span class="pill">${t("people.you")}</span>` : null}
          ${one.locked ? html` <span class="pill">${t("people.locked")}</span>` : null}
          ${!one.has_password ? html` <span class="pill">${t("people.invited")}</span>` : null}</p>
        <p class="soft small">${granted(one)}</p></div>
      ${may("grant") && html`<button type="button" onClick=${() => setOpen({ kind: "change", name: one.name })}>${t("people.change")}</button>`}
    </li>`)}</ul></section>
    ${may("grant") && html`<${Others} />`}
    ${open && open.kind === "invite" && html`<${Invite} close=${done} />`}
    ${open && open.kind === "change" && html`<${Change} key=${open.name} one=${people.data.people.find((one) => one.name === open.name)} close=${done} />`}
  </div>`;
}

function Others() {
  const sessions = useLoaded("sessions");
  const tokens = useLoaded("tokens");
  return html`<section class="sheet stack" aria-labelledby="all-sessions"><h2 id="all-sessions">${t("people.sessions")}</h2><${Sessions} of=${sessions} /></section>
    <section class="sheet stack" aria-labelledby="all-tokens"><h2 id="all-tokens">${t("people.tokens")}</h2><${Tokens} of=${tokens} /></section>`;
}

function Invite({ close }) {
  const [name, setName] = useState("");
  const [grant, setGrant] = useState(NEW);
  const [made, setMade] = useState(null);
  const act = useAct();
  const submit = async (event) => {
    event.preventDefault();
    const told = await act.run(() => post("people", { name, ...grant }));
    if (told) setMade(told);
  };
  return html`<${Dialog} title=${t("people.invite")} close=${close}>
    ${made ? html`<${Invitation} name=${name} of=${made} close=${close} />` : html`<form onSubmit=${submit}>
      <${Field} label=${t("signin.name")} hint=${t("people.name.hint")} value=${name} set=${setName} maxlength="64" autocomplete="off" autocapitalize="none" required />
      <${GrantFields} grant=${grant} set=${setGrant} />
      <${Refusal} of=${act.problem} />
      <div class="actions"><button class="first" aria-busy=${act.busy ? "true" : null}>${t("people.invite.do")}</button><button type="button" onClick=${close}>${t("dialog.cancel")}</button></div>
    </form>`}
  </${Dialog}>`;
}

/** The code of an invitation, as a link that fills the form: behind the "#", which browsers tell nobody. */
function Invitation({ name, of: { code, until, invited_until: also }, close }) {
  const link = `${location.origin}/setup#${new URLSearchParams({ name, code })}`;
  return html`<${Secret} text=${t("people.code.text", { name })} secret=${link} close=${close}>
    <p>${t("people.code")} <b>${code}</b>, ${t("tokens.until")} <${When} at=${until || also} /></p></${Secret}>`;
}

function Change({ one, close }) {
  const [grant, setGrant] = useState({ role: one.role, scope: one.scope, modes: one.modes });
  const [locked, setLocked] = useState(one.locked);
  const [made, setMade] = useState(null);
  const [sure, setSure] = useState(false);
  const act = useAct();
  const submit = async (event) => {
    event.preventDefault();
    const told = await act.run(async () => {
      const { etag } = await ask("GET", path(one.name));
      return (await ask("PUT", path(one.name), { body: { ...grant, locked }, etag })).body;
    });
    if (told) close();
  };
  return html`<${Dialog} title=${one.name} close=${close}>
    ${made ? html`<${Invitation} name=${one.name} of=${made} close=${close} />` : html`<form onSubmit=${submit}>
      <${GrantFields} grant=${grant} set=${setGrant} />
      <${Tick} label=${t("people.lock")} checked=${locked} set=${setLocked} />
      <${Refusal} of=${act.problem} />
      <p class="soft small">${t("people.change.ends")}</p>
      <div class="actions"><button class="first" aria-busy=${act.busy ? "true" : null}>${t("people.save")}</button>
        <${Act} does=${() => post(path(one.name, "/code"), {})} then=${setMade}>${t("people.newcode")}</${Act}>
        ${sure ? html`<${Act} kind="grave" does=${() => remove(path(one.name))} then=${close}>${t("people.delete.sure", { name: one.name })}</${Act}>`
          : html`<button type="button" class="grave" onClick=${() => setSure(true)}>${t("people.delete")}</button>`}</div>
    </form>`}
  </${Dialog}>`;
}
