import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { after, before, test } from "node:test";

import { launchChromium } from "../chromium.mjs";
import { startApi } from "./api.mjs";
import { cases } from "./cases.mjs";
import { createConsumer } from "./consumer.mjs";

const TYPES = { ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm" };

// No bundler: the page names the package by an import map.
const PAGE = `<!doctype html>
<link rel="icon" href="data:,">
<script type="importmap">
  { "imports": { "thousandeyes-usage": "/files/node_modules/thousandeyes-usage/browser.js" } }
</script>
<script type="module">
  import { outcome } from "/files/outcome.mjs";
  globalThis.outcome = outcome;
</script>`;

let api, consumer, browser, page;

async function serve(url) {
  if (url === "/") return { type: "text/html", body: PAGE };
  if (!url.startsWith("/files/")) return undefined;
  const file = url.slice("/files/".length);
  return { type: TYPES[extname(file)], body: await readFile(join(consumer.folder, file)) };
}

async function open() {
  const page = await browser.newPage();
  await page.goto(api.url);
  await page.waitForFunction(() => globalThis.outcome);
  return page;
}

before(async () => {
  [api, consumer, browser] = await Promise.all([startApi(serve), createConsumer(), launchChromium()]);
  page = await open();
});

after(async () => {
  await browser?.close();
  await consumer?.remove();
  api?.close();
});

cases({
  api: () => api,
  // As JSON, since a page's arguments would not keep an undefined apart from a null.
  outcome: (call) => page.evaluate((call) => globalThis.outcome(call), call).then((result) => JSON.parse(JSON.stringify(result))),
  redirectStatus: 0,
});

test("an API that does not allow the page's origin (CORS) is a ConnectionError", async () => {
  const baseUrl = `${api.url.replace("127.0.0.1", "localhost")}`;
  const { error } = await page.evaluate((options) => globalThis.outcome({ options }), { baseUrl, maxRetries: 0 });
  assert.equal(error.name, "ConnectionError");
  assert.match(error.message, /CORS/);
});

test("the deadline covers WebAssembly that does not load", async () => {
  const page = await open();
  await page.route("**/usage.wasm", () => {});
  const { error } = await page.evaluate(() => globalThis.outcome({ options: { timeout: 100 } }));
  assert.deepEqual([error.name, error.code, error.attempts], ["TimeoutError", "timeout", 0]);
});

test("the signal aborts a call whose WebAssembly does not load", async () => {
  const page = await open();
  await page.route("**/usage.wasm", () => {});
  const { error } = await page.evaluate(() => globalThis.outcome({ options: { signal: AbortSignal.timeout(100) } }));
  assert.deepEqual([error.name, error.code, error.attempts], ["AbortError", "aborted", 0]);
});

test("where usage.wasm is not served, its inlined bytes step in", async () => {
  const page = await open();
  await page.route("**/usage.wasm", (route) => route.fulfill({ status: 404, body: "<html>" }));
  const { data } = await page.evaluate((baseUrl) => globalThis.outcome({ options: { baseUrl } }), api.url);
  assert.ok(data.usage);
});
