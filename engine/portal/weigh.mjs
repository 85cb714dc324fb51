// Says what the built portal weighs, and what an old browser would not read in it. `node weigh.mjs [FOLDER]`
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { parseAst } from "vite";

const MOST_KB = 60;
/** Syntax younger than ES2019; import() is let pass, for browsers had it years before its edition. */
const YOUNG = ["ChainExpression", "PropertyDefinition", "PrivateIdentifier", "StaticBlock", "MetaProperty"];

const OUTSIDE = /(https?:\/\/[^"'`\s)]+|(?<=["'`(])\/\/[\w-]+\.[^"'`\s)]+)/g;
/** Names of markup languages look like addresses, and nobody asks them for anything. */
const NAMESPACE = /^http:\/\/www\.w3\.org\/(2000\/svg|1999\/xhtml|1998\/Math\/MathML)$/;
const EVALUATES = /\beval\(|\bnew Function\b/g;

const folder = process.argv[2] || process.env.PORTAL_OUT || fileURLToPath(new URL("../noonward/web/portal", import.meta.url));
const rows = [];
const faults = [];
for (const name of readdirSync(`${folder}/assets`).sort()) {
  const bytes = readFileSync(`${folder}/assets/${name}`);
  rows.push({ name, bytes: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length });
  const text = bytes.toString();
  if (name.endsWith(".js")) faults.push(...young(parseAst(text)).map((what) => `${name}: ${what} is younger than ES2019`));
  faults.push(...(text.match(OUTSIDE) || []).filter((url) => !NAMESPACE.test(url)).map((url) => `${name}: names ${url}`));
  faults.push(...(text.match(EVALUATES) || []).map((what) => `${name}: ${what} is against the content security policy`));
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

const script = rows.filter((row) => row.name.endsWith(".js"));
const words = script.filter((row) => /^(en|de|fr|it)-/.test(row.name));
const kB = (bytes) => (bytes / 1000).toFixed(1);
const sum = (list) => list.reduce((all, row) => all + row.gzip, 0);
for (const row of rows) console.log(`${kB(row.gzip).padStart(6)} kB gzipped ${kB(row.bytes).padStart(7)} kB  ${row.name}`);
const others = script.filter((row) => !words.includes(row));
const all = sum(others) + Math.max(...words.map((row) => row.gzip)); // nobody reads two languages at once
console.log(`${kB(all).padStart(6)} kB gzipped of script: every page, and the longest of ${words.length} language(s); at most ${MOST_KB} kB`);
if (all > MOST_KB * 1000) faults.push(`the script weighs ${kB(all)} kB gzipped; at most ${MOST_KB}`);
for (const fault of faults) console.error(fault);
process.exit(faults.length ? 1 : 0);
