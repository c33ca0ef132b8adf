// The package in a page without a bundler: the same tests in each browser. An import map names the package.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";

import { respond, startApi, TYPES } from "./api.mjs";
import { cases } from "./cases.mjs";
import { createConsumer, pageOf } from "./consumer.mjs";

const stalls = () => {};

/** The handlers of usage.wasm below `/page/<name>/`. */
const WASM = {
  "missing": respond(404, "text/html", "<!doctype html>"),
  "html": respond(200, "text/html", "<!doctype html>"),
  "lost": stalls,
  // Only for the first request.
  "recovers": stalls,
};

/** @param {() => Promise<import("puppeteer-core").Browser>} launch */
export function pageTests(launch, { stackHasMessage }) {
  let api, consumer, browser, good;

  async function serve(url) {
    const [, name, file] = /^\/page\/(\w+)\/(.*)$/.exec(url) ?? [];
    if (file === undefined) return undefined;
    if (file === "") {
      const policy = name === "blocked" && { "content-security-policy": "script-src 'self' 'unsafe-inline'" };
      return respond(200, "text/html", pageOf(`/page/${name}/`, "outcome.mjs", "outcome"), policy);
    }
    if (file.endsWith("/usage.wasm") && Object.hasOwn(WASM, name)) {
      const handler = WASM[name];
      if (name === "recovers") delete WASM[name];
      return handler;
    }
    if (file.endsWith("/usage.wasm.js") && name === "recovers") return stalls;
    if (file.endsWith("/usage.wasm.js") && name === "lost") return respond(404);
    // Some servers have no media type for wasm.
    const type = name === "untyped" && file.endsWith(".wasm") ? undefined : TYPES[extname(file)];
    const body = await readFile(join(consumer.folder, file)).catch(() => undefined);
    return body ? respond(200, type, body) : respond(404);
  }

  /** Opens a page, and returns a function that runs outcome.mjs in it. */
  async function open(name) {
    const page = await browser.newPage();
    await page.goto(`${api.url}/page/${name}/`);
    await page.waitForFunction(() => globalThis.outcome);
    // As JSON, because the arguments of a page make null of undefined.
    const run = (call) => page.evaluate(async (call) => JSON.stringify(await globalThis.outcome(JSON.parse(call))), call);
    return async (call) => JSON.parse(await run(JSON.stringify(call)));
  }

  const call = (options) => ({ options: { baseUrl: api.url, ...options } });

  async function assertSuccess(outcome) {
    const { data } = await outcome(call());
    assert.equal(data?.usage.quota.cloudUnitsIncluded, 4_320_000_000);
  }

  before(async () => {
    [api, consumer, browser] = await Promise.all([startApi(serve), createConsumer(), launch()]);
    good = await open("good");
  });

  after(async () => {
    await browser?.close();
    await consumer?.remove();
    api?.close();
  });

  cases({ api: () => api, outcome: (call) => good(call), stackHasMessage });

  for (const [name, rule] of [
    ["untyped", "usage.wasm may have no media type"],
    ["missing", "if usage.wasm is missing, the bytes in JavaScript are used"],
    ["html", "if usage.wasm is a page of HTML, the bytes in JavaScript are used"],
  ]) test(rule, async () => assertSuccess(await open(name)));

  test("a Content Security Policy that blocks WebAssembly is a ConnectionError that names what to allow", async () => {
    const { error } = await (await open("blocked"))(call());
    assert.deepEqual([error?.name, error?.attempts, error?.retryable], ["ConnectionError", 0, false]);
    assert.match(error.message, /add 'wasm-unsafe-eval' to `script-src`/);
  });

  const assertTimeout = async (outcome) => {
    const { error } = await outcome(call({ timeout: 100 }));
    assert.deepEqual([error?.name, error?.code, error?.attempts, error?.retryable], ["TimeoutError", "timeout", 0, true]);
  };

  test("if usage.wasm stalls, and then the bytes in JavaScript, the next call requests usage.wasm again", async () => {
    const outcome = await open("recovers");
    await assertTimeout(outcome);
    await assertTimeout(outcome);
    await assertSuccess(outcome);
  });

  test("if the bytes in JavaScript are missing, a call that waits gets a retryable error", async () => {
    const outcome = await open("lost");
    const [, { error }] = await Promise.all([assertTimeout(outcome), outcome(call())]);
    assert.deepEqual([error?.name, error?.attempts, error?.retryable], ["ConnectionError", 0, true]);
  });
}
