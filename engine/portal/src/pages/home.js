// The first page: how energy flows, and a card for each appliance and zone.
import { useEffect } from "preact/hooks";
import { html } from "../html.js";
import { Blank } from "../parts/blank.js";
import { Card } from "../parts/card.js";
import { Flow } from "../parts/flow.js";
import { Summary } from "../parts/summary.js";
import { old, policies, site } from "../store.js";
import { follow } from "../today.js";
import { t } from "../words.js";

export default function Home() {
  useEffect(follow, []);
  if (!policies.value || !site.value) return html`<${Blank} kind="loading" />`;
  return html`<div class=${`stack ${old.value ? "old" : ""}`}>
    <h1 class="unseen">${site.value.name}</h1>
    <section class="hero" aria-label=${t("home.flow")}><${Flow} /><${Summary} /></section>
    <h2 class="unseen">${t("home.cards")}</h2>
    ${policies.value.length === 0 ? html`<${Blank} kind="empty" />` : html`<section class="cards">${policies.value.map((one) => html`<${Card} key=${one.name} of=${one} />`)}</section>`}
  </div>`;
}
