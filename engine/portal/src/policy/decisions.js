// What was decided and why, newest first.
import { usePaged } from "../loaded.js";
import { Missing, More, Part, When } from "../parts/told.js";
import { html } from "../html.js";
import { stateWord } from "../states.js";
import { t } from "../words.js";

export function Decisions({ name, version, toLine }) {
  const paged = usePaged("decisions", { policy: name, limit: 12 }, "decisions", version);
  const { items, problem, again } = paged;
  return html`<${Part} id="decisions" title=${t("decisions.title")}>
    ${!items && problem && html`<${Missing} problem=${problem} again=${again} />`}
    ${!items && !problem && html`<div class="awaited" aria-busy="true"></div>`}
    ${items && !items.length && html`<p class="soft">${t("decisions.none")}</p>`}
    ${items && items.length > 0 && html`<ol class="log">${items.map((one) => html`<li key=${`${one.at} ${one.station}`}>
      <${When} at=${one.at} />
      <p>${one.station && html`<a href=${`/stations/${encodeURIComponent(one.station)}`}>${one.station}</a> `}${one.sentence || one.code}</p>
      <p class="soft">${one.from && one.from !== one.to ? `${stateWord(one.from)} → ${stateWord(one.to)}` : stateWord(one.to)}${one.limited_by ? ` · ${t("decisions.limited", { by: one.limited_by })}` : ""}
        ${lineOf(one.where) && html` · <a href=${`#line-${lineOf(one.where)}`} onClick=${(event) => { event.preventDefault(); toLine(lineOf(one.where)); }}>${t("machine.at", { line: lineOf(one.where) })}</a>`}
        ${one.revision && html` · <code>${one.revision.slice(0, 10)}</code>`}</p>
    </li>`)}</ol>`}
    <${More} paged=${paged} />
  </${Part}>`;
}

export const lineOf = (where) => Number(((where || "").match(/:(\d+)$/) || [])[1]) || null;
