// How often the API is asked, and what is served in between, and instead.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";

import { assertProblem, cacheStatus, MINUTE, requestText, start, TOKEN, USAGE } from "./gateway.mjs";

const PROBLEM = JSON.stringify({ type: "about:blank", title: "Sorry", status: 500, detail: "The database is asleep." });


/** A gateway that has an answer, which is no longer fresh. */
async function withStale(t, path = USAGE) {
  const started = await start(t);
  const body = await (await started.gateway.get(path)).text();
  await started.gateway.advance(6 * MINUTE);
  started.upstream.requests.length = 0;
  return { ...started, body };
}

function assertStale(response, code, minutes) {
  assert.equal(response.status, 200);
  const [hit, ttl, detail] = cacheStatus(response);
  assert.deepEqual([hit, detail], ["hit", `detail=${code}`]);
  const age = Number(response.headers.get("age"));
  assert.ok(age >= minutes * 60 && age < minutes * 60 + 30, `age ${age}`);
  const left = Number(ttl.replace("ttl=", ""));
  assert.ok(Math.abs(left + age - 300) <= 1, `${ttl}, age ${age}`);
}

test("a response is served for five minutes, and marked", async (t) => {
  const { gateway, upstream } = await start(t);
  const first = await gateway.get(USAGE);
  assert.deepEqual(cacheStatus(first), ["fwd=miss", "fwd-status=200", "stored"]);
  assert.equal(first.headers.get("age"), "0");
  assert.equal(first.headers.get("content-type"), "application/hal+json");
  assert.equal(first.headers.get("cache-control"), "private, no-cache");
  assert.equal(first.headers.get("x-organization-rate-limit-remaining"), "239");

  await gateway.advance(4.9 * MINUTE);
  const second = await gateway.get(USAGE);
  const [hit, ttl] = cacheStatus(second);
  assert.equal(hit, "hit");
  const left = Number(ttl.replace("ttl=", ""));
  assert.ok(left > 0 && left <= 6, ttl);
  assert.ok(Math.abs(Number(second.headers.get("age")) + left - 300) <= 1);
  assert.equal(second.headers.get("x-request-id"), first.headers.get("x-request-id"), "of the request that the answer came by");
  assert.equal(second.headers.get("x-organization-rate-limit-remaining"), null, "the number of five minutes ago would mislead");
  assert.equal(await second.text(), await first.text());
  assert.equal(upstream.requests.length, 1);

  await gateway.advance(0.2 * MINUTE);
  assert.deepEqual(cacheStatus(await gateway.get(USAGE)), ["fwd=stale", "fwd-status=200", "stored"]);
  assert.equal(upstream.requests.length, 2);
});

test("each aid and each set of breakdowns has its own entry", async (t) => {
  const { gateway, upstream } = await start(t);
  const queries = ["", "?aid=2067", "?expand=test", "?aid=2067&expand=test", "?expand=endpoint-agent", "?aid=2283"];
  for (const query of [...queries, ...queries]) assert.equal((await gateway.get(USAGE + query)).status, 200);
  assert.deepEqual(upstream.requests.map(({ url }) => url), queries.map((query) => `/v7/usage${query}`));
});

test("the body has exact integers and unknown fields, and no nulls of known ones", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(200, `{"usage":{"cloudUnitsUsed":9007199254740991,"cloudUnitsProjected":null,"news":{"é":[1.5]}},"_links":{}}`);
  const text = await (await gateway.get(USAGE)).text();
  assert.equal(text, `{"usage":{"cloudUnitsUsed":9007199254740991,"news":{"é":[1.5]}},"_links":{}}`);
});

test("a response of some megabytes is stored in parts, and served complete", async (t) => {
  const { gateway, upstream } = await start(t);
  const tests = Array.from({ length: 30_000 }, (_, i) => ({ aid: "2067", testId: String(i), testName: `Prüfung 東京 ${i}`, cloudUnitsUsed: i }));
  const body = JSON.stringify({ usage: { tests } });
  assert.ok(Buffer.byteLength(body) > 2 * 2 ** 20);
  upstream.respond(200, body);
  assert.equal(await (await gateway.get(USAGE)).text(), body);
  upstream.respond(503, PROBLEM);
  await gateway.advance(6 * MINUTE);
  assert.equal(await (await gateway.get(USAGE)).text(), body, "from the store, which is asked once it is stale");
});

