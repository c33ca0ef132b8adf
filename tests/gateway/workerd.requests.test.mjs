// Which requests the gateway accepts, and what a request may change for the API or another viewer: nothing.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { UsageClient } from "../../pkg/node.js";
import {
  AGENTS, assertBetween, assertProblem, assertResponse, HOUR, KEY, ORIGIN, OTHER_KEY, QUOTAS, start, startGateway, TESTS, TOKEN,
  USAGE,
} from "./gateway.mjs";

const METRICS = "/metrics";
const LOCAL_ORIGIN = "http://localhost:5173";

const { gateway, upstream } = await start({ after });
const limited = await startGateway({ after }, { upstream, bindings: { ALLOWED_AIDS: "2067, 2068" } });
const shared = await startGateway({ after }, { upstream, bindings: { ALLOWED_ORIGINS: `${ORIGIN},${LOCAL_ORIGIN}` } });

beforeEach(() => void upstream.requests.splice(0));

/** Makes the responses to earlier tests too old to serve. */
const expireStored = () => gateway.advance(2 * HOUR);

const assertNotForwarded = () => assert.deepEqual(upstream.requests, []);

for (const path of [
  "/api//v7/usage", "//api/v7/usage", "/api/v7//usage", "/api/v7/usage/", "/api/v7/usage/x", "/api/v7/usage;x=1",
  "/api;x/v7/usage", "/API/v7/usage", "/api/v7/Usage", "/api/v7/usag%65", "/%61pi/v7/usage", "/api%2fv7%2fusage",
  "/api/v7/usage%00", "/api/v7/usage%20", "/api/v7/usage%3faid=1", "/api/v7/usage.json", "/api/v7/tests", "/api/v6/usage",
  "/api/", "/v7/usage", "/api/%252e/v7/usage", "/metrics/", "/Metrics", "/metric%73", "/metrics%00",
  "/api/v7/../v7/tests", "/api/v7/usage/../../v7/tests", "/api/v7/usage%2f..%2f..%2ftests", `${TESTS}/x`, `${AGENTS}/x`,
  `${QUOTAS}/x`,
]) {
  test(`${path} is a 404`, async () => {
    const headers = path.startsWith("/api/") ? { "content-type": "application/problem+json" } : {};
    assertResponse(await gateway.raw(path), 404, headers);
    assertNotForwarded();
  });
}

for (const path of [
  "/api/./v7/usage", "/api/%2e/v7/usage", "/x/../api/v7/usage", "/api/x/%2e%2e/v7/usage", "/api\\v7/usage", "/api/v7/usage?",
]) {
  test(`${path} is the same address as ${USAGE}, and needs a key too`, async () => {
    assertResponse(await gateway.raw(path, { key: "" }), 401);
    const [expected, actual] = [await gateway.raw(USAGE), await gateway.raw(path)];
    assertResponse(actual, 200);
    assert.equal(await actual.text(), await expected.text());
    assert.ok(upstream.requests.every(({ url }) => url === "/v7/usage"));
  });
}

for (const path of [USAGE, METRICS, TESTS, AGENTS, QUOTAS]) {
  test(`a stranger gets a 401 from ${path}, even if the response is stored or the query is invalid`, async () => {
    assertResponse(await gateway.get(path), 200);
    for (const headers of [{}, { "if-none-match": "*" }]) {
      for (const query of ["", "?x=1"]) await assertProblem(await gateway.getWithoutKey(path + query, { headers }), 401);
    }
  });

  for (const method of ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]) {
    test(`${method} ${path} is a 405, with or without a key`, async () => {
      for (const key of [KEY, ""]) assertResponse(await gateway.raw(path, { method, key }), 405, { allow: "GET" });
      assertNotForwarded();
    });
  }
}

