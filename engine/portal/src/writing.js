// A write under way: pending, then what the gateway says became of it, or its refusal in its own words.
import { useState } from "preact/hooks";
import { answered } from "./store.js";
import { html } from "./html.js";
import { t } from "./words.js";

/** Returns {busy, problem, write}; `write(send)` sends, and puts the view that is answered in its place. */
export function useWriting() {
  const [state, set] = useState({ busy: false, problem: null });
  const write = async (send) => {
    set({ busy: true, problem: null });
    try {
      const told = await send();
      answered(told);
      set({ busy: false, problem: null });
      return true;
    } catch (problem) {
      set({ busy: false, problem });
      return false;
    }
  };
  return { ...state, write };
}

/** The refusal of a write, beside what was pressed. */
export const Refusal = ({ problem }) => html`<p class="trouble" role="alert">${problem && (problem.message || t("blank.offline.title"))}</p>`;
