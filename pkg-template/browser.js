import { inlined } from "./inlined.js";
import { createPackage } from "./client.js";

// A bundler that knows this pattern takes the file along; where one does not, the inlined bytes step in.
const beside = () => new URL("./usage.wasm", import.meta.url);

export const { byAccountGroup, configure, getUsage, getUsageWithResponse, init, summarize, topTests, UsageClient } =
  /* @__PURE__ */ createPackage([beside, inlined]);
export * from "./errors.js";
