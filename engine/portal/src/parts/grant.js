// What somebody is granted: in words, and as a form.
import { html } from "../html.js";
import { policies } from "../store.js";
import { t } from "../words.js";
import { Options, Tick } from "./field.js";

export const ROLES = ["resident", "viewer", "installer", "owner"];

/** "Resident of garage and cp-01" */
export function granted({ role, scope, modes }) {
  const names = scope ? [...scope.policies, ...scope.stations] : [];
  const reach = scope ? (names.length ? t("grant.of", { names: names.join(", ") }) : t("grant.ofnothing")) : t("grant.ofall");
  return `${t(`role.${role}`)}, ${reach}${modes && role === "resident" ? `, ${t("grant.withmodes")}` : ""}`;
}

/** @param {{grant: {role, scope, modes}, set: (grant) => void}} props */
export function GrantFields({ grant, set }) {
  const change = (part) => set({ ...grant, ...part });
  const scoped = grant.scope !== null;
  const flip = (kind, name) => {
    const names = grant.scope[kind];
    change({ scope: { ...grant.scope, [kind]: names.includes(name) ? names.filter((one) => one !== name) : [...names, name] } });
  };
  return html`
    <${Options} legend=${t("grant.role")} name="role" value=${grant.role} set=${(role) => change({ role })}
      of=${ROLES.map((role) => [role, t(`role.${role}`), t(`role.${role}.what`)])} />
    ${grant.role === "resident" && html`<${Tick} label=${t("grant.modes")} checked=${grant.modes} set=${(modes) => change({ modes })} />`}
    <fieldset><legend>${t("grant.reach")}</legend>
      <${Tick} label=${t("grant.all")} checked=${!scoped} set=${(all) => change({ scope: all ? null : { policies: [], stations: [] } })} />
      ${scoped && html`<ul class="reach">${(policies.value || []).map((one) => {
        const whole = grant.scope.policies.includes(one.name);
        return html`<li key=${one.name}><${Tick} label=${one.name} checked=${whole} set=${() => flip("policies", one.name)} />
          ${one.stations && html`<ul>${one.stations.map(({ station }) => html`<li key=${station}>
            <${Tick} label=${station} checked=${whole || grant.scope.stations.includes(station)} disabled=${whole} set=${() => flip("stations", station)} /></li>`)}</ul>`}</li>`;
      })}</ul>`}
    </fieldset>`;
}
