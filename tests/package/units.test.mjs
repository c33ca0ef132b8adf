// The lists in pages and the quotas in Node, over real loopback HTTP: what is requested, and when.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, beforeEach, test } from "node:test";
import { runInNewContext } from "node:vm";

import { listen } from "./api.mjs";
import { createConsumer } from "./consumer.mjs";

const fixture = (name) => readFile(new URL(`../fixtures/${name}.json`, import.meta.url), "utf8");

/** The IDs of the rows, by page. The cursor of a page is its number. */
const PAGES = [["a", "b"], ["c", "d"], ["e"]];
const ROWS = PAGES.flat();

const TESTS = "/v7/usage/units/tests";
const FIRST = [TESTS, `${TESTS}?cursor=1`];
const ALL = [...FIRST, `${TESTS}?cursor=2`];

const fixtures = {
  "/every-field/v7/usage/units/tests": await fixture("test-units"),
  "/every-field/v7/usage/units/enterprise-agents": await fixture("enterprise-agent-units"),
  "/every-field/v7/quotas": await fixture("quotas"),
};
const urls = [];
const api = await listen(({ url }, response) => {
  urls.push(url);
  const { pathname, searchParams } = new URL(url, "http://api");
  const number = Number(searchParams.get("cursor") ?? 0);
  const next = number + 1 < PAGES.length ? { href: `http://api${pathname}?cursor=${number + 1}` } : undefined;
  const page = JSON.stringify({ breakdowns: PAGES[number].map((testId) => ({ testId })), _links: { next } });
  response.writeHead(200, { "content-type": "application/hal+json", "x-request-id": `r-${number}` });
  response.end(fixtures[pathname] ?? page);
});
const consumer = await createConsumer();
const te = await consumer.load("node.js");
te.configure({ baseUrl: api.url });

after(async () => {
  await consumer.remove();
  api.close();
});

beforeEach(() => urls.splice(0));

const ids = (rows) => rows.map(({ testId }) => testId);
const errorOf = (call) => call.then(() => assert.fail("the call succeeded"), (error) => error);

/** The values of an async iterable. */
async function collect(iterable) {
  const values = [];
  for await (const value of iterable) values.push(value);
  return values;
}

test("a list has the rows of all pages, and each iteration begins with the first page", async () => {
  const units = te.getTestUnits();
  for (const _ of [1, 2]) assert.deepEqual(ids(await collect(units)), ROWS);
  assert.deepEqual(urls, [...ALL, ...ALL]);
  const both = await Promise.all([collect(units), units.toArray()]);
  assert.deepEqual(both.map(ids), [ROWS, ROWS], "two iterations at once");
});

/** Options, and a promise that resolves when the second page has arrived. */
function awaitSecondPage() {
  let arrived;
  const second = new Promise((resolve) => (arrived = resolve));
  return [{ onAttempt: ({ url }) => url.includes("cursor=1") && arrived() }, second];
}

test("nothing is requested before a list is iterated", async () => {
  const units = te.getTestUnits();
  const pages = units.pages();
  units[Symbol.asyncIterator]();
  // By then a request that had begun before would have arrived.
  await te.getQuotas();
  assert.deepEqual(urls, ["/v7/quotas"]);
  assert.equal((await collect(pages)).length, PAGES.length);
});

test("while the first row is in use, the next page is requested and no other", async () => {
  const [options, second] = awaitSecondPage();
  const rows = te.getTestUnits(null, options)[Symbol.asyncIterator]();
  await rows.next();
  await second;
  // By then a request that had begun before would have arrived.
  await te.getQuotas();
  assert.deepEqual(urls, [...FIRST, "/v7/quotas"]);
  assert.deepEqual(ids(await collect(rows)), ROWS.slice(1));
  assert.deepEqual(urls, [...FIRST, "/v7/quotas", ALL[2]]);
});

test("once the signal has aborted, no page is returned, not even one that has arrived", async () => {
  const [options, second] = awaitSecondPage();
  const controller = new AbortController();
  const pages = te.getTestUnits(null, { ...options, signal: controller.signal }).pages();
  await pages.next();
  await second;
  controller.abort("changed my mind");
  const { code, cause, attempts } = await errorOf(pages.next());
  assert.deepEqual([code, cause, attempts], ["aborted", "changed my mind", 1]);
  assert.equal((await pages.next()).done, true);
});

