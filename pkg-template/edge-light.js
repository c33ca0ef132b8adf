// As in a Worker; `?module` is what Vercel and Next.js want to see.
import compiled from "./usage.wasm?module";

import { createPackage } from "./client.js";

export const { byAccountGroup, configure, getUsage, getUsageWithResponse, init, summarize, topTests, UsageClient } =
  /* @__PURE__ */ createPackage([() => compiled]);
export * from "./errors.js";