test("the entity tag is strong, and a 304 follows the same bytes", async (t) => {
  const { gateway, upstream } = await start(t);
  const first = await gateway.get(USAGE);
  const etag = first.headers.get("etag");
  assert.match(etag, /^"[\da-f]{32}"$/);
  const ask = (ifNoneMatch) => gateway.get(USAGE, { headers: { "if-none-match": ifNoneMatch } });
  for (const value of [etag, `W/${etag}`, `"x", ${etag}`, `"a,b" ,W/${etag}, "y"`, "*", " * "]) {
    const response = await ask(value);
    assert.equal(response.status, 304, value);
    assert.equal(await response.text(), "");
    assert.equal(response.headers.get("etag"), etag);
    assert.equal(response.headers.get("cache-control"), "private, no-cache");
    assert.equal(response.headers.get("content-type"), null);
  }
  await gateway.advance(MINUTE);
  for (const value of ['"x"', etag.slice(1, -1), `"${etag.slice(1, 9)}"`, "", '"*"', "x*"]) {
    assert.equal((await ask(value)).status, 200, value);
  }
  await gateway.advance(6 * MINUTE);
  const renewed = await ask(etag);
  assert.equal(renewed.status, 304, "the API was asked again, and the bytes were the same");
  assert.equal(renewed.headers.get("age"), "0", "a browser would go on with the older one's age");
  assert.equal(upstream.requests.length, 2);
  upstream.respond(200, '{"usage":{"cloudUnitsUsed":1}}');
  await gateway.advance(6 * MINUTE);
  const changed = await ask(etag);
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.get("etag"), etag);
});

test("50 requests at once cost the API one", async (t) => {
  const { gateway, upstream } = await start(t);
  const release = upstream.hold();
  const asked = Array.from({ length: 50 }, () => gateway.get(USAGE));
  while ((await gateway.seen()).begun < 50);
  release();
  const answers = await Promise.all(asked);
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal(new Set(await Promise.all(answers.map((answer) => answer.text()))).size, 1);
  assert.equal(upstream.requests.length, 1);
  const collapsed = answers.filter((answer) => cacheStatus(answer).includes("collapsed"));
  assert.equal(collapsed.length, 49);
  assert.equal((await gateway.seen()).storeAsked, 1, "49 answers of megabytes need not cross to the Worker");
});

/** A client that asks, and gives how it goes away: by a reset, since one that only closes its half might still read. */
function startClient({ url }) {
  const { port, hostname } = new URL(url);
  const socket = connect(port, hostname);
  socket.write(requestText(USAGE));
  return () => socket.resetAndDestroy();
}

/** Lets the Worker be told of it. */
const more = { compatibilityFlags: ["enable_request_signal", "request_signal_passthrough"] };

test("if the first of them goes away, the others get the response", async (t) => {
  const { gateway, upstream } = await start(t, { more });
  const release = upstream.hold();
  const leave = startClient(gateway);
  await upstream.received(1);
  const others = [gateway.get(USAGE), gateway.get(USAGE)];
  while ((await gateway.seen()).begun < 3);
  leave();
  while ((await gateway.seen()).aborted < 1);
  release();
  for (const answer of await Promise.all(others)) {
    assert.equal(answer.status, 200);
    assert.deepEqual(cacheStatus(answer), ["fwd=miss", "fwd-status=200", "stored", "collapsed"]);
    assert.equal((await answer.json()).usage.organizationName, "Example Corp");
  }
  assert.equal(upstream.requests.length, 1);
});

test("if all of them go away, the response is kept", async (t) => {
  const { gateway, upstream } = await start(t, { more });
  const release = upstream.hold();
  const leave = startClient(gateway);
  await upstream.received(1);
  leave();
  while ((await gateway.seen()).aborted < 1);
  release();
  assert.equal((await gateway.get(USAGE)).status, 200);
  assert.equal(upstream.requests.length, 1);
});

test("20 requests at once that fail cost the API one", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(500, PROBLEM);
  const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.get(USAGE)));
  for (const answer of answers) assert.equal((await assertProblem(answer, 500)).detail, "The database is asleep.");
  assert.equal(upstream.requests.length, 1);
});

