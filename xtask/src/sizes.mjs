// Prints the size of what a page loads, and fails if it is over the budget or if this Node rejects the module.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";
import { BUDGET } from "./budget.mjs";
import { bundle } from "./bundle.mjs";

const pkg = new URL("../../pkg/", import.meta.url);
const wasm = readFileSync(new URL("usage.wasm", pkg));
// The constructor, not validate(): its error says which feature is rejected.
new WebAssembly.Module(wasm);

// The JS as a page's bundler ships it: the package asked for by its own name, as an app imports it.
const { name } = JSON.parse(readFileSync(new URL("package.json", pkg), "utf8"));
const js = await bundle(`export * from "${name}"`, fileURLToPath(pkg));

const rows = [
  ["usage.wasm", wasm],
  ["JS, bundled and minified", Buffer.concat(js)],
].map(([what, bytes]) => [what, bytes.length, brotliCompressSync(bytes).length]);
rows.push(["together", rows[0][1] + rows[1][1], rows[0][2] + rows[1][2]]);

const line = (...cells) => console.log(cells.map((cell, i) => (i ? `${cell}`.padStart(10) : cell.padEnd(26))).join(""));
line("size in bytes", "raw", "brotli");
rows.forEach((row) => line(...row));
const together = rows.at(-1).at(-1);
if (together > BUDGET) {
  console.error(`${together} bytes are over the budget of ${BUDGET}: make it smaller, or raise it in xtask/src/budget.mjs`);
  process.exitCode = 1;
}
