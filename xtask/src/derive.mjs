// Writes to pkg/ what can be made from its other files: the glue as a function, the wasm as JavaScript, and CommonJS.

import { copyFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const pkg = new URL("../../pkg/", import.meta.url);
const resolveDir = fileURLToPath(pkg);
const shared = { absWorkingDir: resolveDir, bundle: true, target: "es2022", legalComments: "none", logLevel: "warning" };

const inPkg = (name) => new URL(name, pkg);

// The names that wasm-opt gave, in the glue too: to it all imports are of one module.
const names = JSON.parse(await readFile(inPkg("names.json"), "utf8"));
const glue = await readFile(inPkg("glue.js"), "utf8");
const exported = new Map(names.exports);
const imported = new Map(names.imports.map(([module, name, short]) => [`${module} ${name}`, short]));
const modules = new Map([...glue.matchAll(/^import \* as (\w+) from "(.+)"$/gm)].map(([, name, module]) => [module, name]));
const ofSnippets = names.imports
  .filter(([module]) => modules.has(module))
  .map(([module, name, short]) => `"${short}": ${modules.get(module)}.${name}`);
const renamed = glue
  .replace(/^ {8}(\w+): function/gm, (whole, name) => whole.replace(name, JSON.stringify(imported.get(`./usage_bg.js ${name}`) ?? name)))
  .replace(/\bwasm\.(\w+)/g, (whole, name) => (exported.has(name) ? `wasm.${exported.get(name)}` : whole))
  .replace(/return \{\s+__proto__: null,\s+"\.\/usage_bg\.js": import0,[^}]+\}/, `return { a: { ...import0, ${ofSnippets} } }`);
await writeFile(inPkg("glue.js"), renamed);

const functions = ["initSync", ...[...glue.matchAll(/^export function (\w+)/gm)].map(([, name]) => name)].join();

// The package has call.js too, which so is there once: the function is given what it exports.
const [snippets] = await readdir(inPkg("snippets/"));
await copyFile(inPkg(`snippets/${snippets}/src/transport/call.js`), inPkg("call.js"));
const given = Object.keys(await import(inPkg("call.js"))).join();
const givenCall = {
  name: "given-call",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/call\.js$/ }, () => ({ path: "call", namespace: "given" }));
    onLoad({ filter: /^/, namespace: "given" }, () => ({ contents: `export const { ${given} } = call;` }));
  },
};

// wasm-bindgen's glue holds one instance for good. As a function it makes one at each call, so that a trap can be left
// behind, and what it is given stands in for the globals of those names.
await build({
  ...shared,
  stdin: { contents: `import { ${functions} } from "./glue.js"; glue = { ${functions} };`, resolveDir },
  format: "iife",
  plugins: [givenCall],
  banner: { js: "export default function ({ call, queueMicrotask, WebAssembly }) {\nlet glue;" },
  footer: { js: "return glue;\n}" },
  outfile: "glue.js",
  allowOverwrite: true,
});
// Where wasm-bindgen put the JavaScript that Rust imports, which the function now holds.
await rm(inPkg("snippets"), { recursive: true });
await rm(inPkg("names.json"));

const wasm = await readFile(new URL("usage.wasm", pkg));
await writeFile(new URL("usage.wasm.js", pkg), `export default "${wasm.toString("base64")}";\n`);

// What several share is there once: the classes, the client, and the bytes.
const COMMON_JS = { "./errors.js": "./errors.cjs", "./client.js": "./client.cjs", "./usage.wasm.js": "./usage.wasm.js" };
const sharing = {
  name: "sharing",
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind !== "entry-point" && path in COMMON_JS ? { path: COMMON_JS[path], external: true } : undefined);
  },
};
const commonJs = { ...shared, format: "cjs", platform: "node", plugins: [sharing], outExtension: { ".js": ".cjs" }, outdir: "." };
await build({ ...commonJs, entryPoints: ["./errors.js", "./client.js"] });
await build({
  ...commonJs,
  entryPoints: ["./node.js"],
  define: { "import.meta.url": "importMetaUrl" },
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
});
// Elsewhere CommonJS has no URL to look beside, so that the browser's entry goes straight to the bytes.
await build({
  ...commonJs,
  entryPoints: [{ in: "./browser.js", out: "inline" }],
  define: { "import.meta.url": "undefined" },
});
