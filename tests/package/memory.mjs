// A script that makes calls of every outcome, and prints what they leave behind. It has its own process, because node:test
// tracks each promise, which takes longer than the calls.
import assert from "node:assert/strict";
import { getEventListeners, setMaxListeners } from "node:events";
import { readFile } from "node:fs/promises";

import { instances, memories } from "./instances.mjs";

const { getUsage, init } = await import("thousandeyes-usage");

const fixture = (name) => readFile(new URL(name, process.env.FIXTURES), "utf8");
const [USAGE, GATEWAY] = await Promise.all(["usage.json", "gateway.html"].map(fixture));
const PROBLEM = '{"title":"Bad Request","detail":"no such aid","errors":[{"code":"INVALID_VALUE","field":"aid"}]}';
const TESTS = JSON.stringify({ usage: { tests: Array(300).fill({ testId: "1", cloudUnitsUsed: 7 }) } });

const reason = new Error("mine");
const throws = () => {
  throw reason;
};
const rejects = async () => throws();
const never = () => new Promise(() => {});

/** An object whose getters throw, except that of `then`. */
const sealed = (target = {}) => new Proxy(target, { get: (_, name) => (name === "then" ? undefined : throws()) });

const JSON_TYPE = { "content-type": "application/hal+json" };
const response = (body, status = 200) => async () => new Response(body, { status, headers: JSON_TYPE });
/** The least that counts as a Response: a real one takes Node longer than the call itself. */
function lookAlike(body, status = 200, extra) {
  const headers = { ...JSON_TYPE, ...extra };
  const bytes = new TextEncoder().encode(body);
  return async () => ({ status, headers: { get: (name) => headers[name] ?? null }, arrayBuffer: async () => bytes.buffer });
}
const inTurn = (...responses) => () => responses.shift()();
const busy = lookAlike(PROBLEM, 503, { "retry-after": "0" });
/** A response whose body begins, and continues by `pull`. */
const body = (pull) => () =>
  response(new ReadableStream({ start: (controller) => controller.enqueue(Uint8Array.of(0x7b)), pull }))();

/** Options with a signal, which aborts once the call awaits `wait`. */
function aborting(options) {
  const controller = new AbortController();
  const wait = () => {
    setTimeout(() => controller.abort("enough"));
    return never();
  };
  return { signal: controller.signal, ...options(wait) };
}

const aborted = AbortSignal.abort("before");

/** The outcomes of calls, and a function that makes the options of each. */
const OUTCOMES = [
  ["ok", () => ({ fetch: response("{}") })],
  ["ok", () => ({ fetch: response(USAGE), token: "abc", headers: { "x-own": "1" } })],
  ["ok", () => ({ fetch: lookAlike(TESTS), token: async () => "abc" })],
  ["ok", () => ({ fetch: lookAlike(USAGE), timeout: Infinity })],
  ["ok", () => ({ fetch: lookAlike(USAGE), onAttempt: throws })],
  ["ok", () => ({ fetch: inTurn(busy, lookAlike(USAGE)), onAttempt: rejects })],
  ["decode", () => ({ fetch: lookAlike(USAGE.replaceAll("[", "{")) })],
  ["decode", () => ({ fetch: lookAlike(USAGE.replace('"href"', '"HREF"')) })],
  ["decode", () => ({ fetch: lookAlike('{"usage":{"new":"\\ud800","tests":[{},{"aid":7}]}}') })],
  ["decode", () => ({ fetch: lookAlike("[".repeat(1_000)) })],
  ["decode", () => ({ fetch: lookAlike("") })],
  ["decode", () => ({ fetch: response(Uint8Array.of(0x22, 0xff, 0x22)) })],
  ["bad-request", () => ({ fetch: lookAlike(PROBLEM, 400, { "x-request-id": "r-1" }) })],
  ["unauthorized", () => ({ fetch: lookAlike('{"error":"invalid_token"}', 401), token: "abc" })],
  ["forbidden", () => ({ fetch: lookAlike(GATEWAY, 403) })],
  ["not-found", () => ({ fetch: lookAlike('{"errors":["Not found"]}', 404) })],
  ["rate-limit", () => ({ fetch: lookAlike(PROBLEM, 429, { "retry-after": "60" }) })],
  ["server", () => ({ fetch: lookAlike('{"errorMessage":"oh"}', 500), maxRetries: 0 })],
  ["server", () => ({ fetch: busy, maxRetries: 1 })],
  ["unexpected-response", () => ({ fetch: response(null, 304) })],
  ["unexpected-response", () => ({ fetch: lookAlike(GATEWAY, 200, { "content-type": "text/html" }) })],
  ["unexpected-response", () => ({ fetch: response(USAGE), maxBodyBytes: 100 })],
  ["connection", () => ({ fetch: throws, maxRetries: 0 })],
  ["connection", () => ({ fetch: rejects, maxRetries: 0 })],
  ["connection", () => ({ fetch: () => "junk" })],
  ["connection", () => ({ fetch: () => ({ get then() { return throws(); } }), maxRetries: 0 })],
  ["connection", () => ({ fetch: body((controller) => controller.error(reason)), maxRetries: 0 })],
  ["connection", () => ({ fetch: () => sealed() })],
  ["connection", () => ({ fetch: () => { throw sealed(new Error()); }, token: "abcdef", maxRetries: 0 })],
  ["timeout", () => ({ fetch: never, timeout: 1 })],
  ["timeout", () => ({ fetch: body(never), timeout: 1 })],
  ["timeout", () => ({ token: never, timeout: 1 })],
  ["aborted", () => ({ signal: aborted })],
  ["aborted", () => aborting((wait) => ({ fetch: wait }))],
  ["aborted", () => aborting((wait) => ({ fetch: body(wait) }))],
  ["aborted", () => aborting((wait) => ({ token: wait }))],
  ["token", () => ({ token: throws })],
  ["token", () => ({ token: rejects })],
  ["token", () => ({ token: () => 7 })],
  ["token", () => ({ token: "a b" })],
  ["argument", () => ({ timeout: 0 })],
  ["argument", () => ({ headers: { "x own": "1" } })],
  ["argument", () => ({ baseUrl: "no URL" })],
  ["argument", () => ({ get token() { return throws(); } })],
];

/** Makes calls of each outcome, five times all of them at once, so that timers run at the same time. */
async function run(calls) {
  for (let count = 0; count < calls; count += 5 * OUTCOMES.length) {
    await Promise.all(Array(5).fill(OUTCOMES).flat().map(async ([expected, make]) => {
      const options = make();
      options.signal ??= signal;
      const outcome = await getUsage("2067", ["test"], options).then(() => "ok", (error) => error.code);
      assert.equal(outcome, expected, String(make));
    }));
  }
}

const { signal } = new AbortController();
const listeners = { added: 0, removed: 0 };
for (const [name, count] of [["addEventListener", "added"], ["removeEventListener", "removed"]]) {
  signal[name] = (...args) => {
    listeners[count] += 1;
    return AbortSignal.prototype[name].apply(signal, args);
  };
}
// All calls of a round listen at the same time.
setMaxListeners(0, signal);

await init();
const [memory] = memories();
await run(1_000);
const first = memory.buffer.byteLength;
await run(99_000);
console.log(JSON.stringify({
  first,
  last: memory.buffer.byteLength,
  instances: instances.length,
  listeners: { ...listeners, left: getEventListeners(signal, "abort").length },
}));