/** What the API may do: how, the status and the code that come of it, and whether older data may stand in. */
const FAILURES = {
  "fails": { play: (upstream) => upstream.respond(500, PROBLEM), status: 500, code: "server", detail: /^The database is asleep\.$/ },
  "is overloaded": { play: (upstream) => upstream.respond(503, "busy", { "content-type": "text/plain" }), status: 503, code: "server" },
  "is down": { play: (upstream) => upstream.close(), status: 502, code: "connection", detail: /could not be reached/ },
  "hangs up": { play: (upstream) => upstream.play((request) => request.socket.destroy()), status: 502, code: "connection" },
  "stalls": {
    play(upstream, gateway) {
      upstream.hold();
      return gateway.setPatience({ timeout: 200 });
    },
    status: 504, code: "timeout",
  },
  "stalls in its answer": {
    play(upstream, gateway) {
      upstream.play((_, response) => response.writeHead(200, { "content-type": "application/hal+json" }).write('{"usage":'));
      return gateway.setPatience({ timeout: 200 });
    },
    status: 504, code: "timeout",
  },
  "answers with a page": {
    play: (upstream) => upstream.respond(200, "<html>login", { "content-type": "text/html" }), status: 502, code: "unexpected-response",
  },
  "redirects": {
    play: (upstream) => upstream.respond(302, "", { location: "https://evil.example/" }), status: 502, code: "unexpected-response",
  },
  "answers with no JSON": { play: (upstream) => upstream.respond(200, "{"), status: 502, code: "decode" },
  "answers with no usage": {
    play: (upstream) => upstream.respond(200, '{"usage":{"cloudUnitsUsed":"7"}}'),
    status: 502, code: "decode", detail: /usage\.cloudUnitsUsed/,
  },
  "limits": { play: (upstream) => upstream.respond(429, "{}", { "retry-after": "40" }), status: 429, code: "rate-limit" },
  "refuses the request": { play: (upstream) => upstream.respond(400, "{}"), status: 400, code: "bad-request", final: true },
  "refuses the gateway's token": {
    play: (upstream) => upstream.respond(401, '{"error":"invalid_token"}'),
    status: 502, code: "unauthorized", final: true, detail: /THOUSANDEYES_TOKEN/,
  },
  "forbids it": { play: (upstream) => upstream.respond(403, "{}"), status: 403, code: "forbidden", final: true },
  "knows no such thing": {
    play: (upstream) => upstream.respond(404, "{}"), status: 404, code: "not-found", final: true, detail: /^The API knows no such account group\.$/,
  },
};

for (const [what, { play, status, code, detail = /./, final }] of Object.entries(FAILURES)) {
  test(`when the API ${what} and there is nothing else to serve, the answer is ${status}`, async (t) => {
    const { gateway, upstream } = await start(t);
    await play(upstream, gateway);
    const response = await gateway.get(`${USAGE}?aid=2067`);
    const body = await assertProblem(response, status);
    assert.match(body.detail, detail);
    assert.ok(cacheStatus(response).includes(`detail=${code}`), response.headers.get("cache-status"));
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(response.headers.get("www-authenticate"), null);
    assert.equal(response.headers.get("location"), null);
    assert.ok(!JSON.stringify([...response.headers, body]).includes(TOKEN));
  });

  test(`when the API ${what}, older data ${final ? "is not" : "is"} served`, async (t) => {
    const { gateway, upstream, body } = await withStale(t);
    await play(upstream, gateway);
    const response = await gateway.get(USAGE);
    if (final) {
      await assertProblem(response, status);
      upstream.respond(500, PROBLEM);
      await gateway.advance(MINUTE);
      await assertProblem(await gateway.get(USAGE), 500);
      return;
    }
    assertStale(response, code, 6);
    assert.equal(await response.text(), body);
  });
}

test("older data is served up to an hour after it was fresh, and no longer", async (t) => {
  const { gateway, upstream } = await withStale(t);
  upstream.respond(500, PROBLEM);
  await gateway.advance(58 * MINUTE);
  assertStale(await gateway.get(USAGE), "server", 64);
  await gateway.advance(1.5 * MINUTE);
  await assertProblem(await gateway.get(USAGE), 500);
});

test("after an outage of the API, new data is served", async (t) => {
  const { gateway, upstream } = await withStale(t);
  upstream.respond(500, PROBLEM);
  assertStale(await gateway.get(USAGE), "server", 6);
  upstream.play();
  await gateway.advance(MINUTE);
  assert.deepEqual(cacheStatus(await gateway.get(USAGE)), ["fwd=stale", "fwd-status=200", "stored"]);
});

test("a failure stands for ten seconds, and has the time to retry", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(500, PROBLEM);
  for (let i = 0; i < 5; i++) {
    const response = await gateway.get(USAGE);
    await assertProblem(response, 500);
    const wait = Number(response.headers.get("retry-after"));
    assert.ok(wait >= 1 && wait <= 10, `${wait}`);
  }
  assert.equal(upstream.requests.length, 1);
  upstream.play();
  assert.equal((await gateway.get(`${USAGE}?aid=2067`)).status, 200, "another key is another question");
  await gateway.advance(10_001);
  assert.equal((await gateway.get(USAGE)).status, 200);
});

