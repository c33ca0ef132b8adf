import { readFile } from "node:fs/promises";

import { inlined } from "./inlined.js";
import { createPackage } from "./client.js";

const beside = () => new URL("./usage.wasm", import.meta.url);

// Node's fetch rejects the URL of a file.
const read = (url, signal) => (new URL(url).protocol === "file:" ? readFile(new URL(url), { signal }) : fetch(url));

export const {
  byAccountGroup, compareUnits, configure, getEnterpriseAgentUnits, getQuotas, getTestUnits, getUsage, getUsageWithResponse, init,
  summarize, topTests, UsageClient,
} =
  /* @__PURE__ */ createPackage([beside, inlined], read);
export * from "./errors.js";
