import { inlined } from "./inlined.js";
import { createPackage } from "./client.js";

// Most bundlers know this pattern, and copy the file. With any other, the inlined bytes are used.
const beside = () => new URL("./usage.wasm", import.meta.url);

export const {
  byAccountGroup, compareUnits, configure, getEnterpriseAgentUnits, getQuotas, getTestUnits, getUsage, getUsageWithResponse, init,
  summarize, topTests, UsageClient,
} =
  /* @__PURE__ */ createPackage([beside, inlined]);
export * from "./errors.js";
