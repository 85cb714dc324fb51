// Everything that the pages show of the running engine: signals, fed by the event stream (events.js).
import { computed, signal } from "@preact/signals";
import { get } from "./api.js";

/** As GET me has it; null until it is known. */
export const me = signal(null);
/** As GET site has it; null until it is known. */
export const site = signal(null);
/** As GET policies has them, first served first; null until they are known. */
export const policies = signal(null);
/** Stations of zones that somebody may not see as a whole. */
export const strays = signal([]);
/** Notices that are present and recent, as GET notices has them; null until they are known. */
export const notices = signal(null);
/** "connecting", "live", "lost" (no line, or a silent one) or "away" (nobody looks at the page). */
export const link = signal("connecting");
/** Moves once a second while somebody looks: ages and countdowns read it. [ms of performance.now] */
export const tick = signal(performance.now());
/** What came of the last write, for who does not see it. */
export const spoken = signal("");
/** When the newest event came. [ms of performance.now] */
export const heardAt = signal(null);

let clock = { server: Date.now(), at: performance.now() };

/** Returns the gateway's time, whatever the tablet's clock says. [ms of epoch] */
export const now = () => clock.server + (tick.value - clock.at);
/** The same, to the minute: what needs no more is drawn anew no more often. [ms of epoch] */
export const minute = computed(() => Math.floor(now() / 60000) * 60000);

export const stations = computed(() => [...(policies.value || []).flatMap((one) => one.stations || []), ...strays.value]);
export const policyNamed = (name) => (policies.value || []).find((one) => one.name === name) || null;
export const stationNamed = (id) => stations.value.find((one) => one.station === id) || null;
/** True when what is shown may be old: grey it. */
export const old = computed(() => link.value === "lost");
export const troubles = computed(() => ((site.value && site.value.notices) || []).filter((one) => one.level === "trouble"));

/** Tells whether an action is granted site-wide: "devices", "people", "grant", "audit", … */
export const may = (action) => Boolean(me.value && me.value.may.includes(action));
/** Tells whether "wish" or "mode" is granted on a policy or station. */
export const mayOn = (view, action) => Boolean(view && view.may && view.may.includes(action));

export async function meet() {
  me.value = await get("me");
}

/** Takes what one event tells. */
export const TAKE = {
  site(told) {
    clock = { server: Date.parse(told.now), at: performance.now() }; // before anyone who follows the site asks for the time
    site.value = told;
  },
  policies(told) {
    policies.value = told.policies;
    if (me.value && me.value.scope && me.value.scope.stations.length) lookForStrays();
  },
  policy: put,
  station(told) {
    if (!policies.value) return;
    if (!policyNamed(told.zone)) {
      strays.value = [...strays.value.filter((one) => one.station !== told.station), told];
      return;
    }
    policies.value = policies.value.map((one) =>
      one.name === told.zone
        ? { ...one, stations: one.stations.map((each) => (each.station === told.station ? told : each)) }
        : one,
    );
  },
  notices(told) {
    notices.value = told.notices;
  },
};

async function lookForStrays() {
  const { stations: seen } = await get("stations").catch(() => ({ stations: [] }));
  strays.value = seen.filter((one) => !policyNamed(one.zone));
}

/** Puts the view that a write answered, or an event told, in its place. */
export function put(told) {
  if (!policies.value) return;
  const known = policies.value.some((one) => one.name === told.name);
  policies.value = known ? policies.value.map((one) => (one.name === told.name ? told : one)) : [...policies.value, told];
}

/** Takes the answer to a write, of whatever kind. */
export function answered(told) {
  if (told && told.station) TAKE.station(told);
  else if (told && told.name && told.kind) put(told);
}

/** Starts afresh for somebody else; main.js says how. */
export const restart = { call: async () => {} };

/** Forgets everything: another person may sign in at this tablet. */
export function forget() {
  strays.value = [];
  me.value = site.value = policies.value = notices.value = heardAt.value = null;
}
