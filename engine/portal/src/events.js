// The line to the gateway. A browser has six to one address for all its tabs: a page that nobody looks at gives its own
// back, and of those that are looked at only the latest few keep one; the others ask every now and then.
import { effect } from "@preact/signals";
import { address, get } from "./api.js";
import { keep } from "./kept.js";
import { heardAt, link, me, meet, restart, TAKE, tick } from "./store.js";
import { parse } from "./said.js";
import { language } from "./words.js";

const SILENT_MS = 40000; // the gateway speaks at least every 15 s
const PATIENT_MS = 2500; // a restart is over sooner, and not worth a banner
const AGAIN_MS = 3000;
const LINES = 4;
const POLL_MS = 8000;

const tab = Math.random().toString(36).slice(2);
const newer = new Set(); // tabs that opened a line after this one
let source = null;
let wanted = false;
let failing = null; // since when the line is down
let polling = null;

function open() {
  if (source || polling || !wanted || document.hidden) return;
  const mine = new EventSource(address("events"));
  source = mine;
  newer.clear();
  keep("line", `+${tab}`);
  for (const name of Object.keys(TAKE)) {
    mine.addEventListener(name, (event) => source === mine && heard(name, parse(event.data)));
  }
  mine.addEventListener("stopping", () => fail(mine));
  mine.onerror = () => fail(mine);
}

function heard(name, told) {
  failing = null;
  heardAt.value = performance.now();
  link.value = "live";
  TAKE[name](told);
}

function fail(mine) {
  if (source !== mine) return;
  close();
  if (failing === null) failing = performance.now();
  setTimeout(open, AGAIN_MS);
  // An EventSource does not say why it was refused: a session that has ended shows here.
  meet().then(() => me.value.role || restart.call()).catch(() => {});
}

function close() {
  if (!source) return;
  source.close();
  source = null;
  keep("line", `-${tab}`);
}

/** Storage events tell every other tab of this browser, also where the newer ways need a secure origin. */
function others({ key, newValue }) {
  if (key !== "noonward.line" || !newValue) return;
  const name = newValue.slice(1);
  newer.delete(name);
  if (newValue[0] === "+") newer.add(name);
  if (!source || newer.size < LINES) return;
  close();
  polling = setInterval(poll, POLL_MS);
}

async function poll() {
  if (document.hidden || !wanted) return;
  try {
    const [site, policies] = await Promise.all([get("site"), get("policies")]);
    heard("policies", policies);
    heard("site", site);
  } catch {
    if (failing === null) failing = performance.now();
  }
}

/** Somebody turned to this tab: it is the latest now. */
function back() {
  if (!polling) return;
  rest();
  open();
}

function rest() {
  clearInterval(polling);
  polling = null;
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
  rest();
  close();
}

export function watch() {
  setInterval(look, 1000);
  addEventListener("storage", others);
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  addEventListener("focus", back);
  addEventListener("pointerdown", back);
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
    back();
    open();
  });
  let spoken = language.peek();
  effect(() => {
    if (language.value === spoken) return;
    spoken = language.value;
    close(); // the gateway's sentences come in the new language
    if (polling) poll();
    open();
  });
}
