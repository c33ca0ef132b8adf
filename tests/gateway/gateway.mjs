// Starts the gateway in real workerd, with an API on a real socket of this machine.
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import * as http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after } from "node:test";
import { fileURLToPath } from "node:url";

import { buildWorker } from "../../www/build-worker.mjs";
import { serve } from "../../www/serve.mjs";
import { answerSample, listen } from "../package/api.mjs";

export const USAGE = "/api/v7/usage";
export const TESTS = "/api/v7/usage/units/tests";
export const AGENTS = "/api/v7/usage/units/enterprise-agents";
export const QUOTAS = "/api/v7/quotas";
export const TOKEN = "upstream-token-7f3a9c51d2";
export const KEY = "alice-0123456789abcdef0123456789abcdef";
export const OTHER_KEY = "grafana-fedcba9876543210fedcba9876543210";
export const KEYS = `alice:${KEY}\ngrafana:${OTHER_KEY}`;
export const ORIGIN = "https://reports.example.com";
export const PROBLEM = JSON.stringify({ type: "about:blank", title: "Sorry", status: 500, detail: "The database is asleep." });
/** The `Cache-Status` of a response that was requested anew because the stored one was no longer fresh. */
export const RENEWED = ["fwd=stale", "fwd-status=200", "stored"];
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** The headers of the API's rate limit. @param {number} reset in seconds */
export const rateLimit = (remaining, reset) => ({
  "x-organization-rate-limit-limit": "240",
  "x-organization-rate-limit-remaining": String(remaining),
  "x-organization-rate-limit-reset": String(Math.floor(reset)),
});

