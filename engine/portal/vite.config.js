import { defineConfig } from "vite";

const daemon = process.env.NOONWARD || "http://127.0.0.1:8077";

// The daemon takes a write only from a page of its own (Origin = Host): the proxy asks as the daemon's own page would.
const own = { target: daemon, changeOrigin: true, configure: (proxy) => proxy.on("proxyReq", (asked) => {
  if (asked.getHeader("origin")) asked.setHeader("origin", daemon);
}) };

// All styles are in one file and nothing is preloaded, so a page that is loaded when it is wanted needs no help with that.
const plainImports = {
  name: "plain-imports",
  enforce: "pre",
  load: { filter: { id: /vite\/preload-helper/ }, handler: () => "export const __vitePreload = (load) => load();" },
};

// Markup lives in template strings, whose indentation nobody but us reads; htm takes a line break alone as it takes both.
const noIndentation = {
  name: "no-indentation",
  transform: { filter: { id: /\/src\/.*\.js$/ }, handler: (code) => ({ code: code.replace(/\n[ \t]+/g, "\n").replace(/>\n</g, "><"), map: null }) },
};

// Few files compress better than many, and an old tablet asks for six at a time.
const CHUNKS = [
  { name: "shared", minShareCount: 3, test: /\/(src|node_modules)\// },
  { name: "people", test: /\/pages\/(account|people|setup|signin)\.js|\/parts\/(grant|password|sessions|tokens)\.js/ },
  { name: "records", test: /\/pages\/(alarms|audit|devices)\.js/ },
  { name: "curves", test: /\/src\/(charts|history|machine|policy|station)\/|\/pages\/(history|policy|station)\.js/ },
];

export default defineConfig({
  plugins: [plainImports, noIndentation],
  server: { proxy: { "/api": own, "/status": own, "/static": own } },
  build: {
    outDir: process.env.PORTAL_OUT || "../noonward/web/portal",
    emptyOutDir: true,
    target: "es2019", // wall tablets live long
    cssTarget: "safari12",
    assetsInlineLimit: 0, // data: addresses are not in the content security policy
    cssCodeSplit: false,
    modulePreload: false,
    rolldownOptions: {
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
        codeSplitting: { groups: CHUNKS },
      },
    },
  },
});
