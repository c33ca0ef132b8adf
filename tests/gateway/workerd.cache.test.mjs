// When the gateway sends a request to the API, and what it serves without one.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  AGENTS, assertBetween, assertNoSecret, assertProblem, assertResponse, cacheStatus, MINUTE, ORIGIN, parseLog, PROBLEM, QUOTAS,
  rateLimit, RENEWED, start, TESTS, USAGE,
} from "./gateway.mjs";

/** Starts a gateway that has stored responses, which are no longer fresh. `body` is the first of them. */
async function startWithStale(t, { paths = [USAGE], ...options } = {}) {
  const started = await start(t, options);
  const responses = await started.gateway.getAll(paths);
  const [body] = await Promise.all(responses.map((response) => response.text()));
  for (const response of responses) assertResponse(response, 200);
  await started.gateway.advance(6 * MINUTE);
  started.upstream.requests.length = 0;
  return { ...started, body };
}

/** Asserts the seconds of `Age`, and that `ttl` agrees with it. */
function assertAge(response, least, most) {
  const age = Number(response.headers.get("age") ?? NaN);
  assertBetween(age, least, most);
  const ttl = cacheStatus(response).find((member) => member.startsWith("ttl="));
  assertBetween(Number(ttl.slice("ttl=".length)) + age, 299, 301);
}

/** Asserts that this is older data, served because of an error with this code. */
function assertStale(response, code, minutes) {
  assertResponse(response, 200);
  const [hit, , detail] = cacheStatus(response);
  assert.deepEqual([hit, detail], ["hit", `detail=${code}`]);
  assertAge(response, minutes * 60, minutes * 60 + 30);
}

test("a response is fresh for five minutes", async (t) => {
  const { gateway, upstream } = await start(t);
  const first = await gateway.get(USAGE);
  assertResponse(first, 200, {
    "age": "0", "content-type": "application/hal+json", "cache-control": "private, no-cache",
    "x-organization-rate-limit-remaining": "239", "x-usage-source": null,
  });
  assert.deepEqual(cacheStatus(first), ["fwd=miss", "fwd-status=200", "stored"]);

  await gateway.advance(4.9 * MINUTE);
  const second = await gateway.get(USAGE);
  assert.equal(cacheStatus(second)[0], "hit");
  assertAge(second, 294, 300);
  // The request ID is that of the request to the API. A rate limit of five minutes ago would be misleading.
  assertResponse(second, 200, { "x-request-id": first.headers.get("x-request-id"), "x-organization-rate-limit-remaining": null });
  assert.equal(await second.text(), await first.text());
  assert.equal(upstream.requests.length, 1);

  await gateway.advance(0.2 * MINUTE);
  assert.deepEqual(cacheStatus(await gateway.get(USAGE)), RENEWED);
  assert.equal(upstream.requests.length, 2);
});

test("each list, account group, set of breakdowns and period has its own entry", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(200, "{}");
  const october = `${TESTS}?startDate=2026-10-01T00:00:00Z`;
  const paths = [
    USAGE, `${USAGE}?aid=2067`, `${USAGE}?aid=2283`, `${USAGE}?expand=test`, `${USAGE}?aid=2067&expand=test`,
    `${USAGE}?expand=endpoint-agent`, TESTS, `${TESTS}?aid=2067`, `${TESTS}?aid=2283`, october,
    `${october}&endDate=2026-10-30T00:00:00Z`, `${october}&endDate=2026-10-31T00:00:00Z`, AGENTS,
    `${AGENTS}?startDate=2026-10-01T00:00:00Z`, QUOTAS,
  ];
  for (const path of [...paths, ...paths]) assertResponse(await gateway.get(path), 200);
  assert.deepEqual(upstream.requests.map(({ url }) => `/api${url}`), paths);
});

const largeBody = (count) => JSON.stringify({
  usage: { tests: Array.from({ length: count }, (_, i) => ({ testId: String(i), testName: `Prüfung 東京 ${i}`.padEnd(60) })) },
});

test("a response of several megabytes is stored in parts, and served complete", async (t) => {
  const { gateway, upstream } = await start(t);
  const body = largeBody(30_000);
  assert.ok(Buffer.byteLength(body) > 2 * 2 ** 20);
  upstream.respond(200, body);
  assert.equal(await (await gateway.get(USAGE)).text(), body);
  upstream.respond(503, PROBLEM);
  await gateway.advance(6 * MINUTE);
  assert.equal(await (await gateway.get(USAGE)).text(), body, "from the store, because it is stale");
});

