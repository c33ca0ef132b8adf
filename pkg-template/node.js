import { readFile } from "node:fs/promises";

import start, * as exports from "./wasm.js";
import { createPackage } from "./package.js";

// Node's fetch refuses the URL of a file, so a file is read here.
const isFile = (wasm) => (typeof wasm === "string" || wasm instanceof URL) && new URL(wasm).protocol === "file:";

async function load(wasm = new URL("./usage.wasm", import.meta.url)) {
  await start({ module_or_path: isFile(wasm) ? await readFile(new URL(wasm)) : wasm });
  return exports;
}

export const { configure, getUsage, getUsageWithResponse, init, UsageClient } = /* @__PURE__ */ createPackage(load);
export * from "./errors.js";
