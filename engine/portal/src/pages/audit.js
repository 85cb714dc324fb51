// Who did what, from where, what it was before and after, and what was refused.
import { useState } from "preact/hooks";
import "../inner.css";
import { moment } from "../format.js";
import { html } from "../html.js";
import { usePaged } from "../loaded.js";
import { Blank, refused } from "../parts/blank.js";
import { Field, Tick } from "../parts/field.js";
import { More, Part, When } from "../parts/told.js";
import { now, old } from "../store.js";
import { t } from "../words.js";
import { differences } from "../differences.js";

const EPOCH_S = 1.5e9; // July 2017: no power, energy or duration that people set is as large

export default function Audit() {
  const paged = usePaged("audit", { limit: 100 }, "audit");
  const [wanted, want] = useState(""), [only, set] = useState(false);
  if (!paged.items) return paged.problem ? refused(paged.problem) : html`<${Blank} kind="loading" />`;
  const word = wanted.trim().toLowerCase();
  const found = paged.items.filter((one) => (!only || one.result !== "done")
    && (!word || [one.who, one.what, did(one), one.subject, one.address, one.detail].join(" ").toLowerCase().includes(word)));
  return html`<article class=${`inner ${old.value ? "old" : ""}`}>
    <h1>${t("place.audit")}</h1>
    <${Part} id="entries" title=${t("audit.title")} aside=${t("audit.count", { shown: found.length, n: paged.items.length })}>
      <div class="controls"><${Field} label=${t("audit.filter")} hint=${t("audit.filter.hint")} type="search" value=${wanted} set=${want} />
        <${Tick} label=${t("audit.refused")} checked=${only} set=${set} /></div>
      ${paged.first.broken_at && html`<p class="refusal" role="alert">${t("audit.broken", { number: paged.first.broken_at })}</p>`}
      ${found.length ? html`<ol class="log">${found.map((one) => html`<${Entry} key=${one.id} one=${one} />`)}</ol>`
        : html`<p class="nothing">${t(paged.items.length ? "audit.nothing" : "audit.none")}</p>`}
      <${More} paged=${paged} />
    </${Part}>
  </article>`;
}

function Entry({ one }) {
  const changes = differences(one.before, one.after, written);
  return html`<li class=${one.result === "done" ? "" : "amiss"}><${When} at=${one.at} />
    <p><b>${one.who}</b> ${did(one)} ${one.subject && html`<a href=${place(one.subject)}>${one.subject}</a>`}
      ${one.result !== "done" && html` <span class="pill stale">${t("audit.was")}</span>`}${one.times > 1 && html` <span class="pill">${t("audit.times", { n: one.times })}</span>`}</p>
    ${one.detail && html`<p class=${one.result === "done" ? "soft" : "trouble"}>${one.detail}</p>`}
    ${changes.length > 0 && html`<ul class="changes">${changes.map(([key, before, after]) => html`<li key=${key}><code>${key}</code> ${before === undefined ? html`<span class="soft">${t("audit.unset")}</span>` : html`<del>${before}</del>`} <span aria-hidden="true">→</span><span class="unseen">${t("audit.to")}</span> ${after === undefined ? html`<span class="soft">${t("audit.unset")}</span>` : html`<ins>${after}</ins>`}</li>`)}</ul>`}
    <p class="soft">${[called(`how.${one.how}`, one.how), one.address, `#${one.id}`].filter(Boolean).join(" · ")}</p></li>`;
}

/** What the log calls something, in the reader's language; what this page does not know stands for itself. */
function called(key, word) {
  const words = t(key);
  return words === key ? word : words;
}

const did = (one) => called(`did.${one.what.replace(/ /g, "-")}`, one.what);

/** A value to read; what can only be a moment is one. */
function written(value) {
  if (typeof value === "number" && value > EPOCH_S && value < 2 * EPOCH_S) return moment(value, now());
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT/.test(value) ? moment(value, now()) : value;
  return JSON.stringify(value);
}

/** Pages there are for what an entry is about; anything else stays where it is. */
const place = (subject) => (/^(policies|stations)\//.test(subject) ? `/${subject.split("/").map(encodeURIComponent).join("/")}` : subject.startsWith("people") ? "/people" : "/audit");
