// What a page shows when it has nothing to show, each kind designed: loading, missing, forbidden, …
import { html } from "../html.js";
import { t } from "../words.js";
import { Icon } from "./icon.js";

/**
 * @param {{kind: "loading"|"missing"|"unloaded"|"forbidden"|"offline"|"empty", text?: string}} props
 *   text replaces the usual sentence, e.g. by the gateway's own
 */
export function Blank({ kind, text, children }) {
  if (kind === "loading") {
    return html`<section class="blank" aria-busy="true"><h1 class="unseen">${t("blank.loading.title")}</h1>
      <div class="ghosts" aria-hidden="true"><i class="ghost low" /><i class="ghost" /><i class="ghost" /></div></section>`;
  }
  return html`<section class="blank">
    <${Icon} name=${kind === "forbidden" ? "lock" : kind === "empty" ? "sun" : "lost"} />
    <h1>${t(`blank.${kind}.title`)}</h1>
    <p>${text || t(`blank.${kind}.text`)}</p>
    ${children || (kind === "empty" ? null : html`<p><a href="/">${t("blank.home")}</a></p>`)}
  </section>`;
}

/** Returns what to show for a refusal that kept a page from being loaded. */
export function refused(problem) {
  if (problem.status === 401) {
    return html`<${Blank} kind="forbidden" text=${problem.message}><p><a class="button first" href=${`/sign-in?back=${encodeURIComponent(location.pathname)}`}>${t("place.signin")}</a></p></${Blank}>`;
  }
  if (problem.status === 403) return html`<${Blank} kind="forbidden" text=${problem.message} />`;
  if (problem.status === 404) return html`<${Blank} kind="missing" text=${problem.message} />`;
  return html`<${Blank} kind="offline" text=${problem.message} />`;
}
