// The modules of the pages, each loaded when it is first wanted.
import { signal } from "@preact/signals";

const files = import.meta.glob([
  "./pages/home.js",
  "./pages/policy.js",
  "./pages/station.js",
  "./pages/history.js",
  "./pages/alarms.js",
  "./pages/devices.js",
  "./pages/people.js",
  "./pages/audit.js",
  "./pages/account.js",
  "./pages/signin.js",
  "./pages/setup.js",
]);

/** Page to its component, or to false where loading it failed. */
export const loaded = signal({});

/** Begins to load a page; one that failed is tried again. */
export async function load(page) {
  if (!page || loaded.peek()[page]) return;
  const note = (what) => {
    loaded.value = { ...loaded.peek(), [page]: what };
  };
  try {
    note((await files[`./pages/${page}.js`]()).default);
  } catch (error) {
    console.error(error);
    note(false);
  }
}
