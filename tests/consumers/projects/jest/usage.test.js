const { writeFileSync } = require("node:fs");

const { getUsage } = require("thousandeyes-usage");

const { report } = require("./report.cjs");

test("usage", async () => {
  writeFileSync("report.json", JSON.stringify(await report(process.env.API)));
});

test("a call succeeds with fake timers", async () => {
  jest.useFakeTimers();
  const fetch = async () => new Response("{}", { headers: { "content-type": "application/json" } });
  expect(await getUsage(null, null, { fetch })).toEqual({});
});
