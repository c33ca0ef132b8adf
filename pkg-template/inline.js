import { inlined } from "./inlined.js";
import { createPackage } from "./package.js";

export const { configure, getUsage, getUsageWithResponse, init, UsageClient } = /* @__PURE__ */ createPackage([inlined]);
export * from "./errors.js";
