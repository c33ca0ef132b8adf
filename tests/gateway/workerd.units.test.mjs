// The units by test and by agent, and the quotas: their pages, how long they are fresh, and what they cost the API.
import assert from "node:assert/strict";
import { test } from "node:test";

import { UsageClient } from "../../pkg/node.js";
import {
  AGENTS, assertBetween, assertProblem, assertResponse, cacheStatus, HOUR, KEY, MINUTE, QUOTAS, rateLimit, RENEWED, start, TESTS,
  USAGE,
} from "./gateway.mjs";

const DAY = 24 * HOUR;
const NOW = Date.now();

/** The query of a month of 30 days that has been over for a while. */
function monthAgo(ago) {
  const [startDate, endDate] = [ago + 1, ago].map((months) => new Date(NOW - (months * 30 + 30) * DAY).toISOString());
  return `?startDate=${startDate}&endDate=${endDate}`;
}
const clientOf = (gateway, options) => new UsageClient({ baseUrl: `${gateway.url}/api`, token: KEY, maxRetries: 0, ...options });

/** Makes the API respond with a list of `count` pages, of one row each by default. */
function playPages(upstream, count, { rowsOf = (page) => [{ testId: String(page), cloudUnitsUsed: page }], headers } = {}) {
  upstream.play((request, response) => {
    const url = new URL(request.url, "http://api");
    const page = Number(url.searchParams.get("cursor") ?? 1);
    url.searchParams.set("cursor", page + 1);
    const body = { breakdowns: rowsOf(page), _links: page < count ? { next: { href: url.href } } : {} };
    response.writeHead(200, { "content-type": "application/hal+json", ...headers }).end(JSON.stringify(body));
  });
}

test("20,000 tests arrive in pages of 1,000, whose links lead to the gateway", async (t) => {
  const { gateway, upstream } = await start(t);
  const [ids, etags] = [new Set(), new Set()];
  let path = `${TESTS}?aid=large`;
  for (let page = 0; page < 20; page++) {
    const response = await gateway.get(path);
    assertResponse(response, 200, { "content-type": "application/hal+json", "cache-control": "private, no-cache" });
    const { breakdowns, _links } = await response.json();
    assert.equal(breakdowns.length, 1000);
    for (const { testId } of breakdowns) ids.add(testId);
    etags.add(response.headers.get("etag"));
    assert.equal(_links.self.href, path);
    path = _links.next?.href;
    assert.equal(path?.startsWith(`${TESTS}?aid=large&cursor=`), page < 19 ? true : undefined);
  }
  assert.deepEqual([ids.size, etags.size], [20_000, 20]);
  assert.equal(upstream.requests.length, 20);
});

test("the last page may be full, and a list may have no rows", async (t) => {
  const { gateway, upstream } = await start(t);
  for (const count of [0, 999, 1000, 1001]) {
    const breakdowns = Array.from({ length: count }, (_, i) => ({ testId: String(i) }));
    upstream.respond(200, JSON.stringify({ breakdowns }));
    const lengths = [];
    for await (const { data } of clientOf(gateway).getTestUnits({ aid: String(count) }).pages()) lengths.push(data.length);
    assert.deepEqual(lengths, count > 1000 ? [1000, 1] : [count]);
  }
});

test("a field that the package does not know is kept", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(200, '{"breakdowns":[{"testId":"1","colour":"red"}]}');
  assert.deepEqual((await (await gateway.get(TESTS)).json()).breakdowns, [{ testId: "1", colour: "red" }]);
});

for (const [what, path, freshMs] of [
  ["the running month", TESTS, 5 * MINUTE],
  ["the running month of the agents", AGENTS, 5 * MINUTE],
  ["a period that has been over for an hour", `${TESTS}?endDate=${new Date(NOW - HOUR).toISOString()}`, 5 * MINUTE],
  ["a period without a start", `${TESTS}?endDate=${new Date(NOW - 3 * HOUR).toISOString()}`, 5 * MINUTE],
  ["the quotas", QUOTAS, 5 * MINUTE],
  ["a month that is over", TESTS + monthAgo(1), DAY],
  ["a month of the agents that is over", AGENTS + monthAgo(1), DAY],
]) {
  test(`${what}: the response is fresh for ${freshMs / MINUTE} minutes`, async (t) => {
    const { gateway, upstream } = await start(t);
    assert.deepEqual(cacheStatus(await gateway.get(path)), ["fwd=miss", "fwd-status=200", "stored"]);
    const { length } = upstream.requests;
    await gateway.advance(freshMs - 10_000);
    const [hit, ttl] = cacheStatus(await gateway.get(path));
    assert.equal(hit, "hit");
    assertBetween(Number(ttl.slice("ttl=".length)), 0, 10);
    assert.equal(upstream.requests.length, length);
    await gateway.advance(10_000);
    assert.deepEqual(cacheStatus(await gateway.get(path)), RENEWED);
    assert.equal(upstream.requests.length, 2 * length);
  });
}

