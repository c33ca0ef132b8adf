import { createPackage } from "./package.js";
import base64 from "./usage.wasm.js";
import { decode } from "./inlined.js";

export const { configure, getUsage, getUsageWithResponse, init, UsageClient } = /* @__PURE__ */ createPackage([() => decode(base64)]);
export * from "./errors.js";
