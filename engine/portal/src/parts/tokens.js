// What programs show instead of signing in.
import { useState } from "preact/hooks";
import { post, remove } from "../api.js";
import { html } from "../html.js";
import { me } from "../store.js";
import { t } from "../words.js";
import { Act, Refusal, useAct } from "./act.js";
import { Dialog } from "./dialog.js";
import { Field, Segments } from "./field.js";
import { granted, GrantFields } from "./grant.js";
import { Icon } from "./icon.js";
import { Missing, When } from "./told.js";

const SPANS = ["7 d", "90 d", "365 d"];

export function Tokens({ of: loaded, mine }) {
  const [making, make] = useState(false);
  const { data, problem, again } = loaded;
  if (problem && !data) return html`<${Missing} problem=${problem} again=${again} />`;
  const shown = ((data && data.tokens) || []).filter((one) => !mine || one.mine);
  return html`<ul class="rows">${shown.map((one) => html`<li key=${one.key}>
      <div><p><b>${one.name}</b>${mine ? null : ` · ${one.owner || t("tokens.gateway")}`}</p>
        <p class="soft small">${granted(one)} · ${t("tokens.until")} <${When} at=${one.until} /> · ${one.used_at ? html`${t("sessions.used")} <${When} at=${one.used_at} />` : t("tokens.unused")}</p></div>
      <div><${Act} kind="quiet" does=${() => remove(`tokens/${encodeURIComponent(one.key)}`)} then=${again}>${t("tokens.delete")}</${Act}></div></li>`)}</ul>
    <p class="actions"><button type="button" onClick=${() => make(true)}><${Icon} name="plus" />${t("tokens.new")}</button></p>
    ${making && html`<${NewToken} close=${() => { make(false); again(); }} />`}`;
}

function NewToken({ close }) {
  const [name, setName] = useState("");
  const [span, setSpan] = useState("90 d");
  const [grant, setGrant] = useState({ role: "viewer", scope: me.value.scope, modes: false });
  const [secret, setSecret] = useState(null);
  const act = useAct();
  const submit = async (event) => {
    event.preventDefault();
    const told = await act.run(() => post("tokens", { name, ...grant, until: span }));
    if (told) setSecret(told.token);
  };
  return html`<${Dialog} title=${t("tokens.new")} close=${close}>
    ${secret ? html`<${Secret} text=${t("tokens.once")} secret=${secret} close=${close} />` : html`<form onSubmit=${submit}>
      <${Field} label=${t("tokens.name")} hint=${t("tokens.name.hint")} value=${name} set=${setName} maxlength="64" autocomplete="off" required />
      <${Segments} legend=${t("tokens.for")} name="span" of=${SPANS.map((one) => [one, t("time.days", { n: parseInt(one, 10) })])} value=${span} set=${setSpan} />
      <${GrantFields} grant=${grant} set=${setGrant} />
      <${Refusal} of=${act.problem} />
      <div class="actions"><button class="first" aria-busy=${act.busy ? "true" : null}>${t("tokens.make")}</button><button type="button" onClick=${close}>${t("dialog.cancel")}</button></div>
    </form>`}
  </${Dialog}>`;
}

/** Something that is shown once. */
export function Secret({ text, secret, children, close }) {
  const [copied, setCopied] = useState(false);
  const copy = () => {
    const field = document.createElement("textarea"); // the clipboard interface is for secure origins only
    field.value = secret;
    (document.querySelector("dialog[open]") || document.body).appendChild(field);
    field.select();
    setCopied(document.execCommand("copy"));
    field.remove();
  };
  return html`<div class="stack" role="status"><p>${text}</p><code class="code">${secret}</code>${children}
    <div class="actions"><button type="button" class="first" onClick=${copy}>${t(copied ? "secret.copied" : "secret.copy")}</button>
      <button type="button" onClick=${close}>${t("dialog.close")}</button></div></div>`;
}
