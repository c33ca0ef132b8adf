// A Worker may not compile WebAssembly. The runtime passes the compiled module.
import compiled from "./usage.wasm";

import { createPackage } from "./client.js";

export const {
  byAccountGroup, compareUnits, configure, getEnterpriseAgentUnits, getQuotas, getTestUnits, getUsage, getUsageWithResponse, init,
  summarize, topTests, UsageClient,
} =
  /* @__PURE__ */ createPackage([() => compiled]);
export * from "./errors.js";