test("a request with the entity tag gets a 304 until the bytes change", async (t) => {
  const { gateway, upstream } = await start(t);
  const etag = (await gateway.get(USAGE)).headers.get("etag");
  assert.match(etag, /^"[\da-f]{32}"$/);
  const getIfNoneMatch = (value) => gateway.get(USAGE, { headers: { "if-none-match": value } });
  for (const value of [etag, `W/${etag}`, `"x", ${etag}`, `"a,b" ,W/${etag}, "y"`, "*", " * "]) {
    const response = await getIfNoneMatch(value);
    assertResponse(response, 304, { etag, "cache-control": "private, no-cache", "content-type": null });
    assert.equal(await response.text(), "");
  }
  for (const value of ['"x"', etag.slice(1, -1), `"${etag.slice(1, 9)}"`, "", '"*"', "x*"]) {
    assertResponse(await getIfNoneMatch(value), 200);
  }
  await gateway.advance(6 * MINUTE);
  // The API sends the same bytes again. Without the new age, a browser would go on with the old one.
  assertResponse(await getIfNoneMatch(etag), 304, { age: "0" });
  assert.equal(upstream.requests.length, 2);
  upstream.respond(200, '{"usage":{"cloudUnitsUsed":1}}');
  await gateway.advance(6 * MINUTE);
  const changed = await getIfNoneMatch(etag);
  assertResponse(changed, 200);
  assert.notEqual(changed.headers.get("etag"), etag);
});

for (const [path, requests] of [[USAGE, 1], [TESTS, 2]]) {
  test(`50 simultaneous requests for ${path} cost the API one request for each page`, async (t) => {
    const { gateway, upstream } = await start(t);
    const release = upstream.hold();
    const pending = gateway.getAll(Array(50).fill(path));
    await gateway.counted("requests", 50);
    release();
    const responses = await pending;
    for (const response of responses) assertResponse(response, 200);
    assert.equal(new Set(await Promise.all(responses.map((response) => response.text()))).size, 1);
    assert.equal(responses.filter((response) => cacheStatus(response).includes("collapsed")).length, 49);
    assert.equal(upstream.requests.length, requests);
    assert.equal((await gateway.counts()).storeReads, 1, "megabytes are copied from the store once");
  });
}

for (const [others, cache] of [[2, ["fwd=miss", "fwd-status=200", "stored", "collapsed"]], [0, undefined]]) {
  test(`if the first client disconnects, ${others ? "the others get the response" : "the response is stored"}`, async (t) => {
    // With these flags, the Worker learns that a client has disconnected.
    const { gateway, upstream } = await start(t, {
      runtime: { compatibilityFlags: ["enable_request_signal", "request_signal_passthrough"] },
    });
    const release = upstream.hold();
    const disconnect = gateway.startClient();
    await upstream.received(1);
    const pending = gateway.getAll(Array(others).fill(USAGE));
    await gateway.counted("requests", 1 + others);
    disconnect();
    await gateway.counted("aborted", 1);
    release();
    for (const response of await pending) {
      assert.deepEqual(cacheStatus(response), cache);
      assert.equal((await response.json()).usage.organizationName, "Example Corp");
    }
    assertResponse(await gateway.get(USAGE), 200);
    assert.equal(upstream.requests.length, 1);
  });
}

const respond = (...response) => (api) => api.respond(...response);
const play = (handler) => (api) => api.play(handler);
const sendHalf = (_, response) => response.writeHead(200, { "content-type": "application/json" }).write('{"usage":');

async function fillStore(api, gateway) {
  await gateway.fail("store is full");
  api.respond(200, JSON.stringify({ breakdowns: Array(1001).fill({ testName: "x".repeat(1100) }) }));
}

function failOnSecondPage(request, response) {
  const isFirst = !request.url.includes("cursor");
  response.writeHead(isFirst ? 200 : 500, { "content-type": "application/json" });
  response.end(isFirst ? '{"breakdowns":[],"_links":{"next":{"href":"?cursor=2"}}}' : PROBLEM);
}

