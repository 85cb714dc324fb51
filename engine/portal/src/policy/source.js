// The file as it is in force, each line with its number, the one that decided lit.
import { useEffect } from "preact/hooks";
import { useLoaded } from "../loaded.js";
import { Missing, Part } from "../parts/told.js";
import { html } from "../html.js";
import { t } from "../words.js";

/** A line of YAML as [kind, text] pieces; what is not understood stays plain. */
export function pieces(line) {
  const found = [];
  const comment = line.match(/(^|\s)#.*$/);
  const code = comment ? line.slice(0, comment.index) : line;
  const key = code.match(/^(\s*(?:- +)?)([\w-]+)(:)(?=\s|$)/);
  if (key) found.push(["", key[1]], ["name", key[2]], ["", code.slice(key[0].length - 1)]);
  else found.push(["", code]);
  if (comment) found.push(["comment", comment[0]]);
  return found;
}

export function Source({ name, version, wanted }) {
  const { data, problem, again } = useLoaded(`policies/${encodeURIComponent(name)}/source`, {}, version);
  const lit = wanted || (data && data.line);
  useEffect(() => {
    const line = wanted && document.getElementById(`line-${wanted}`);
    if (line) {
      line.scrollIntoView({ block: "center" });
      line.focus({ preventScroll: true });
    }
  }, [wanted, data]);
  const aside = data && html`<code>${data.file}</code> ${data.revision ? t("source.revision", { revision: data.revision.slice(0, 10) }) : t("source.unversioned")}`;
  return html`<${Part} id="source" title=${t("source.title")} aside=${aside}>
    ${problem && !data && html`<${Missing} problem=${problem} again=${again} />`}
    ${data && html`<div class="wide yaml" tabindex="0" role="region" aria-label=${t("source.label", { file: data.file })}>
      <ol>${data.text.replace(/\n$/, "").split("\n").map((line, k) => html`<li key=${k} id=${`line-${k + 1}`} tabindex="-1"
        class=${k + 1 === lit ? "lit" : null}>${k + 1 === data.line && html`<span class="unseen">${t("source.deciding")} </span>`}<code>${pieces(line).map(([kind, text]) => (kind ? html`<span class=${kind}>${text}</span>` : text))}${"\n"}</code></li>`)}</ol>
    </div>`}
    ${!data && !problem && html`<div class="awaited" aria-busy="true"></div>`}
  </${Part}>`;
}
