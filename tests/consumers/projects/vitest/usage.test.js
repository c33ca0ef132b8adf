import { writeFileSync } from "node:fs";

import { getUsage, NotFoundError, UsageError } from "thousandeyes-usage";
import { test } from "vitest";

import { report } from "./report.mjs";

test("usage", async () => {
  writeFileSync("report.json", JSON.stringify(await report({ getUsage, NotFoundError, UsageError }, process.env.API)));
});
