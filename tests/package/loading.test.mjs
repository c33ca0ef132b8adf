// How the entries find their WebAssembly, and what they do when they do not, or when it breaks off.
import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import binaryen from "binaryen";
import { build } from "esbuild";

import { startApi } from "./api.mjs";
import { createConsumer } from "./consumer.mjs";

const NAME = "thousandeyes-usage";
// The entries that Node itself can load.
const ENTRIES = [
  { specifier: NAME },
  { specifier: NAME, conditions: ["browser"] },
  { specifier: NAME, conditions: ["deno"] },
  { specifier: `${NAME}/inline` },
];

let api, consumer, wasm;

before(async () => {
  [api, consumer] = await Promise.all([startApi(), createConsumer()]);
  wasm = join(consumer.folder, "node_modules", NAME, "usage.wasm");
});

after(async () => {
  await consumer?.remove();
  api?.close();
});

const env = () => ({ API: api.url });
const script = (source, options) => consumer.script(source, { env: env(), ...options });

/** A script that ends by a call, as a module and as CommonJS. */
async function bothPrint(wanted, { specifier = NAME, conditions = [] } = {}) {
  const args = conditions.map((condition) => `--conditions=${condition}`);
  const call = `getUsage(null, null, { baseUrl: process.env.API }).then(({ usage }) => console.log(usage.quota.cloudUnitsIncluded))`;
  const module = await script(`import { getUsage } from "${specifier}"; await ${call};`, { args });
  const commonJs = await script(`const { getUsage } = require("${specifier}"); ${call};`, { args, file: "script.cjs" });
  assert.deepEqual([module, commonJs], [wanted, wanted]);
}

for (const entry of ENTRIES) {
  const { specifier, conditions = [] } = entry;
  const name = [specifier, ...conditions].join(", ");

  test(`${name}: importing it loads, compiles and asks nothing`, async () => {
    const forbid = `
      const forbid = (name) => () => { console.log("called", name); };
      globalThis.fetch = forbid("fetch");
      for (const name of ["compile", "compileStreaming", "instantiate", "Module", "Instance"]) WebAssembly[name] = forbid(name);
    `;
    const args = conditions.map((condition) => `--conditions=${condition}`);
    assert.equal(await script(`${forbid} await import("${specifier}"); console.log("imported");`, { args }), "imported");
    const commonJs = `${forbid} require("${specifier}"); console.log("required");`;
    assert.equal(await script(commonJs, { args, file: "script.cjs" }), "required");
  });

  test(`${name}: import and require both work`, () => bothPrint("4320000000", entry));

  test(`${name}: an import of which nothing is used adds nothing to a bundle`, async () => {
    const { outputFiles } = await build({
      stdin: { contents: `import { getUsage } from "${specifier}";`, resolveDir: consumer.folder },
      bundle: true,
      format: "esm",
      platform: "neutral",
      conditions,
      external: ["node:*"],
      write: false,
    });
    assert.equal(outputFiles[0].text.trim(), "");
  });
}

test("init takes a module, bytes, a response or a URL", async () => {
  for (const wasm of [
    "await WebAssembly.compile(bytes)",
    "bytes",
    "bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)",
    "new Response(bytes, { headers: { 'content-type': 'application/wasm' } })",
    "new Response(bytes)",
    "url",
    "url.href",
  ]) {
    const printed = await script(`
      import { readFile } from "node:fs/promises";
      import { init, getUsage } from "${NAME}/inline";
      const url = new URL("data:application/wasm;base64," + (await readFile(new URL(import.meta.resolve("${NAME}/usage.wasm")))).toString("base64"));
      const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
      globalThis.atob = () => { throw new Error("the bytes in JavaScript were asked for"); };
      await init(${wasm});
      console.log(Object.keys(await getUsage(null, null, { baseUrl: process.env.API })).join());
    `);
    assert.equal(printed, "usage,_links", wasm);
  }
});

test("in Node, init takes the URL of a file", async () => {
  const printed = await script(`
    import { init } from "${NAME}";
    await init(import.meta.resolve("${NAME}/usage.wasm"));
    console.log("loaded");
  `);
  assert.equal(printed, "loaded");
});

