// The package in Node: the cases of each runtime, and options, clients, errors and summaries in detail.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";

import { startApi } from "./api.mjs";
import { cases } from "./cases.mjs";
import { createConsumer } from "./consumer.mjs";

const TOKEN = "s3cret-token";

let api, consumer, outcome, te;

before(async () => {
  [api, consumer] = await Promise.all([startApi(), createConsumer()]);
  await writeFile(join(consumer.folder, "all.mjs"), 'export * from "thousandeyes-usage";');
  const load = (file) => import(pathToFileURL(join(consumer.folder, file)));
  ({ outcome } = await load("outcome.mjs"));
  te = await load("all.mjs");
});

after(async () => {
  await consumer?.remove();
  api?.close();
});

cases({
  api: () => api,
  // As JSON, like the outcome in the other runtimes.
  outcome: async (call) => JSON.parse(JSON.stringify(await outcome(call))),
});

const script = (source) => consumer.script(source, { env: { API: api.url } });

/** The error of a call. */
const errorOf = (call) => call.then(() => assert.fail("the call succeeded"), (error) => error);

/** A `fetch` with a usage as its response. It adds each request to `sent`: the origin and the headers of the caller. */
const recorder = (sent) => (url, { headers }) => {
  sent.push(`${new URL(url).origin} ${headers.get("authorization")} ${headers.get("x-own")}`);
  return fetch(`${api.url}/v7/usage`);
};

test("getUsage needs only configure before it, and the process then ends by itself", async () => {
  const printed = await script(`
    import { configure, getUsage } from "thousandeyes-usage";
    configure({ baseUrl: process.env.API, token: "abc" });
    const { usage } = await getUsage("2067", ["test"]);
    console.log(usage.quota.cloudUnitsIncluded);
  `);
  assert.equal(printed, "4320000000");
});

test("the options of a call replace those of configure, and a later configure replaces all of them", async () => {
  const sent = [];
  te.configure({ baseUrl: "https://a.example", token: "a", headers: { "x-own": "a" }, fetch: recorder(sent) });
  await te.getUsage();
  await te.getUsage(null, null, { baseUrl: "https://b.example", token: "b", headers: { "x-own": "b" } });
  te.configure({ fetch: recorder(sent) });
  await te.getUsage();
  te.configure({});
  const defaults = "https://api.thousandeyes.com null null";
  assert.deepEqual(sent, ["https://a.example Bearer a a", "https://b.example Bearer b b", defaults]);
});

test("two clients share no options", async () => {
  const sent = [];
  const clients = ["first", "second", undefined].map((token) => new te.UsageClient({ token, fetch: recorder(sent) }));
  await Promise.all(clients.map((client) => client.getUsage()));
  const origin = "https://api.thousandeyes.com";
  assert.deepEqual(sent.sort(), [`${origin} Bearer first null`, `${origin} Bearer second null`, `${origin} null null`]);
});

test("options that the caller changes later change no client and no call", async () => {
  const sent = [];
  const options = {
    token: "before",
    baseUrl: new URL("https://before.example"),
    headers: new Headers({ "x-own": "before" }),
    fetch: recorder(sent),
  };
  const expand = ["test"];
  const urls = [];
  const client = new te.UsageClient(options);
  const call = te.getUsage("1", expand, { ...options, onAttempt: ({ url }) => urls.push(url) });
  options.token = "after";
  options.baseUrl.host = "after.example";
  options.headers.set("x-own", "after");
  expand.push("endpoint-agent");
  await call;
  await client.getUsage();
  assert.deepEqual(sent, Array(2).fill("https://before.example Bearer before before"));
  assert.deepEqual(urls, ["https://before.example/v7/usage?aid=1&expand=test"]);
});

test("an option may be inherited from a prototype", async () => {
  api.requests.splice(0);
  await new te.UsageClient(Object.create({ token: "inherited", baseUrl: api.url })).getUsage();
  assert.equal(api.requests[0].headers.authorization, "Bearer inherited");
});

const OPTIONS = [
  "token", "baseUrl", "fetch", "timeout", "maxRetries", "headers", "maxBodyBytes", "maxPages", "onAttempt", "signal",
];

test("an option that is null is absent", async () => {
  const nulls = Object.fromEntries(OPTIONS.map((name) => [name, null]));
  const { usage } = await te.getUsage(null, null, { ...nulls, baseUrl: api.url });
  assert.equal(usage.quota.cloudUnitsIncluded, 4_320_000_000);
});