for (const [path, error, ...queries] of [
  [USAGE, "INVALID_AID aid", "?aid=2067&aid=2068", "?aid=2067&aid=2067", "?aid=2067&%61id=2068", "?aid=", "?aid",
    "?aid=20%0d%0a67", "?aid=%00", "?aid=%c2%85"],
  [USAGE, "INVALID_EXPAND expand", "?expand=", "?expand=tests", "?expand=Test", "?expand=test,",
    "?expand=test;endpoint-agent", "?expand=test&expand=constructor"],
  [USAGE, "TOO_LONG query", `?aid=${"1".repeat(512)}`, `?expand=${Array(110).fill("test").join()}`],
  [USAGE, "UNKNOWN_PARAMETER x", "?x=1"],
  [USAGE, "UNKNOWN_PARAMETER AID", "?AID=2067"],
  [USAGE, "UNKNOWN_PARAMETER aid[]", "?aid[]=2067"],
  [USAGE, "UNKNOWN_PARAMETER _", "?aid=2067&_=1"],
  [USAGE, "UNKNOWN_PARAMETER token", "?token=x"],
  [USAGE, "UNKNOWN_PARAMETER __proto__", "?__proto__=x"],
  [USAGE, "UNKNOWN_PARAMETER ", "?=x"],
  [USAGE, "UNKNOWN_PARAMETER /../../tests", "?/../../tests"],
  [USAGE, "UNKNOWN_PARAMETER y,INVALID_AID aid,INVALID_EXPAND expand", "?aid=&expand=x&y=1"],
  [USAGE, "UNKNOWN_PARAMETER startDate", "?startDate=2026-10-01T00:00:00Z"],
  [METRICS, "UNKNOWN_PARAMETER expand", "?expand=test"],
  [TESTS, "INVALID_DATE startDate", "?startDate=yesterday", "?startDate=2026-10-01", "?startDate=2026-10-01T00:00:00"],
  [TESTS, "INVALID_DATE endDate", "?endDate=2026-02-30T00:00:00Z", "?endDate=", "?endDate=9999-12-31T23:59:59-23:00",
    "?endDate=2026-10-01T00:00:00Z&endDate=2026-10-01T00:00:00Z"],
  [TESTS, "INVALID_CURSOR cursor", "?cursor=", "?cursor=x&cursor=y", "?cursor=cm93IDEwMDA="],
  [TESTS, "UNKNOWN_PARAMETER expand", "?expand=test"],
  [AGENTS, "INVALID_PERIOD endDate", "?startDate=2026-10-02T00:00:00Z&endDate=2026-10-01T00:00:00Z"],
  [AGENTS, "INVALID_CURSOR cursor", "?cursor=x"],
  [AGENTS, "UNKNOWN_PARAMETER aid", "?aid=2067"],
  [QUOTAS, "UNKNOWN_PARAMETER aid", "?aid=2067"],
]) {
  for (const query of queries) {
    test(`${path}${query.slice(0, 60)} is a 400`, async () => {
      const { errors } = await assertProblem(await gateway.get(path + query), 400);
      assert.equal(errors.map(({ code, field }) => `${code} ${field}`).join(), error);
      assertNotForwarded();
    });
  }
}

test("each spelling of the same breakdowns shares one entry of the cache", async () => {
  const bodies = new Set();
  for (const query of [
    "expand=test,endpoint-agent", "expand=endpoint-agent,test", "expand=test&expand=endpoint-agent",
    "expand=endpoint-agent&expand=test,test", "expand=test%2Cendpoint%2Dagent", "%65xpand=endpoint-agent,test&",
  ]) {
    const response = await gateway.get(`${USAGE}?${query}`);
    assertResponse(response, 200);
    bodies.add(await response.text());
  }
  assert.equal(bodies.size, 1);
  assert.deepEqual(upstream.requests.map(({ url }) => url), ["/v7/usage?expand=endpoint-agent,test"]);
});

for (const aid of ["1&expand=test", "../../v7/tests", "2067#x", "é", "a,b", "[null]", '"', "%2e%2e", "1 2"]) {
  test(`the aid ${aid} reaches the API as one aid`, async () => {
    await assertProblem(await gateway.get(`${USAGE}?aid=${encodeURIComponent(aid)}`), 403);
    const { pathname, searchParams } = new URL(upstream.requests[0].url, "http://api");
    assert.deepEqual([pathname, [...searchParams]], ["/v7/usage", [["aid", aid]]]);
  });
}

