// The line to the gateway. A browser has six to one address: a page that nobody looks at gives its own back.
import { effect } from "@preact/signals";
import { address } from "./api.js";
import { heardAt, link, meet, TAKE, tick } from "./store.js";
import { language } from "./words.js";

const SILENT_MS = 40000; // the gateway speaks at least every 15 s
const PATIENT_MS = 2500; // a restart is over sooner, and not worth a banner
const AGAIN_MS = 3000;

let source = null;
let wanted = false;
let failing = null; // since when the line is down

function open() {
  if (source || !wanted || document.hidden) return;
  const mine = new EventSource(address("events"));
  source = mine;
  for (const name of Object.keys(TAKE)) {
    mine.addEventListener(name, (event) => {
      if (source !== mine) return;
      failing = null;
      heardAt.value = performance.now();
      link.value = "live";
      TAKE[name](JSON.parse(event.data));
    });
  }
  mine.addEventListener("stopping", () => fail(mine));
  mine.onerror = () => fail(mine);
}

function fail(mine) {
  if (source !== mine) return;
  close();
  if (failing === null) failing = performance.now();
  setTimeout(open, AGAIN_MS);
  // An EventSource does not say why it was refused: a session that has ended shows here.
  meet().catch(() => {});
}

function close() {
  if (source) source.close();
  source = null;
}

function look() {
  const now = performance.now();
  tick.value = now;
  if (!wanted || document.hidden) return;
  if (failing !== null && now - failing > PATIENT_MS) link.value = "lost";
  if (failing === null && heardAt.value !== null && now - heardAt.value > SILENT_MS) {
    link.value = "lost";
    close(); // it may hang for ever: a new line finds out
    failing = now;
    open();
  }
}

export function listen() {
  wanted = true;
  open();
}

export function hush() {
  wanted = false;
  failing = null;
  link.value = "connecting";
  close();
}

export function watch() {
  setInterval(look, 1000);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      close();
      failing = null;
      return;
    }
    if (wanted && !source) {
      link.value = "connecting";
      heardAt.value = null;
    }
    look();
    open();
  });
  let spoken = language.peek();
  effect(() => {
    if (language.value === spoken) return;
    spoken = language.value;
    close(); // the gateway's sentences come in the new language
    open();
  });
}
