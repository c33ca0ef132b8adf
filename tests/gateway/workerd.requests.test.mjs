// Which requests the gateway accepts, and what a request may change for the API or another viewer: nothing.
import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { UsageClient } from "../../pkg/node.js";
import {
  assertBetween, assertProblem, assertResponse, KEY, MINUTE, OTHER_KEY, start, startGateway, TOKEN, USAGE,
} from "./gateway.mjs";

const ORIGIN = "https://reports.example.com";
const LOCAL_ORIGIN = "http://localhost:5173";

const { gateway, upstream } = await start({ after });
const limited = await startGateway({ after }, { upstream, bindings: { ALLOWED_AIDS: "2067, 2068" } });
const shared = await startGateway({ after }, { upstream, bindings: { ALLOWED_ORIGINS: `${ORIGIN},${LOCAL_ORIGIN}` } });

beforeEach(() => void upstream.requests.splice(0));

/** Makes the responses to earlier tests too old to serve. */
const expireStored = () => gateway.advance(2 * 60 * MINUTE);

const assertNotForwarded = () => assert.deepEqual(upstream.requests, []);

for (const path of [
  "/api//v7/usage", "//api/v7/usage", "/api/v7//usage", "/api/v7/usage/", "/api/v7/usage/x", "/api/v7/usage;x=1",
  "/api;x/v7/usage", "/API/v7/usage", "/api/v7/Usage", "/api/v7/usag%65", "/%61pi/v7/usage", "/api%2fv7%2fusage",
  "/api/v7/usage%00", "/api/v7/usage%20", "/api/v7/usage%3faid=1", "/api/v7/usage.json", "/api/v7/tests", "/api/v6/usage",
  "/api/", "/v7/usage", "/api/%252e/v7/usage", "/metrics/", "/Metrics", "/metric%73", "/metrics%00",
  "/api/v7/../v7/tests", "/api/v7/usage/../../v7/tests", "/api/v7/usage%2f..%2f..%2ftests",
]) {
  test(`${path} is a 404`, async () => {
    const { status, text } = await gateway.raw(path);
    assert.equal(status, 404, text);
    assertNotForwarded();
  });
}

for (const path of [
  "/api/./v7/usage", "/api/%2e/v7/usage", "/x/../api/v7/usage", "/api/x/%2e%2e/v7/usage", "/api\\v7/usage", "/api/v7/usage?",
]) {
  test(`${path} is the same address as ${USAGE}, and needs a key too`, async () => {
    assert.equal((await gateway.raw(path, { key: "" })).status, 401);
    const bodies = [];
    for (const target of [USAGE, path]) {
      const { status, text } = await gateway.raw(target);
      assert.equal(status, 200);
      bodies.push(text.split("\r\n\r\n")[1]);
    }
    assert.equal(bodies[0], bodies[1]);
    assert.ok(upstream.requests.every(({ url }) => url === "/v7/usage"));
  });
}

for (const method of ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]) {
  test(`${method} is a 405, with or without a key`, async () => {
    for (const [path, key] of [[USAGE, KEY], [USAGE, ""], ["/metrics", KEY], ["/metrics", ""]]) {
      const { status, text } = await gateway.raw(path, { method, key, headers: ["Content-Length: 0"] });
      assert.equal(status, 405, text);
      assert.match(text, /^allow: GET\r$/im);
    }
    assertNotForwarded();
  });
}

for (const [error, queries] of Object.entries({
  "INVALID_AID aid": [
    "?aid=2067&aid=2068", "?aid=2067&aid=2067", "?aid=2067&%61id=2068", "?aid=", "?aid", "?aid=20%0d%0a67", "?aid=%00",
    "?aid=%c2%85",
  ],
  "INVALID_EXPAND expand": [
    "?expand=", "?expand=tests", "?expand=Test", "?expand=test,", "?expand=test;endpoint-agent",
    "?expand=test&expand=constructor",
  ],
  "TOO_LONG query": [`?aid=${"1".repeat(512)}`, `?expand=${Array(110).fill("test").join()}`],
  "UNKNOWN_PARAMETER x": ["?x=1"],
  "UNKNOWN_PARAMETER AID": ["?AID=2067"],
  "UNKNOWN_PARAMETER aid[]": ["?aid[]=2067"],
  "UNKNOWN_PARAMETER _": ["?aid=2067&_=1"],
  "UNKNOWN_PARAMETER token": ["?token=x"],
  "UNKNOWN_PARAMETER __proto__": ["?__proto__=x"],
  "UNKNOWN_PARAMETER ": ["?=x"],
  "UNKNOWN_PARAMETER /../../tests": ["?/../../tests"],
  "UNKNOWN_PARAMETER y,INVALID_AID aid,INVALID_EXPAND expand": ["?aid=&expand=x&y=1"],
})) {
  for (const query of queries) {
    test(`the query ${query.slice(0, 40)} is a 400`, async () => {
      const { errors } = await assertProblem(await gateway.get(USAGE + query), 400);
      assert.equal(errors.map(({ code, field }) => `${code} ${field}`).join(), error);
      assertNotForwarded();
    });
  }
}

test("a stranger does not learn what is wrong with a query", async () => {
  await assertProblem(await gateway.getWithoutKey(`${USAGE}?x=1`), 401);
});

test("metrics do not have the parameter expand", async () => {
  await assertProblem(await gateway.get("/metrics?expand=test"), 400);
});

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

