// The package in Node: the cases of each runtime, and options, clients, errors and summaries in detail.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, test } from "node:test";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";

import { startApi } from "./api.mjs";
import { cases } from "./cases.mjs";
import { createConsumer } from "./consumer.mjs";

const TOKEN = "s3cret-token";

const [api, consumer] = await Promise.all([startApi(), createConsumer()]);
const { outcome } = await import(pathToFileURL(join(consumer.folder, "outcome.mjs")));
const te = await consumer.load("node.js");

after(async () => {
  await consumer.remove();
  api.close();
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
    console.log(Object.keys(await getUsage("2067", ["test"])).join());
  `);
  assert.equal(printed, "usage,_links");
});

test("the options of a call replace those of configure, and a later configure replaces all of them", async () => {
  const sent = [];
  te.configure({ baseUrl: "https://a.example", token: "a", headers: { "x-own": "a" }, fetch: recorder(sent) });
  await te.getUsage();
  await te.getUsage(null, null, { baseUrl: "https://b.example", token: "b", headers: { "x-own": "b" } });
  await te.getUsage();
  te.configure({ fetch: recorder(sent) });
  await te.getUsage();
  te.configure({});
  const defaults = "https://api.thousandeyes.com null null";
  const [a, b] = ["https://a.example Bearer a a", "https://b.example Bearer b b"];
  assert.deepEqual(sent, [a, b, a, defaults]);
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
  await client.getUsageWithResponse();
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
  assert.ok((await te.getUsage(null, null, { ...nulls, baseUrl: api.url })).usage);
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

test("an invalid option of a call, a client or configure is an ArgumentError that names it, and sends nothing", async () => {
  api.requests.splice(0);
  const { signal } = new AbortController();
  const invalid = [
    ["timeOut", undefined], ["foo", 1], ["headers", { "x-own": "s3cret\n1" }], ["headers", "x-own: 1"], ["headers", false],
  ];
  const ofClient = [...invalid, ["signal", signal], ["signal", false]];
  for (const [pairs, call] of [
    [invalid, (options) => te.getUsage(null, null, options)],
    [ofClient, (options) => new te.UsageClient(options).getUsage()],
    [ofClient, (options) => (te.configure(options), te.getUsage())],
  ]) {
    for (const [name, value] of pairs) {
      const { code, message } = await errorOf(call({ [name]: value, baseUrl: api.url }));
      assert.deepEqual([code, message.split(" ")[0]], ["argument", `\`${name}\``], String(call));
    }
  }
  for (const call of [() => te.getUsage(null, null, signal), () => te.getTestUnits(new Date()).toArray()]) {
    assert.equal((await errorOf(call())).code, "argument", String(call));
  }
  te.configure({});
  assert.deepEqual(api.requests, []);
});

test("a header that is undefined or null is not sent", async () => {
  const sent = [];
  const client = new te.UsageClient({ token: "a", headers: { authorization: undefined, "x-own": null }, fetch: recorder(sent) });
  await client.getUsage(null, null, { headers: { authorization: null } });
  assert.deepEqual(sent, ["https://api.thousandeyes.com Bearer a null"]);
});

test("neither an inherited name nor a symbol is an option", async () => {
  await te.getUsage(null, null, Object.assign(Object.create({ timeOut: 1 }), { baseUrl: api.url, [Symbol("timeOut")]: 1 }));
});

test("a ConnectionError has the platform's code, in its message too", async () => {
  const reject = (cause, token) =>
    errorOf(te.getUsage(null, null, { token, maxRetries: 0, fetch: () => Promise.reject(cause) }));
  const withCode = (code, cause) => Object.assign(new Error("refused", { cause }), { code });
  for (const [cause, code] of [
    [withCode("ENOTFOUND"), "ENOTFOUND"],
    [withCode(20, withCode("ERR_TLS_CERT_ALTNAME_INVALID")), "ERR_TLS_CERT_ALTNAME_INVALID"],
    [new TypeError("fetch failed", { cause: withCode("UND_ERR_SOCKET") }), "UND_ERR_SOCKET"],
  ]) {
    const { message, causeCode } = (await reject(cause)).toJSON();
    assert.deepEqual([message.split(" No response ")[0], causeCode], [`${code}:`, code]);
  }
  const throws = new Proxy(new Error("refused"), { get() { throw new Error("sealed"); } });
  for (const [cause, token] of [
    [undefined], ["ENOTFOUND"], [withCode("not found")], [withCode("A".repeat(65))], [withCode(["E"])], [throws],
    [withCode("S3CRET_1"), "S3CRET_1"],
  ]) {
    const error = await reject(cause, token);
    assert.match(error.message, /^No response /);
    assert.equal("causeCode" in error, false);
  }
});

