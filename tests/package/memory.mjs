// A script of the consumer's: makes calls of every outcome and prints what they leave behind. Not in the test's own
// process, since node:test follows each promise, which takes longer than the calls.
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

/** What throws at each touch, but is no promise. */
const sealed = (target = {}) => new Proxy(target, { get: (_, name) => (name === "then" ? undefined : throws()) });

const JSON_TYPE = { "content-type": "application/hal+json" };
const response = (body, status = 200) => async () => new Response(body, { status, headers: JSON_TYPE });
/** As little of a Response as will do: a real one takes Node longer than the call itself. */
function answer(body, status = 200, more) {
  const headers = { ...JSON_TYPE, ...more };
  const bytes = new TextEncoder().encode(body);
  return async () => ({ status, headers: { get: (name) => headers[name] ?? null }, arrayBuffer: async () => bytes.buffer });
}
const inTurn = (...answers) => () => answers.shift()();
const busy = answer(PROBLEM, 503, { "retry-after": "0" });
/** A response whose body begins, and goes on by `pull`. */
const body = (pull) => () =>
  response(new ReadableStream({ start: (controller) => controller.enqueue(Uint8Array.of(0x7b)), pull }))();

/** Options with a signal that aborts once the call waits for what they are made with. */
function aborting(options) {
  const controller = new AbortController();
  const wait = () => {
    setTimeout(() => controller.abort("enough"));
    return never();
  };
  return { signal: controller.signal, ...options(wait) };
}

const aborted = AbortSignal.abort("before");

/** How calls end, and their options, made anew for each. */
const OUTCOMES = [
  ["ok", () => ({ fetch: response("{}") })],
  ["ok", () => ({ fetch: response(USAGE), token: "abc", headers: { "x-own": "1" } })],
  ["ok", () => ({ fetch: answer(TESTS), token: async () => "abc" })],
  ["ok", () => ({ fetch: answer(USAGE), timeout: Infinity })],
  ["ok", () => ({ fetch: answer(USAGE), onAttempt: throws })],
  ["ok", () => ({ fetch: inTurn(busy, answer(USAGE)), onAttempt: rejects })],
  ["decode", () => ({ fetch: answer(USAGE.replaceAll("[", "{")) })],
  ["decode", () => ({ fetch: answer(USAGE.replace('"href"', '"HREF"')) })],
  ["decode", () => ({ fetch: answer('{"usage":{"new":"\\ud800","tests":[{},{"aid":7}]}}') })],
  ["decode", () => ({ fetch: answer("[".repeat(1_000)) })],
  ["decode", () => ({ fetch: answer("") })],
  ["decode", () => ({ fetch: response(Uint8Array.of(0x22, 0xff, 0x22)) })],
  ["bad-request", () => ({ fetch: answer(PROBLEM, 400, { "x-request-id": "r-1" }) })],
  ["unauthorized", () => ({ fetch: answer('{"error":"invalid_token"}', 401), token: "abc" })],
  ["forbidden", () => ({ fetch: answer(GATEWAY, 403) })],
  ["not-found", () => ({ fetch: answer('{"errors":["Not found"]}', 404) })],
  ["rate-limit", () => ({ fetch: answer(PROBLEM, 429, { "retry-after": "60" }) })],
  ["server", () => ({ fetch: answer('{"errorMessage":"oh"}', 500), maxRetries: 0 })],
  ["server", () => ({ fetch: busy, maxRetries: 1 })],
  ["unexpected-response", () => ({ fetch: response(null, 304) })],
  ["unexpected-response", () => ({ fetch: answer(GATEWAY, 200, { "content-type": "text/html" }) })],
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

/** Calls of each outcome in turn, so many at a time that no timer is waited for alone. */
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
// All the calls of a round listen at once.
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
