// What the states of policies and stations are called.
import { power } from "./format.js";
import { t } from "./words.js";

const KNOWN = ["on", "off", "solar", "minimum", "full", "normal", "recommended", "forced",
  "not-answering", "absent", "paused", "detecting", "offered", "charging", "satisfied", "asleep", "waking", "needs-driver"];

/** "stage-2" is "Stage 2"; a state that this page does not know goes by its own name. */
export function stateWord(state) {
  const stage = /^stage-(\d+)$/.exec(state);
  if (stage) return t("state.stage", { n: stage[1] });
  if (state === "unknown") return t("state.unheard"); // of a station
  return KNOWN.includes(state) ? t(`state.${state}`) : state;
}

/** The state of a policy, with what it draws. */
export function stateOf(one) {
  if (one.on === null) return t("state.unknown");
  const word = /^(solar|minimum|full|stage-\d+)$/.test(one.state) ? stateWord(one.state) : t(one.on ? "state.on" : "state.off");
  const watts = one.draw_w === null || one.draw_w === undefined ? null : one.draw_w;
  return one.on && watts > 15 ? `${word} · ${power(watts)}` : word;
}