test("a client has a tag, because Vue would make a proxy of an object without one", () => {
  assert.equal(String(new te.UsageClient()), "[object UsageClient]");
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

const USAGE = { usage: { tests: [{ testId: "a", cloudUnitsUsed: 20 }, { testId: "b", cloudUnitsUsed: 40 }] } };

test("summarize needs no other call before it, and its time is a Date of any realm, or now", async () => {
  const printed = await script(`
    import { runInNewContext } from "node:vm";
    import { summarize } from "thousandeyes-usage";
    const usage = { usage: { quota: { monthStart: "2026-11-01T00:00:00Z", monthEnd: "2026-12-01T00:00:00Z" } } };
    const now = new Date("2026-11-22T00:00:00Z");
    const half = new Date("2026-11-16T00:00:00Z");
    globalThis.Date = class extends Date { constructor(...args) { args.length ? super(...args) : super(now); } };
    for (const at of [half, runInNewContext("new Date(Date.UTC(2026, 10, 16))"), undefined, null]) {
      console.log((await summarize(usage, at)).period.elapsed);
    }
  `);
  assert.equal(printed, "0.5\n0.5\n0.7\n0.7");
});

test("topTests returns the usage's own rows, and topTests and compareUnits ten by default", async () => {
  const { tests } = USAGE.usage;
  assert.equal((await te.topTests(USAGE, 1))[0], tests[1]);
  for (const [usage, n] of [[USAGE, 0], [{}, 5]]) assert.deepEqual(await te.topTests(usage, n), []);
  const rows = Array.from({ length: 11 }, (_, index) => ({ testId: String(index), cloudUnitsUsed: 1 }));
  assert.equal((await te.topTests({ usage: { tests: rows } })).length, 10);
  assert.equal((await te.compareUnits([], rows)).tests.length, 10);
});

test("an invalid argument of summarize, byAccountGroup, topTests or compareUnits is an ArgumentError that names it", async () => {
  const cycle = {};
  cycle.cycle = cycle;
  const noJson = [cycle, { usage: { cloudUnitsUsed: 1n } }];
  const at = ["2026-11-11", 0, 1_793_491_200_000, new Date(NaN), { getTime: () => 0 }, Symbol("at"), 1n];
  const n = ["1", -1, 0.5, NaN, Infinity, {}];
  const noUsage = [
    USAGE.usage, { data: USAGE, status: 200 }, { usage: [] }, { usage: { cloudUnitsUsed: "12" } },
    { usage: { tests: { length: 2 ** 33 } } },
  ];
  for (const [message, name, values, argsOf] of [
    [/^`at` /, "summarize", at, (at) => [USAGE, at]],
    [/^`n` /, "topTests", n, (n) => [USAGE, n]],
    [/^`n` /, "compareUnits", n, (n) => [[], [], n]],
    ...["summarize", "byAccountGroup", "topTests"].flatMap((name) => [
      [/^`usage` must be what getUsage resolves to: .*, not /, name, noUsage, (usage) => [usage]],
      [/^`usage` must be .*, not null$/, name, [undefined, null, () => {}], (usage) => [usage]],
      [/^`usage` is a promise; /, name, [Promise.resolve(USAGE)], (usage) => [usage]],
      [/^`usage` cannot be written as JSON; /, name, noJson, (usage) => [usage]],
    ]),
    [/^`before` is a promise; /, "compareUnits", [Promise.resolve([])], (before) => [before, []]],
    [/ getTestUnits: after /, "compareUnits", [{}], (after) => [[], after]],
    [/ getTestUnits: \[0\]\.aid /, "byAccountGroup", [[{ aid: 1 }]], (rows) => [rows]],
  ]) {
    for (const value of values) {
      const error = await errorOf(te[name](...argsOf(value)));
      assert.ok(error instanceof te.ArgumentError, `${name}: ${inspect(value)}`);
      assert.match(error.message, message);
      assert.equal(error.cause instanceof TypeError, noJson.includes(value));
    }
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