test("the alarm deletes what is too old to serve, and nothing else", async (t) => {
  const { gateway } = await start(t);
  const [startDate, endDate] = [NOW - 2 * DAY, NOW - DAY].map((time) => new Date(time).toISOString());
  await gateway.readStore({ expand: [] }, { resource: "usage/units/enterprise-agents", startDate, endDate });
  for (const [wait, left] of [[64 * MINUTE, 2], [2 * MINUTE, 1], [23 * HOUR, 1], [HOUR, 0]]) {
    await gateway.advance(wait);
    assert.equal((await gateway.runAlarm()).length, left);
  }
});

test("once the API rejects the token, a month that is over is served for five minutes at most", async (t) => {
  const { gateway, upstream } = await start(t);
  const month = TESTS + monthAgo(1);
  const { _links } = await (await gateway.get(month)).json();
  for (const path of [month, _links.next.href]) assertResponse(await gateway.get(path), 200);
  upstream.respond(401, "{}");
  await assertProblem(await gateway.get(USAGE), 502);
  await gateway.advance(5.1 * MINUTE);
  await assertProblem(await gateway.get(month), 502);
  await assertProblem(await gateway.get(_links.next.href), 400);
});

test("each spelling of a period shares one entry of the cache", async (t) => {
  const { gateway, upstream } = await start(t);
  for (const start of [
    "2026-10-01T00:00:00Z", "2026-10-01T00:00:00.000Z", "2026-10-01T00:00:00.000000%2b0000", "2026-10-01T02:00:00%2b02:00",
  ]) assertResponse(await gateway.get(`${AGENTS}?startDate=${start}`), 200);
  assert.deepEqual(upstream.requests.map(({ url }) => url), ["/v7/usage/units/enterprise-agents?startDate=2026-10-01T00:00:00Z"]);
});

test("a list that has begun is of one time, even if the first page is renewed", async (t) => {
  const { gateway, upstream } = await start(t);
  const first = await (await gateway.get(TESTS)).json();
  await gateway.advance(6 * MINUTE);
  upstream.respond(200, JSON.stringify({ breakdowns: Array(1500).fill({ testId: "1" }) }));
  assert.equal((await (await gateway.get(TESTS)).json()).breakdowns[0].testId, "1");
  const second = await (await gateway.get(first._links.next.href)).json();
  assert.equal(new Set([...first.breakdowns, ...second.breakdowns].map(({ testId }) => testId)).size, 2000);
  await gateway.advance(60 * MINUTE);
  const { errors } = await assertProblem(await gateway.get(first._links.next.href), 400);
  assert.deepEqual(errors.map(({ code, field }) => [code, field]), [["INVALID_CURSOR", "cursor"]]);
});

test("six months of 20 pages take half of the rate limit, and a seventh waits for the next minute", async (t) => {
  const { gateway, upstream } = await start(t);
  playPages(upstream, 20);
  const client = clientOf(gateway);
  const months = await Promise.all([1, 2, 3, 4, 5, 6].map((ago) => {
    const [startDate, endDate] = monthAgo(ago).match(/\d{4}-[^&]+/g);
    return client.getTestUnits({ startDate, endDate }).toArray();
  }));
  const expected = Array.from({ length: 20 }, (_, i) => ({ testId: String(i + 1), cloudUnitsUsed: i + 1 }));
  for (const rows of months) assert.deepEqual(rows, expected);
  assert.equal(upstream.requests.length, 120);

  await gateway.setLimits({ readMs: 100 });
  const seventh = await gateway.get(TESTS + monthAgo(7));
  await assertProblem(seventh, 503, { "retry-after": [3, 60] });
  assert.deepEqual(cacheStatus(seventh), ["detail=reading"]);
  assertResponse(await gateway.get(USAGE), 200);
  assert.equal(upstream.requests.length, 121, "only the usage was requested");
  await gateway.advance(MINUTE);
  await upstream.received(141);
  await gateway.setLimits({});
  assertResponse(await gateway.get(TESTS + monthAgo(7)), 200);
  assert.equal(upstream.requests.length, 141);
});

test("three periods are read at a time; the others wait, and are not requested once the token is rejected", async (t) => {
  const { gateway, upstream } = await start(t);
  let reject;
  const rejected = new Promise((resolve) => (reject = resolve));
  upstream.play(async (request, response) => {
    if (request.url.includes("/units/")) await rejected;
    const status = request.url.includes("/units/") ? 401 : 200;
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  });
  const pending = gateway.getAll([1, 2, 3, 4, 5].map((ago) => TESTS + monthAgo(ago)));
  await gateway.counted("storeReads", 5);
  await upstream.received(3);
  assertResponse(await gateway.get(USAGE), 200);
  assert.equal(upstream.requests.length, 4);
  reject();
  for (const response of await pending) await assertProblem(response, 502);
  assert.equal(upstream.requests.length, 4);
});

