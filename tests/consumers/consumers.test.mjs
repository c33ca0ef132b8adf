// Projects of users': each installs the packed package by its name, and its report is checked.
//
// A project is a folder of projects/. Its consumer.mjs gets the functions below, and adds the rows of the README's table that
// it makes true; the other files are the project's own, beside those of shared/.
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launchChromium, launchFirefox } from "../browsers.mjs";
import { listed, markdown } from "./matrix.mjs";
import { run } from "./tools.mjs";
import { openWorkshop } from "./workshop.mjs";

const README = new URL("../../pkg-template/README.md", import.meta.url);
const rows = [];
let workshop, browsers;

before(async () => {
  const [chromium, firefox] = await Promise.all([launchChromium(), launchFirefox()]);
  browsers = { Chromium: chromium, Firefox: firefox };
  workshop = await openWorkshop();
});

after(async () => {
  await Promise.all(Object.values(browsers ?? {}).map((browser) => browser.close()));
  await workshop?.close();
  console.log(listed(rows));
});

/** Asserts the JSON of shared/report.mjs. */
async function assertReport(report) {
  const sample = await fetch(`${workshop.api.url}/v7/usage?aid=2067&expand=test`);
  const expected = { data: await sample.json(), error: ["NotFoundError", "not-found", true, true] };
  assert.deepEqual(JSON.parse(report), expected);
}

const withApi = (url) => `${url}?api=${encodeURIComponent(workshop.api.url)}`;
const assertPrinted = async (cwd, command) => assertReport(await run(cwd, [...command, workshop.api.url]));
const assertResponse = async (url) => assertReport(await (await fetch(withApi(url))).text());
const assertFile = async (cwd) => assertReport(await readFile(join(cwd, "report.json"), "utf8"));

/** Opens a page, and asserts its report; and with `takesWasm`, that it loads `usage.wasm` itself. */
async function assertPage(browser, url, { takesWasm } = {}) {
  const page = await browsers[browser].newPage();
  try {
    const thrown = [];
    const wasm = [];
    page.on("pageerror", (error) => thrown.push(error));
    page.on("response", (response) => {
      if (response.headers()["content-type"] === "application/wasm") wasm.push(response.url());
    });
    await page.goto(withApi(url));
    await page.waitForFunction(() => globalThis.report, { timeout: 20_000 }).catch((cause) => {
      throw new Error(`The page has no report: ${thrown.join("; ")}`, { cause });
    });
    await assertReport(await page.evaluate(async () => JSON.stringify(await globalThis.report)));
    if (takesWasm) assert.equal(wasm.length, 1);
  } finally {
    await page.close();
  }
}

/** Adds a row to the table, which is a test. */
function row(what, where, body) {
  const entry = { what, where, passed: false };
  rows.push(entry);
  test(`${what}, in ${where}`, { timeout: 240_000 }, async () => {
    await body();
    entry.passed = true;
  });
}

/** What the consumer.mjs of a folder gets. */
function toolsOf(name) {
  const project = Object.assign((options) => workshop.project(name, options), { api: () => workshop.api.url });
  /** Rows for a project that is built and served once, and visited from several sides. */
  function site(what, start, sides) {
    let url;
    for (const [where, visit] of sides) row(what, where, async () => visit(await (url ??= project().then(start))));
  }
  const page = (what, start, options) =>
    site(what, start, ["Chromium", "Firefox"].map((browser) => [browser, (url) => assertPage(browser, url, options)]));
  const serve = (...args) => workshop.serve(...args);
  const host = (cwd) => workshop.host(cwd);
  return { row, site, page, project, serve, host, assertPrinted, assertResponse, assertFile, assertPage };
}

for (const name of (await readdir(new URL("projects/", import.meta.url))).sort()) {
  const { default: addRows } = await import(`./projects/${name}/consumer.mjs`);
  addRows(toolsOf(name));
}

test("the README's table is what ran", async () => {
  const text = await readFile(README, "utf8");
  const [, before, table, after] = /^(.*<!-- what ran -->\n)(.*)(<!-- end -->.*)$/s.exec(text);
  assert.ok(rows.every(({ passed }) => passed), "a row failed");
  if (process.env.UPDATE_DOCS) await writeFile(README, before + markdown(rows) + after);
  else assert.equal(table, markdown(rows), "UPDATE_DOCS=1 cargo xtask test writes it anew");
});
