// The programs of RUNTIMES.md and of both READMEs run as they are, with their commands.
import assert from "node:assert/strict";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";

import { launchChromium } from "../browsers.mjs";
import { run } from "./tools.mjs";
import { openWorkshop } from "./workshop.mjs";

const TOKEN = "abc-123";
const CDN = "https://cdn.jsdelivr.net/npm/thousandeyes-usage@";
const PKG = new URL("../../pkg/", import.meta.url);

const runtimes = await readFile(new URL("RUNTIMES.md", PKG), "utf8");
const { version } = JSON.parse(await readFile(new URL("package.json", PKG), "utf8"));

// The lines of each section, and its code by language.
const sections = new Map(runtimes.split(/^### /m).slice(1).map((section) => {
  const [heading, ...lines] = section.split(/^## /m)[0].split("\n");
  const code = Object.fromEntries([...section.matchAll(/^```(\w+)\n(.*?)^```/gms)].map(([, language, text]) => [language, text]));
  return [heading, { lines, ...code }];
}));

const [workshop, browser] = await Promise.all([openWorkshop(), launchChromium()]);
const { usage } = await (await fetch(`${workshop.api.url}/v7/usage`)).json();
const expected = `${usage.cloudUnitsUsed} of ${usage.quota.cloudUnitsIncluded}`;

after(async () => {
  await browser.close();
  await workshop.close();
});

/** A module that sends requests for the real API to the sample API. */
const rerouting = () => `
  const { fetch } = globalThis;
  globalThis.fetch = (url, init) => fetch(url.replace("https://api.thousandeyes.com", "${workshop.api.url}"), init);
`;

/** Asserts that the API received one request, with this authorization. */
function assertRequest(authorization) {
  const requests = workshop.api.requests.splice(0).filter(({ url }) => url.includes("aid"));
  const found = requests.map(({ url, headers }) => [url, headers.authorization]);
  assert.deepEqual(found, [["/v7/usage?aid=2067&expand=test", authorization]]);
}

test("a section has at most ten lines", () => {
  const hosts = ["Node", "Deno", "Bun", "Cloudflare Workers", "Vite, webpack", "A page without a bundler"];
  for (const heading of [...hosts, "Loading it yourself"]) {
    const lines = sections.get(heading).lines.filter((line) => line !== "" && !line.startsWith("```"));
    assert.ok(lines.length <= 10, lines.join("\n"));
  }
});

for (const [heading, manifest, reroute] of [
  ["Node", "package.json", (command) => command.replace("node ", "node --import ./reroute.mjs ")],
  ["Deno", "deno.json", (command) => command.replace("usage.mjs", "--preload reroute.mjs usage.mjs")],
  ["Bun", "package.json", (command) => command.replace("bun usage", "bun --preload ./reroute.mjs usage")],
]) {
  test(`${heading}: the commands and the program`, async () => {
    const { sh, js } = sections.get(heading);
    const [install, command] = sh.trim().split("\n");
    const files = { "usage.mjs": js, "reroute.mjs": rerouting() };
    const cwd = await workshop.project("readme", { install: install.split(" "), manifest, files });
    assert.equal((await run(cwd, reroute(command).split(" "), { THOUSANDEYES_TOKEN: TOKEN })).trim(), expected);
    assertRequest(`Bearer ${TOKEN}`);
  });
}

test("Node: the line for CommonJS", async () => {
  const [, line] = /`(const .*? = require\(.*?\);)`/.exec(sections.get("Node").lines.join("\n"));
  const cwd = await workshop.project("readme", { files: { "usage.cjs": `${line} console.log(typeof getUsage);` } });
  assert.equal((await run(cwd, ["node", "usage.cjs"])).trim(), "function");
});

const READMES = { "the package's": new URL("README.md", PKG), "the repository's": new URL("../../README.md", import.meta.url) };
for (const [name, url] of Object.entries(READMES)) {
  test(`${name} README: each program prints a number`, async () => {
    const programs = [...(await readFile(url, "utf8")).matchAll(/^```js\n(.*?)^```/gms)].map(([, program]) => program);
    assert.ok(programs.length > 0);
    for (const program of programs) {
      const cwd = await workshop.project("readme", { files: { "usage.mjs": program, "reroute.mjs": rerouting() } });
      const printed = await run(cwd, ["node", "--import", "./reroute.mjs", "usage.mjs"], { THOUSANDEYES_TOKEN: TOKEN });
      assert.match(printed, /\d/, program);
    }
    workshop.api.requests.splice(0);
  });
}