/** What happens; the status and code of the gateway's response; and what else it has. `path` is requested, if not the usage. */
const FAILURES = [
  ["the API fails", respond(500, PROBLEM), 500, "server", { detail: /^The database is asleep\.$/, retryAfter: 10 }],
  ["the API is overloaded", respond(503, "busy", { "content-type": "text/plain" }), 503, "server", { retryAfter: 10 }],
  ["the API is down", (api) => api.close(), 502, "connection", { detail: /could not be reached/, retryAfter: 10 }],
  ["the API closes the connection", play((request) => request.socket.destroy()), 502, "connection", { retryAfter: 10 }],
  ["the API does not respond", (api) => void api.hold(), 504, "timeout", { retryAfter: 10 }],
  ["the API stops within its response", play(sendHalf), 504, "timeout", { retryAfter: 10 }],
  ["the API sends a page", respond(200, "<html>login", { "content-type": "text/html" }), 502, "unexpected-response"],
  ["the API redirects", respond(302, "", { location: "https://evil.example/" }), 502, "unexpected-response"],
  ["the API sends malformed JSON", respond(200, "{"), 502, "decode"],
  ["a field has another type", respond(200, '{"usage":{"quota":7}}'), 502, "decode", { detail: /usage\.quota/ }],
  ["the API limits the rate", respond(429, "{}", { "retry-after": "40" }), 429, "rate-limit", { retryAfter: 40 }],
  ["the second page of a list fails", play(failOnSecondPage), 500, "server", { path: TESTS, retryAfter: 10 }],
  ["the store has no room for the pages of a list", fillStore, 503, "store", { path: TESTS, retryAfter: 10 }],
];
const ACCOUNT_GROUP = [`${USAGE}?aid=2067`, `${USAGE}?aid=2067&expand=test`];
const ALL = [USAGE, ...ACCOUNT_GROUP, `${USAGE}?aid=2283`, `${TESTS}?aid=2067`, QUOTAS];
/** What the API does, the response to the first path, and the paths whose older data is deleted. */
const REJECTIONS = [
  ["rejects a request", respond(400, "{}"), 400, "bad-request", [ACCOUNT_GROUP[0]]],
  ["rejects the gateway's token", respond(401, '{"detail":"Expired"}'), 502, "unauthorized", ALL, /THOUSANDEYES_TOKEN/],
  ["forbids an account group", respond(403, "{}"), 403, "forbidden", ACCOUNT_GROUP, /permission/],
  ["does not know an account group", respond(404, "{}"), 404, "not-found", ACCOUNT_GROUP, /^The API does not know this account/],
  ["has no quotas", respond(404, "{}"), 404, "not-found", [QUOTAS], /^The API has no such data for this organisation\.$/],
];

/** Asserts the response to a request for which there is no older data. */
async function assertFailure(response, status, code, { detail = /./, retryAfter } = {}) {
  const problem = await assertProblem(response, status, {
    "cache-control": "no-store", "www-authenticate": null, "location": null,
    "retry-after": retryAfter ? [retryAfter - 9, retryAfter] : null,
  });
  assert.match(problem.detail, detail);
  assert.ok(cacheStatus(response).includes(`detail=${code}`), response.headers.get("cache-status"));
  assertNoSecret(JSON.stringify([...response.headers, problem]));
}

for (const [what, fail, status, code, details] of FAILURES) {
  test(`if ${what}, the response is older data, or ${status} if there is none`, async (t) => {
    const path = details?.path ?? USAGE;
    const { gateway, upstream, body } = await startWithStale(t, { paths: [path] });
    if (code === "timeout") await gateway.setLimits({ timeout: 200 });
    await fail(upstream, gateway);
    await assertFailure(await gateway.get(`${path}?aid=2067`), status, code, details);
    const stale = await gateway.get(path);
    assertStale(stale, code, 6);
    assert.equal(await stale.text(), body);
  });
}

for (const [what, reject, status, code, deleted, detail] of REJECTIONS) {
  test(`once the API ${what}, the response is ${status}, and the older data that this affects is deleted`, async (t) => {
    const { gateway, upstream } = await startWithStale(t, { paths: ALL });
    reject(upstream);
    await assertFailure(await gateway.get(deleted[0]), status, code, { detail });
    upstream.respond(500, PROBLEM);
    await gateway.advance(MINUTE);
    for (const path of ALL) {
      const response = await gateway.get(path);
      if (deleted.includes(path)) await assertProblem(response, 500);
      else assertStale(response, "server", 7);
    }
  });
}

