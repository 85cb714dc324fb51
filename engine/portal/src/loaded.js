// What a page asks the gateway for: loading, there, refused, and what was there kept in sight while it is asked anew.
import { useEffect, useState } from "preact/hooks";
import { get } from "./api.js";
import { language } from "./words.js";

const NOTHING = { data: null, problem: null, busy: true };

/**
 * Returns {data, problem, busy, again}.
 * @param {?string} path below /api/v1/; null asks nothing
 * @param {object} query
 * @param {*} version asks anew when it changes, and shows what it has until then
 */
export function useLoaded(path, query = {}, version = 0) {
  const address = path === null ? null : `${path} ${JSON.stringify(query)} ${language.value}`;
  const [state, set] = useState({ ...NOTHING, address });
  const [count, again] = useState(0);
  useEffect(() => {
    if (address === null) return undefined;
    const leaving = window.AbortController ? new AbortController() : null;
    let left = false;
    set((old) => ({ ...(old.address === address ? old : NOTHING), address, busy: true }));
    get(path, query, leaving ? leaving.signal : undefined).then(
      (data) => left || set({ data, problem: null, busy: false, address }),
      (problem) => left || problem.name === "AbortError" || set((old) => ({ data: old.data, problem, busy: false, address })),
    );
    return () => {
      left = true;
      if (leaving) leaving.abort();
    };
  }, [address, version, count]);
  const mine = state.address === address ? state : { ...NOTHING, address };
  return { ...mine, again: () => again((n) => n + 1) };
}

/**
 * A list that comes in pages, newest first: {items, first, problem, busy, more}; `first` is the newest page's whole answer.
 * @param {string} key of the list in an answer that also has `next`
 */
export function usePaged(path, query, key, version = 0) {
  const first = useLoaded(path, query, version);
  const address = `${first.address} ${version}`;
  const [older, set] = useState({ address, items: [], next: null, busy: false, problem: null });
  const mine = older.address === address ? older : { items: [], next: first.data && first.data.next, busy: false, problem: null };
  const more = mine.next === null || mine.next === undefined ? null : async () => {
    set({ ...mine, address, busy: true, problem: null });
    try {
      const page = await get(path, { ...query, before: mine.next });
      set({ address, items: [...mine.items, ...page[key]], next: page.next, busy: false, problem: null });
    } catch (problem) {
      set({ ...mine, address, busy: false, problem });
    }
  };
  return {
    items: first.data ? [...first.data[key], ...mine.items] : null,
    first: first.data, problem: first.problem || mine.problem, busy: first.busy || mine.busy, more, again: first.again,
  };
}
