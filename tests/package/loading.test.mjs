// How the entries find the WebAssembly, how calls behave while it loads or fails to load, and after a trap.
import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";

import binaryen from "binaryen";
import { build } from "esbuild";

import { startApi } from "./api.mjs";
import { createConsumer } from "./consumer.mjs";

const NAME = "thousandeyes-usage";
const FOLDER = `./node_modules/${NAME}`;

/** The entries of each set of conditions, by `import` and by `require`. */
const CONDITIONS = [
  [[], "browser.js", "inline.cjs"],
  [["browser"], "browser.js", "inline.cjs"],
  [["node"], "node.js", "node.cjs"],
  [["node", "browser"], "node.js", "node.cjs"],
  [["react-server", "node"], "node.js", "node.cjs"],
  [["bun", "node"], "node.js", "node.cjs"],
  [["deno", "node"], "inline.js", "inline.js"],
  [["edge-light", "node", "browser"], "edge-light.js", "edge-light.js"],
  [["workerd", "worker", "browser"], "workerd.js", "workerd.js"],
  [["workerd", "edge-light", "deno", "node", "browser"], "workerd.js", "workerd.js"],
];

/** The entries that run in Node. The name of the package leads to the first one. */
const ENTRIES = [
  { name: "node", import: NAME, require: NAME },
  { name: "inline", import: `${NAME}/inline`, require: `${NAME}/inline` },
  { name: "browser", import: `${FOLDER}/browser.js`, require: `${FOLDER}/inline.cjs` },
];

const api = await startApi((url) => url === "/stalled" && (() => {}));
const consumer = await createConsumer([new URL("instances.mjs", import.meta.url)]);
const wasm = join(consumer.folder, "node_modules", NAME, "usage.wasm");

after(async () => {
  await consumer.remove();
  api.close();
});

const script = (source, file) => consumer.script(source, { env: { API: api.url }, timeout: 20_000, file });

/** Runs a module that has the entries, the bytes of usage.wasm, and `call`, which returns "ok" or the code of its error. */
const module = (source) => script(`
  import { readFile } from "node:fs/promises";
  import * as te from "${NAME}";
  import * as inline from "${NAME}/inline";
  import * as browser from "${FOLDER}/browser.js";
  const baseUrl = process.env.API;
  const bytes = await readFile(new URL(import.meta.resolve("${NAME}/usage.wasm")));
  const call = (te, options) => te.getUsage(null, null, { baseUrl, ...options }).then(() => "ok", ({ code }) => code);
  ${source}
`);

/** The outputs of two scripts, which import and require an entry, between the code `before` and `after`. */
const printedByBoth = (entry, before, after) =>
  Promise.all([
    script(`${before} const { getUsage } = await import("${entry.import}"); ${after}`),
    script(`${before} const { getUsage } = require("${entry.require}"); ${after}`, "script.cjs"),
  ]);

/** Asserts that an entry works, as a module and as CommonJS, after the code `before`. */
async function assertWorks(entry = ENTRIES[0], before = "") {
  const after = "getUsage(null, null, { baseUrl: process.env.API }).then((data) => console.log(Object.keys(data).join()));";
  assert.deepEqual(await printedByBoth(entry, before, after), ["usage,_links", "usage,_links"]);
}

/** Bundles code of the consumer by esbuild. */
const bundle = (contents, options) =>
  build({
    stdin: { contents, resolveDir: consumer.folder },
    absWorkingDir: consumer.folder,
    bundle: true,
    platform: "neutral",
    external: ["node:*", "*?module"],
    logLevel: "silent",
    write: false,
    ...options,
  });

for (const [conditions, ...entries] of CONDITIONS) {
  test(`the conditions ${conditions.join(", ") || "of no tool"} lead to ${[...new Set(entries)].join(" and ")}`, async () => {
    const options = { conditions, loader: { ".wasm": "empty" }, metafile: true, outdir: "out" };
    const found = [`export * from "${NAME}"`, `require("${NAME}")`].map(async (code) => {
      const { metafile } = await bundle(code, options);
      return metafile.inputs["<stdin>"].imports[0].path.split("/").at(-1);
    });
    assert.deepEqual(await Promise.all(found), entries);
  });
}

for (const entry of ENTRIES) {
  test(`${entry.name}: loading the code compiles and sends nothing`, async () => {
    const forbid = `
      const forbid = (name) => () => { console.log("called", name); };
      globalThis.fetch = forbid("fetch");
      for (const name of ["compile", "compileStreaming", "instantiate", "Module", "Instance"]) WebAssembly[name] = forbid(name);
    `;
    assert.deepEqual(await printedByBoth(entry, forbid, 'console.log("loaded");'), ["loaded", "loaded"]);
  });

  test(`${entry.name}: import and require both work`, () => assertWorks(entry));

  test(`${entry.name}: an unused import adds nothing to a bundle`, async () => {
    const options = { conditions: [entry.name], format: "esm" };
    const { outputFiles } = await bundle(`import { getUsage } from "${entry.import}";`, options);
    assert.equal(outputFiles[0].text.trim(), "");
  });
}

