// A Worker may not compile WebAssembly at run time: the runtime hands the compiled module in.
import compiled from "./usage.wasm";

import { createPackage } from "./package.js";

export const { configure, getUsage, getUsageWithResponse, init, UsageClient } = /* @__PURE__ */ createPackage([() => compiled]);
export * from "./errors.js";
