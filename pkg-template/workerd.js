// A Worker may not compile WebAssembly at run time: the runtime hands the compiled module in.
import compiled from "./usage.wasm";

import { createPackage } from "./client.js";

export const { byAccountGroup, configure, getUsage, getUsageWithResponse, init, summarize, topTests, UsageClient } =
  /* @__PURE__ */ createPackage([() => compiled]);
export * from "./errors.js";
