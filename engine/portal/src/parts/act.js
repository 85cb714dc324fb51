// Writing: what was asked is shown as pending, then the truth comes from the gateway, or its refusal stays in place.
import { useState } from "preact/hooks";
import { html } from "../html.js";
import { answered, spoken } from "../store.js";
import { t } from "../words.js";

/** Returns {busy, problem, run, clear}; run(ask) resolves to the answer, or to undefined where it was refused. */
export function useAct() {
  const [state, set] = useState({ busy: false, problem: null });
  const run = async (ask) => {
    const stay = here();
    set({ busy: true, problem: null });
    try {
      const told = await ask();
      answered(told);
      if (told && told.sentence) spoken.value = `${told.station || told.name}: ${told.sentence}`;
      setTimeout(stay, 60);
      set({ busy: false, problem: null });
      return told === undefined || told === null ? true : told;
    } catch (problem) {
      set({ busy: false, problem });
      return undefined;
    }
  };
  return { ...state, run, clear: () => set({ busy: false, problem: null }) };
}

/** What was pressed may be gone once it was obeyed: then the keyboard goes on in the card where it stood. */
function here() {
  const card = document.activeElement && document.activeElement.closest(".card, .sheet");
  return () => {
    if (!card || !card.isConnected || document.activeElement !== document.body) return;
    card.tabIndex = -1;
    card.focus({ preventScroll: true });
  };
}

/** A refusal, as the gateway put it; read out at once. */
export function Refusal({ of }) {
  return of ? html`<p class="refusal" role="alert">${said(of)}</p>` : null;
}

export const said = (problem) => problem.message || t("blank.offline.title");

/** A button that writes; the refusal stands under it. */
export function Act({ does, then, kind = "", children, disabled, ...more }) {
  const act = useAct();
  const click = async () => {
    const told = await act.run(does);
    if (told !== undefined && then) then(told);
  };
  return html`<button type="button" class=${kind} onClick=${click} disabled=${disabled} aria-disabled=${act.busy ? "true" : null}
    aria-busy=${act.busy ? "true" : null} ...${more}>${children}</button><${Refusal} of=${act.problem} />`;
}