test("an argument that throws when it is read is an ArgumentError with its cause, and sends nothing", async () => {
  const reason = new Error("sealed");
  const throws = (target, name) => Object.defineProperty(target, name, { enumerable: true, get() { throw reason; } });
  api.requests.splice(0);
  for (const [expand, options] of [[throws([], 0)], ...OPTIONS.map((name) => [null, throws({}, name)])]) {
    const error = await errorOf(te.getUsage(null, expand, options));
    assert.ok(error instanceof te.ArgumentError);
    assert.equal(error.cause, reason);
  }
  assert.deepEqual(api.requests, []);
});

test("an option that does not exist is an ArgumentError", async () => {
  const { signal } = new AbortController();
  const timeOut = "`timeOut` is not an option; did you mean `timeout`?";
  const list = "`foo` is not an option; the options are token, baseUrl, fetch, timeout, maxRetries, headers, maxBodyBytes, maxPages, onAttempt, signal";
  const onClient = "`signal` is not an option of a client; pass it to each call";
  const calls = [
    [timeOut, () => te.getUsage(null, null, { timeOut: undefined })],
    [list, () => te.getUsageWithResponse(null, null, { foo: 1 })],
    [timeOut, () => new te.UsageClient({ timeOut: 1 }).getUsage()],
    [onClient, () => new te.UsageClient({ signal }).getUsage()],
    [onClient, () => (te.configure({ signal }), te.getUsage())],
    [list, () => (te.configure({ foo: 1 }), te.getUsage())],
  ];
  api.requests.splice(0);
  for (const [message, call] of calls) {
    const error = await call().catch((error) => error);
    assert.deepEqual([error.code, error.message], ["argument", message]);
  }
  te.configure({});
  assert.deepEqual(api.requests, []);
  // Neither an inherited name nor a symbol is an option.
  const options = Object.assign(Object.create({ timeOut: 1 }), { baseUrl: api.url, [Symbol("timeOut")]: 1 });
  await te.getUsage(null, null, options);
});

test("invalid headers are an ArgumentError, of a client too", async () => {
  const http = "`headers` has a name or value that HTTP does not allow; look for line breaks in it";
  const type = "`headers` must be an object, an array of pairs, or a Headers";
  for (const [headers, message] of [[{ "x-own": "s3cret\n1" }, http], ["x-own: 1", type], [false, type]]) {
    for (const call of [() => te.getUsage(null, null, { headers }), () => new te.UsageClient({ headers }).getUsage()]) {
      const error = await call().catch((error) => error);
      assert.deepEqual([error.code, error.message], ["argument", message]);
    }
  }
});

test("a ConnectionError has the platform's code, in its message too", async () => {
  const errorOf = (cause, token) =>
    te.getUsage(null, null, { baseUrl: "https://a.example", token, maxRetries: 0, fetch: () => Promise.reject(cause) }).catch((error) => error);
  const withCode = (code, cause) => Object.assign(new Error("refused", { cause }), { code });
  const throws = new Proxy(new Error("refused"), { get() { throw new Error("sealed"); } });
  const noResponse = "No response came from https://a.example/v7/usage (see `cause`); check the network, `baseUrl`, and in a browser "
    + "that the API allows the page's origin (CORS)";
  for (const [cause, code] of [
    [withCode("ENOTFOUND"), "ENOTFOUND"],
    [withCode(20, withCode("ERR_TLS_CERT_ALTNAME_INVALID")), "ERR_TLS_CERT_ALTNAME_INVALID"],
    [new TypeError("fetch failed", { cause: withCode("UND_ERR_SOCKET") }), "UND_ERR_SOCKET"],
  ]) {
    const { message, causeCode } = (await errorOf(cause)).toJSON();
    assert.deepEqual([message, causeCode], [`${code}: ${noResponse}`, code]);
  }
  for (const cause of [undefined, "ENOTFOUND", withCode("not found"), withCode("A".repeat(65)), withCode(["E"]), throws]) {
    const error = await errorOf(cause);
    assert.deepEqual([error.message, "causeCode" in error], [noResponse, false]);
  }
  const error = await errorOf(withCode("S3CRET_1"), "S3CRET_1");
  assert.deepEqual([error.message, "causeCode" in error], [noResponse, false]);
});

