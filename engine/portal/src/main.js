// The portal: signs on, listens, and shows the page that the address names.
import { render } from "preact";
import "./theme.css";
import { onSignedOut } from "./api.js";
import { hush, listen, watch } from "./events.js";
import { html } from "./html.js";
import { Shell } from "./parts/shell.js";
import { load } from "./pages.js";
import { follow, go, match, where } from "./router.js";
import { forget, link, me, meet, restart } from "./store.js";
import { dress } from "./theme.js";
import { language, speak } from "./words.js";

const OPEN = ["/sign-in", "/setup"];

/** Finds out who looks, and begins to listen if they may see anything. */
async function begin() {
  await meet();
  if (me.value.role) {
    listen();
    return;
  }
  hush();
  if (!OPEN.includes(where.value.path)) {
    const back = where.value.path === "/" ? "" : `?back=${encodeURIComponent(where.value.path)}`;
    go(me.value.setup_needed ? "/setup" : `/sign-in${back}`, true);
  }
}

restart.call = async () => {
  hush();
  forget();
  await begin();
};

onSignedOut.call = () => {
  if (me.value && me.value.signed_in) restart.call().catch(() => {});
};

dress();
follow();
watch();

function attempt() {
  begin().catch(() => {
    link.value = "lost";
    setTimeout(attempt, 3000);
  });
}

// All at once: who looks and what the engine does, the page, and its words.
attempt();
load(match(where.value.path).page);
speak(language.value).then(() => render(html`<${Shell} />`, document.getElementById("app")));