for (const [name, value] of [
  ["x-forwarded-host", "evil.example"],
  ["x-forwarded-proto", "http"],
  ["x-original-url", "/v7/tests"],
  ["x-http-method-override", "POST"],
  ["range", "bytes=0-3"],
  ["if-range", '"x"'],
  ["if-modified-since", "Wed, 21 Oct 2099 07:28:00 GMT"],
  ["accept", "text/html"],
  ["accept-encoding", "identity;q=0, br"],
  ["accept-language", "de"],
  ["cache-control", "no-cache, only-if-cached"],
  ["pragma", "no-cache"],
  ["content-length", "0"],
  ["te", "trailers"],
  ["cookie", "CF_Authorization=x"],
  ["origin", "https://evil.example"],
  ["via", "1.1 evil"],
]) {
  test(`the header ${name} is not forwarded, and does not affect the next viewer`, async () => {
    const query = "?aid=2067&expand=test";
    await expireStored();
    const { status, text } = await gateway.raw(USAGE + query, { headers: [`${name}: ${value}`] });
    assert.equal(status, 200, text.slice(0, 500));

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
  assert.equal((await gateway.raw(USAGE, { headers: ["Content-Length: 9"], body: "aid=99999" })).status, 200);
  assert.deepEqual(upstream.requests.map(({ url }) => url), ["/v7/usage"]);
});

test("a stranger does not get a cached response", async () => {
  const response = await gateway.get(USAGE);
  assertResponse(response, 200);
  for (const headers of [{}, { "if-none-match": response.headers.get("etag") }]) {
    await assertProblem(await gateway.getWithoutKey(USAGE, { headers }), 401);
  }
});

for (const [path, status, pattern] of [
  [USAGE, 403, /accepts only https/],
  ["/metrics", 403, /accepts only https/],
  ["/api/v7/tests", 403, /accepts only https/],
  ["/?aid=2067", 308, /^location: https:\/\/usage\.example\.com\/\?aid=2067\r$/im],
]) {
  test(`over plain http, ${path} is a ${status}`, async () => {
    const response = await gateway.raw(path, { host: "usage.example.com" });
    assert.equal(response.status, status);
    assert.match(response.text, pattern);
    assertNotForwarded();
  });
}

test("each response tells the browser to use https, and other origins not to load it", async () => {
  for (const path of ["/", USAGE]) {
    assertResponse(await gateway.get(path), 200, {
      "strict-transport-security": "max-age=31536000",
      "cross-origin-resource-policy": "same-origin",
    });
  }
});

for (const path of [`${USAGE}?aid=2067`, "/metrics?aid=2067"]) {
  test(`with ALLOWED_AIDS, ${path} is served`, async () => assertResponse(await limited.get(path), 200));
}

for (const query of ["", "?aid=2069", "?aid=02067", "?aid=2067,2068", "?aid=2067%20", "?expand=test"]) {
  test(`with ALLOWED_AIDS, the query "${query}" is a 403`, async () => {
    await assertProblem(await limited.get(USAGE + query), 403);
    if (!query.includes("expand")) await assertProblem(await limited.get(`/metrics${query}`), 403);
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
  const local = await shared.get(USAGE, { headers: { origin: LOCAL_ORIGIN } });
  assertResponse(local, 200, { "access-control-allow-origin": LOCAL_ORIGIN });
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
  for (const [server, path] of [[shared, "/"], [shared, "/metrics"], [shared, "/api/v7/tests"], [gateway, USAGE]]) {
    assert.deepEqual(corsHeaders(await server.get(path, { headers: { origin: ORIGIN } })), []);
  }
});

// The link contains the address of the request.
const withoutLinks = ({ _links, ...data }) => data;

test("the package gets the same through the gateway as from the API", async () => {
  await expireStored();
  const through = new UsageClient({ baseUrl: `${gateway.url}/api`, token: KEY });
  const direct = new UsageClient({ baseUrl: upstream.url });
  for (const args of [[], ["2067"], ["2067", ["test", "enterprise-agent-unit"]]]) {
    const [actual, expected] = await Promise.all([through, direct].map((client) => client.getUsageWithResponse(...args)));
    assert.deepEqual(withoutLinks(actual.data), withoutLinks(expected.data));
    assert.equal(actual.rateLimit.limit, expected.rateLimit.limit);
    assert.match(actual.requestId, /^[\da-f-]{36}$/);
  }
});

// The 429 is last, because no request is sent after it.
for (const [status, code] of [
  [400, "bad-request"], [403, "forbidden"], [404, "not-found"], [500, "server"], [429, "rate-limit"],
]) {
  test(`the package gets the same error ${status} through the gateway as from the API`, async () => {
    const getError = (options) =>
      new UsageClient({ ...options, maxRetries: 0 }).getUsage(String(status)).then(assert.fail, (error) => error);
    const actual = await getError({ baseUrl: `${gateway.url}/api`, token: KEY });
    const expected = await getError({ baseUrl: upstream.url });
    assert.deepEqual([actual.code, actual.status], [code, status]);
    if (expected.problem?.detail) assert.equal(actual.problem.detail, expected.problem.detail);
    assert.deepEqual(actual.problem.errors, expected.problem?.errors);
    // The gateway waits at least ten seconds.
    const soonest = Math.max(expected.retryAt, Date.now() + 10_000);
    if (expected.retryAt) assertBetween(actual.retryAt - soonest, -5000, 5000);
  });
}
