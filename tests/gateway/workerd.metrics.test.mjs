// The metrics, read by Prometheus's own tools, and the example of how to scrape them and alert on them.
import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import {
  assertBetween, assertProblem, assertResponse, cacheStatus, createFolder, MINUTE, start, startGateway, USAGE,
} from "./gateway.mjs";

const PROMTOOL = process.env.PROMTOOL || "promtool";
const EXAMPLES = fileURLToPath(new URL("../../www/worker/prometheus/", import.meta.url));
const run = promisify(execFile);

before(() => {
  const { error } = spawnSync(PROMTOOL, ["--version"]);
  if (error) throw new Error(`promtool does not run (${error.code}): install Debian's prometheus, or set PROMTOOL`);
});

/** Asserts that Prometheus's linter and its parser accept the metrics, and returns their values by name and labels. */
async function assertMetrics(t, response) {
  assertResponse(response, 200, {
    "content-type": "application/openmetrics-text; version=1.0.0; charset=utf-8", "cache-control": "no-store",
  });
  const text = await response.text();
  assert.ok(text.endsWith("\n# EOF\n"));
  const { status, stdout, stderr } = spawnSync(PROMTOOL, ["check", "metrics"], { input: text, encoding: "utf8" });
  assert.deepEqual([status, stdout, stderr], [0, "", ""]);

  const folder = await createFolder(t);
  const file = join(folder, "metrics.txt");
  // The parser requires a time for each sample.
  await writeFile(file, text.replace(/^(thousandeyes.*)$/gm, "$1 1800000000"));
  await run(PROMTOOL, ["tsdb", "create-blocks-from", "openmetrics", file, join(folder, "data")]);

  const samples = [...text.matchAll(/^(thousandeyes\S+) (.+)$/gm)].map(([, name, value]) => [name, Number(value)]);
  assert.ok(samples.every(([, value]) => Number.isFinite(value)), text);
  return { text, samples: Object.fromEntries(samples) };
}

test("each meter has the values that are known, and no others", async (t) => {
  const { gateway, upstream } = await start(t);
  const quota = {
    monthStart: "2026-11-01T00:00:00Z", monthEnd: "2026-12-01T00:00:00Z",
    cloudUnitsIncluded: 4_320_000_000, endpointAgentsIncluded: 0,
  };
  const cloudUnits = { cloudUnitsUsed: 4_000_000_000, cloudUnitsProjected: Number.MAX_SAFE_INTEGER };
  upstream.respond(200, JSON.stringify({ usage: { quota, ...cloudUnits, enterpriseUnitsUsed: 0, endpointAgentsUsed: 3 } }));
  const { text, samples } = await assertMetrics(t, await gateway.get("/metrics"));
  const assertMeter = (meter, values) => {
    const actual = Object.keys(values).map((name) => [name, samples[`thousandeyes_usage_${name}{meter="${meter}"}`]]);
    assert.deepEqual(Object.fromEntries(actual), values, meter);
  };
  assertMeter("cloudUnits", {
    used: 4_000_000_000,
    projected: Number.MAX_SAFE_INTEGER,
    included: 4_320_000_000,
    projected_overage: Number.MAX_SAFE_INTEGER - 4_320_000_000,
    overage: 0,
    utilisation_ratio: 4_000_000_000 / 4_320_000_000,
  });
  assertMeter("endpointAgents", { overage: 3, utilisation_ratio: undefined });
  assertMeter("enterpriseUnits", {
    used: 0, projected: undefined, included: undefined, overage: undefined, utilisation_ratio: undefined,
  });
  assert.ok(!text.includes("enterpriseAgents"));
  assert.match(text, /^# UNIT thousandeyes_usage_utilisation_ratio ratio$/m);
  assert.equal(samples.thousandeyes_usage_period_start_timestamp_seconds, Date.UTC(2026, 10, 1) / 1000);
  assert.equal(samples.thousandeyes_usage_period_end_timestamp_seconds, Date.UTC(2026, 11, 1) / 1000);
  assertBetween(samples.thousandeyes_usage_data_age_seconds, 0, 60);
});

test("for an empty response, the only metric is its age", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(200, "{}");
  const { samples } = await assertMetrics(t, await gateway.get("/metrics"));
  assert.deepEqual(Object.keys(samples), ["thousandeyes_usage_data_age_seconds"]);
});

test("the sample has metrics too: they show when its units run out, and have each name that the alerts use", async (t) => {
  const gateway = await startGateway(t);
  const response = await gateway.getWithoutKey("/metrics");
  assertResponse(response, 200, { "x-usage-source": "sample" });
  const { text, samples } = await assertMetrics(t, response);
  const { quota, cloudUnitsUsed } = (await (await gateway.getWithoutKey(USAGE)).json()).usage;
  assert.equal(samples['thousandeyes_usage_used{meter="cloudUnits"}'], cloudUnitsUsed);
  const exhaustsAt = samples['thousandeyes_usage_exhausts_timestamp_seconds{meter="cloudUnits"}'];
  assertBetween(exhaustsAt, Date.now() / 1000, Date.parse(quota.monthEnd) / 1000);
  assert.ok(samples['thousandeyes_usage_run_rate_per_day{meter="cloudUnits"}'] > 0);
  assert.ok(samples.thousandeyes_usage_period_elapsed_ratio > 0);

  const names = new Set((await readFile(join(EXAMPLES, "alerts.yml"), "utf8")).match(/thousandeyes_usage_\w+/g));
  assert.ok(names.size > 3);
  for (const name of names) assert.match(text, new RegExp(`^# TYPE ${name} gauge$`, "m"));
});

test("metrics share the cache of the usage, and have the age of the data", async (t) => {
  const { gateway, upstream } = await start(t);
  assertResponse(await gateway.get(`${USAGE}?aid=2067`), 200);
  await gateway.advance(2 * MINUTE);
  assert.equal(cacheStatus(await gateway.get("/metrics?aid=2067"))[0], "hit");
  assert.equal(upstream.requests.length, 1);

  upstream.respond(500, "{}");
  await gateway.advance(10 * MINUTE);
  const { samples } = await assertMetrics(t, await gateway.get("/metrics?aid=2067"));
  assertBetween(samples.thousandeyes_usage_data_age_seconds, 720, 780);
  await assertProblem(await gateway.get("/metrics"), 500);
});

test("Prometheus accepts the example configuration and alerts, and the alerts fire when they should", async () => {
  await run(PROMTOOL, ["check", "config", "--syntax-only", join(EXAMPLES, "prometheus.yml")]);
  const { stdout } = await run(PROMTOOL, ["check", "rules", join(EXAMPLES, "alerts.yml")]);
  assert.match(stdout, /SUCCESS: \d+ rules found/);
  await run(PROMTOOL, ["test", "rules", join(EXAMPLES, "alerts.test.yml")]);
});