test("a rejection stands too, without a time to retry", async (t) => {
  const { gateway, upstream } = await start(t);
  for (let i = 0; i < 3; i++) {
    const response = await gateway.get(`${USAGE}?aid=99999`);
    await assertProblem(response, 403);
    assert.equal(response.headers.get("retry-after"), null);
  }
  assert.equal(upstream.requests.length, 1);
});

test("after a 429 nothing is requested before the time that it gave", async (t) => {
  const { gateway, upstream, body } = await withStale(t);
  upstream.respond(429, "{}", { "retry-after": "40", "x-organization-rate-limit-remaining": "0" });
  const first = await gateway.get(`${USAGE}?aid=2067`);
  await assertProblem(first, 429);
  assert.ok(Math.abs(Number(first.headers.get("retry-after")) - 40) <= 1);
  assert.equal(first.headers.get("x-organization-rate-limit-remaining"), "0");
  upstream.play();

  await gateway.advance(30_000);
  const other = await gateway.get(`${USAGE}?aid=2283`);
  await assertProblem(other, 429);
  assert.ok(Math.abs(Number(other.headers.get("retry-after")) - 10) <= 2);
  assert.deepEqual(cacheStatus(other), ["detail=rate-limit"]);
  const stale = await gateway.get(USAGE);
  assertStale(stale, "rate-limit", 6.5);
  assert.equal(await stale.text(), body);
  assert.equal(upstream.requests.length, 1);

  await gateway.advance(11_000);
  for (const query of ["", "?aid=2067", "?aid=2283"]) assert.equal((await gateway.get(USAGE + query)).status, 200);
  assert.equal(upstream.requests.length, 4);
});

test("while the package waits after a 429, no other request is sent", async (t) => {
  const { gateway, upstream } = await start(t);
  await gateway.setPatience({ maxRetries: 1 });
  upstream.respond(429, "{}", { "retry-after": "3" });
  let isOver = false;
  const first = gateway.get(USAGE).finally(() => (isOver = true));
  await upstream.received(1);
  upstream.play();
  // Until the gateway has read that answer, other questions may pass.
  let other;
  for (let aid = 1; other?.status !== 429; aid++) {
    assert.ok(!isOver, "each question was sent");
    other = await gateway.get(`${USAGE}?aid=${aid}`);
  }
  assert.ok(Number(other.headers.get("retry-after")) <= 10);
  assert.equal((await first).status, 200);
});

for (const [retryAfter, minutes] of [["0", 0], [undefined, 1], ["9999999999999", 15], ["9".repeat(30), 15]]) {
  test(`after a 429 with ${retryAfter ? `Retry-After: ${retryAfter}` : "no hint"}, nobody asks at once, and not never`, async (t) => {
    const { gateway, upstream } = await start(t);
    upstream.respond(429, "{}", retryAfter ? { "retry-after": retryAfter } : {});
    for (let i = 0; i < 5; i++) {
      const response = await gateway.get(`${USAGE}?aid=${i}`);
      await assertProblem(response, 429);
      const wait = Number(response.headers.get("retry-after"));
      assert.ok(wait >= 8 && wait <= Math.max(10, minutes * 60), `${wait}`);
    }
    assert.equal(upstream.requests.length, 1);
    upstream.play();
    await gateway.advance(Math.max(10_000, minutes * MINUTE) + 1000);
    assert.equal((await gateway.get(USAGE)).status, 200);
  });
}

test("of two 429 the longer one counts, in either order", async (t) => {
  const { gateway, upstream } = await start(t);
  let releaseSecond;
  upstream.play((request, response) => {
    const answer = (seconds) => response.writeHead(429, { "retry-after": seconds }).end("{}");
    if (request.url.includes("aid=1")) answer("60");
    else releaseSecond = () => answer("20");
  });
  const second = gateway.get(`${USAGE}?aid=2`);
  await upstream.received(1);
  await assertProblem(await gateway.get(`${USAGE}?aid=1`), 429);
  releaseSecond();
  assert.ok(Number((await second).headers.get("retry-after")) > 50);
  assert.ok(Number((await gateway.get(`${USAGE}?aid=3`)).headers.get("retry-after")) > 50);
});

