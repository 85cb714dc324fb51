// Which page the address names, and how to get to another without loading anew.
import { signal } from "@preact/signals";

/** Path to the module in pages/ that shows it; ":name" is handed to the page. */
export const ROUTES = [
  ["/", "home"],
  ["/policies/:name", "policy"],
  ["/stations/:id", "station"],
  ["/history", "history"],
  ["/alarms", "alarms"],
  ["/devices", "devices"],
  ["/people", "people"],
  ["/audit", "audit"],
  ["/account", "account"],
  ["/sign-in", "signin"],
  ["/setup", "setup"],
];

/** Returns {page, params} of a path; page is null where nothing lives. */
export function match(path) {
  for (const [pattern, page] of ROUTES) {
    const names = pattern.match(/:\w+/g) || [];
    const found = path.match(new RegExp(`^${pattern.replace(/:\w+/g, "([^/]+)")}/?$`));
    if (found) {
      return { page, params: Object.fromEntries(names.map((name, k) => [name.slice(1), decoded(found[k + 1])])) };
    }
  }
  return { page: null, params: {} };
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const read = () => ({ path: location.pathname, query: new URLSearchParams(location.search), hash: location.hash });

/** {path, query, hash} of the page that is shown. */
export const where = signal(read());

export function go(href, replace = false) {
  history[replace ? "replaceState" : "pushState"](null, "", href);
  where.value = read();
  if (!location.hash) scrollTo(0, 0);
}

/** Sets parts of the query (null takes one away) without leaving the page. */
export function ask(changes) {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  go(location.pathname + (text ? `?${text}` : "") + location.hash, true);
}

/** Follows links to pages of ours in place; everything else (a new tab, a download, /status) is the browser's. */
export function follow() {
  addEventListener("popstate", () => {
    where.value = read();
  });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target.closest && event.target.closest("a[href]");
    if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (!match(link.pathname).page || link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    go(link.pathname + link.search + link.hash);
  });
}