test("no client shows its token", () => {
  const client = new te.UsageClient({ token: TOKEN, headers: { authorization: TOKEN } });
  const shown = [inspect(client, { showHidden: true, depth: 9 }), JSON.stringify(client), String(client), Object.keys(client)];
  assert.doesNotMatch(shown.join(), /s3cret/);
});

test("a log of an error shows neither its headers nor its cause", async () => {
  const error = await errorOf(te.getUsage("403", null, { baseUrl: api.url }));
  assert.equal(error.headers.get("x-request-id"), error.requestId);
  assert.doesNotMatch(inspect(error), /Headers/);
  assert.deepEqual(Object.keys(error.toJSON()).filter((key) => ["headers", "cause"].includes(key)), []);
  assert.equal(JSON.parse(JSON.stringify(error)).name, "ForbiddenError");
});

test("a BadRequestError always has a list of errors", async () => {
  for (const [body, errors] of [['{"errors":[{"field":"expand"}]}', [{ field: "expand" }]], ["", []]]) {
    const error = await errorOf(te.getUsage(null, null, { fetch: async () => new Response(body, { status: 400 }) }));
    assert.deepEqual(error.errors, errors);
  }
});

test("getUsageWithResponse resolves to the data, status, headers, request ID, rate limit and attempts", async () => {
  const { data, status, headers, requestId, rateLimit, attempts } =
    await te.getUsageWithResponse("2067", null, { baseUrl: api.url });
  assert.equal(data.usage.quota.cloudUnitsIncluded, 4_320_000_000);
  assert.deepEqual([status, attempts, requestId], [200, 1, headers.get("x-request-id")]);
  assert.equal(rateLimit.limit, 240);
  assert.ok(rateLimit.reset instanceof Date);
});

const PERIOD = { monthStart: "2026-11-01T00:00:00Z", monthEnd: "2026-12-01T00:00:00Z" };
const USAGE = {
  usage: {
    quota: { ...PERIOD, cloudUnitsIncluded: 100 },
    cloudUnitsUsed: 60,
    tests: [{ aid: "1", testId: "a", cloudUnitsUsed: 20 }, { aid: "2", testId: "b", cloudUnitsUsed: 40 }],
  },
};

test("summarize needs no other call before it, and its time is a Date of any realm, or now", async () => {
  const printed = await script(`
    import { summarize } from "thousandeyes-usage";
    const elapsed = async (at) => (await summarize(${JSON.stringify(USAGE)}, at)).period.elapsed;
    const other = (await import("node:vm")).runInNewContext("new Date(Date.UTC(2026, 10, 16))");
    console.log(JSON.stringify([await elapsed(new Date("2026-11-16T00:00:00Z")), await elapsed(other)]));
    const now = new Date("2026-11-22T00:00:00Z");
    globalThis.Date = class extends Date { constructor(...args) { args.length ? super(...args) : super(now); } };
    console.log(JSON.stringify([await elapsed(), await elapsed(null)]));
  `);
  assert.equal(printed, "[0.5,0.5]\n[0.7,0.7]");
});

test("a summary is JSON-compatible, and has no field that the usage cannot fill", async () => {
  const summary = await te.summarize(USAGE, new Date("2026-11-11T00:00:00Z"));
  assert.deepEqual(summary, {
    period: { start: PERIOD.monthStart, end: PERIOD.monthEnd, elapsed: 1 / 3 },
    meters: [{
      meter: "cloudUnits", used: 60, included: 100, utilisation: 0.6, overage: 0, runRatePerDay: 6,
      exhaustsAt: "2026-11-17T16:00:00.000Z",
    }],
  });
  assert.deepEqual(JSON.parse(JSON.stringify(summary)), summary);
  assert.deepEqual(await te.summarize({}), { period: {}, meters: [] });
});

test("topTests returns the usage's own rows, ten by default", async () => {
  const [first] = await te.topTests(USAGE, 1);
  assert.equal(first, USAGE.usage.tests[1]);
  assert.deepEqual(await te.topTests(USAGE, 0), []);
  assert.deepEqual(await te.topTests({}, 5), []);
  const many = { usage: { tests: Array(11).fill({}) } };
  assert.equal((await te.topTests(many)).length, 10);
});

