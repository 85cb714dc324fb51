// A dialog over the page. Browsers without <dialog> get it above the page instead, with the same keys.
import { useEffect, useRef } from "preact/hooks";
import { html } from "../html.js";
import { t } from "../words.js";
import { Icon } from "./icon.js";

let count = 0;

/** Shown as long as it is rendered; `close` is called when it is left. The focus goes back to where it came from. */
export function Dialog({ title, close, children }) {
  const place = useRef(null);
  const id = useRef(`dialog-${(count += 1)}`);
  useEffect(() => {
    const before = document.activeElement;
    const dialog = place.current;
    if (dialog.showModal) dialog.showModal();
    else {
      dialog.setAttribute("open", "");
      dialog.classList.add("plain");
      dialog.focus();
    }
    return () => {
      if (dialog.open && dialog.close) dialog.close();
      if (before && before.focus) before.focus();
    };
  }, []);
  const keys = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    close();
  };
  const outside = (event) => event.target === place.current && close();
  return html`<dialog ref=${place} tabindex="-1" aria-labelledby=${id.current} onKeyDown=${keys} onClick=${outside}
    onCancel=${(event) => { event.preventDefault(); close(); }}>
    <header><h2 id=${id.current}>${title}</h2>
      <button type="button" class="quiet round" onClick=${close} aria-label=${t("dialog.close")}><${Icon} name="close" /></button></header>
    ${children}
  </dialog>`;
}