/** Creates a folder that exists until the end of the test. */
export async function createFolder(t) {
  const folder = await mkdtemp(join(tmpdir(), "gateway-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

const worker = await createFolder({ after });
await buildWorker({ out: worker, entry: fileURLToPath(new URL("entry.js", import.meta.url)) });

/** Starts a server, such as the API, that responds by `initial` until `play` changes it. `requests` are what it received. */
export async function startServer(t, initial = answerSample) {
  const requests = [];
  const arrivals = new EventEmitter();
  let handler = initial;
  const server = await listen(async (request, response) => {
    const { method, url, headers } = request;
    requests.push({ method, url, headers, body: await text(request) });
    arrivals.emit("request");
    return handler(request, response);
  });
  t.after(() => server.close());
  return {
    url: server.url,
    requests,
    close: server.close,
    play: (next = initial) => void (handler = next),
    /** From now on, each response is this one. */
    respond(status, body, headers = {}) {
      const type = status === 200 ? "application/hal+json" : "application/problem+json";
      handler = (_, response) => response.writeHead(status, { "content-type": type, ...headers }).end(body);
    },
    /** Delays each response until the returned function is called. */
    hold() {
      let release;
      const released = new Promise((resolve) => (release = resolve));
      handler = (request, response) => released.then(() => initial(request, response));
      return release;
    },
    /** Resolves after this many requests. */
    async received(count) {
      while (requests.length < count) await once(arrivals, "request");
    },
  };
}

/**
 * Starts the gateway. With an upstream, it has a token and viewer keys. `get` sends Alice's key by default.
 *
 * @param {{ upstream?: { url: string }, bindings?: object, runtime?: object }} [options]
 */
export async function startGateway(t, { upstream, bindings, runtime } = {}) {
  const live = upstream && { THOUSANDEYES_TOKEN: TOKEN, THOUSANDEYES_BASE_URL: upstream.url, VIEWER_KEYS: KEYS };
  const settings = Object.entries({ ...live, ...bindings }).filter(([, value]) => value !== undefined);
  let log = "";
  const handleRuntimeStdio = (...streams) => streams.forEach((stream) => stream.on("data", (data) => (log += data)));
  const server = await serve({ worker, bindings: Object.fromEntries(settings), runtime: { handleRuntimeStdio, ...runtime } });
  let closed;
  const close = () => (closed ??= server.close());
  t.after(close);
  const url = server.url.replace(/\/$/, "");
  const get = (path, { headers, ...init } = {}) =>
    fetch(url + path, { ...init, headers: { authorization: `Bearer ${KEY}`, ...headers } });
  const open = (path, { key = KEY, method, headers } = {}) =>
    http.request(url, { agent: false, path, method, headers: { ...(key && { authorization: `Bearer ${key}` }), ...headers } });
  const control = async (body) => (await fetch(`${url}/test`, { method: "POST", body: JSON.stringify(body) })).json();
  return {
    url,
    /** Stops the gateway, and returns its log. */
    async stop() {
      await close();
      return log;
    },
    get,
    getAll: (paths) => Promise.all(paths.map((path) => get(path))),
    getWithoutKey: (path, init) => fetch(url + path, init),
    /** Sends a request that `fetch` cannot send. */
    async raw(path, { body, ...init } = {}) {
      const [response] = await once(open(path, init).end(body), "response");
      return new Response(await text(response), { status: response.statusCode, headers: response.headers });
    },
    /** Sends a request, and returns a function that resets its connection: a client that only closes it might still read. */
    startClient() {
      const request = open(USAGE).on("error", () => {}).end();
      return () => request.socket.resetAndDestroy();
    },
    /** Starts a run as the Cron Trigger does, and asserts that it does not fail. */
    async runSchedule() {
      assert.equal(await server.runSchedule(), "ok");
    },
    advance: (ms) => control({ advance: ms }),
    setLimits: (limits) => control({ limits }),
    counts: () => control({}),
    /** Resolves once a counter has reached this value. */
    async counted(name, value) {
      while ((await control({}))[name] < value);
    },
    /** @param {"store fails" | "store is full" | "bug" | ""} failure from now on */
    fail: (failure) => control({ failure }),
    /** Ends the object that `readStore` reads, as Cloudflare does with an idle one. */
    evictStore: () => control({ evict: true }),
    /** Runs the alarm of the object that `readStore` reads, and returns the keys that are left in it. */
    runAlarm: async () => (await control({ alarm: true })).keys,
    readStore: async (...queries) => (await control({ queries })).outcomes,
  };
}

/** Starts the API and the gateway. */
export async function start(t, options) {
  const upstream = await startServer(t);
  return { upstream, gateway: await startGateway(t, { upstream, ...options }) };
}

export const parseLog = (log) => log.trim().split("\n").map((line) => JSON.parse(line));

/** The members of `Cache-Status` after the cache's name. */
export function cacheStatus(response) {
  const [name, ...members] = (response.headers.get("cache-status") ?? "").split("; ");
  return name === "thousandeyes-usage" ? members : [`of ${name}`];
}

/** Asserts the status and the values of these headers. A header that is null must be absent. An array is a range of numbers. */
export function assertResponse(response, status, headers = {}) {
  const actual = Object.entries(headers).map(([name, expected]) => {
    const value = response.headers.get(name);
    const isInRange = Array.isArray(expected) && value !== null && value >= expected[0] && value <= expected[1];
    return [name, isInRange ? expected : value];
  });
  assert.deepEqual([response.status, Object.fromEntries(actual)], [status, headers], response.url);
}

/** Asserts what all error responses have in common, and returns the body. */
export async function assertProblem(response, status, headers = {}) {
  assertResponse(response, status, { "content-type": "application/problem+json", ...headers });
  const body = await response.json();
  assert.equal(body.status, status);
  return body;
}

export function assertBetween(actual, least, most) {
  assert.ok(actual >= least && actual <= most, `${actual} is not between ${least} and ${most}`);
}

export function assertNoSecret(text) {
  const secrets = [TOKEN, KEY, OTHER_KEY, "0123456789abcdef", "hunter2", "alice", "bob"];
  assert.deepEqual(secrets.filter((secret) => text.includes(secret)), []);
}
