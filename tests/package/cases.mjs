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

  test("429 is a RateLimitError with the limit and the time to come back", async () => {
    const before = Date.now();
    const error = await fails("RateLimitError", "429");
    assert.deepEqual([error.code, error.status, error.retryable, error.attempts], ["rate-limit", 429, true, 1]);
    assert.deepEqual([error.rateLimit.limit, error.rateLimit.remaining], [240, 0]);
    assert.ok(Math.abs(Date.parse(error.retryAt) - before - 60_000) < 30_000, error.retryAt);
    assert.match(error.requestId, /./);
  });
}
