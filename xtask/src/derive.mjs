// Writes to pkg/ what can be made from its other files: the glue as a function, the wasm as JavaScript, and CommonJS.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const pkg = new URL("../../pkg/", import.meta.url);
const resolveDir = fileURLToPath(pkg);
const shared = { absWorkingDir: resolveDir, bundle: true, target: "es2022", legalComments: "none", logLevel: "warning" };

// wasm-bindgen's glue holds one instance for good. As a function it holds one for each call, so that a trap can be left
// behind, and its parameters stand in for the globals of their names.
await build({
  ...shared,
  stdin: {
    contents: 'import { initSync, getUsage, getUsageWithResponse } from "./glue.js"; glue = { initSync, getUsage, getUsageWithResponse };',
    resolveDir,
  },
  format: "iife",
  banner: { js: "export default function (queueMicrotask, WebAssembly) {\nlet glue;" },
  footer: { js: "return glue;\n}" },
  outfile: "glue.js",
  allowOverwrite: true,
});

const wasm = await readFile(new URL("usage.wasm", pkg));
await writeFile(new URL("usage.wasm.js", pkg), `export default "${wasm.toString("base64")}";\n`);

for (const name of ["node", "inline"]) {
  await build({
    ...shared,
    entryPoints: [`${name}.js`],
    format: "cjs",
    platform: name === "node" ? "node" : "neutral",
    define: { "import.meta.url": "importMetaUrl" },
    ...(name === "node" && { banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' } }),
    // Of the bytes there is one copy for all.
    external: ["./usage.wasm.js"],
    outfile: `${name}.cjs`,
  });
}
