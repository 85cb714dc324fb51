// Where somebody is signed in.
import { remove } from "../api.js";
import { html } from "../html.js";
import { t } from "../words.js";
import { Act } from "./act.js";
import { Missing, When } from "./told.js";

export function Sessions({ of: loaded, mine }) {
  const { data, problem, again } = loaded;
  if (problem && !data) return html`<${Missing} problem=${problem} again=${again} />`;
  if (!data) return html`<p class="soft" aria-busy="true">${t("part.loading")}</p>`;
  const shown = data.sessions.filter((one) => !mine || one.name === mine);
  if (!shown.length) return html`<p class="soft">${t("sessions.none")}</p>`;
  return html`<ul class="rows">${shown.map((one) => html`<li key=${one.key}>
    <div><p>${mine ? null : html`<b>${one.name}</b> · `}${browser(one.agent)}${one.this ? html` <span class="pill">${t("sessions.this")}</span>` : null}</p>
      <p class="soft small">${one.address} · ${t("sessions.since")} <${When} at=${one.began_at} /> · ${t("sessions.used")} <${When} at=${one.used_at} /></p></div>
    ${!one.this && html`<div><${Act} kind="quiet" does=${() => remove(`sessions/${encodeURIComponent(one.key)}`)} then=${again}>${t("sessions.end")}</${Act}></div>`}
  </li>`)}</ul>`;
}

/** A browser's own name is long and lies: the two words that people know it by. */
function browser(agent) {
  const name = ["Firefox", "Edg", "OPR", "Chrome", "Safari", "curl"].find((one) => agent.includes(one)) || agent.split("/")[0] || "?";
  const system = ["Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux"].find((one) => agent.includes(one));
  const known = { Edg: "Edge", OPR: "Opera" }[name] || name;
  return system ? `${known}, ${system}` : known;
}