test("Cloudflare Workers: the Worker, in wrangler", async () => {
  const startWorker = async (token, prepare = rerouting()) => {
    const files = {
      "gateway.mjs": sections.get("Cloudflare Workers").js,
      "worker.mjs": `${prepare} export { default } from "./gateway.mjs";`,
      ".dev.vars": `THOUSANDEYES_TOKEN=${token}`,
    };
    return workshop.serve(await workshop.project("workerd", { files }), ["wrangler", "dev", "--port", "0", "--inspector-port", "0"]);
  };
  const assertFails = async (url, ...expectedError) => {
    const response = await fetch(`${url}api/v7/usage`);
    assert.deepEqual([response.status, (await response.json()).name], expectedError);
  };
  const url = await startWorker(TOKEN);
  const { usage } = await (await fetch(`${url}api/v7/usage`)).json();
  assert.equal(`${usage.cloudUnitsUsed} of ${usage.quota.cloudUnitsIncluded}`, expected);
  assertRequest(`Bearer ${TOKEN}`);
  for (const path of ["favicon.ico", "api/v7/usage/units/tests"]) assert.equal((await fetch(url + path)).status, 404);
  assert.deepEqual(workshop.api.requests, []);
  // The sample API rejects this token.
  await assertFails(await startWorker("expired"), 401, "UnauthorizedError");
  assertRequest("Bearer expired");
  await assertFails(await startWorker(TOKEN, "globalThis.fetch = async () => new Response('{');"), 502, "UnexpectedResponseError");
});

/** Opens a page, and returns its text once it shows the usage. */
async function textOf(url, prepare = async () => {}) {
  const page = await browser.newPage();
  await prepare(page);
  await page.goto(url);
  await page.waitForFunction(() => document.body?.textContent.includes(" of "), { timeout: 20_000 });
  return page.evaluate(() => document.body.textContent);
}

for (const [name, command] of [["vite", ["vite", "build"]], ["webpack", ["webpack-cli", "./page.mjs", "--mode", "production"]]]) {
  test(`Vite, webpack: the program, by ${name}`, async () => {
    const cwd = await workshop.project(name, { files: { "page.mjs": sections.get("Vite, webpack").js } });
    await run(cwd, command);
    assert.equal(await textOf(await workshop.host(name === "vite" ? join(cwd, "dist") : cwd)), expected);
    assertRequest(undefined);
  });
}

test("a page without a bundler: from a CDN", async () => {
  const cwd = await workshop.project("page");
  await writeFile(join(cwd, "index.html"), sections.get("A page without a bundler").html);
  const requested = [];
  const text = await textOf(await workshop.host(cwd), async (page) => {
    await page.setRequestInterception(true);
    page.on("request", async (request) => {
      if (!request.url().startsWith(CDN)) return request.continue();
      const [, file] = new RegExp(`^${version.replace(/\.\d+$/, "")}/(.*)$`).exec(request.url().slice(CDN.length));
      requested.push(file);
      const contentType = file.endsWith(".wasm") ? "application/wasm" : "text/javascript";
      const headers = { "access-control-allow-origin": "*" };
      return request.respond({ status: 200, contentType, headers, body: await readFile(new URL(file, PKG)) });
    });
  });
  assert.equal(text, expected);
  assert.ok(requested.includes("usage.wasm") && !requested.includes("usage.wasm.js"), requested.join());
  assertRequest(undefined);
});

test("loading it yourself: from where the file is served", async () => {
  const { js } = sections.get("Loading it yourself");
  const cwd = await workshop.project("esbuild", { files: { "page.mjs": `${js} document.body.append("1 of 1");` } });
  await run(cwd, ["esbuild", "page.mjs", "--bundle", "--format=esm", "--splitting", "--outdir=dist"]);
  await mkdir(join(cwd, "assets"));
  await copyFile(new URL("usage.wasm", PKG), join(cwd, "assets/usage.wasm"));
  const requested = [];
  await textOf(await workshop.host(cwd), async (page) => {
    page.on("request", (request) => requested.push(new URL(request.url()).pathname));
  });
  assert.ok(requested.includes("/assets/usage.wasm"), requested.join());
  assert.ok(!requested.some((path) => path.includes("usage.wasm-")), requested.join());
});