test("a period that waits is read once any of the three before it has been read, in order of arrival", async (t) => {
  const { gateway, upstream } = await start(t);
  const releases = [];
  upstream.play((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    releases.push(() => response.end("{}"));
  });
  const paths = [1, 2, 3, 4, 5].map((aid) => `${TESTS}?aid=${aid}`);
  const pending = [];
  for (const path of paths) {
    const { length } = pending.push(gateway.get(path));
    await gateway.counted("storeReads", length);
    await upstream.received(Math.min(length, 3));
  }
  for (const [i, count] of [[1, 4], [3, 5], [0, 5], [2, 5], [4, 5]]) {
    releases[i]();
    assertResponse(await pending[i], 200);
    await upstream.received(count);
  }
  assert.deepEqual(upstream.requests.map(({ url }) => `/api${url}`), paths);
});

test("at most 24 periods are read or wait for that: the next gets a time to retry", async (t) => {
  const { gateway, upstream } = await start(t);
  const release = upstream.hold();
  const pending = gateway.getAll(Array.from({ length: 24 }, (_, ago) => AGENTS + monthAgo(ago)));
  await gateway.counted("storeReads", 24);
  const next = await gateway.get(TESTS);
  await assertProblem(next, 503, { "retry-after": "1" });
  assert.deepEqual(cacheStatus(next), ["detail=busy"]);
  release();
  for (const response of await pending) assertResponse(response, 200);
});

test("while a period is read, viewers get a time to retry; the reading goes on without them", async (t) => {
  const { gateway, upstream } = await start(t);
  await gateway.setLimits({ readMs: 50 });
  const release = upstream.hold();
  for (let i = 0; i < 2; i++) await assertProblem(await gateway.get(TESTS), 503, { "retry-after": [1, 2] });
  assert.equal(upstream.requests.length, 1);
  release();
  await gateway.setLimits({});
  assertResponse(await gateway.get(TESTS), 200);
  assert.equal(upstream.requests.length, 2);
});

test("below the reserve of the rate limit, the pages that follow wait for the reset", async (t) => {
  const { gateway, upstream } = await start(t);
  await gateway.setLimits({ readMs: 100 });
  playPages(upstream, 4, { headers: rateLimit(3, Date.now() / 1000 + 50) });
  await assertProblem(await gateway.get(TESTS), 503);
  await assertProblem(await gateway.get(`${TESTS}?aid=2067`), 429);
  // The package requests the second page as soon as it has the first.
  assert.equal(upstream.requests.length, 2);
  await gateway.advance(MINUTE);
  await gateway.setLimits({});
  assertResponse(await gateway.get(TESTS), 200);
  assert.equal(upstream.requests.length, 4);
});

test("if the API rejects its own cursor, a list may be requested again, and the older list is kept", async (t) => {
  const { gateway, upstream } = await start(t);
  const list = await (await gateway.get(TESTS)).text();
  await gateway.advance(6 * MINUTE);
  upstream.play((request, response) => {
    response.writeHead(request.url.includes("cursor") ? 400 : 200, { "content-type": "application/json" });
    response.end('{"breakdowns":[],"_links":{"next":{"href":"?cursor=2"}}}');
  });
  assert.equal(await (await gateway.get(TESTS)).text(), list);
  await assertProblem(await gateway.get(`${TESTS}?aid=2067`), 503, { "retry-after": [1, 10] });
});

test("above the limit of the storage, the oldest lists are deleted", async (t) => {
  const { gateway, upstream } = await start(t);
  await gateway.setLimits({ storedBytes: 5000 });
  upstream.respond(200, JSON.stringify({ breakdowns: [{ testName: "x".repeat(2000) }] }));
  const queries = ["1", "2", "3"].map((aid) => ({ resource: "usage/units/tests", aid }));
  for (const query of queries) {
    await gateway.readStore(query);
    await gateway.advance(1);
  }
  assert.deepEqual((await gateway.runAlarm()).map((key) => JSON.parse(key).aid), ["2", "3"]);
});

for (const [what, pages, rows, testName] of [
  ["of many pages", Infinity, 5000, "x".repeat(1000)],
  ["whose last page exceeds the limit", 2, 1000, "x".repeat(9000)],
  ["whose bytes exceed the limit, but not its characters", 2, 3000, "€".repeat(1000)],
]) {
  test(`a list ${what} is too large, a 502, and is not read again for a quarter of an hour`, async (t) => {
    const { gateway, upstream } = await start(t);
    const breakdowns = Array(rows).fill({ testName });
    playPages(upstream, pages, { rowsOf: () => breakdowns });
    assert.match((await assertProblem(await gateway.get(TESTS), 502)).detail, /shorter period/);
    const { length } = upstream.requests;
    assert.ok(length >= 2);
    await gateway.advance(14 * MINUTE);
    await assertProblem(await gateway.get(TESTS), 502);
    assert.equal(upstream.requests.length, length);
  });
}
