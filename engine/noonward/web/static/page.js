// Renews the page when the gateway says that something changed. Without this script the page renews itself.
"use strict";
(() => {
  const SILENT_MS = 40000; // the gateway speaks at least every 15 s
  const RENEW_MS = 500; // charging stations talk all the time; nobody reads faster
  const lost = document.getElementById("lost");
  let source = null;
  let heard = Date.now();
  let busy = false;
  let again = false;

  async function renew() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch("/status", { cache: "no-store" });
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
        document.querySelector("main").replaceWith(fresh.querySelector("main"));
      }
    } catch {
      // the line is down: the check below says so
    }
    setTimeout(() => {
      busy = false;
      if (again) {
        again = false;
        renew();
      }
    }, RENEW_MS);
  }

  function listen() {
    if (source || document.hidden) return;
    source = new EventSource("/api/v1/events");
    for (const name of ["policies", "policy", "site"]) {
      source.addEventListener(name, () => {
        heard = Date.now();
        lost.hidden = true;
        renew();
      });
    }
  }

  // A browser has six lines to one gateway: a tab that nobody looks at gives its own back.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden && source) {
      source.close();
      source = null;
    }
    heard = Date.now();
    listen();
  });
  setInterval(() => {
    if (!document.hidden && Date.now() - heard > SILENT_MS) lost.hidden = false;
  }, 1000);
  listen();
})();
