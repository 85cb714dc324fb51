// What is not as it should be, and what was lately.
import "../inner.css";
import { duration } from "../format.js";
import { html } from "../html.js";
import { useLoaded } from "../loaded.js";
import { Blank } from "../parts/blank.js";
import { Icon } from "../parts/icon.js";
import { Missing, Part, When } from "../parts/told.js";
import { may, notices, now, old, policyNamed, stationNamed } from "../store.js";
import { t } from "../words.js";

const epoch = (stamp) => Date.parse(stamp);
const RANK = { trouble: 0, note: 1 };

export default function Alarms() {
  const asked = useLoaded(notices.value ? null : "notices");
  const all = notices.value || (asked.data && asked.data.notices);
  if (!all) return asked.problem ? html`<${Missing} problem=${asked.problem} again=${asked.again} />` : html`<${Blank} kind="loading" />`;
  const present = all.filter((one) => !one.over_at).sort((a, b) => Boolean(a.gone_since) - Boolean(b.gone_since) || RANK[a.level] - RANK[b.level] || epoch(b.since || 0) - epoch(a.since || 0));
  const over = all.filter((one) => one.over_at).sort((a, b) => epoch(b.over_at) - epoch(a.over_at));
  return html`<article class=${`inner ${old.value ? "old" : ""}`}>
    <h1>${t("place.alarms")}</h1>
    ${present.length ? html`<ul class="alarms">${present.map((one) => html`<${Present} key=${one.id} one=${one} />`)}</ul>`
      : html`<section class="sheet well"><${Icon} name="check" /><div><h2>${t("alarms.none")}</h2><p class="soft">${t("alarms.none.text")}</p></div></section>`}
    <${Part} id="over" title=${t("alarms.over")}>
      ${over.length ? html`<ol class="log">${over.map((one) => html`<li key=${`${one.id} ${one.since}`}><${When} at=${one.since} />
        <p>${one.text}</p><p class="soft">${t("alarms.clear")} <${When} at=${one.over_at} /> (${t("alarms.lasted", { time: duration((epoch(one.over_at) - epoch(one.since)) / 1000) })})</p></li>`)}</ol>`
      : html`<p class="soft">${t("alarms.over.none")}</p>`}
    </${Part}>
  </article>`;
}

function Present({ one }) {
  return html`<li class=${`sheet alarm ${one.gone_since ? "gone" : one.level}`}><${Icon} name=${one.gone_since ? "check" : one.level === "trouble" ? "alarms" : "clock"} /><div>
    <h2>${!one.gone_since && html`<span class="unseen">${t(`alarms.${one.level}`)} </span>`}${one.text}</h2>
    ${one.gone_since ? html`<p><b>${t("alarms.gone")}</b> <${When} at=${one.gone_since} />. ${t("alarms.gone.text")}</p>`
      : one.todo && html`<p><b>${t("alarms.todo")}</b> ${one.todo}</p>`}
    <p class="soft">${one.since && html`${t("alarms.since")} <${When} at=${one.since} /> (${duration((now() - epoch(one.since)) / 1000)})`} ${place(one)}</p></div></li>`;
}

/** Where to see more of what a notice is about. */
function place({ subject }) {
  const href = policyNamed(subject) ? `/policies/${encodeURIComponent(subject)}` : stationNamed(subject) ? `/stations/${encodeURIComponent(subject)}` : subject && may("devices") ? "/devices" : null;
  return href && html`<a href=${href}>${subject}</a>`;
}
