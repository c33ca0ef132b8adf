// Which requests there are, and that nothing odd about one reaches the API or another viewer.
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";

import { UsageClient } from "../../pkg/node.js";
import { assertProblem, KEY, OTHER_KEY, requestText, startGateway, startUpstream, TOKEN, USAGE } from "./gateway.mjs";

/** The hooks of a suite, which has one gateway for its tests, each with nothing sent so far. */
function shared(bindings) {
  const cleanUps = [];
  const context = { after: (cleanUp) => cleanUps.push(cleanUp) };
  const suite = {};
  before(async () => {
    suite.upstream = await startUpstream(context);
    suite.gateway = await startGateway(context, { upstream: suite.upstream, bindings });
  });
  beforeEach(() => suite.upstream.requests.splice(0));
  after(async () => {
    for (const cleanUp of cleanUps) await cleanUp();
  });
  return suite;
}

describe("the address", () => {
  const suite = shared();

  for (const path of [
    "/api//v7/usage", "//api/v7/usage", "/api/v7//usage", "/api/v7/usage/", "/api/v7/usage/x", "/api/v7/usage;x=1", "/api;x/v7/usage",
    "/API/v7/usage", "/api/v7/Usage", "/api/v7/usag%65", "/%61pi/v7/usage", "/api%2fv7%2fusage", "/api/v7/usage%00", "/api/v7/usage%20",
    "/api/v7/usage%3faid=1", "/api/v7/usage.json", "/api/v7/tests", "/api/v6/usage", "/api/", "/v7/usage", "/api/%252e/v7/usage",
    "/metrics/", "/Metrics", "/metric%73", "/metrics%00",
  ]) {
    test(`${path} is nowhere`, async () => {
      const { status, text } = await suite.gateway.raw(requestText(path));
      assert.equal(status, 404, text);
      assert.deepEqual(suite.upstream.requests, []);
    });
  }

  for (const path of [
    "/api/./v7/usage", "/api/%2e/v7/usage", "/x/../api/v7/usage", "/api/x/%2e%2e/v7/usage", "/api\\v7/usage", "/api/v7/usage?",
  ]) {
    test(`${path} is the same address once the runtime has resolved it, behind the same door`, async () => {
      assert.equal((await suite.gateway.raw(requestText(path, { key: "" }))).status, 401);
      const plain = await suite.gateway.raw(requestText(USAGE));
      const odd = await suite.gateway.raw(requestText(path));
      assert.equal(odd.status, 200);
      assert.equal(odd.text.split("\r\n\r\n")[1], plain.text.split("\r\n\r\n")[1]);
      assert.ok(suite.upstream.requests.every(({ url }) => url === "/v7/usage"));
    });
  }

  test("no path leads to the API's other resources", async () => {
    for (const path of [
      "/api/v7/../v7/tests", "/api/v7/usage/../../v7/tests", "/api/v7/usage%2f..%2f..%2ftests", "/api/v7/usage?/../../tests",
    ]) {
      await suite.gateway.raw(requestText(path));
    }
    assert.deepEqual(suite.upstream.requests, []);
  });

  for (const method of ["HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]) {
    test(`${method} is not supported, of whomever`, async () => {
      for (const path of [USAGE, "/metrics"]) {
        for (const key of [KEY, ""]) {
          const { status, text } = await suite.gateway.raw(requestText(path, { method, key, headers: ["Content-Length: 0"] }));
          assert.equal(status, 405, text);
          assert.match(text, /^allow: GET\r$/im);
        }
      }
      assert.deepEqual(suite.upstream.requests, []);
    });
  }
});

describe("the query", () => {
  const suite = shared();

  for (const [query, code, field] of [
    ["?x=1", "UNKNOWN_PARAMETER", "x"],
    ["?AID=2067", "UNKNOWN_PARAMETER", "AID"],
    ["?aid[]=2067", "UNKNOWN_PARAMETER", "aid[]"],
    ["?aid=2067&_=1", "UNKNOWN_PARAMETER", "_"],
    ["?token=x", "UNKNOWN_PARAMETER", "token"],
    ["?__proto__=x", "UNKNOWN_PARAMETER", "__proto__"],
    ["?=x", "UNKNOWN_PARAMETER", ""],
    ["?aid=2067&aid=2068", "INVALID_AID", "aid"],
    ["?aid=2067&aid=2067", "INVALID_AID", "aid"],
    ["?aid=2067&%61id=2068", "INVALID_AID", "aid"],
    ["?aid=", "INVALID_AID", "aid"],
    ["?aid", "INVALID_AID", "aid"],
    ["?aid=20%0d%0a67", "INVALID_AID", "aid"],
    ["?aid=%00", "INVALID_AID", "aid"],
    ["?aid=%c2%85", "INVALID_AID", "aid"],
    ["?expand=", "INVALID_EXPAND", "expand"],
    ["?expand=tests", "INVALID_EXPAND", "expand"],
    ["?expand=Test", "INVALID_EXPAND", "expand"],
    ["?expand=test,", "INVALID_EXPAND", "expand"],
    ["?expand=test;endpoint-agent", "INVALID_EXPAND", "expand"],
    ["?expand=test&expand=constructor", "INVALID_EXPAND", "expand"],
    [`?aid=${"1".repeat(512)}`, "TOO_LONG", "query"],
    [`?expand=${Array(110).fill("test").join()}`, "TOO_LONG", "query"],
  ]) {
    test(`${query.slice(0, 40)} is refused, and the API is not asked`, async () => {
      const { errors } = await assertProblem(await suite.gateway.get(USAGE + query), 400);
      assert.deepEqual(errors.map((error) => [error.code, error.field]), [[code, field]]);
      assert.deepEqual(suite.upstream.requests, []);
    });
  }

  test("all faults are told at once", async () => {
    const { errors } = await assertProblem(await suite.gateway.get(`${USAGE}?aid=&expand=x&y=1`), 400);
    assert.deepEqual(errors.map(({ field }) => field), ["y", "aid", "expand"]);
  });

  test("who is not let in is not told what is wrong with a query", async () => {
    await assertProblem(await suite.gateway.getBare(`${USAGE}?x=1`), 401);
  });

  test("expand has no place in metrics", async () => {
    await assertProblem(await suite.gateway.get("/metrics?expand=test"), 400);
  });

  test("however expand is written, its breakdowns are asked for once, and are one entry of the cache", async () => {
    const bodies = new Set();
    for (const query of [
      "expand=test,endpoint-agent", "expand=endpoint-agent,test", "expand=test&expand=endpoint-agent",
      "expand=endpoint-agent&expand=test,test", "expand=test%2Cendpoint%2Dagent", "%65xpand=endpoint-agent,test&",
    ]) {
      const response = await suite.gateway.get(`${USAGE}?${query}`);
      assert.equal(response.status, 200, query);
      bodies.add(await response.text());
    }
    assert.equal(bodies.size, 1);
    assert.deepEqual(suite.upstream.requests.map(({ url }) => url), ["/v7/usage?expand=endpoint-agent,test"]);
  });

  test("an aid reaches the API as one aid, whatever is in it", async () => {
    for (const aid of ["1&expand=test", "../../v7/tests", "2067#x", "é", "a,b", "[null]", '"', "%2e%2e", "1 2"]) {
      suite.upstream.requests.length = 0;
      await assertProblem(await suite.gateway.get(`${USAGE}?aid=${encodeURIComponent(aid)}`), 403);
      const { pathname, searchParams } = new URL(suite.upstream.requests[0].url, "http://api");
      assert.deepEqual([pathname, [...searchParams]], ["/v7/usage", [["aid", aid]]]);
    }
  });
});

describe("what one viewer sends", () => {
  const suite = shared();
  const ODD = {
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "http",
    "x-original-url": "/v7/tests",
    "x-http-method-override": "POST",
    "range": "bytes=0-3",
    "if-range": '"x"',
    "if-modified-since": "Wed, 21 Oct 2099 07:28:00 GMT",
    "accept": "text/html",
    "accept-encoding": "identity;q=0, br",
    "accept-language": "de",
    "cache-control": "no-cache, only-if-cached",
    "pragma": "no-cache",
    "content-length": "0",
    "te": "trailers",
    "cookie": "CF_Authorization=x",
    "origin": "https://evil.example",
    "via": "1.1 evil",
  };
  let n = 0;

  for (const [name, value] of Object.entries(ODD)) {
    test(`as ${name} changes nothing for the next, and goes no further`, async () => {
      const target = `${USAGE}?aid=2067&expand=${["test", "enterprise-agent", "endpoint-agent"][n++ % 3]}`;
      await suite.gateway.advance(60 * 60_000 * 2);
      const lines = [`GET ${target} HTTP/1.1`, "Host: localhost", "Connection: close", `Authorization: Bearer ${KEY}`, `${name}: ${value}`, "", ""];
      const odd = await suite.gateway.raw(lines.join("\r\n"));
      assert.equal(odd.status, 200, odd.text.slice(0, 500));

      assert.equal(suite.upstream.requests.length, 1);
      const { url, headers } = suite.upstream.requests[0];
      assert.equal(url, target.replace("/api", ""));
      assert.equal(headers.authorization, `Bearer ${TOKEN}`);
      assert.equal(headers.accept, "application/hal+json, application/problem+json");
      assert.ok(!JSON.stringify(headers).includes(value === "0" ? '"content-length"' : value), JSON.stringify(headers));

      const next = await suite.gateway.get(target, { headers: { authorization: `Bearer ${OTHER_KEY}` } });
      assert.equal(next.status, 200);
      assert.match(next.headers.get("cache-status"), /hit/);
      const direct = await (await fetch(suite.upstream.url + target.replace("/api", ""))).json();
      assert.deepEqual(await next.json(), direct);
      assert.ok(![...next.headers].some((pair) => pair.join().includes("evil")), "nothing is reflected");
    });
  }

  test("with a body is answered as without", async () => {
    const { status } = await suite.gateway.raw(`${requestText(USAGE, { headers: ["Content-Length: 9"] })}aid=99999`);
    assert.equal(status, 200);
    assert.deepEqual(suite.upstream.requests.map(({ url }) => url), ["/v7/usage"]);
  });

  test("gets a cached answer for nobody who is not let in", async () => {
    assert.equal((await suite.gateway.get(USAGE)).status, 200);
    await assertProblem(await suite.gateway.getBare(USAGE), 401);
    const { headers } = await suite.gateway.get(USAGE);
    await assertProblem(await suite.gateway.getBare(USAGE, { headers: { "if-none-match": headers.get("etag") } }), 401);
  });
});

describe("in clear", () => {
  const suite = shared();
  const send = (path) => suite.gateway.raw(requestText(path).replace("Host: localhost", "Host: usage.example.com"));

  for (const path of [USAGE, "/metrics", "/api/v7/tests"]) {
    test(`${path} is refused, whoever asks`, async () => {
      const { status, text } = await send(path);
      assert.equal(status, 403, text);
      assert.match(text, /over https alone/);
      assert.deepEqual(suite.upstream.requests, []);
    });
  }

  test("a page moves on to https, with its query", async () => {
    const { status, text } = await send("/?aid=2067");
    assert.equal(status, 308);
    assert.match(text, /^location: https:\/\/usage\.example\.com\/\?aid=2067\r$/im);
  });

  test("each answer keeps a browser from asking so again", async () => {
    for (const path of ["/", USAGE]) {
      assert.equal((await suite.gateway.get(path)).headers.get("strict-transport-security"), "max-age=31536000");
    }
  });
});

describe("with a list of account groups", () => {
  const suite = shared({ ALLOWED_AIDS: "2067, 2068" });

  test("those are served", async () => {
    assert.equal((await suite.gateway.get(`${USAGE}?aid=2067`)).status, 200);
    assert.equal((await suite.gateway.get("/metrics?aid=2067")).status, 200);
  });

  for (const query of ["", "?aid=2069", "?aid=02067", "?aid=2067,2068", "?aid=2067%20", "?expand=test"]) {
    test(`not so ${query || "none"}`, async () => {
      await assertProblem(await suite.gateway.get(USAGE + query), 403);
      if (!query.includes("expand")) await assertProblem(await suite.gateway.get(`/metrics${query}`), 403);
      assert.deepEqual(suite.upstream.requests, []);
    });
  }
});

describe("with a list of origins", () => {
  const ORIGIN = "https://reports.example.com";
  const suite = shared({ ALLOWED_ORIGINS: `${ORIGIN},http://localhost:5173` });
  const ask = (origin, init = {}) => suite.gateway.get(USAGE, { ...init, headers: { origin, ...init.headers } });
  const cors = (response) => [...response.headers.keys()].filter((name) => name.startsWith("access-control-"));

  test("a page of one may read the answer, its rate limit included", async () => {
    const response = await ask(ORIGIN);
    assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
    assert.equal(response.headers.get("vary"), "Origin");
    assert.equal(response.headers.get("access-control-allow-credentials"), null);
    const exposed = response.headers.get("access-control-expose-headers").toLowerCase().split(", ").sort();
    assert.deepEqual(exposed, [
      "age", "cache-status", "date", "etag", "retry-after", "x-organization-rate-limit-limit", "x-organization-rate-limit-remaining",
      "x-organization-rate-limit-reset", "x-request-id", "x-usage-source",
    ]);
    assert.equal((await ask("http://localhost:5173")).headers.get("access-control-allow-origin"), "http://localhost:5173");
  });

  test("it may read why it was refused, too", async () => {
    const headers = { origin: ORIGIN };
    for (const response of [await suite.gateway.getBare(USAGE, { headers }), await suite.gateway.get(`${USAGE}?x`, { headers })]) {
      assert.equal(response.ok, false);
      assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
    }
  });

  test("it may read of the gateway's own failure, which tells nothing else", async (t) => {
    const gateway = await startGateway(t, { upstream: suite.upstream, bindings: { ALLOWED_ORIGINS: ORIGIN } });
    await gateway.breakHandler();
    const response = await gateway.get(USAGE, { headers: { origin: ORIGIN } });
    assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
    assert.equal((await assertProblem(response, 500)).detail, "The gateway failed. Its log says more.");
  });

  test("its browser may ask whether it may, without a key", async () => {
    const response = await suite.gateway.getBare(USAGE, {
      method: "OPTIONS",
      headers: { origin: ORIGIN, "access-control-request-method": "GET", "access-control-request-headers": "authorization" },
    });
    assert.equal(response.status, 204);
    assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
    assert.equal(response.headers.get("access-control-allow-methods"), "GET");
    assert.equal(response.headers.get("access-control-allow-headers"), "Authorization");
    assert.deepEqual(suite.upstream.requests, []);
  });

  for (const origin of [
    "https://evil.example", `${ORIGIN}.evil.example`, `${ORIGIN}:8443`, "http://reports.example.com", `${ORIGIN}/`, "null",
    ORIGIN.toUpperCase(),
  ]) {
    test(`a page of ${origin} may not`, async () => {
      const response = await ask(origin);
      assert.deepEqual(cors(response), []);
      assert.equal(response.headers.get("vary"), "Origin");
      const question = { method: "OPTIONS", headers: { "access-control-request-method": "GET" } };
      const refusal = await ask(origin, question);
      assert.equal(refusal.status, 405);
      assert.deepEqual(cors(refusal), []);
    });
  }

  test("what is not of the API is for no other origin", async () => {
    for (const path of ["/", "/metrics", "/api/v7/tests"]) {
      assert.deepEqual(cors(await suite.gateway.get(path, { headers: { origin: ORIGIN } })), []);
    }
  });
});

describe("without a list of origins", () => {
  const suite = shared();

  test("no page of another origin may read anything", async () => {
    const response = await suite.gateway.get(USAGE, { headers: { origin: "https://reports.example.com" } });
    assert.ok(![...response.headers.keys()].some((name) => name.startsWith("access-control-")));
    assert.equal(response.headers.get("cross-origin-resource-policy"), "same-origin");
  });
});

describe("the package itself", () => {
  const suite = shared();

  test("gets through the gateway what it gets from the API", async () => {
    const through = new UsageClient({ baseUrl: `${suite.gateway.url}/api`, token: KEY });
    const direct = new UsageClient({ baseUrl: suite.upstream.url });
    for (const args of [[], ["2067"], ["2067", ["test", "enterprise-agent-unit"]]]) {
      const [ours, theirs] = await Promise.all([through.getUsageWithResponse(...args), direct.getUsageWithResponse(...args)]);
      assert.deepEqual(withoutLinks(ours.data), withoutLinks(theirs.data));
      assert.equal(ours.rateLimit.limit, theirs.rateLimit.limit);
      assert.match(ours.requestId, /^[\da-f-]{36}$/);
    }
  });

  for (const [aid, code] of [["400", "bad-request"], ["403", "forbidden"], ["404", "not-found"], ["500", "server"], ["429", "rate-limit"]]) {
    test(`gets the API's error ${aid} as from the API`, async () => {
      const call = (options) => new UsageClient({ ...options, maxRetries: 0 }).getUsage(aid).then(assert.fail, (error) => error);
      const ours = await call({ baseUrl: `${suite.gateway.url}/api`, token: KEY });
      const theirs = await call({ baseUrl: suite.upstream.url });
      assert.deepEqual([ours.code, ours.status], [code, Number(aid)]);
      if (theirs.problem?.detail) assert.equal(ours.problem.detail, theirs.problem.detail);
      assert.deepEqual(ours.problem.errors, theirs.problem?.errors);
      // The gateway says ten seconds where the API says less.
      const soonest = Math.max(theirs.retryAt, Date.now() + 10_000);
      if (theirs.retryAt) assert.ok(Math.abs(ours.retryAt - soonest) < 5000, `${ours.retryAt} and ${theirs.retryAt}`);
    });
  }
});

// The sample's link tells the address it was asked at.
const withoutLinks = ({ _links, ...rest }) => rest;