test("while the API is slow, viewers get older data; the call goes on without them", async (t) => {
  const { gateway, upstream } = await startWithStale(t);
  await gateway.setLimits({ readMs: 50 });
  const release = upstream.hold();
  assertStale(await gateway.get(USAGE), "reading", 6);
  release();
  await gateway.setLimits({});
  await gateway.advance(3000);
  assert.deepEqual(cacheStatus(await gateway.get(USAGE)), ["hit", "ttl=297"]);
  assert.equal(upstream.requests.length, 1);
});

test("data that was deleted during a call is not served after it", async (t) => {
  const { gateway, upstream } = await startWithStale(t);
  let release;
  upstream.play((request, response) => {
    const respond = (status) => response.writeHead(status, { "content-type": "application/json" }).end("{}");
    if (request.url.includes("aid")) respond(401);
    else release = () => respond(500);
  });
  const pending = gateway.get(USAGE);
  await upstream.received(1);
  await assertProblem(await gateway.get(`${USAGE}?aid=2067`), 502);
  release();
  await assertProblem(await pending, 500);
});

test("a rejected token is named, even if little of the rate limit is left", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(401, "{}", rateLimit(1, Date.now() / 1000 + 50));
  assert.match((await assertProblem(await gateway.get(USAGE), 502)).detail, /THOUSANDEYES_TOKEN/);
});

test("a request ID with a control character is not passed on", async (t) => {
  const { gateway, upstream } = await start(t);
  const head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: a\u0001b\r\ncontent-length: 2";
  upstream.play((_, response) => response.socket.end(`${head}\r\n\r\n{}`));
  assertResponse(await gateway.get(USAGE), 200, { "x-request-id": null });
});

test("older data is served up to an hour after it was fresh, and no longer", async (t) => {
  const { gateway, upstream } = await startWithStale(t);
  upstream.respond(500, PROBLEM);
  await gateway.advance(58 * MINUTE);
  assertStale(await gateway.get(USAGE), "server", 64);
  await gateway.advance(1.5 * MINUTE);
  await assertProblem(await gateway.get(USAGE), 500);
});

test("during an outage, the Worker reads its store as rarely as the store calls the API; then new data is served", async (t) => {
  const { gateway, upstream } = await startWithStale(t);
  upstream.respond(500, PROBLEM);
  const { storeReads } = await gateway.counts();
  for (let i = 0; i < 5; i++) assertStale(await gateway.get(USAGE), "server", 6);
  assert.equal((await gateway.counts()).storeReads, storeReads + 1);
  await gateway.advance(10_001);
  assertStale(await gateway.get(USAGE), "server", 6);
  assert.equal(upstream.requests.length, 2);
  upstream.play();
  await gateway.advance(MINUTE);
  assert.deepEqual(cacheStatus(await gateway.get(USAGE)), RENEWED);
});

for (const [apiStatus, status, ofOthers] of [[500, 500, 200], [403, 403, 200], [401, 502, 502]]) {
  test(`after a ${apiStatus}, ${ofOthers === 200 ? "the same" : "any"} request is not sent for ten seconds`, async (t) => {
    const { gateway, upstream } = await start(t);
    upstream.respond(apiStatus, PROBLEM);
    const retryAfter = apiStatus === 500 ? [1, 10] : null;
    for (let i = 0; i < 3; i++) await assertProblem(await gateway.get(USAGE), status, { "retry-after": retryAfter });
    upstream.play();
    assertResponse(await gateway.get(`${USAGE}?aid=2067`), ofOthers);
    assertResponse(await gateway.get(USAGE), status);
    assert.equal(upstream.requests.length, ofOthers === 200 ? 2 : 1);
    await gateway.advance(10_001);
    assertResponse(await gateway.get(USAGE), 200);
  });
}

