// Small things that several pages say the same way.
import { html } from "../html.js";
import { t } from "../words.js";
import { clock, day, moment, NONE } from "../format.js";
import { minute } from "../store.js";

/** A moment to read, with the whole of it for machines and on pointing. */
export function When({ at }) {
  if (!at) return html`<span>${NONE}</span>`;
  return html`<time datetime=${at} title=${`${day(at)}, ${clock(at)}`}>${moment(at, minute.value)}</time>`;
}

/** Why a part of a page is missing, and how to ask for it again. */
export function Missing({ problem, again }) {
  return html`<div class="missing" role="status"><p>${problem.message || t("blank.offline.text")}</p>
    ${again && html`<p><button type="button" onClick=${again}>${t("part.again")}</button></p>`}</div>`;
}

/** One part of a page with its heading. */
export function Part({ id, title, aside, children }) {
  return html`<section class="part sheet" id=${id} aria-labelledby=${`${id}-title`}>
    <header><h2 id=${`${id}-title`}>${title}</h2>${aside && html`<span class="aside">${aside}</span>`}</header>
    ${children}
  </section>`;
}

/** The button under a list that goes on. */
export function More({ paged }) {
  return html`${paged.problem && paged.items && html`<${Missing} problem=${paged.problem} />`}
    ${paged.more && html`<p><button type="button" aria-busy=${paged.busy ? "true" : null} onClick=${paged.more}>
      ${paged.busy ? t("part.loading") : t("part.older")}</button></p>`}`;
}

/** Facts as pairs; what is null is left out. */
export function Facts({ of }) {
  return html`<dl class="facts">${of.filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => html`<div key=${name}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

export const begun = (words) => (words || "").replace(/^./, (letter) => letter.toUpperCase());
