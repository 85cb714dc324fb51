// Another mode than the file's, for a while or until somebody clears it.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { put } from "../api.js";
import { moment } from "../format.js";
import { minute } from "../store.js";
import { t } from "../words.js";
import { Refusal, useAct } from "./act.js";
import { Dialog } from "./dialog.js";
import { Field, Options, Segments } from "./field.js";

export const MODES = ["auto-solar", "auto-timer", "timer", "manual", "always-on", "always-off"];
const ENDS = ["1 h", "3 h", "12 h", "at", "cleared"];

export function ModeDialog({ policy, close }) {
  const [mode, setMode] = useState(policy.mode);
  const [end, setEnd] = useState("3 h");
  const [at, setAt] = useState("");
  const [reason, setReason] = useState("");
  const act = useAct();
  const submit = async (event) => {
    event.preventDefault();
    const until = end === "cleared" ? null : end === "at" ? at : end;
    const told = await act.run(() => put(`policies/${encodeURIComponent(policy.name)}/override`, { mode, until, reason }));
    if (told) close();
  };
  return html`<${Dialog} title=${t("mode.title", { name: policy.name })} close=${close}>
    <form onSubmit=${submit}>
      <${Options} legend=${t("mode.mode")} name="mode" value=${mode} set=${setMode}
        of=${MODES.map((one) => [one, one === policy.file_mode ? t("mode.asfile", { mode: t(`mode.${one}`) }) : t(`mode.${one}`), t(`mode.${one}.what`)])} />
      <${Segments} legend=${t("mode.until")} name="end" value=${end} set=${setEnd}
        of=${ENDS.map((one) => [one, one === "at" || one === "cleared" ? t(`mode.${one}`) : t("mode.for", { span: one })])} />
      ${end === "at" && html`<${Field} label=${t("mode.moment")} type="datetime-local" value=${at} set=${setAt} required />`}
      <${Field} label=${t("mode.reason")} hint=${t("mode.reason.hint")} value=${reason} set=${setReason} maxlength="200" autocomplete="off" />
      <${Refusal} of=${act.problem} />
      <div class="actions"><button class="first" aria-busy=${act.busy ? "true" : null}>${t("mode.set")}</button>
        <button type="button" onClick=${close}>${t("dialog.cancel")}</button></div>
    </form>
  </${Dialog}>`;
}

/** "until 18:00, anna: guests at six" */
export function overridden(override) {
  const until = override.until ? t("mode.until.at", { at: moment(override.until, minute.value) }) : t("mode.until.cleared");
  const why = [override.by, override.reason].filter(Boolean).join(": ");
  return why ? `${until} (${why})` : until;
}