test("a 429 outlives the Durable Object that got it", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(429, "{}", { "retry-after": "600" });
  await gateway.askStore([{ aid: "1", expand: [] }]);
  await gateway.evictStore();
  const [{ failure, retryAt }] = await gateway.askStore([{ aid: "2", expand: [] }]);
  assert.equal(failure.code, "rate-limit");
  assert.ok(retryAt > Date.now() + 590_000);
  assert.equal(upstream.requests.length, 1);
});

test("a tenth of the rate limit is reserved: below it nothing is requested before the reset", async (t) => {
  const { gateway, upstream } = await start(t);
  let left = 25;
  upstream.play((request, response) => response.writeHead(200, {
    "content-type": "application/hal+json",
    "x-organization-rate-limit-limit": "240",
    "x-organization-rate-limit-remaining": String(left--),
    "x-organization-rate-limit-reset": String(Math.floor(Date.now() / 1000) + 30),
  }).end('{"usage":{}}'));
  for (const [aid, status] of [[1, 200], [2, 200], [3, 200], [4, 429], [5, 429], [1, 200]]) {
    assert.equal((await gateway.get(`${USAGE}?aid=${aid}`)).status, status, `aid ${aid}, ${left} left`);
  }
  const wait = Number((await gateway.get(`${USAGE}?aid=4`)).headers.get("retry-after"));
  assert.ok(wait > 20 && wait <= 30, `${wait}`);
  assert.equal(upstream.requests.length, 3);
  await gateway.advance(31_000);
  assert.equal((await gateway.get(`${USAGE}?aid=4`)).status, 200);
});

test("a reset that is far off counts as one minute", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(200, "{}", {
    "x-organization-rate-limit-limit": "240", "x-organization-rate-limit-remaining": "0", "x-organization-rate-limit-reset": "4102444800",
  });
  assert.equal((await gateway.get(USAGE)).status, 200);
  await assertProblem(await gateway.get(`${USAGE}?aid=2067`), 429);
  await gateway.advance(61_000);
  assert.equal((await gateway.get(`${USAGE}?aid=2067`)).status, 200);
});

test("at most six requests run at once: the next gets older data, or a time to retry", async (t) => {
  const { gateway, upstream } = await withStale(t);
  const release = upstream.hold();
  const aids = ["2067", "2068", "2069", "2070", "2071", "2072"];
  const asked = aids.map((aid) => gateway.get(`${USAGE}?aid=${aid}`));
  await upstream.received(6);
  const seventh = await gateway.get(`${USAGE}?aid=2073`);
  assert.deepEqual(cacheStatus(seventh), ["detail=busy"]);
  assert.equal(seventh.headers.get("retry-after"), "1");
  await assertProblem(seventh, 503);
  assertStale(await gateway.get(USAGE), "busy", 6);
  release();
  for (const answer of await Promise.all(asked)) assert.notEqual(answer.status, 503);
  assert.equal(upstream.requests.length, 6);
  await gateway.advance(1001);
  assert.deepEqual(cacheStatus(await gateway.get(USAGE)), ["fwd=stale", "fwd-status=200", "stored"]);
});

test("once the token is rejected, no older data is served, and nothing is requested", async (t) => {
  const { gateway, upstream } = await start(t);
  const queries = ["?aid=2067", "?aid=2283", "?aid=2067&expand=test"];
  for (const query of queries) assert.equal((await gateway.get(USAGE + query)).status, 200);
  await gateway.advance(6 * MINUTE);
  upstream.requests.length = 0;
  upstream.respond(401, "{}");
  for (const query of queries) await assertProblem(await gateway.get(USAGE + query), 502);
  assert.equal(upstream.requests.length, 1);
  upstream.respond(500, PROBLEM);
  await gateway.advance(11_000);
  for (const query of queries) await assertProblem(await gateway.get(USAGE + query), 500);
});

for (const status of [403, 404]) {
  test(`once the API says ${status} to an account group, none of its breakdowns is served, and the others are`, async (t) => {
    const { gateway, upstream } = await start(t);
    const queries = ["?aid=2067", "?aid=2067&expand=test", "?aid=2283", ""];
    for (const query of queries) assert.equal((await gateway.get(USAGE + query)).status, 200);
    await gateway.advance(6 * MINUTE);
    upstream.respond(status, "{}");
    await assertProblem(await gateway.get(`${USAGE}?aid=2067`), status);
    upstream.respond(500, PROBLEM);
    await assertProblem(await gateway.get(`${USAGE}?aid=2067&expand=test`), 500);
    for (const query of ["?aid=2283", ""]) assert.equal((await gateway.get(USAGE + query)).status, 200);
  });
}

