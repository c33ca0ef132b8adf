const { writeFileSync } = require("node:fs");

const { getUsage, NotFoundError, UsageError } = require("thousandeyes-usage");

const { report } = require("./report.cjs");

test("usage", async () => {
  writeFileSync("report.json", JSON.stringify(await report({ getUsage, NotFoundError, UsageError }, process.env.API)));
});