for (const [name, value] of Object.entries({
  "x-forwarded-host": "evil.example", "x-forwarded-proto": "http", "x-original-url": "/v7/tests",
  "x-http-method-override": "POST", "range": "bytes=0-3", "if-range": '"x"', "content-length": "0", "te": "trailers",
  "if-modified-since": "Wed, 21 Oct 2099 07:28:00 GMT", "accept": "text/html", "accept-encoding": "identity;q=0, br",
  "accept-language": "de", "cache-control": "no-cache, only-if-cached", "pragma": "no-cache", "via": "1.1 evil",
  "cookie": "CF_Authorization=x", "origin": "https://evil.example",
})) {
  test(`the header ${name} is not forwarded, and does not affect the next viewer`, async () => {
    const query = "?aid=2067&expand=test";
    await expireStored();
    assertResponse(await gateway.raw(USAGE + query, { headers: { [name]: value } }), 200);

    assert.equal(upstream.requests.length, 1);
    const { url, headers } = upstream.requests[0];
    assert.equal(url, `/v7/usage${query}`);
    assert.equal(headers.authorization, `Bearer ${TOKEN}`);
    assert.equal(headers.accept, "application/hal+json, application/problem+json");
    assert.ok(!JSON.stringify(headers).includes(value === "0" ? '"content-length"' : value), JSON.stringify(headers));

    const next = await gateway.get(USAGE + query, { headers: { authorization: `Bearer ${OTHER_KEY}` } });
    assertResponse(next, 200);
    assert.match(next.headers.get("cache-status"), /hit/);
    assert.deepEqual(await next.json(), await (await fetch(`${upstream.url}/v7/usage${query}`)).json());
    assert.doesNotMatch(JSON.stringify([...next.headers]), /evil/);
  });
}

test("the body of a request is ignored", async () => {
  await expireStored();
  assertResponse(await gateway.raw(USAGE, { headers: { "content-length": 9 }, body: "aid=99999" }), 200);
  assert.deepEqual(upstream.requests.map(({ url, body }) => [url, body]), [["/v7/usage", ""]]);
});

for (const path of [USAGE, METRICS, "/api/v7/tests"]) {
  test(`over plain http, ${path} is a 403`, async () => {
    const { detail } = await assertProblem(await gateway.raw(path, { headers: { host: "usage.example.com" } }), 403);
    assert.equal(detail, "The gateway accepts only https.");
    assertNotForwarded();
  });
}

test("over plain http, the page is redirected to https", async () => {
  const response = await gateway.raw("/?aid=2067", { headers: { host: "usage.example.com" } });
  assertResponse(response, 308, { location: "https://usage.example.com/?aid=2067" });
});

test("the page is public; it and the data have headers that protect them from other origins and from plain http", async () => {
  for (const response of [await gateway.getWithoutKey("/"), await gateway.get(USAGE)]) {
    assertResponse(response, 200, {
      "content-security-policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'none'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "cross-origin-resource-policy": "same-origin",
      "strict-transport-security": "max-age=31536000",
    });
  }
});

for (const path of [USAGE, METRICS, TESTS]) {
  test(`with ALLOWED_AIDS, ${path} is served for these only`, async () => {
    assertResponse(await limited.get(`${path}?aid=2067`), 200);
    upstream.requests.length = 0;
    for (const query of ["", "?aid=2069", "?aid=02067", "?aid=2067,2068", "?aid=2067%20"]) {
      await assertProblem(await limited.get(path + query), 403);
    }
    assertNotForwarded();
  });
}

for (const path of [`${USAGE}?expand=test`, AGENTS, QUOTAS]) {
  test(`with ALLOWED_AIDS, ${path} is a 403, because it is about all of them`, async () => {
    await assertProblem(await limited.get(path), 403);
    assertNotForwarded();
  });
}

const PREFLIGHT = { "access-control-request-method": "GET", "access-control-request-headers": "authorization" };
const corsHeaders = (response) => [...response.headers.keys()].filter((name) => name.startsWith("access-control-"));

test("with ALLOWED_ORIGINS, a page of such an origin may read the response and its headers", async () => {
  const response = await shared.get(USAGE, { headers: { origin: ORIGIN } });
  assertResponse(response, 200, {
    "access-control-allow-origin": ORIGIN, "access-control-allow-credentials": null, "vary": "Origin",
  });
  assert.deepEqual(response.headers.get("access-control-expose-headers").toLowerCase().split(", ").sort(), [
    "age", "cache-status", "date", "etag", "retry-after", "x-organization-rate-limit-limit",
    "x-organization-rate-limit-remaining", "x-organization-rate-limit-reset", "x-request-id", "x-usage-source",
  ]);
  for (const [path, origin] of [[USAGE, LOCAL_ORIGIN], [TESTS, ORIGIN], [AGENTS, ORIGIN], [QUOTAS, ORIGIN]]) {
    assertResponse(await shared.get(path, { headers: { origin } }), 200, { "access-control-allow-origin": origin });
  }
});