test("what init is given and cannot load is a ConnectionError, and the next call loads the package's own", async () => {
  const printed = await script(`
    import { init, getUsage, ConnectionError } from "${NAME}";
    for (const wasm of [new Uint8Array(8), new Response("", { status: 404 }), new URL("none.wasm", import.meta.url)]) {
      const error = await init(wasm).catch((error) => error);
      console.log(error instanceof ConnectionError, error.cause instanceof Error, error.attempts, error.retryable);
    }
    console.log(Object.keys(await getUsage(null, null, { baseUrl: process.env.API })).join());
  `);
  assert.equal(printed, `${"true true 0 false\n".repeat(3)}usage,_links`);
});

test("where usage.wasm is lost, HTML or of another version, the bytes in JavaScript step in", async () => {
  const bytes = await readFile(wasm);
  const another = new binaryen.Module();
  another.addFunctionImport("f", "./another_bg.js", "f", binaryen.none, binaryen.none);
  another.addFunctionExport("f", "f");
  try {
    for (const content of [undefined, "<!doctype html>", another.emitBinary()]) {
      await rm(wasm);
      if (content) await writeFile(wasm, content);
      await bothPrint("4320000000");
      if (!content) await writeFile(wasm, "");
    }
  } finally {
    await writeFile(wasm, bytes);
  }
});

test("an error is an instance of its classes of either copy, as a module and as CommonJS, and of no other", async () => {
  const printed = await script(`
    import { createRequire } from "node:module";
    import * as esm from "${NAME}";
    const cjs = createRequire(import.meta.url)("${NAME}");
    for (const [thrower, other] of [[esm, cjs], [cjs, esm]]) {
      const error = await thrower.getUsage("").catch((error) => error);
      const { UsageError, ArgumentError, TokenError } = other;
      class Own extends ArgumentError {}
      console.log([UsageError, ArgumentError, TokenError, Own, Error].map((Class) => error instanceof Class).join());
      console.log([null, undefined, 7, "", {}, new Error(), UsageError].map((value) => value instanceof UsageError).join());
    }
  `);
  const lines = "true,true,false,false,true\nfalse,false,false,false,false,false,false";
  assert.equal(printed, `${lines}\n${lines}`);
});

/** The package's module, but for a trap where it draws the random part of a retry's wait. */
async function trapping() {
  const module = binaryen.readBinary(await readFile(wasm));
  const text = module.emitText();
  const [, random] = /"__wbg_random_\w+" \(func (\S+)/.exec(text);
  assert.ok(text.includes(`(call ${random})`));
  const trapping = binaryen.parseText(text.replaceAll(`(call ${random})`, "(unreachable)"));
  trapping.setFeatures(module.getFeatures());
  return trapping.emitBinary();
}

test("a trap rejects the calls that were under way, and the next call runs on a fresh instance", async () => {
  await writeFile(join(consumer.folder, "trapping.wasm"), await trapping());
  const printed = await script(`
    import { readFile } from "node:fs/promises";
    import { init, getUsage, UsageError } from "${NAME}";
    let instances = 0;
    const { Instance } = WebAssembly;
    WebAssembly.Instance = function (...args) { instances += 1; return new Instance(...args); };
    await init(await readFile("trapping.wasm"));
    const baseUrl = process.env.API;
    const stalled = getUsage(null, null, { baseUrl: baseUrl + "/fault/stalled-body" });
    const trapped = getUsage(null, null, { baseUrl: baseUrl + "/fault/html-502" });
    for (const { status, reason } of await Promise.allSettled([stalled, trapped])) {
      console.log(status, reason instanceof UsageError, reason.code, reason.retryable, reason.cause instanceof WebAssembly.RuntimeError);
    }
    for (const round of [1, 2]) console.log((await getUsage(null, null, { baseUrl })).usage.quota.cloudUnitsIncluded, instances);
    process.exit();
  `);
  const rejected = "rejected true connection false true";
  assert.equal(printed, [rejected, rejected, "4320000000 2", "4320000000 2"].join("\n"));
});

test("so it is when the WebAssembly breaks off before the call is under way", async () => {
  const printed = await script(`
    import { getUsage, UsageError } from "${NAME}";
    const call = () => getUsage(null, null, { baseUrl: process.env.API });
    const { queueMicrotask } = globalThis;
    globalThis.queueMicrotask = () => { throw new WebAssembly.RuntimeError("unreachable"); };
    const error = await call().catch((error) => error);
    globalThis.queueMicrotask = queueMicrotask;
    console.log(error instanceof UsageError, error.cause instanceof WebAssembly.RuntimeError);
    console.log((await call()).usage.quota.cloudUnitsIncluded);
  `);
  assert.equal(printed, "true true\n4320000000");
});
