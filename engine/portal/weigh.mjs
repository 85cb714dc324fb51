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

const script = rows.filter((row) => row.name.endsWith(".js"));
const weight = new Map(script.map((row) => [row.name, row.gzip]));
const words = script.filter((row) => /^(en|de|fr|it)-/.test(row.name)).map((row) => row.name);
const longest = words.sort((a, b) => weight.get(b) - weight.get(a))[0];
const kB = (bytes) => (bytes / 1000).toFixed(1);
for (const row of rows) console.log(`${kB(row.gzip).padStart(6)} kB gz ${kB(row.bytes).padStart(7)} kB  ${row.name}`);

// A visit loads the entry, one language, and the page's own chunks with all that they may load later.
const entry = reach(script.find((row) => /^index-/.test(row.name)).name, false);
const pages = [...imports([...entry][0], true)].filter((name) => !words.includes(name));
let most = 0;
for (const page of pages) {
  const needed = new Set([...entry, longest, ...reach(page, true)]);
  const sum = [...needed].reduce((all, name) => all + weight.get(name), 0);
  most = Math.max(most, sum);
  console.log(`${kB(sum).padStart(6)} kB gz of script to show ${page}`);
}
console.log(`${kB(script.reduce((all, row) => all + row.gzip, 0)).padStart(6)} kB gz of script in all, every page and ${words.length} language(s)`);
if (most > MOST_KB * 1000) faults.push(`a page needs ${kB(most)} kB gzipped of script; at most ${MOST_KB}`);
for (const fault of faults) console.error(fault);
process.exit(faults.length ? 1 : 0);

/** Names of the files that a file imports, at once or (late) when it wants them. */
function imports(name, late) {
  const found = new Set();
  const kinds = late ? ["ImportDeclaration", "ExportNamedDeclaration", "ImportExpression"] : ["ImportDeclaration", "ExportNamedDeclaration"];
  const look = (node) => {
    if (Array.isArray(node)) return node.forEach(look);
    if (!node || typeof node !== "object") return undefined;
    if (kinds.includes(node.type) && node.source) found.add(String(node.source.value || node.source.quasis[0].value.cooked).replace("./", ""));
    return Object.values(node).forEach(look);
  };
  look(parseAst(readFileSync(`${folder}/assets/${name}`).toString()));
  return found;
}

function reach(name, late, seen = new Set()) {
  if (!seen.has(name)) {
    seen.add(name);
    for (const next of imports(name, late && !/^index-/.test(name))) reach(next, late, seen);
  }
  return seen;
}
