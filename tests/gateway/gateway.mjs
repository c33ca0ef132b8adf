// The gateway in real workerd, before an API on a real socket of this machine.
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { buildWorker } from "../../www/build-worker.mjs";
import { serve } from "../../www/serve.mjs";
import { answerSample, listen } from "../package/api.mjs";

export const USAGE = "/api/v7/usage";
export const TOKEN = "upstream-token-7f3a9c51d2";
export const KEY = "alice-0123456789abcdef0123456789abcdef";
export const OTHER_KEY = "grafana-fedcba9876543210fedcba9876543210";
export const KEYS = `alice:${KEY}\ngrafana:${OTHER_KEY}`;

const folder = await mkdtemp(join(tmpdir(), "gateway-"));
process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
const entry = fileURLToPath(new URL("entry.js", import.meta.url));
await buildWorker({ out: folder, entry });

/** Starts the API, which responds with the sample until `play` changes it. `requests` are those that it got. */
export async function startUpstream(t) {
  const requests = [];
  const arrivals = new EventEmitter();
  let handler = answerSample;
  const server = await listen((request, response) => {
    requests.push({ method: request.method, url: request.url, headers: request.headers });
    arrivals.emit("request");
    return handler(request, response);
  });
  t.after(() => server.close());
  return {
    url: server.url,
    requests,
    play: (next = answerSample) => void (handler = next),
    /** Responds so from now on. */
    respond(status, body, headers = {}) {
      const type = status === 200 ? "application/hal+json" : "application/problem+json";
      handler = (_, response) => response.writeHead(status, { "content-type": type, ...headers }).end(body);
    },
    /** Holds each request back until the returned function is called. */
    hold() {
      let release;
      const released = new Promise((resolve) => (release = resolve));
      handler = (request, response) => released.then(() => answerSample(request, response));
      return release;
    },
    /** Resolves after so many requests. */
    async received(count) {
      while (requests.length < count) await once(arrivals, "request");
    },
    close: server.close,
  };
}

/**
 * Starts the gateway; with an upstream, it has a token and the viewers' keys. `get` has Alice's key by default.
 *
 * @param {{ upstream?: { url: string }, bindings?: object, more?: object }} [options]
 */
export async function startGateway(t, { upstream, bindings, more } = {}) {
  const live = upstream && { THOUSANDEYES_TOKEN: TOKEN, THOUSANDEYES_BASE_URL: upstream.url, VIEWER_KEYS: KEYS };
  // An undefined setting is none.
  const settings = Object.fromEntries(Object.entries({ ...live, ...bindings }).filter(([, value]) => value !== undefined));
  const printed = [];
  const handleRuntimeStdio = (...streams) => streams.forEach((stream) => stream.on("data", (data) => printed.push(String(data))));
  const server = await serve({ worker: folder, bindings: settings, more: { handleRuntimeStdio, ...more } });
  let closed;
  const close = () => (closed ??= server.close());
  t.after(close);
  const url = server.url.replace(/\/$/, "");
  const control = async (body) => (await fetch(`${url}/test`, { method: "POST", body: JSON.stringify(body) })).json();
  return {
    url,
    printed: () => printed.join(""),
    close,
    get: (path, { headers, ...init } = {}) =>
      fetch(url + path, { ...init, headers: { authorization: `Bearer ${KEY}`, ...headers } }),
    /** Without any key. */
    getBare: (path, init) => fetch(url + path, init),
    /** Sends these characters, which no client would, and returns the whole response. */
    async raw(characters) {
      const { hostname, port } = new URL(url);
      const socket = connect(port, hostname);
      socket.write(characters);
      let answer = "";
      // The runtime would keep the connection open.
      for await (const bytes of socket) if (isComplete((answer += bytes), characters.startsWith("HEAD"))) break;
      return { status: Number(answer.slice(9, 12)), text: answer };
    },
    advance: (ms) => control({ move: ms }),
    setPatience: (patience) => control({ patience }),
    seen: () => control({}),
    /** Breaks the store from now on: it "fails", or "is full", so that it keeps nothing of a second part. */
    breakStore: (fault) => control({ fault }),
    /** Calls the handler as no runtime does. */
    breakHandler: () => control({ fault: "bug" }),
    /** Ends the object that `askStore` asks, as Cloudflare does with an idle one. */
    evictStore: () => control({ evict: true }),
    askStore: async (queries) => (await control({ queries })).outcomes,
  };
}

/** Starts the API, and the gateway in front of it. */
export async function start(t, options) {
  const upstream = await startUpstream(t);
  return { upstream, gateway: await startGateway(t, { upstream, ...options }) };
}

/** Whether these are all the characters of an answer. */
function isComplete(answer, isHead) {
  const [head, ...rest] = answer.split("\r\n\r\n");
  if (rest.length === 0) return false;
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (isHead || length === undefined) return isHead || answer.endsWith("0\r\n\r\n");
  return Buffer.byteLength(rest.join("\r\n\r\n")) >= length;
}

/** The characters of a request. */
export const requestText = (target, { method = "GET", key = KEY, headers = [] } = {}) => [
  `${method} ${target} HTTP/1.1`, "Host: localhost", "Connection: close", ...(key ? [`Authorization: Bearer ${key}`] : []), ...headers, "", "",
].join("\r\n");

/** The members of `Cache-Status` after the cache's name. */
export function cacheStatus(response) {
  const [name, ...members] = (response.headers.get("cache-status") ?? "").split("; ");
  return name === "thousandeyes-usage" ? members : [`of ${name}`];
}

/** Asserts what every failed response has in common, and returns its body. */
export async function assertProblem(response, status) {
  const body = await response.json();
  assert.deepEqual([response.status, response.headers.get("content-type"), body.status], [status, "application/problem+json", status]);
  return body;
}

export const MINUTE = 60_000;
