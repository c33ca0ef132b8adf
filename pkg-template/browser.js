import start, * as exports from "./wasm.js";
import { createPackage } from "./package.js";

async function load(wasm = new URL("./usage.wasm", import.meta.url)) {
  await start({ module_or_path: wasm });
  return exports;
}

export const { configure, getUsage, getUsageWithResponse, init, UsageClient } = /* @__PURE__ */ createPackage(load);
export * from "./errors.js";