test("pages() has the response of each page", async () => {
  for (const [number, { headers, ...rest }] of (await collect(te.getTestUnits().pages())).entries()) {
    const requestId = `r-${number}`;
    assert.deepEqual(rest, { data: PAGES[number].map((testId) => ({ testId })), status: 200, attempts: 1, requestId });
    assert.equal(headers.get("x-request-id"), requestId);
  }
  assert.deepEqual(urls, ALL);
});

test("toArray has at most `limit` rows, and requests no page after them", async () => {
  for (const [limit, rows, requests] of [
    [undefined, 5, 3], [null, 5, 3], [0, 0, 0], [1, 1, 1], [2, 2, 1], [3, 3, 2], [4, 4, 2], [5, 5, 3], [9, 5, 3],
  ]) {
    urls.splice(0);
    assert.deepEqual(ids(await te.getTestUnits().toArray({ limit })), ROWS.slice(0, rows));
    assert.deepEqual(urls, ALL.slice(0, requests), `limit: ${limit}`);
  }
  assert.deepEqual(ids(await te.getTestUnits().toArray(null)), ROWS);
});

test("a limit that the last allowed page reaches is no error", async () => {
  const units = te.getTestUnits(null, { maxPages: 1 });
  assert.deepEqual(ids(await units.toArray({ limit: 2 })), ["a", "b"]);
  assert.equal((await errorOf(units.toArray({ limit: 3 }))).code, "unexpected-response");
});

test("an invalid limit is an ArgumentError, and sends nothing", async () => {
  for (const options of [...[-1, 0.5, NaN, Infinity, "2"].map((limit) => ({ limit })), { max: 2 }, 2, "2"]) {
    assert.equal((await errorOf(te.getTestUnits().toArray(options))).code, "argument", JSON.stringify(options));
  }
  assert.deepEqual(urls, []);
});

test("the query and the options are read once, when the function is called", async () => {
  const startDate = new Date("2026-10-01T00:00:00.999Z");
  const reads = { query: 0, options: 0 };
  const query = { get startDate() { return (reads.query += 1), startDate; }, endDate: "2026-10-31T23:59:59+02:00" };
  const options = { get token() { return (reads.options += 1), "abc"; }, headers: { "x-own": "1" } };
  const units = te.getTestUnits(query, options);
  startDate.setTime(0);
  Object.assign(options.headers, { "x-own": "a\nb" });
  await collect(units);
  await collect(units);
  assert.deepEqual(reads, { query: 1, options: 1 });
  assert.equal(urls[0], `${TESTS}?startDate=2026-10-01T00:00:00Z&endDate=2026-10-31T21:59:59Z`);
  assert.equal(urls[5], `${urls[0]}&cursor=2`);
});

test("a token provider is called for each page", async () => {
  let calls = 0;
  await collect(te.getTestUnits(null, { token: () => `token-${(calls += 1)}` }));
  assert.equal(calls, 3);
});

test("a getter that throws is an ArgumentError with its cause, each time that the list is iterated", async () => {
  const reason = new Error("sealed");
  const throws = (name) => Object.defineProperty({}, name, { enumerable: true, get() { throw reason; } });
  for (const [query, options] of [[throws("aid")], [throws("startDate")], [null, throws("token")], [null, throws("maxPages")]]) {
    const units = te.getTestUnits(query, options);
    for (const read of [() => collect(units), () => collect(units.pages()), () => units.toArray()]) {
      const error = await errorOf(read());
      assert.deepEqual([error.code, error.cause], ["argument", reason]);
    }
  }
  assert.deepEqual(urls, []);
});

test("a date is a Date of any realm or a string, and null is absent", async () => {
  const other = runInNewContext("new Date(Date.UTC(2026, 9, 1))");
  for (const startDate of [new Date("2026-10-01"), other, "2026-10-01T02:00:00+02:00"]) {
    await te.getTestUnits({ aid: "2067", startDate, endDate: null }).toArray({ limit: 1 });
    assert.equal(urls.pop(), `${TESTS}?aid=2067&startDate=2026-10-01T00:00:00Z`);
  }
  for (const startDate of [new Date(NaN), 1_790_812_800_000, { toISOString: () => "2026-10-01T00:00:00Z" }]) {
    assert.equal((await errorOf(te.getTestUnits({ startDate }).toArray())).code, "argument");
  }
  assert.deepEqual(urls, []);
});

