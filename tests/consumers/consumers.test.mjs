// Projects of users': each installs the packed package by its name, and its answers are looked at.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launchChromium, launchFirefox } from "../browsers.mjs";
import { listed, markdown } from "./matrix.mjs";
import { nodeProgram, run, version } from "./tools.mjs";
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

/** Whether the JSON of a report of shared/report.mjs is what it has to be. */
async function check(report) {
  const sample = await fetch(`${workshop.api.url}/v7/usage?aid=2067&expand=test`);
  const wanted = { data: await sample.json(), error: ["NotFoundError", "not-found", true, true] };
  assert.deepEqual(JSON.parse(report), wanted);
}

const checkPrinted = async (cwd, command) => check(await run(cwd, [...command, workshop.api.url]));
const withApi = (url) => `${url}?api=${encodeURIComponent(workshop.api.url)}`;
const checkAnswer = async (url) => check(await (await fetch(withApi(url))).text());

/** Opens a page in a browser, and looks at its report, and at whether it took along `usage.wasm` itself. */
async function checkPage(browser, url, { takesWasm } = {}) {
  const page = await browser.newPage();
  try {
    const thrown = [];
    const wasm = [];
    page.on("pageerror", (error) => thrown.push(error));
    page.on("response", (response) => {
      if (response.headers()["content-type"] === "application/wasm") wasm.push(response.url());
    });
    await page.goto(withApi(url));
    await page.waitForFunction(() => globalThis.report, { timeout: 20_000 }).catch((cause) => {
      throw new Error(`The page did not get as far as its report: ${thrown.join("; ")}`, { cause });
    });
    await check(await page.evaluate(async () => JSON.stringify(await globalThis.report)));
    if (takesWasm) assert.equal(wasm.length, 1);
  } finally {
    await page.close();
  }
}

/** A row of the matrix, which is a test. */
function consumer(what, where, body) {
  const row = { what, where, passed: false };
  rows.push(row);
  test(`${what}, in ${where}`, { timeout: 240_000 }, async () => {
    await body();
    row.passed = true;
  });
}

/** The rows of a project that is built and served once, and looked at from several sides. */
function site(what, name, start, sides) {
  let url;
  for (const [where, look] of sides) {
    consumer(what, where, async () => look(await (url ??= workshop.project(name).then(start))));
  }
}

const page = (what, name, start, options) =>
  site(what, name, start, ["Chromium", "Firefox"].map((where) => [where, (url) => checkPage(browsers[where], url, options)]));

for (const [what, file] of [["`import`", "main.mjs"], ["`require`", "main.cjs"]]) {
  for (const major of [20, 22]) {
    consumer(what, `Node ${major}`, async () => {
      await checkPrinted(await workshop.project("node"), [nodeProgram(major), file]);
    });
  }
  consumer(what, `Bun ${version("bun")}`, async () => {
    await checkPrinted(await workshop.project("bun", { install: ["bun", "add", "thousandeyes-usage"] }), ["bun", file]);
  });
}

consumer("`import`", `Deno ${version("deno")}`, async () => {
  const deno = { install: ["deno", "add", "npm:thousandeyes-usage"], manifest: "deno.json" };
  // The network is all that it is given: the package reads no file.
  await checkPrinted(await workshop.project("deno", deno), ["deno", "run", "--no-prompt", "--allow-net", "main.mjs"]);
});

consumer(`esbuild ${version("esbuild")}, one file`, "Node 20", async () => {
  const cwd = await workshop.project("esbuild-node");
  await run(cwd, ["esbuild", "main.mjs", "--bundle", "--platform=node", "--format=esm", "--outfile=dist/main.mjs"]);
  await checkPrinted(cwd, [nodeProgram(20), "dist/main.mjs"]);
});

site(`wrangler ${version("wrangler")}`, "workerd", (cwd) => {
  return workshop.serve(cwd, ["wrangler", "dev", "--port", "0", "--inspector-port", "0"]);
}, [["workerd", checkAnswer]]);

const takesWasm = { takesWasm: true };
page("no bundler", "static", (cwd) => workshop.host(cwd), takesWasm);

const vite = `Vite ${version("vite")}`;
const onLoopback = ["--host", "127.0.0.1", "--port", "0"];
page(`${vite}, dev`, "vite", (cwd) => workshop.serve(cwd, ["vite", ...onLoopback]), takesWasm);
page(`${vite}, build`, "vite", async (cwd) => {
  await run(cwd, ["vite", "build"]);
  return workshop.serve(cwd, ["vite", "preview", ...onLoopback]);
}, takesWasm);

for (const [what, name, command, options] of [
  [`webpack ${version("webpack")}`, "webpack", ["webpack-cli", "./page.mjs", "--mode", "production"], takesWasm],
  [`Rollup ${version("rollup")}`, "rollup", ["rollup", "page.mjs", "--dir", "dist", "--plugin", "node-resolve"]],
  [
    `Rollup ${version("rollup")}, /inline in one script`, "rollup-inline",
    ["rollup", "page.mjs", "--file", "dist/page.js", "--format", "iife", "--plugin", "node-resolve"],
  ],
  [`esbuild ${version("esbuild")}`, "esbuild", ["esbuild", "page.mjs", "--bundle", "--format=esm", "--outfile=dist/page.js"]],
]) {
  page(what, name, async (cwd) => {
    await run(cwd, command);
    return workshop.host(cwd);
  }, options);
}

for (const bundler of ["Turbopack", "webpack"]) {
  site(`Next.js ${version("next")}, ${bundler}`, "next", async (cwd) => {
    await run(cwd, ["next", "build", `--${bundler.toLowerCase()}`]);
    return workshop.serve(cwd, ["next", "start", "--port", "0"]);
  }, [
    ["a server component", (url) => checkPage(browsers.Chromium, url)],
    ["a route handler", (url) => checkAnswer(`${url}route`)],
    ["the edge runtime", (url) => checkAnswer(`${url}edge`)],
  ]);
}

for (const [what, name, ...command] of [["Vitest", "vitest", "run"], ["Jest", "jest"]]) {
  consumer(`${what} ${version(name)}`, "Node 22", async () => {
    const cwd = await workshop.project(name);
    await run(cwd, [name, ...command], { API: workshop.api.url });
    await check(await readFile(join(cwd, "report.json"), "utf8"));
  });
}

test("the README's table is what ran", async () => {
  const text = await readFile(README, "utf8");
  const [, before, table, after] = /^(.*<!-- what ran -->\n)(.*)(<!-- end -->.*)$/s.exec(text);
  assert.ok(rows.every(({ passed }) => passed), "a row failed");
  if (process.env.UPDATE_DOCS) await writeFile(README, before + markdown(rows) + after);
  else assert.equal(table, markdown(rows), "UPDATE_DOCS=1 cargo xtask test writes it anew");
});
