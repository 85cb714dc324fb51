// A part of a page that is loaded when the page is there already; what it shows until then keeps its place.
import { useEffect, useState } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../words.js";

export function later(load, className = "") {
  let known = null;
  return function Later(props) {
    const [part, set] = useState(() => known);
    const [failed, fail] = useState(false);
    useEffect(() => {
      if (!known) load().then((module) => { known = module.default; set(() => known); }, () => fail(true));
    }, []);
    if (failed) return html`<p class="soft">${t("blank.unloaded.text")}</p>`;
    const Part = part;
    return Part ? html`<${Part} ...${props} />` : html`<div class=${`awaited ${className}`} aria-busy="true"></div>`;
  };
}
