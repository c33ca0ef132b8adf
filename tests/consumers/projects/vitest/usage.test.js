import { writeFileSync } from "node:fs";

import { test } from "vitest";

import { report } from "./report.mjs";

test("usage", async () => {
  writeFileSync("report.json", JSON.stringify(await report(process.env.API)));
});