test("a page that fails while the rows before are in use rejects only when it is needed", async () => {
  const fetch = (url, init) => (url.includes("cursor") ? Promise.reject(new Error("no network")) : globalThis.fetch(url, init));
  const rows = te.getTestUnits(null, { fetch, maxRetries: 0 })[Symbol.asyncIterator]();
  await rows.next();
  // By then the rejection would have been reported as an unhandled one, which fails this test.
  await te.getQuotas();
  assert.equal((await rows.next()).value.testId, "b");
  assert.equal((await errorOf(rows.next())).code, "connection");
  assert.equal((await rows.next()).done, true);
});

test("a page that fails while the caller works on the page before for a second is requested once more", async (t) => {
  for (const milliseconds of [999, 1_000]) {
    let failed;
    const failure = new Promise((resolve) => (failed = resolve));
    let fetches = 0;
    const fetch = (url, init) => ((fetches += 1) === 2 ? Promise.reject(new Error("no network")) : globalThis.fetch(url, init));
    const pages = te.getTestUnits(null, { fetch, maxRetries: 0, onAttempt: ({ code }) => code && failed() }).pages();
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    await pages.next();
    await failure;
    t.mock.timers.tick(milliseconds);
    const page = await pages.next().catch(({ code }) => code);
    t.mock.timers.reset();
    if (milliseconds < 1_000) assert.equal(page, "connection");
    else assert.deepEqual(ids([...page.value.data, ...(await collect(pages)).flatMap(({ data }) => data)]), ROWS.slice(2));
  }
});

test("leaving a list while a page is awaited aborts that page, and requests no other", async () => {
  for (const iterate of [(units) => units.pages(), (units) => units[Symbol.asyncIterator]()]) {
    let begin;
    const begun = new Promise((resolve) => (begin = resolve));
    const fetch = (_, { signal }) => (begin(signal), new Promise(() => {}));
    const iterator = iterate(te.getTestUnits(null, { fetch }));
    const next = iterator.next();
    const signal = await begun;
    const left = await iterator.return("left");
    assert.deepEqual([left, await next], [{ value: "left", done: true }, { value: undefined, done: true }]);
    assert.equal(signal.aborted, true);
  }
});

test("each function returns what the API sent, and a client has it with its own options", async () => {
  const options = { baseUrl: `${api.url}/every-field` };
  for (const [name, file] of [["getTestUnits", "test-units"], ["getEnterpriseAgentUnits", "enterprise-agent-units"]]) {
    const { breakdowns } = JSON.parse(await fixture(file));
    for (const units of [te[name](null, options), new te.UsageClient(options)[name]()]) {
      assert.deepEqual(await units.toArray({ limit: breakdowns.length }), breakdowns);
    }
  }
  for (const call of [te.getQuotas(options), new te.UsageClient(options).getQuotas()]) {
    assert.deepEqual(await call, JSON.parse(await fixture("quotas")));
  }
});

test("a baseUrl that ends in the path of the usage is that of each function", async () => {
  const options = { baseUrl: `${api.url}/v7/usage/` };
  await te.getTestUnits(null, options).toArray({ limit: 1 });
  await te.getQuotas(options);
  assert.deepEqual(urls, [TESTS, "/v7/quotas"]);
});

test("after a crash of the WebAssembly a list goes on at its next page, and still knows the pages before", async () => {
  const printed = await consumer.script(`
    import { getTestUnits, getUsage } from "thousandeyes-usage";
    const { random } = Math;
    // The wait before a retry is random. An error of an import unwinds the WebAssembly, as a trap does.
    async function crash() {
      Math.random = () => { throw new WebAssembly.RuntimeError("unreachable"); };
      const error = await getUsage(null, null, { fetch: async () => new Response("", { status: 503 }) }).catch((error) => error);
      Math.random = random;
      return error.cause instanceof WebAssembly.RuntimeError;
    }
    const links = { first: "b", b: "c", c: "b" };
    async function fetch(url) {
      const cursor = new URL(url).searchParams.get("cursor") ?? "first";
      const page = { breakdowns: [{ testId: cursor }], _links: { next: { href: "?cursor=" + links[cursor] } } };
      return new Response(JSON.stringify(page), { headers: { "content-type": "application/json" } });
    }
    let arrived;
    const second = new Promise((resolve) => { arrived = resolve; });
    const onAttempt = ({ url }) => url.includes("cursor=b") && setImmediate(arrived);
    try {
      for await (const { testId } of getTestUnits(null, { fetch, onAttempt })) {
        console.log(testId);
        if (testId !== "first") continue;
        await second;
        console.log(await crash());
      }
    } catch ({ code }) {
      console.log(code);
    }
  `);
  assert.equal(printed, "first\ntrue\nb\nc\nunexpected-response");
});
