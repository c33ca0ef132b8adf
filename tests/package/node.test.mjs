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
  // As JSON, so that the same cases run where the outcome comes from afar.
  outcome: async (call) => JSON.parse(JSON.stringify(await outcome(call))),
});

const script = (source) => consumer.script(source, { env: { API: api.url } });

test("getUsage works with nothing before it but configure, and the process then ends by itself", async () => {
  const printed = await script(`
    import { configure, getUsage } from "thousandeyes-usage";
    configure({ baseUrl: process.env.API, token: "abc" });
    const { usage } = await getUsage("2067", ["test"]);
    console.log(usage.quota.cloudUnitsIncluded);
  `);
  assert.equal(printed, "4320000000");
});

test("configure sets the defaults of the free functions, and a later one replaces them", async () => {
  const urls = [];
  const fetch = (url, init) => {
    urls.push(`${new URL(url).host} ${init.headers.get("authorization")}`);
    return globalThis.fetch(`${api.url}/v7/usage`);
  };
  te.configure({ baseUrl: "https://a.example", token: "a", fetch });
  await te.getUsage();
  await te.getUsage(null, null, { token: "call" });
  te.configure({ fetch });
  await te.getUsage();
  te.configure({});
  assert.deepEqual(urls, ["a.example Bearer a", "a.example Bearer call", "api.thousandeyes.com null"]);
});

test("two clients share no options", async () => {
  const sent = [];
  const options = (token) => ({
    token,
    fetch: (url, init) => {
      sent.push(init.headers.get("authorization"));
      return fetch(`${api.url}/v7/usage`);
    },
  });
  const clients = [new te.UsageClient(options("first")), new te.UsageClient(options("second")), new te.UsageClient(options())];
  await Promise.all(clients.map((client) => client.getUsage()));
  assert.deepEqual(sent.sort(), ["Bearer first", "Bearer second", null]);
});

test("what the caller changes later changes no client and no call", async () => {
  const sent = [];
  const given = {
    token: "before",
    baseUrl: new URL("https://before.example"),
    headers: new Headers({ "x-own": "before" }),
    fetch: (url, { headers }) => {
      sent.push(`${url} ${headers.get("authorization")} ${headers.get("x-own")}`);
      return fetch(`${api.url}/v7/usage`);
    },
  };
  const expand = ["test"];
  const client = new te.UsageClient(given);
  const call = te.getUsage("1", expand, given);
  given.token = "after";
  given.baseUrl.host = "after.example";
  given.headers.set("x-own", "after");
  expand.push("endpoint-agent");
  await call;
  await client.getUsage("1", ["test"]);
  assert.deepEqual(sent, Array(2).fill("https://before.example/v7/usage?aid=1&expand=test Bearer before before"));
});

test("options may come from a class", async () => {
  class Options {
    get token() {
      return "from-a-getter";
    }
    get baseUrl() {
      return api.url;
    }
  }
  api.requests.splice(0);
  await new te.UsageClient(new Options()).getUsage();
  assert.equal(api.requests[0].headers.authorization, "Bearer from-a-getter");
});

test("an argument that throws when it is read is an ArgumentError with its cause, and sends nothing", async () => {
  const reason = new Error("sealed");
  const throws = (target, name) => Object.defineProperty(target, name, { enumerable: true, get() { throw reason; } });
  api.requests.splice(0);
  for (const [expand, options] of [[throws([], 0)], [null, throws({}, "token")], [null, throws({}, "signal")]]) {
    const error = await te.getUsage(null, expand, options).catch((error) => error);
    assert.ok(error instanceof te.ArgumentError);
    assert.equal(error.cause, reason);
  }
  assert.deepEqual(api.requests, []);
});

test("no client shows its token", () => {
  const client = new te.UsageClient({ token: TOKEN, headers: { authorization: TOKEN } });
  const shown = [inspect(client, { showHidden: true, depth: 9 }), JSON.stringify(client), String(client), Object.keys(client)];
  assert.doesNotMatch(shown.join(), /s3cret/);
});

test("an error tells its headers and cause, but not to a log", async () => {
  const error = await te.getUsage("403", null, { baseUrl: api.url }).catch((error) => error);
  assert.equal(error.headers.get("x-request-id"), error.requestId);
  assert.doesNotMatch(inspect(error), /Headers/);
  assert.deepEqual(Object.keys(error.toJSON()).filter((key) => ["headers", "cause"].includes(key)), []);
  assert.equal(JSON.parse(JSON.stringify(error)).name, "ForbiddenError");
});

test("a BadRequestError always has its list of faults", async () => {
  const fails = (body) => te.getUsage(null, null, { fetch: async () => new Response(body, { status: 400 }) }).catch((error) => error);
  assert.deepEqual((await fails('{"errors":[{"field":"expand"}]}')).errors, [{ field: "expand" }]);
  assert.deepEqual((await fails("")).errors, []);
});

test("getUsageWithResponse tells what else the answer said", async () => {
  const { data, status, headers, requestId, rateLimit, attempts } =
    await te.getUsageWithResponse("2067", null, { baseUrl: api.url });
  assert.equal(data.usage.quota.cloudUnitsIncluded, 4_320_000_000);
  assert.deepEqual([status, attempts, requestId], [200, 1, headers.get("x-request-id")]);
  assert.equal(rateLimit.limit, 240);
  assert.ok(rateLimit.reset instanceof Date);
});
