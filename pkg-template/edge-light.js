// As in a Worker. Vercel and Next.js require `?module`.
import compiled from "./usage.wasm?module";

import { createPackage } from "./client.js";

export const {
  byAccountGroup, compareUnits, configure, getEnterpriseAgentUnits, getQuotas, getTestUnits, getUsage, getUsageWithResponse, init,
  summarize, topTests, UsageClient,
} =
  /* @__PURE__ */ createPackage([() => compiled]);
export * from "./errors.js";