test("Node reads usage.wasm, and not its bytes in JavaScript", () => assertWorks(ENTRIES[0], "globalThis.atob = undefined;"));

test("init takes a module, bytes, a response or a URL, in Node also of a file", async () => {
  const printed = await module(`
    const file = import.meta.resolve("${NAME}/usage.wasm");
    const { buffer } = Uint8Array.from(bytes);
    const typed = new Response(bytes, { headers: { "content-type": "application/wasm" } });
    const url = new URL("data:application/wasm;base64," + bytes.toString("base64"));
    const values = [await WebAssembly.compile(bytes), bytes, buffer, typed, new Response(bytes), url, url.href, file];
    for (const [index, wasm] of values.entries()) {
      // With another query, the entry is another module, which loads its own WebAssembly.
      const other = await import(import.meta.resolve("${NAME}") + "?" + index);
      await other.init(wasm);
      console.log(await call(other));
    }
  `);
  assert.equal(printed, Array(8).fill("ok").join("\n"));
});

test("a value that init cannot load is a ConnectionError, and the next call loads the package's own", async () => {
  const printed = await module(`
    const missing = [new Response(bytes, { status: 404 }), new URL("none.wasm", import.meta.url)];
    for (const wasm of [new Uint8Array(8), ...missing, "usage.wasm", "http://127.0.0.1:1/usage.wasm"]) {
      const error = await te.init(wasm).catch((error) => error);
      console.log(error instanceof te.ConnectionError, error.cause instanceof Error, error.attempts, error.retryable);
    }
    console.log(await call(te));
  `);
  // A failed fetch may succeed later.
  assert.equal(printed, `${"true true 0 false\n".repeat(4)}true true 0 true\nok`);
});

test("if usage.wasm is missing, HTML or of another version, the bytes in JavaScript are used", async () => {
  const bytes = await readFile(wasm);
  const another = new binaryen.Module();
  another.addFunctionImport("f", "./another_bg.js", "f", binaryen.none, binaryen.none);
  another.addFunctionExport("f", "f");
  try {
    for (const content of [undefined, "<!doctype html>", another.emitBinary()]) {
      await rm(wasm, { force: true });
      if (content) await writeFile(wasm, content);
      await assertWorks();
    }
  } finally {
    await writeFile(wasm, bytes);
  }
});

test("while it loads, a call has the deadline of its client, or none", async () => {
  const printed = await module(`
    console.log(await call(new inline.UsageClient({ timeout: Infinity })));
    te.init(baseUrl + "/stalled");
    for (const timeout of [100, 2 ** 31]) console.log(await call(new te.UsageClient({ timeout })));
    process.exit();
  `);
  assert.equal(printed, "ok\ntimeout\nok");
});

test("the deadline counts from the start of the call, and not from the end of loading", async () => {
  const printed = await module(`
    const { fetch } = globalThis;
    // A slow usage.wasm.
    globalThis.fetch = (...request) => new Promise((resolve) => setTimeout(resolve, 600)).then(() => fetch(...request));
    const started = performance.now();
    let left;
    const options = { timeout: 1_000, fetch: () => (left = 1_000 - (performance.now() - started), new Promise(() => {})) };
    const { code, attempts } = await browser.getUsage(null, null, options).catch((error) => error);
    console.log(code, attempts, left < 500, performance.now() - started < 1_500);
  `);
  assert.equal(printed, "timeout 1 true true");
});

test("an aborted call leaves no listener and does not end the load, and a deadline ends a load that stalls", async () => {
  const printed = await module(`
    import { getEventListeners } from "node:events";
    const { fetch } = globalThis;
    const signals = [];
    // A usage.wasm that stalls.
    globalThis.fetch = (url, { signal }) => new Promise((_, reject) => {
      signals.push(signal);
      signal.addEventListener("abort", () => reject(signal.reason));
    });
    const controller = new AbortController();
    const calls = [call(browser, { fetch, signal: controller.signal }), call(browser, { fetch })];
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort();
    console.log(await calls[0], signals.length, signals[0].aborted, getEventListeners(controller.signal, "abort").length);
    console.log(await call(browser, { timeout: 50, fetch }), signals.length, signals[0].aborted);
    console.log(await calls[1], await call(browser, { fetch }));
  `);
  assert.equal(printed, "aborted 1 false 0\ntimeout 1 true\nok ok");
});