for (const [retryAfter, least, most] of [
  ["40", 39, 40], ["0", 9, 10], [undefined, 9, 60], ["9999999999999", 899, 900], ["9".repeat(30), 899, 900],
]) {
  test(`after a 429 with Retry-After ${retryAfter}, no request is sent for ${least} to ${most} seconds`, async (t) => {
    const { gateway, upstream, body } = await startWithStale(t);
    const remaining = "x-organization-rate-limit-remaining";
    upstream.respond(429, "{}", { [remaining]: "0", ...(retryAfter && { "retry-after": retryAfter }) });
    await assertProblem(await gateway.get(`${USAGE}?aid=2067`), 429, { [remaining]: "0", "retry-after": [least, most] });
    upstream.play();

    await gateway.advance((least - 5) * 1000);
    const other = await gateway.get(`${USAGE}?aid=2283`);
    await assertProblem(other, 429, { [remaining]: null, "retry-after": [1, most - least + 6] });
    assert.deepEqual(cacheStatus(other), ["detail=rate-limit"]);
    const stale = await gateway.get(USAGE);
    assertStale(stale, "rate-limit", 6 + (least - 5) / 60);
    assert.equal(await stale.text(), body);
    assert.equal(upstream.requests.length, 1);

    await gateway.advance((most - least + 6) * 1000);
    for (const query of ["", "?aid=2067", "?aid=2283"]) assertResponse(await gateway.get(USAGE + query), 200);
    assert.equal(upstream.requests.length, 4);
  });
}

test("while a call waits to retry after a 429, no other request is sent", async (t) => {
  const { gateway, upstream } = await start(t);
  await gateway.setLimits({ maxRetries: 1 });
  upstream.respond(429, "{}", { "retry-after": "3" });
  let isOver = false;
  const first = gateway.get(USAGE).finally(() => (isOver = true));
  await upstream.received(1);
  upstream.play();
  // Other requests may be sent until the gateway has read the 429.
  let other;
  for (let aid = 1; other?.status !== 429; aid++) {
    assert.ok(!isOver, "every request was sent");
    other = await gateway.get(`${USAGE}?aid=${aid}`);
  }
  assertResponse(other, 429, { "retry-after": [0, 10] });
  assertResponse(await first, 200);
});

test("of two 429 responses, the longer wait counts, in either order", async (t) => {
  const { gateway, upstream } = await start(t);
  let releaseSecond;
  upstream.play((request, response) => {
    const respond = (seconds) => response.writeHead(429, { "retry-after": seconds }).end("{}");
    if (request.url.includes("aid=1")) respond("60");
    else releaseSecond = () => respond("20");
  });
  const second = gateway.get(`${USAGE}?aid=2`);
  await upstream.received(1);
  await assertProblem(await gateway.get(`${USAGE}?aid=1`), 429);
  releaseSecond();
  for (const response of [await second, await gateway.get(`${USAGE}?aid=3`)]) {
    assertResponse(response, 429, { "retry-after": [51, 60] });
  }
});

test("a 429 outlives the Durable Object that received it", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(429, "{}", { "retry-after": "600" });
  await gateway.readStore({ aid: "1", expand: [] });
  await gateway.evictStore();
  const [{ failure, retryAt }] = await gateway.readStore({ aid: "2", expand: [] });
  assert.equal(failure.code, "rate-limit");
  assert.ok(retryAt > Date.now() + 590_000);
  assert.equal(upstream.requests.length, 1);
});

test("a tenth of the rate limit is reserved: below it, no request is sent before the reset", async (t) => {
  const { gateway, upstream } = await start(t);
  const reset = Math.floor(Date.now() / 1000) + 30;
  let remaining = 25;
  upstream.play((_, response) => {
    response.writeHead(200, { "content-type": "application/hal+json", ...rateLimit(remaining--, reset) }).end('{"usage":{}}');
  });
  for (const [aid, status] of [[1, 200], [2, 200], [3, 200], [4, 429], [5, 429], [1, 200]]) {
    assertResponse(await gateway.get(`${USAGE}?aid=${aid}`), status);
  }
  assertResponse(await gateway.get(`${USAGE}?aid=4`), 429, { "retry-after": [21, 30] });
  assert.equal(upstream.requests.length, 3);
  await gateway.advance(31_000);
  assertResponse(await gateway.get(`${USAGE}?aid=4`), 200);
});

test("a reset in the far future counts as one minute", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(200, "{}", rateLimit(0, 4_102_444_800));
  assertResponse(await gateway.get(USAGE), 200);
  await assertProblem(await gateway.get(`${USAGE}?aid=2067`), 429);
  await gateway.advance(61_000);
  assertResponse(await gateway.get(`${USAGE}?aid=2067`), 200);
});

