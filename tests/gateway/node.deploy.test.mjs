// That wrangler would take the Worker and the page as they are, and that what is tested here is what is deployed there.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { buildWorker, WORKER } from "../../www/build-worker.mjs";
import { createFolder } from "./gateway.mjs";

const run = promisify(execFile);
const WWW = fileURLToPath(new URL("../../www/", import.meta.url));
const configuration = (await readFile(join(WWW, "wrangler.jsonc"), "utf8")).replace(/^\s*\/\/.*$/gm, "");
const { triggers, vars } = JSON.parse(configuration);
const WRANGLER = fileURLToPath(new URL("../consumers/node_modules/.bin/wrangler", import.meta.url));

before(() => buildWorker());

test("wrangler takes the configuration: the Worker with its WebAssembly, the store, and the page's files", async (t) => {
  const out = await createFolder(t);
  const env = { ...process.env, CI: "true", NO_COLOR: "1", WRANGLER_SEND_METRICS: "false", WRANGLER_LOG_PATH: out };
  const { stdout, stderr } = await run(WRANGLER, ["deploy", "--dry-run", "--outdir", out], { cwd: WWW, env, timeout: 120_000 });
  assert.ok(!/warning/i.test(stdout + stderr), stdout + stderr);
  assert.match(stdout, /usage\.wasm +│ compiled-wasm/);
  assert.match(stdout, /env\.USAGE_STORE \(UsageStore\) +Durable Object/);
  assert.match(stdout, /env\.ASSETS +Assets/);
  assert.match(stdout, /Read \d+ files from the assets directory/);
  assert.equal(await readFile(join(out, "index.js"), "utf8"), await readFile(join(WORKER, "index.js"), "utf8"));
});

test("the configuration runs the alerts once an hour", () => {
  assert.equal(triggers.crons.length, 1);
  assert.match(triggers.crons[0], /^[1-5]?\d \* \* \* \*$/);
});

test("the configuration has each setting that is no secret, and none that is", async () => {
  const table = (await readFile(join(WWW, "worker/config.js"), "utf8")).matchAll(/^ \* \| (`[A-Z_`, ]+?) +\| (secret|var) /gm);
  const kinds = Object.fromEntries([...table].flatMap(([, names, kind]) => names.match(/[A-Z_]+/g).map((name) => [name, kind])));
  assert.deepEqual([kinds.THOUSANDEYES_TOKEN, kinds.ALERT_WEBHOOK_URL], ["secret", "secret"]);
  assert.deepEqual(Object.keys(vars).sort(), Object.keys(kinds).filter((name) => kinds[name] === "var").sort());
  assert.ok(Object.values(vars).every((value) => value === ""));
});

test("the Worker's code is not among the files that are served", async () => {
  const served = await readdir(join(WWW, "dist"), { recursive: true });
  assert.ok(served.includes("index.html"));
  assert.ok(!served.some((file) => /worker|wrangler|\.mjs$/.test(file)), served.join());
});
