// What the built package does over real loopback HTTP: the same cases in each runtime.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const ALL = [
  ["test", "tests"],
  ["enterprise-agent", "enterpriseAgents"],
  ["enterprise-agent-unit", "enterpriseAgentUnits"],
  ["endpoint-agent", "endpointAgents"],
  ["endpoint-agent-essential", "endpointAgentsEssentials"],
  ["endpoint-agent-embedded", "endpointAgentsEmbedded"],
];

/**
 * @param api as `startApi` gives it
 * @param outcome makes a call in the runtime: as outcome.mjs, but from afar
 * @param stackHasMessage whether the runtime's stacks begin with the error's name and message
 */
export function cases({ api, outcome, stackHasMessage = true }) {
  beforeEach(() => api().requests.splice(0));

  const call = (aid, expand, options) => outcome({ aid, expand, options: { baseUrl: api().url, ...options } });

  async function succeeds(aid, expand, options) {
    const { data, error } = await call(aid, expand, options);
    assert.equal(error, undefined);
    return data;
  }

  async function insight(name, args, at) {
    const { data, error } = await outcome({ name, args, at });
    assert.equal(error, undefined);
    return data;
  }

  async function fails(name, aid) {
    const { error } = await call(aid);
    assert.equal(error?.name, name, error?.message);
    assert.deepEqual([error.isUsageError, error.isOfItsClass, error.isError], [true, true, true]);
    if (stackHasMessage) assert.equal(error.firstLineOfStack, `${error.name}: ${error.message}`);
    return error;
  }

  const asked = () => api().requests.map(({ method, url }) => `${method} ${url}`);

  test("aid and expand make exactly GET /v7/usage?aid=2067&expand=test,endpoint-agent", async () => {
    await succeeds("2067", ["test", "endpoint-agent"]);
    assert.deepEqual(asked(), ["GET /v7/usage?aid=2067&expand=test,endpoint-agent"]);
  });

  test("the result is equal to the sample's JSON", async () => {
    const data = await succeeds("2067", ["test", "endpoint-agent"]);
    const sample = await fetch(`${api().url}/v7/usage?aid=2067&expand=test,endpoint-agent`);
    assert.deepEqual(data, await sample.json());
    assert.ok(data.usage.tests.length >= 2000);
  });

  test("without aid and expand there is no question mark", async () => {
    await succeeds(null, null);
    await succeeds(undefined, []);
    assert.deepEqual(asked(), ["GET /v7/usage", "GET /v7/usage"]);
  });

  test("each value of expand fills the array of its name, and no other", async () => {
    for (const [value, field] of ALL) {
      const { usage } = await succeeds(null, [value]);
      const filled = ALL.map(([, field]) => field).filter((field) => field in usage);
      assert.deepEqual(filled, [field]);
      assert.ok(usage[field].length > 0);
    }
  });

  test("4320000000 survives", async () => {
    const { usage } = await succeeds();
    assert.equal(usage.quota.cloudUnitsIncluded, 4_320_000_000);
  });

  test("a body with every field comes back as it is", async () => {
    const data = await succeeds(null, null, { baseUrl: `${api().url}/every-field` });
    const body = await fetch(`${api().url}/every-field/v7/usage`);
    assert.deepEqual(data, await body.json());
  });

  test("an unknown field survives", async () => {
    const { usage } = await succeeds();
    assert.equal(usage.organizationName, "Example Corp");
  });

  test("an aid cannot leave its place in the URL", async () => {
    await fails("ForbiddenError", "../1&expand=test#é");
    assert.deepEqual(asked(), ["GET /v7/usage?aid=..%2F1%26expand%3Dtest%23%C3%A9"]);
  });

  test("the headers are Accept and, with a token, Authorization", async () => {
    await succeeds();
    await succeeds(null, null, { token: "abc-123" });
    const [bare, withToken] = api().requests.map(({ headers }) => headers);
    assert.equal(bare.accept, "application/hal+json, application/problem+json");
    assert.equal(bare.authorization, undefined);
    assert.equal(withToken.authorization, "Bearer abc-123");
  });

  test("the user's headers win", async () => {
    await succeeds(null, null, { token: "abc", headers: { Authorization: "Basic eA==", Accept: "application/json" } });
    const [{ headers }] = api().requests;
    assert.deepEqual([headers.authorization, headers.accept], ["Basic eA==", "application/json"]);
  });

  test("summarize tells the meters and the period of a usage", async () => {
    const usage = await succeeds();
    const { monthStart, monthEnd, cloudUnitsIncluded } = usage.usage.quota;
    const [start, end] = [monthStart, monthEnd].map(Date.parse);
    const at = start + (end - start) / 4;
    const { period, meters } = await insight("summarize", [usage], at);
    assert.deepEqual(period, { start: monthStart, end: monthEnd, elapsed: 0.25 });
    const { cloudUnitsUsed: used, cloudUnitsProjected: projected } = usage.usage;
    const { runRatePerDay, exhaustsAt, ...cloudUnits } = meters.find(({ meter }) => meter === "cloudUnits");
    assert.deepEqual(cloudUnits, {
      meter: "cloudUnits",
      used,
      projected,
      included: cloudUnitsIncluded,
      nextPeriod: usage.usage.cloudUnitsNextBillingPeriod,
      utilisation: used / cloudUnitsIncluded,
      projectedUtilisation: projected / cloudUnitsIncluded,
      overage: Math.max(0, used - cloudUnitsIncluded),
      projectedOverage: Math.max(0, projected - cloudUnitsIncluded),
    });
    assert.ok(Math.abs(runRatePerDay / (used / ((at - start) / 86_400_000)) - 1) < 1e-12);
    const after = (at - start) * (cloudUnitsIncluded / used);
    assert.equal(exhaustsAt, after < end - start ? new Date(start + after).toISOString() : undefined);
  });

  test("byAccountGroup adds up the breakdowns, and topTests finds the tests that use the most", async () => {
    const usage = await succeeds(null, ["test", "endpoint-agent"]);
    const groups = await insight("byAccountGroup", [usage]);
    const { tests, endpointAgents } = usage.usage;
    const sum = (rows, field) => rows.reduce((sum, row) => sum + (row[field] ?? 0), 0);
    for (const [rows, field] of [[tests, "cloudUnitsUsed"], [tests, "cloudUnitsProjected"], [endpointAgents, "endpointAgentsUsed"]]) {
      assert.equal(sum(groups, field), sum(rows, field));
      for (const group of groups) assert.equal(group[field] ?? 0, sum(rows.filter(({ aid }) => aid === group.aid), field));
    }
    assert.equal(sum(groups, "tests"), tests.length);
    assert.equal(new Set(groups.map(({ aid }) => aid)).size, groups.length);

    const units = ({ cloudUnitsProjected, cloudUnitsUsed }) => cloudUnitsProjected ?? cloudUnitsUsed ?? -1;
    const most = tests.map(units).sort((one, other) => other - one);
    assert.deepEqual((await insight("topTests", [usage, 25])).map(units), most.slice(0, 25));
    assert.equal((await insight("topTests", [usage])).length, 10);
  });

  test("what is no usage is an ArgumentError that says where", async () => {
    for (const name of ["summarize", "byAccountGroup", "topTests"]) {
      const { error } = await outcome({ name, args: [{ usage: { cloudUnitsUsed: "12" } }] });
      assert.deepEqual([error?.name, error?.isOfItsClass, error?.retryable, error?.attempts], ["ArgumentError", true, false, 0]);
      assert.equal(
        error.message,
        "`usage` must be what getUsage resolves to: usage.cloudUnitsUsed should be an integer within ±(2^53 − 1), not a string",
      );
    }
  });

  test("429 is a RateLimitError with the limit and the time to come back", async () => {
    const before = Date.now();
    const error = await fails("RateLimitError", "429");
    assert.deepEqual([error.code, error.status, error.retryable, error.attempts], ["rate-limit", 429, true, 1]);
    assert.deepEqual([error.rateLimit.limit, error.rateLimit.remaining], [240, 0]);
    assert.ok(Math.abs(Date.parse(error.retryAt) - before - 60_000) < 30_000, error.retryAt);
    assert.match(error.requestId, /./);
  });
}
