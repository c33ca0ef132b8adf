// The metrics, as Prometheus's own tools read them, and the example of how to scrape and to alert.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { assertProblem, cacheStatus, MINUTE, start, startGateway, USAGE } from "./gateway.mjs";

const PROMTOOL = process.env.PROMTOOL || "promtool";
const EXAMPLES = fileURLToPath(new URL("../../www/worker/prometheus/", import.meta.url));
const run = promisify(execFile);

before(() => {
  const { error } = spawnSync(PROMTOOL, ["--version"]);
  if (error) throw new Error(`promtool cannot be run (${error.code}): install Debian's prometheus, or name it in PROMTOOL`);
});

/** The samples, by name and labels, as numbers. */
function samples(text) {
  const lines = text.split("\n").filter((line) => line && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}

/** Reads the text as Prometheus does: by its linter, and by its OpenMetrics parser, which wants a time for each sample. */
async function assertReadable(t, text) {
  assert.ok(text.endsWith("\n# EOF\n"));
  const { status, stdout, stderr } = spawnSync(PROMTOOL, ["check", "metrics"], { input: text, encoding: "utf8" });
  assert.equal(`${stdout}${stderr}`, "");
  assert.equal(status, 0);

  const folder = await mkdtemp(join(tmpdir(), "metrics-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "metrics.txt");
  await writeFile(file, text.replace(/^(thousandeyes.*)$/gm, "$1 1800000000"));
  await run(PROMTOOL, ["tsdb", "create-blocks-from", "openmetrics", file, join(folder, "data")]);
}

const USAGE_DOCUMENT = {
  usage: {
    quota: { monthStart: "2026-11-01T00:00:00Z", monthEnd: "2026-12-01T00:00:00Z", cloudUnitsIncluded: 4320000000, endpointAgentsIncluded: 0 },
    cloudUnitsUsed: 4000000000,
    cloudUnitsProjected: 9007199254740991,
    enterpriseUnitsUsed: 0,
    endpointAgentsUsed: 3,
  },
};

test("each meter that the data has is there, with each number that it has", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(200, JSON.stringify(USAGE_DOCUMENT));
  const response = await gateway.get("/metrics");
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
  assert.equal(response.headers.get("cache-control"), "no-store");
  const text = await response.text();
  await assertReadable(t, text);
  const found = samples(text);
  const of = (name, meter) => found[`thousandeyes_usage_${name}{meter="${meter}"}`];

  assert.equal(of("used", "cloudUnits"), 4000000000);
  assert.equal(of("projected", "cloudUnits"), 9007199254740991);
  assert.equal(of("included", "cloudUnits"), 4320000000);
  assert.equal(of("projected_overage", "cloudUnits"), 9007199254740991 - 4320000000);
  assert.equal(of("overage", "cloudUnits"), 0);
  assert.equal(of("utilisation_ratio", "cloudUnits"), 4000000000 / 4320000000);
  assert.equal(of("overage", "endpointAgents"), 3);
  assert.equal(of("used", "enterpriseUnits"), 0, "0 is a number");
  for (const name of ["projected", "included", "overage", "utilisation_ratio"]) {
    assert.equal(of(name, "enterpriseUnits"), undefined, `${name} is unknown, and not 0`);
  }
  assert.equal(of("utilisation_ratio", "endpointAgents"), undefined, "a share of nothing is none");
  assert.ok(!text.includes("enterpriseAgents"));
  assert.equal(found.thousandeyes_usage_period_start_timestamp_seconds, Date.UTC(2026, 10, 1) / 1000);
  assert.equal(found.thousandeyes_usage_period_end_timestamp_seconds, Date.UTC(2026, 11, 1) / 1000);
  assert.ok(found.thousandeyes_usage_data_age_seconds < 60);
  assert.ok(Object.values(found).every(Number.isFinite), text);
});

test("data that says nothing makes metrics that say nothing", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(200, "{}");
  const text = await (await gateway.get("/metrics")).text();
  await assertReadable(t, text);
  assert.deepEqual(Object.keys(samples(text)), ["thousandeyes_usage_data_age_seconds"]);
});

test("the sample's metrics are readable, and show when its units run out", async (t) => {
  const gateway = await startGateway(t);
  const response = await gateway.getBare("/metrics");
  assert.equal(response.headers.get("x-usage-source"), "sample");
  const text = await response.text();
  await assertReadable(t, text);
  const found = samples(text);
  const { quota, ...usage } = (await (await gateway.getBare(USAGE)).json()).usage;
  assert.equal(found['thousandeyes_usage_used{meter="cloudUnits"}'], usage.cloudUnitsUsed);
  const exhausts = found['thousandeyes_usage_exhausts_timestamp_seconds{meter="cloudUnits"}'];
  assert.ok(exhausts > Date.now() / 1000 && exhausts < Date.parse(quota.monthEnd) / 1000);
  assert.ok(found['thousandeyes_usage_run_rate_per_day{meter="cloudUnits"}'] > 0);
  assert.ok(found.thousandeyes_usage_period_elapsed_ratio > 0);
});

test("they come from the same cache as the usage, behind the same door, and tell how old they are", async (t) => {
  const { gateway, upstream } = await start(t);
  await assertProblem(await gateway.getBare("/metrics"), 401);
  assert.equal((await gateway.get(`${USAGE}?aid=2067`)).status, 200);
  await gateway.advance(2 * MINUTE);
  const response = await gateway.get("/metrics?aid=2067");
  assert.equal(cacheStatus(response)[0], "hit");
  assert.equal(upstream.requests.length, 1);

  upstream.respond(500, "{}");
  await gateway.advance(10 * MINUTE);
  const stale = await gateway.get("/metrics?aid=2067");
  assert.equal(stale.status, 200);
  const age = samples(await stale.text()).thousandeyes_usage_data_age_seconds;
  assert.ok(age >= 720 && age < 780, `${age}`);
  await assertProblem(await gateway.get("/metrics"), 500);
});

test("the example of scraping is a configuration of Prometheus's", async () => {
  await run(PROMTOOL, ["check", "config", "--syntax-only", join(EXAMPLES, "prometheus.yml")]);
});

test("the example alerts are rules of Prometheus's, and go off when they should", async () => {
  const { stdout } = await run(PROMTOOL, ["check", "rules", join(EXAMPLES, "alerts.yml")]);
  assert.match(stdout, /SUCCESS: \d+ rules found/);
  await run(PROMTOOL, ["test", "rules", join(EXAMPLES, "alerts.test.yml")]);
});

test("the alerts and the metrics agree on their names", async (t) => {
  const gateway = await startGateway(t);
  const text = await (await gateway.getBare("/metrics")).text();
  const names = new Set((await readFile(join(EXAMPLES, "alerts.yml"), "utf8")).match(/thousandeyes_usage_\w+/g));
  assert.ok(names.size > 3);
  for (const name of names) assert.match(text, new RegExp(`^# TYPE ${name} gauge$`, "m"));
});
