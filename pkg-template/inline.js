import { createPackage } from "./client.js";
import base64 from "./usage.wasm.js";
import { decode } from "./inlined.js";

export const {
  byAccountGroup, compareUnits, configure, getEnterpriseAgentUnits, getQuotas, getTestUnits, getUsage, getUsageWithResponse, init,
  summarize, topTests, UsageClient,
} =
  /* @__PURE__ */ createPackage([() => decode(base64)]);
export * from "./errors.js";
