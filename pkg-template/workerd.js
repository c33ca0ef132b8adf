import start, * as exports from "./wasm.js";
import { createPackage } from "./package.js";
// A Worker may not compile WebAssembly at run time: the runtime hands the compiled module in.
import compiled from "./usage.wasm";

async function load(wasm = compiled) {
  await start({ module_or_path: wasm });
  return exports;
}

export const { configure, getUsage, getUsageWithResponse, init, UsageClient } = /* @__PURE__ */ createPackage(load);
export * from "./errors.js";