test("byAccountGroup and compareUnits take the rows of getTestUnits", async () => {
  const row = (cloudUnitsUsed) => ({ aid: "1", testId: "7", testName: "Seven", cloudUnitsUsed, isInstantTest: false });
  const [group] = await te.byAccountGroup([row(2)]);
  assert.deepEqual(group, { aid: "1", tests: 1, testsWithoutProjection: 1, cloudUnitsUsed: 2 });
  const comparison = await te.compareUnits([row(2)], [row(5)]);
  const change = {
    aid: "1", before: { tests: 1, cloudUnitsUsed: 2 }, after: { tests: 1, cloudUnitsUsed: 5 },
    growth: { cloudUnits: 3, cloudUnitsRatio: 1.5 },
  };
  const { aid, ...total } = change;
  assert.deepEqual(comparison, { total, accountGroups: [change], tests: [{ ...change, testId: "7", testName: "Seven" }] });
  assert.deepEqual(JSON.parse(JSON.stringify(comparison)), comparison);
  const many = Array.from({ length: 11 }, (_, index) => ({ testId: String(index), cloudUnitsUsed: 1 }));
  assert.equal((await te.compareUnits([], many)).tests.length, 10);
});

test("an invalid argument of summarize, byAccountGroup, topTests or compareUnits is an ArgumentError", async () => {
  const cycle = {};
  cycle.cycle = cycle;
  const at = "`at` must be a valid Date";
  const n = "`n` must be a whole number, 0 or more";
  const usage = "`usage` must be what getUsage resolves to: the value should be an object, not null";
  const noUsage = "`usage` must be what getUsage resolves to: the value should be an object with `usage`, not one without";
  const sum = "`usage` must be what getUsage resolves to: a sum of its numbers should be within ±(2^53 − 1), not larger";
  const wrongType = "`usage` must be what getUsage resolves to: usage.cloudUnitsUsed should be an integer within ±(2^53 − 1), "
    + "not a string";
  const json = "`usage` cannot be written as JSON; the error of that is the cause";
  const cases = [
    ...["2026-11-11", 0, 1_793_491_200_000, new Date(NaN), { getTime: () => 0 }, Symbol("at"), 1n].map((value) =>
      ["summarize", [USAGE, value], at]),
    ...["1", -1, 0.5, NaN, Infinity, {}].map((value) => ["topTests", [USAGE, value], n]),
    ...[undefined, null, () => {}].map((value) => ["byAccountGroup", [value], usage]),
    ...[USAGE.usage, { data: USAGE, status: 200 }].map((value) => ["summarize", [value], noUsage]),
    ["summarize", [{ usage: [] }], "`usage` must be what getUsage resolves to: usage should be an object, not an array"],
    ...["summarize", "byAccountGroup", "topTests"].map((name) => [name, [{ usage: { cloudUnitsUsed: "12" } }], wrongType]),
    ["topTests", [{ usage: { tests: { length: 2 ** 33 } } }], "`usage` must be what getUsage resolves to: usage.tests should be an array, not an object"],
    ["byAccountGroup", [[{ aid: 1 }]], "The arguments must be rows of getTestUnits: [0].aid should be a string, not a number"],
    ["compareUnits", [[], {}], "The arguments must be rows of getTestUnits: after should be an array, not an object"],
    ["compareUnits", [Promise.resolve([]), []], "`before` is a promise; await it first"],
    ["compareUnits", [[], [], -1], n],
    ["summarize", [Promise.resolve(USAGE)], "`usage` is a promise; await it first"],
    ["byAccountGroup", [{ usage: { tests: Array(2).fill({ aid: "1", cloudUnitsUsed: 2 ** 53 - 1 }) } }], sum],
    ...[cycle, { usage: { cloudUnitsUsed: 1n } }].map((value) => ["summarize", [value], json]),
  ];
  for (const [name, args, message] of cases) {
    const error = await errorOf(te[name](...args));
    assert.ok(error instanceof te.ArgumentError, `${name}(${inspect(args[1] ?? args[0])})`);
    assert.equal(error.message, message);
    assert.equal(error.cause instanceof TypeError, message === json);
  }
});

test("an invalid usage ends no other call", async () => {
  const call = te.getUsage(null, null, { baseUrl: api.url });
  await errorOf(te.summarize(null));
  assert.ok((await call).usage);
});

test("a value that JSON does not have is absent", async () => {
  const usage = { cloudUnitsUsed: undefined, cloudUnitsProjected: NaN, endpointAgentsUsed: 3 };
  const { meters } = await te.summarize({ usage });
  assert.deepEqual(meters, [{ meter: "endpointAgents", used: 3 }]);
});
