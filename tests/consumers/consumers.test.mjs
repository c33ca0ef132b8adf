// Users' projects: each installs the packed package by its name, and calls it. The tests check its report.
//
// A project is a folder of projects/. Its consumer.mjs gets the functions below, and adds its rows to the README's table. The
// project has its other files and those of shared/.
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";

import { launchChromium, launchFirefox } from "../browsers.mjs";
import { run } from "./tools.mjs";
import { openWorkshop } from "./workshop.mjs";

const README = new URL("../../pkg-template/README.md", import.meta.url);
const names = (await readdir(new URL("projects/", import.meta.url))).sort();
const consumers = await Promise.all(names.map((name) => import(`./projects/${name}/consumer.mjs`)));
const rows = [];
const workshop = await openWorkshop();
const browsers = { Chromium: await launchChromium(), Firefox: await launchFirefox() };

after(async () => {
  await Promise.all(Object.values(browsers).map((browser) => browser.close()));
  await workshop.close();
  const width = Math.max(...rows.map(({ what }) => what.length));
  for (const { what, where, passed } of rows) console.log(`${passed ? "ok    " : "FAILED"}  ${what.padEnd(width)}  ${where}`);
});

/** Asserts the report of shared/report.mjs. */
async function assertReport(report) {
  const sample = await fetch(`${workshop.api.url}/v7/usage?aid=2067&expand=test`);
  const expected = { data: await sample.json(), error: ["NotFoundError", "not-found", true, true] };
  assert.deepEqual(JSON.parse(report), expected);
}

const withApi = (url) => `${url}?api=${encodeURIComponent(workshop.api.url)}`;
const assertPrinted = async (cwd, command) => assertReport(await run(cwd, [...command, workshop.api.url]));
const assertResponse = async (url) => assertReport(await (await fetch(withApi(url))).text());

/** Opens a page, and asserts its report. With `takesWasm` it has to load `usage.wasm`, and not the bytes in JavaScript. */
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

/** Adds a row to the table, with its test. */
function row(what, where, assertRow) {
  const entry = { what, where, passed: false };
  rows.push(entry);
  test(`${what}, in ${where}`, { timeout: 240_000 }, async () => {
    await assertRow();
    entry.passed = true;
  });
}

/** The functions for a project's consumer.mjs. */
function toolsOf(name) {
  const project = (options) => workshop.project(name, options);
  /** Adds a row for each assertion about a project that is built and served once. */
  function site(what, start, assertions, files) {
    let url;
    for (const [where, assertSite] of assertions) {
      row(what, where, async () => assertSite(await (url ??= project({ files }).then(start))));
    }
  }
  const page = (what, start, { files, ...options } = {}) =>
    site(what, start, ["Chromium", "Firefox"].map((browser) => [browser, (url) => assertPage(browser, url, options)]), files);
  /** Adds rows for a page that a command builds. */
  const built = (what, command, options) => page(what, async (cwd) => (await run(cwd, command), workshop.host(cwd)), options);
  /** Adds a row for a test runner, whose test writes the report into a file. */
  const tested = (what, command) =>
    row(what, "Node 22", async () => {
      const cwd = await project();
      await run(cwd, command, { API: workshop.api.url });
      await assertReport(await readFile(join(cwd, "report.json"), "utf8"));
    });
  const { serve, host } = workshop;
  return { row, site, page, built, tested, project, serve, host, assertPrinted, assertResponse, assertPage };
}

names.forEach((name, index) => consumers[index].default(toolsOf(name)));

/** The README's table: a line for each consumer, with all its runtimes. */
function markdown() {
  const places = new Map();
  for (const { what, where } of rows) places.set(what, [...(places.get(what) ?? []), where]);
  const lines = [...places].map(([what, where]) => `| ${what} | ${where.join(", ")} |`);
  return ["| with | in |", "|---|---|", ...lines, ""].join("\n");
}

test("the README's table lists what ran", async () => {
  const text = await readFile(README, "utf8");
  const [, before, table, after] = /^(.*<!-- what ran -->\n)(.*)(<!-- end -->.*)$/s.exec(text);
  assert.ok(rows.every(({ passed }) => passed), "a row failed");
  if (process.env.UPDATE_DOCS) await writeFile(README, before + markdown() + after);
  else assert.equal(table, markdown(), "UPDATE_DOCS=1 cargo xtask test updates it");
});
