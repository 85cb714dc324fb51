// Says what the built portal weighs, and what an old browser would not read in it. `node weigh.mjs [FOLDER]`
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { parseAst } from "vite";

const MOST_KB = 60;
/** Syntax younger than ES2019; import() is let pass, for browsers had it years before its edition. */
const YOUNG = ["ChainExpression", "PropertyDefinition", "PrivateIdentifier", "StaticBlock", "MetaProperty"];

const folder = process.argv[2] || process.env.PORTAL_OUT || fileURLToPath(new URL("../noonward/web/portal", import.meta.url));
const rows = [];
const faults = [];
for (const name of readdirSync(`${folder}/assets`).sort()) {
  const bytes = readFileSync(`${folder}/assets/${name}`);
  rows.push({ name, bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length });
  const text = bytes.toString();
  if (name.endsWith(".js")) faults.push(...young(parseAst(text)).map((what) => `${name}: ${what} is younger than ES2019`));
  for (const [url] of text.matchAll(/https?:\/\/[^"'`\s)]+/g)) {
    if (!/^http:\/\/www\.w3\.org\/(2000\/svg|1999\/xhtml|1998\/Math\/MathML)/.test(url)) faults.push(`${name}: ${url}`);
  }
}

function young(root) {
  const found = new Set();
  const look = (node) => {
    if (Array.isArray(node)) return node.forEach(look);
    if (!node || typeof node !== "object") return undefined;
    if (YOUNG.includes(node.type)) found.add(node.type);
    if (node.type === "LogicalExpression" && node.operator === "??") found.add("??");
    if (node.type === "AssignmentExpression" && /^(\?\?|\|\||&&)=$/.test(node.operator)) found.add(node.operator);
    if (node.type === "Literal" && (node.bigint || (node.regex && /\(\?<[=!]/.test(node.regex.pattern)))) found.add(node.raw);
    return Object.values(node).forEach(look);
  };
  look(root);
  return [...found];
}

const words = rows.filter((row) => /^[a-z]{2}-/.test(row.name) && row.name.endsWith(".js"));
const others = rows.filter((row) => row.name.endsWith(".js") && !words.includes(row));
const sum = (list) => list.reduce((all, row) => all + row.gzip, 0) / 1000;
const longest = Math.max(0, ...words.map((row) => row.gzip)) / 1000;
for (const row of rows) console.log(`${(row.gzip / 1000).toFixed(1).padStart(6)} kB gz ${(row.bytes / 1000).toFixed(1).padStart(7)} kB  ${row.name}`);
const script = sum(others) + longest;
console.log(`script: ${script.toFixed(1)} kB gzipped, every page and one language (at most ${MOST_KB}); all languages: ${(sum(others) + sum(words)).toFixed(1)} kB`);
if (script > MOST_KB) faults.push(`the script weighs ${script.toFixed(1)} kB gzipped; at most ${MOST_KB}`);
for (const fault of faults) console.error(fault);
process.exit(faults.length ? 1 : 0);
