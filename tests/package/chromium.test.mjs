import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { after, before } from "node:test";

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

before(async () => {
  [api, consumer, browser] = await Promise.all([startApi(serve), createConsumer(), launchChromium()]);
  page = await browser.newPage();
  await page.goto(api.url);
  await page.waitForFunction(() => globalThis.outcome);
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