test("at most six requests to the API are in progress: the next gets older data, or a time to retry", async (t) => {
  const { gateway, upstream } = await startWithStale(t);
  const release = upstream.hold();
  const pending = gateway.getAll(["2067", "2068", "2069", "2070", "2071", "2072"].map((aid) => `${USAGE}?aid=${aid}`));
  await upstream.received(6);
  const seventh = await gateway.get(`${USAGE}?aid=2073`);
  await assertProblem(seventh, 503, { "retry-after": "1" });
  assert.deepEqual(cacheStatus(seventh), ["detail=busy"]);
  assertStale(await gateway.get(USAGE), "busy", 6);
  release();
  for (const response of await pending) assert.notEqual(response.status, 503);
  assert.equal(upstream.requests.length, 6);
  await gateway.advance(1001);
  assert.deepEqual(cacheStatus(await gateway.get(USAGE)), RENEWED);
});

test("a response that the store cannot keep is served, and no part of it is stored", async (t) => {
  const { gateway, upstream, body } = await startWithStale(t);
  await gateway.fail("store is full");
  const large = largeBody(15_000);
  assert.ok(large.length > 2 ** 20);
  upstream.respond(200, large);
  for (let i = 0; i < 2; i++) assert.equal(await (await gateway.get(USAGE)).text(), large);
  upstream.respond(500, PROBLEM);
  await gateway.advance(6 * MINUTE);
  assert.equal(await (await gateway.get(USAGE)).text(), body);
  assert.match(await gateway.stop(), /"event":"storage".*The store is full/);
});

test("while the store fails, the Worker serves what it has in memory, or a time to retry", async (t) => {
  const { gateway, upstream, body } = await startWithStale(t, { bindings: { ALLOWED_ORIGINS: ORIGIN } });
  await gateway.fail("store fails");
  const stale = await gateway.get(USAGE);
  assertStale(stale, "store", 6);
  assert.equal(await stale.text(), body);
  const unknown = await gateway.get(`${USAGE}?aid=2067`, { headers: { origin: ORIGIN } });
  await assertProblem(unknown, 503, { "retry-after": "1", "access-control-allow-origin": ORIGIN });
  assert.deepEqual(cacheStatus(unknown), ["detail=store"]);
  await gateway.advance(60 * MINUTE);
  await assertProblem(await gateway.get(USAGE), 503);
  assert.equal(upstream.requests.length, 0);
  await gateway.fail("");
  assertResponse(await gateway.get(USAGE), 200);
});

test("the isolates of all data centres share one request to the API", async (t) => {
  const { gateway, upstream } = await start(t);
  const query = { aid: "2067", expand: ["test"] };
  const outcomes = await gateway.readStore(query, query, query);
  assert.deepEqual(outcomes.map(({ fwd, collapsed }) => [fwd, collapsed]), [["miss", undefined], ["miss", true], ["miss", true]]);
  assert.deepEqual(await gateway.readStore(query), [{ hit: true }]);
  assert.equal(upstream.requests.length, 1);
});

test("the log has one line for each response of the API, of all its pages, without token, key or viewer", async (t) => {
  const { gateway, upstream } = await start(t);
  const usage = `${USAGE}?aid=2067&expand=test`;
  for (const path of [usage, usage, `${TESTS}?aid=2067`, QUOTAS]) assertResponse(await gateway.get(path), 200);
  upstream.respond(401, "{}");
  await gateway.get(`${USAGE}?aid=2283`);
  const log = await gateway.stop();
  const lines = parseLog(log);
  assert.deepEqual(lines.map(({ ms, ...line }) => line), [
    { event: "upstream", key: '["2067","test"]', status: 200, attempts: 1 },
    { event: "upstream", key: '{"resource":"usage/units/tests","aid":"2067"}', status: 200, attempts: 2 },
    { event: "upstream", key: '{"resource":"quotas"}', status: 200, attempts: 1 },
    { event: "upstream", key: '["2283"]', status: 401, code: "unauthorized", attempts: 1 },
  ]);
  for (const { ms } of lines) assertBetween(ms, 0, 60_000);
  assertNoSecret(log);
});