test("with ALLOWED_ORIGINS, a page of such an origin may read errors", async (t) => {
  const headers = { origin: ORIGIN };
  const readable = { "access-control-allow-origin": ORIGIN };
  await assertProblem(await shared.getWithoutKey(USAGE, { headers }), 401, readable);
  await assertProblem(await shared.get(`${USAGE}?x`, { headers }), 400, readable);
  const broken = await startGateway(t, { upstream, bindings: { ALLOWED_ORIGINS: ORIGIN } });
  await broken.fail("bug");
  const { detail } = await assertProblem(await broken.get(USAGE, { headers }), 500, readable);
  assert.equal(detail, "The gateway failed. Its log has the details.");
});

test("with ALLOWED_ORIGINS, a preflight needs no key", async () => {
  const response = await shared.getWithoutKey(USAGE, { method: "OPTIONS", headers: { origin: ORIGIN, ...PREFLIGHT } });
  assertResponse(response, 204, {
    "access-control-allow-origin": ORIGIN,
    "access-control-allow-methods": "GET",
    "access-control-allow-headers": "Authorization",
  });
  assertNotForwarded();
});

for (const origin of [
  "https://evil.example", `${ORIGIN}.evil.example`, `${ORIGIN}:8443`, "http://reports.example.com", `${ORIGIN}/`, "null",
  ORIGIN.toUpperCase(),
]) {
  test(`with ALLOWED_ORIGINS, a page of ${origin} may not read the response`, async () => {
    const response = await shared.get(USAGE, { headers: { origin } });
    assertResponse(response, 200, { vary: "Origin" });
    const preflight = await shared.get(USAGE, { method: "OPTIONS", headers: { origin, ...PREFLIGHT } });
    assertResponse(preflight, 405);
    assert.deepEqual([...corsHeaders(response), ...corsHeaders(preflight)], []);
  });
}

test("other origins may read nothing outside the API, and without ALLOWED_ORIGINS nothing at all", async () => {
  for (const [server, path] of [[shared, "/"], [shared, METRICS], [shared, "/api/v7/tests"], [gateway, USAGE]]) {
    assert.deepEqual(corsHeaders(await server.get(path, { headers: { origin: ORIGIN } })), []);
  }
});

const through = { baseUrl: `${gateway.url}/api`, token: KEY };
const direct = { baseUrl: upstream.url };
// The link contains the address of the request.
const withoutLinks = ({ _links, ...data }) => data;

test("the package gets the same through the gateway as from the API", async () => {
  await expireStored();
  const clients = [through, direct].map((options) => new UsageClient(options));
  for (const args of [[], ["2067"], ["2067", ["test", "enterprise-agent-unit"]]]) {
    const [actual, expected] = await Promise.all(clients.map((client) => client.getUsageWithResponse(...args)));
    assert.deepEqual(withoutLinks(actual.data), withoutLinks(expected.data));
    assert.equal(actual.rateLimit.limit, expected.rateLimit.limit);
    assert.match(actual.requestId, /^[\da-f-]{36}$/);
  }
  const getLists = async (client) => ({
    tests: await client.getTestUnits().toArray(),
    agents: await client.getEnterpriseAgentUnits().toArray(),
    quotas: withoutLinks(await client.getQuotas()),
  });
  const [actual, expected] = await Promise.all(clients.map(getLists));
  assert.deepEqual(actual, expected);
});

// The 429 is last, because no request is sent after it.
for (const status of [400, 403, 404, 500, 429]) {
  test(`the package gets the same error ${status} through the gateway as from the API`, async () => {
    const getError = (options) =>
      new UsageClient({ ...options, maxRetries: 0 }).getUsage(String(status)).then(assert.fail, (error) => error);
    const actual = await getError(through);
    const expected = await getError(direct);
    assert.deepEqual([actual.code, actual.status], [expected.code, status]);
    if (expected.problem?.detail) assert.equal(actual.problem.detail, expected.problem.detail);
    assert.deepEqual(actual.problem.errors, expected.problem?.errors);
    // The gateway waits at least ten seconds.
    const soonest = Math.max(expected.retryAt, Date.now() + 10_000);
    if (expected.retryAt) assertBetween(actual.retryAt - soonest, -5000, 5000);
  });
}
