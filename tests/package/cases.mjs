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
 * @param api of `startApi`
 * @param outcome makes a call in the runtime: as outcome.mjs does, but from outside
 * @param stackHasMessage whether the runtime's stacks begin with the error's name and message
 */
export function cases({ api, outcome, stackHasMessage = true }) {
  beforeEach(() => api().requests.splice(0));

  const call = (aid, expand, options) => outcome({ aid, expand, options: { baseUrl: api().url, ...options } });

  async function succeed(aid, expand, options) {
    const { data, error } = await call(aid, expand, options);
    assert.equal(error, undefined);
    return data;
  }

  async function compute(name, args, at) {
    const { data, error } = await outcome({ name, args, at });
    assert.equal(error, undefined);
    return data;
  }

  async function fail(name, aid) {
    const { error } = await call(aid);
    assert.equal(error?.name, name, error?.message);
    assert.deepEqual([error.isUsageError, error.isOfItsClass, error.isError], [true, true, true]);
    if (stackHasMessage) assert.equal(error.firstLineOfStack, `${error.name}: ${error.message}`);
    return error;
  }

  const requested = () => api().requests.map(({ method, url }) => `${method} ${url}`);

  test("aid and expand are in the URL, and the result is the API's JSON", async () => {
    const data = await succeed("2067", ["test", "endpoint-agent"]);
    await succeed(null, null);
    await succeed(undefined, []);
    const path = "/v7/usage?aid=2067&expand=test,endpoint-agent";
    assert.deepEqual(requested(), [`GET ${path}`, "GET /v7/usage", "GET /v7/usage"]);
    assert.deepEqual(data, await (await fetch(api().url + path)).json());
    assert.ok(data.usage.tests.length >= 2000);
    assert.equal(data.usage.quota.cloudUnitsIncluded, 4_320_000_000);
    assert.equal(data.usage.organizationName, "Example Corp", "an unknown field is kept");
  });

  test("each value of expand fills the array of its name, and no other", async () => {
    for (const [value, field] of ALL) {
      const { usage } = await succeed(null, [value]);
      const filled = ALL.map(([, field]) => field).filter((field) => field in usage);
      assert.deepEqual(filled, [field]);
      assert.ok(usage[field].length > 0);
    }
  });

  test("a response with every field is returned unchanged", async () => {
    const data = await succeed(null, null, { baseUrl: `${api().url}/every-field` });
    const body = await fetch(`${api().url}/every-field/v7/usage`);
    assert.deepEqual(data, await body.json());
  });

  test("an aid is percent-encoded", async () => {
    await fail("ForbiddenError", "../1&expand=test#é");
    assert.deepEqual(requested(), ["GET /v7/usage?aid=..%2F1%26expand%3Dtest%23%C3%A9"]);
  });

  test("the headers are Accept, Authorization with a token, and the user's own, which win", async () => {
    await succeed();
    await succeed(null, null, { token: "abc-123" });
    await succeed(null, null, { token: "abc", headers: { Authorization: "Basic eA==", Accept: "application/json" } });
    const accept = "application/hal+json, application/problem+json";
    assert.deepEqual(
      api().requests.map(({ headers }) => [headers.accept, headers.authorization]),
      [[accept, undefined], [accept, "Bearer abc-123"], ["application/json", "Basic eA=="]],
    );
  });

  test("summarize, byAccountGroup and topTests compute in the WebAssembly", async () => {
    const usage = await succeed(null, ["test", "endpoint-agent"]);
    const { quota, tests, cloudUnitsUsed } = usage.usage;
    const [start, end] = [quota.monthStart, quota.monthEnd].map(Date.parse);
    const { period, meters } = await compute("summarize", [usage], start + (end - start) / 4);
    assert.deepEqual(period, { start: quota.monthStart, end: quota.monthEnd, elapsed: 0.25 });
    assert.equal(meters.find(({ meter }) => meter === "cloudUnits").used, cloudUnitsUsed);

    const sum = (rows, field) => rows.reduce((sum, row) => sum + (row[field] ?? 0), 0);
    const groups = await compute("byAccountGroup", [usage]);
    for (const group of groups) assert.equal(group.tests ?? 0, tests.filter(({ aid }) => aid === group.aid).length);
    assert.equal(sum(groups, "cloudUnitsUsed"), sum(tests, "cloudUnitsUsed"));

    const units = ({ cloudUnitsProjected, cloudUnitsUsed }) => cloudUnitsProjected ?? cloudUnitsUsed ?? -1;
    const most = tests.map(units).sort((one, other) => other - one);
    assert.deepEqual((await compute("topTests", [usage, 25])).map(units), most.slice(0, 25));
    assert.equal((await compute("topTests", [usage])).length, 10);
  });

  test("an argument that is not a usage is an ArgumentError with the path", async () => {
    for (const name of ["summarize", "byAccountGroup", "topTests"]) {
      const { error } = await outcome({ name, args: [{ usage: { cloudUnitsUsed: "12" } }] });
      assert.deepEqual([error?.name, error?.isOfItsClass, error?.retryable, error?.attempts], ["ArgumentError", true, false, 0]);
      assert.equal(
        error.message,
        "`usage` must be what getUsage resolves to: usage.cloudUnitsUsed should be an integer within ±(2^53 − 1), not a string",
      );
    }
  });

  test("429 is a RateLimitError with the limit and the time to retry", async () => {
    const before = Date.now();
    const error = await fail("RateLimitError", "429");
    assert.deepEqual([error.code, error.status, error.retryable, error.attempts], ["rate-limit", 429, true, 1]);
    assert.deepEqual([error.rateLimit.limit, error.rateLimit.remaining], [240, 0]);
    assert.ok(Math.abs(Date.parse(error.retryAt) - before - 60_000) < 30_000, error.retryAt);
    assert.match(error.requestId, /./);
  });
}
