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

const CLASSES = {
  "argument": "ArgumentError",
  "token": "TokenError",
  "connection": "ConnectionError",
  "timeout": "TimeoutError",
  "bad-request": "BadRequestError",
  "unauthorized": "UnauthorizedError",
  "forbidden": "ForbiddenError",
  "not-found": "NotFoundError",
  "rate-limit": "RateLimitError",
  "server": "ServerError",
  "unexpected-response": "UnexpectedResponseError",
  "decode": "DecodeError",
};

/**
 * @param api as `startApi` gives it
 * @param outcome makes a call in the runtime: as outcome.mjs, but from afar
 * @param redirectStatus the status that the runtime shows of a redirect
 * @param stackHasMessage whether the runtime's stacks begin with the error's name and message
 */
export function cases({ api, outcome, redirectStatus, stackHasMessage = true }) {
  beforeEach(() => api().requests.splice(0));

  const call = (aid, expand, options) => outcome({ aid, expand, options: { baseUrl: api().url, ...options } });

  async function succeeds(aid, expand, options) {
    const { data, error } = await call(aid, expand, options);
    assert.equal(error, undefined);
    return data;
  }

  async function fails(code, aid, expand, options) {
    const { error } = await call(aid, expand, options);
    assert.equal(error?.code, code, error?.message);
    assert.equal(error.name, CLASSES[code]);
    assert.deepEqual([error.isUsageError, error.isOfItsClass, error.isError], [true, true, true]);
    if (stackHasMessage) assert.equal(error.firstLineOfStack, `${error.name}: ${error.message}`);
    return error;
  }

  const fault = (name, options) => ({ baseUrl: `${api().url}/fault/${name}`, maxRetries: 0, ...options });
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
    const data = await succeeds(null, null, fault("every-field"));
    const body = await fetch(`${api().url}/fault/every-field/v7/usage`);
    assert.deepEqual(data, await body.json());
  });

  test("an unknown field survives", async () => {
    const { usage } = await succeeds();
    assert.equal(usage.organizationName, "Example Corp");
  });

  test("an aid cannot leave its place in the URL", async () => {
    await fails("forbidden", "../1&expand=test#é");
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

  test("a mistake in the arguments is an ArgumentError and sends nothing", async () => {
    await fails("argument", "");
    await fails("argument", 2067);
    await fails("argument", null, "test");
    await fails("argument", null, ["tests"]);
    await fails("argument", null, null, { baseUrl: "http://example.com" });
    await fails("argument", null, null, { timeout: 0 });
    await fails("argument", null, null, { maxRetries: 0.5 });
    await fails("argument", null, null, { headers: { "x-own": "a\nb" } });
    assert.deepEqual(asked(), []);
  });

  test("a token that no header takes is a TokenError, sends nothing and does not show", async () => {
    const error = await fails("token", null, null, { token: "s3cret\r\nX-Evil: 1" });
    assert.doesNotMatch(JSON.stringify(error), /s3cret/);
    assert.deepEqual(asked(), []);
  });

  test("a connection that is refused is a ConnectionError", async () => {
    const error = await fails("connection", null, null, { baseUrl: await api().refused(), maxRetries: 0 });
    assert.deepEqual([error.attempts, error.retryable], [1, true]);
  });

  test("a TLS handshake that fails is a ConnectionError", async () => {
    await fails("connection", null, null, { baseUrl: api().url.replace("http:", "https:"), maxRetries: 0 });
  });

  test("a reset before the headers is a ConnectionError", async () => {
    await fails("connection", null, null, fault("reset"));
  });

  test("a reset in the body is a ConnectionError", async () => {
    await fails("connection", null, null, fault("reset-in-body"));
  });

  test("stalled headers are a TimeoutError at the deadline", async () => {
    const error = await fails("timeout", null, null, fault("stalled-headers", { timeout: 300 }));
    assert.deepEqual([error.attempts, error.retryable], [1, true]);
  });

  test("a stalled body is a TimeoutError at the deadline", async () => {
    await fails("timeout", null, null, fault("stalled-body", { timeout: 300 }));
  });

  test("400 is a BadRequestError with its single faults", async () => {
    const error = await fails("bad-request", null, null, fault("problem-400"));
    assert.deepEqual([error.status, error.retryable, error.attempts], [400, false, 1]);
    assert.deepEqual(error.problem, {
      type: "about:blank",
      title: "Bad Request",
      status: 400,
      detail: "The request has 1 invalid parameter.",
      instance: "/v7/usage",
      errors: [{ code: "INVALID_VALUE", field: "expand", message: "must be one of the documented values" }],
    });
  });

  test("401 is an UnauthorizedError with what OAuth says", async () => {
    const error = await fails("unauthorized", null, null, fault("oauth-401"));
    assert.equal(error.status, 401);
    assert.deepEqual(error.problem, { title: "invalid_token", detail: "Invalid access token" });
  });

  test("403 is a ForbiddenError whatever status its body claims", async () => {
    const error = await fails("forbidden", null, null, fault("lying-403"));
    assert.deepEqual([error.status, error.problem.status], [403, 200]);
  });

  test("404 is a NotFoundError with the texts of its errors", async () => {
    const error = await fails("not-found", null, null, fault("errors-text-404"));
    assert.deepEqual(error.problem, { status: 404, instance: "/v7/usage", errors: [{ message: "Not found" }] });
  });

  test("429 is a RateLimitError with the limit and the time to come back", async () => {
    const before = Date.now();
    const error = await fails("rate-limit", "429");
    assert.deepEqual([error.status, error.retryable, error.attempts], [429, true, 1]);
    assert.deepEqual([error.rateLimit.limit, error.rateLimit.remaining], [240, 0]);
    assert.ok(Math.abs(Date.parse(error.retryAt) - before - 60_000) < 30_000, error.retryAt);
    assert.match(error.requestId, /./);
  });

  test("429 that says nothing still has a time to come back", async () => {
    const error = await fails("rate-limit", null, null, fault("empty-429"));
    assert.equal(error.problem, undefined);
    assert.ok(Date.parse(error.retryAt) > 0);
  });

  test("500 is a ServerError with its message", async () => {
    const error = await fails("server", null, null, fault("error-message-500"));
    assert.deepEqual([error.status, error.retryable], [500, true]);
    assert.deepEqual(error.problem, { detail: "Internal server error" });
  });

  test("a proxy's HTML is a ServerError without a problem", async () => {
    const error = await fails("server", null, null, fault("html-502"));
    assert.deepEqual([error.status, error.problem], [502, undefined]);
  });

  test("any other status is an UnexpectedResponseError", async () => {
    assert.equal((await fails("unexpected-response", null, null, fault("teapot"))).status, 418);
    assert.equal((await fails("unexpected-response", null, null, fault("no-content"))).status, 204);
  });

  test("a redirect is an UnexpectedResponseError and is not followed", async () => {
    for (const name of ["redirect", "redirect-elsewhere"]) {
      const error = await fails("unexpected-response", null, null, fault(name, { token: "abc" }));
      assert.equal(error.status, redirectStatus);
    }
    assert.deepEqual(asked(), ["GET /fault/redirect/v7/usage", "GET /fault/redirect-elsewhere/v7/usage"]);
    assert.deepEqual(api().strays, []);
  });

  test("a 200 that is no JSON media type is an UnexpectedResponseError", async () => {
    for (const name of ["html", "no-media-type"]) {
      assert.equal((await fails("unexpected-response", null, null, fault(name))).status, 200);
    }
  });

  test("a body over maxBodyBytes is an UnexpectedResponseError", async () => {
    await fails("unexpected-response", null, ["test"], { maxBodyBytes: 1000 });
  });

  test("a wrong type is a DecodeError whose path names the element", async () => {
    const { path, expected, found, attempts } = await fails("decode", null, null, fault("wrong-type"));
    assert.deepEqual([path, found, attempts], ["usage.tests[17].cloudUnitsUsed", "a string", 1]);
    assert.equal(expected, "an integer within ±(2^53 − 1)");
  });

  test("an integer beyond 2^53 is a DecodeError, never rounded", async () => {
    const { path } = await fails("decode", null, null, fault("beyond-2-pow-53"));
    assert.equal(path, "usage.cloudUnitsUsed");
  });

  test("a body that is not JSON is a DecodeError that does not hold it", async () => {
    const error = await fails("decode", null, null, fault("not-json"));
    assert.doesNotMatch(JSON.stringify(error), /It works/);
  });

  test("a token that the server echoes does not show", async () => {
    const error = await fails("unauthorized", null, null, fault("echo", { token: "s3cret-token" }));
    assert.equal(error.problem.detail, "refused: Bearer [token]");
    assert.doesNotMatch(JSON.stringify(error), /s3cret/);
  });

  test("a 503 is tried again", async () => {
    await succeeds("2067", null, fault("busy-once", { maxRetries: 1 }));
    assert.deepEqual(asked(), Array(2).fill("GET /fault/busy-once/v7/usage?aid=2067"));
  });
}