test("during an outage the Worker reads its store no more often than the store requests", async (t) => {
  const { gateway, upstream } = await withStale(t);
  upstream.respond(500, PROBLEM);
  const before = (await gateway.seen()).storeAsked;
  for (let i = 0; i < 5; i++) assertStale(await gateway.get(USAGE), "server", 6);
  assert.equal((await gateway.seen()).storeAsked, before + 1);
  await gateway.advance(10_001);
  assertStale(await gateway.get(USAGE), "server", 6);
  assert.equal(upstream.requests.length, 2);
});

const ORIGIN = "https://reports.example.com";

test("a response that the store cannot keep is served, and no part of it is kept", async (t) => {
  const { gateway, upstream } = await start(t);
  const small = await (await gateway.get(USAGE)).text();
  await gateway.breakStore("is full");
  await gateway.advance(6 * MINUTE);
  const large = JSON.stringify({ usage: { tests: Array.from({ length: 20_000 }, (_, i) => ({ aid: "2067", testId: String(i), testName: "x".repeat(40) })) } });
  assert.ok(large.length > 2 ** 20);
  upstream.respond(200, large);
  for (let i = 0; i < 2; i++) assert.equal(await (await gateway.get(USAGE)).text(), large);
  assert.equal(upstream.requests.length, 2);
  upstream.respond(500, PROBLEM);
  await gateway.advance(6 * MINUTE);
  assert.equal(await (await gateway.get(USAGE)).text(), small, "the one before it, whole");
  await gateway.close();
  assert.match(gateway.printed(), /"event":"storage".*The store is full/);
});

test("while the store fails, the Worker serves what it remembers, and says so", async (t) => {
  const { gateway, upstream, body } = await withStale(t);
  await gateway.breakStore("fails");
  const stale = await gateway.get(USAGE);
  assertStale(stale, "store", 6);
  assert.equal(await stale.text(), body);
  await gateway.advance(60 * MINUTE);
  await assertProblem(await gateway.get(USAGE), 503);
  assert.equal(upstream.requests.length, 0);
  await gateway.breakStore("");
  assert.equal((await gateway.get(USAGE)).status, 200);
});

test("while the store fails and the Worker remembers nothing, a page of an allowed origin gets a time to retry", async (t) => {
  const { gateway } = await start(t, { bindings: { ALLOWED_ORIGINS: ORIGIN } });
  await gateway.breakStore("fails");
  const response = await gateway.get(USAGE, { headers: { origin: ORIGIN } });
  await assertProblem(response, 503);
  assert.equal(response.headers.get("retry-after"), "1");
  assert.deepEqual(cacheStatus(response), ["detail=store"]);
  assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
});

test("the isolates of all data centres together cost the API one request", async (t) => {
  const { gateway, upstream } = await start(t);
  const query = { aid: "2067", expand: ["test"] };
  const outcomes = await gateway.askStore([query, query, query]);
  assert.deepEqual(outcomes.map(({ fwd, collapsed }) => [fwd, collapsed]), [["miss", undefined], ["miss", true], ["miss", true]]);
  assert.deepEqual(await gateway.askStore([query]), [{ hit: true }]);
  assert.equal(upstream.requests.length, 1);
});

test("the gateway retries, so that a page need not", async (t) => {
  const { gateway, upstream } = await start(t);
  await gateway.setPatience({ maxRetries: 2 });
  upstream.play((_, response) => {
    upstream.play();
    response.writeHead(503).end();
  });
  assert.equal((await gateway.get(USAGE)).status, 200);
  assert.equal(upstream.requests.length, 2);
});

test("each request to the API is one line of the log, without token, key or viewer", async (t) => {
  const { gateway, upstream } = await start(t);
  await gateway.get(`${USAGE}?aid=2067&expand=test`);
  await gateway.get(`${USAGE}?aid=2067&expand=test`);
  upstream.respond(401, "{}");
  await gateway.get(`${USAGE}?aid=2283`);
  await gateway.close();
  const lines = gateway.printed().trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ ms, ...line }) => line), [
    { event: "upstream", key: '["2067","test"]', status: 200, attempts: 1 },
    { event: "upstream", key: '["2283"]', status: 401, code: "unauthorized", attempts: 1 },
  ]);
  assert.ok(lines.every(({ ms }) => ms >= 0));
});
