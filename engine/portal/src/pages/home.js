// The first page: how energy flows, and a card for each appliance and zone.
import { useEffect } from "preact/hooks";
import { html } from "../html.js";
import { Blank } from "../parts/blank.js";
import { Bay } from "../parts/bay.js";
import { Card } from "../parts/card.js";
import { Flow } from "../parts/flow.js";
import { Summary } from "../parts/summary.js";
import { old, policies, site, strays } from "../store.js";
import { follow } from "../today.js";
import { t } from "../words.js";

/** A zone that may not be seen: whether it allows to charge now, the gateway says when it is asked. */
const UNSEEN = { charge_now_allowed: true };

export default function Home() {
  useEffect(follow, []);
  if (!policies.value || !site.value) return html`<${Blank} kind="loading" />`;
  return html`<div class=${`front ${old.value ? "old" : ""}`}>
    <h1 class="unseen">${site.value.name}</h1>
    <${Flow} /><${Summary} />
    ${policies.value.length + strays.value.length === 0 ? html`<${Blank} kind="empty" />` : html`<section class="cards" aria-labelledby="cards-title"><h2 id="cards-title" class="unseen">${t("home.cards")}</h2>
      ${strays.value.length > 0 && html`<article class="card sheet wide" aria-labelledby="strays"><h3 id="strays">${t("home.stations")}</h3>
        <ul class="bays">${strays.value.map((one) => html`<${Bay} key=${one.station} of=${one} zone=${UNSEEN} />`)}</ul></article>`}
      ${policies.value.map((one) => html`<${Card} key=${one.name} of=${one} />`)}</section>`}
  </div>`;
}