test("an error is an instance of its classes in both copies, the module and CommonJS, and of no other class", async () => {
  const printed = await module(`
    import { createRequire } from "node:module";
    const cjs = createRequire(import.meta.url)("${NAME}");
    for (const [thrower, other] of [[te, cjs], [cjs, te]]) {
      const error = await thrower.getUsage("").catch((error) => error);
      const { UsageError, ArgumentError, TokenError } = other;
      class Own extends ArgumentError {}
      console.log([UsageError, ArgumentError, TokenError, Own, Error].map((Class) => error instanceof Class).join());
      console.log([null, undefined, 7, "", {}, new Error(), UsageError].some((value) => value instanceof UsageError));
    }
  `);
  assert.equal(printed, Array(2).fill("true,true,false,false,true\nfalse").join("\n"));
});

/** usage.wasm, with a trap in place of its calls of this JavaScript. */
async function trapping(code) {
  const glue = await readFile(new URL("../../pkg/glue.js", import.meta.url), "utf8");
  const [before] = glue.split(code);
  const name = before.match(/^ +"?([\w$]+)"?: function/gm).at(-1).match(/[\w$]+/)[0];
  const module = binaryen.readBinary(await readFile(wasm));
  const text = module.emitText();
  const [, imported] = text.split("\n").find((line) => line.includes(`(import "a" "${name}" `)).match(/\(func (\S+)/);
  assert.ok(text.includes(`(call ${imported}`));
  const calls = new RegExp(`\\(call ${imported.replaceAll("$", "\\$&")}(?![\\w$])`, "g");
  const trapping = binaryen.parseText(text.replaceAll(calls, "(block (unreachable)"));
  trapping.setFeatures(module.getFeatures());
  return trapping.emitBinary();
}

test("once compiling is allowed again, the next call loads", async () => {
  // In CommonJS a module has no URL, so the first place of usage.wasm throws.
  const contents = `
    import { getUsage } from "${FOLDER}/browser.js";
    const { Module, compile } = WebAssembly;
    const call = () => getUsage(null, null, { baseUrl: process.env.API });
    // The first call of Node's own fetch compiles WebAssembly.
    fetch(process.env.API).then(() => {
      WebAssembly.Module = WebAssembly.compile = function () { throw new WebAssembly.CompileError("banned"); };
      return call();
    }).catch((error) => {
      console.log(error.code, error.retryable, error.message.includes("'wasm-unsafe-eval'"));
      Object.assign(WebAssembly, { Module, compile });
      return call();
    }).then(() => console.log("ok"));
  `;
  const { outputFiles } = await bundle(contents, { format: "cjs" });
  assert.equal(await script(outputFiles[0].text, "bundle.cjs"), "connection false true\nok");
});

test("a call that has begun uses the WebAssembly of init, or the package's own if init fails", async () => {
  const printed = await module(`
    const failing = te.init(new URL("none.wasm", import.meta.url)).catch(({ code }) => code);
    console.log(await call(te), await failing);

    const { Instance } = WebAssembly;
    const modules = [];
    WebAssembly.Instance = function (module, imports) { modules.push(module); return new Instance(module, imports); };
    const module = await WebAssembly.compile(bytes);
    const first = call(inline);
    await inline.init(module);
    console.log(await first, await call(inline), modules.includes(module));
  `);
  assert.equal(printed, "ok connection\nok ok true");
});

test("a trap rejects all calls that have begun, and the next call runs on a new instance", async () => {
  await writeFile(join(consumer.folder, "trapping.wasm"), await trapping("Math.random()"));
  api.requests.splice(0);
  const printed = await module(`
    import { instances } from "./instances.mjs";
    await te.init(await readFile("trapping.wasm"));
    let sendToken;
    const token = new Promise((resolve) => { sendToken = () => resolve("s3cret"); });
    const waiting = te.getUsage(null, null, { baseUrl, token: () => token, onAttempt: () => console.log("attempt") });
    const trapped = te.getUsage("500", null, { baseUrl });
    for (const { status, reason } of await Promise.allSettled([waiting, trapped])) {
      const isTrap = reason.cause instanceof WebAssembly.RuntimeError;
      console.log(status, reason instanceof te.UsageError, reason.code, reason.retryable, isTrap);
    }
    sendToken();
    for (const round of [1, 2]) console.log(await call(te), instances.length);
  `);
  assert.equal(printed, `${"rejected true connection false true\n".repeat(2)}ok 2\nok 2`);
  assert.deepEqual(api.requests.map(({ headers }) => headers.authorization), [undefined, undefined, undefined]);
});

test("a trap before the call has begun rejects it", async () => {
  await writeFile(join(consumer.folder, "trapping.wasm"), await trapping("new AbortController("));
  const printed = await module(`
    await te.init(await readFile("trapping.wasm"));
    for (const round of [1, 2]) {
      const { code, cause } = await te.getUsage(null, null, { baseUrl }).catch((error) => error);
      console.log(code, cause instanceof WebAssembly.RuntimeError);
    }
    console.log(await te.getUsage("").catch(({ code }) => code));
  `);
  assert.equal(printed, "connection true\nconnection true\nargument");
});
