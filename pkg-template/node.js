import { readFile } from "node:fs/promises";

import start, * as exports from "./wasm.js";
import { createPackage } from "./package.js";

// Node's fetch refuses file URLs, so a file is read here.
async function load(wasm = new URL("./usage.wasm", import.meta.url)) {
  const isFile = wasm instanceof URL && wasm.protocol === "file:";
  await start({ module_or_path: isFile ? await readFile(wasm) : wasm });
  return exports;
}

export const { configure, getUsage, getUsageWithResponse, init, UsageClient } = /* @__PURE__ */ createPackage(load);
export * from "./errors.js";
