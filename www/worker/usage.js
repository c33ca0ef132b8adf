/**
 * Responses in the Worker: how long they are fresh, the isolate's memory of them, and their headers.
 *
 * The memory of an isolate carries the load. The organisation's one store (store.js) limits the requests to the API. The Cache
 * API is not used: Cloudflare does not give it to Workers behind Access or on workers.dev, and each data centre has its own.
 */

// The API's numbers change hourly, and no longer once a period is over.
export const FRESH_MS = 5 * 60_000;
const FRESH_OVER_MS = 24 * 60 * 60_000;
// The last numbers of a period may come with the next hour.
const SETTLED_MS = 2 * 60 * 60_000;
/** How long a response that is not fresh may be served while the API fails. */
export const STALE_MS = 60 * 60_000;

const CACHE = "thousandeyes-usage";
/** The least time from a failure to the next request. */
export const HOLD_MS = 10_000;
// A quarter of an isolate's memory.
const MEMORY_BYTES = 32 * 2 ** 20;
// Longer than the store waits for the API.
const CALL_MS = 25_000;

/**
 * @typedef {object} StoredResponse
 * @property {Uint8Array} body JSON
 * @property {string} etag
 * @property {number} storedAt
 * @property {number} freshUntil
 * @property {string} [requestId]
 *
 * @typedef {object} Outcome either `stored` or `failure`, and how it came about, in the terms of RFC 9211
 * @property {StoredResponse} [stored]
 * @property {ReturnType<typeof import("./problem.js").failureOf>} [failure]
 * @property {boolean} [hit]
 * @property {"miss" | "stale"} [fwd] why the API was called
 * @property {number} [fwdStatus] the status of the API's response
 * @property {boolean} [collapsed] whether several requests shared the call
 * @property {string} [detail] the code of the error, if older data is served in its place
 * @property {number} [retryAt] when the API may be called again
 * @property {Record<string, string>} [rateLimit] the current rate-limit headers of the organisation
 */

/** @param {import("./query.js").Query} query @returns {string} everything that a response depends on */
export const keyOf = ({ resource, aid, expand, startDate, endDate, cursor }) =>
  JSON.stringify(resource ? { resource, aid, startDate, endDate, cursor } : [aid ?? null, ...expand]);

/** @param {import("./query.js").Query} query @param {number} storedAt */
export const freshUntil = ({ startDate, endDate }, storedAt) =>
  // The API chooses a start that is absent.
  storedAt + (startDate && endDate && Date.parse(endDate) + SETTLED_MS <= storedAt ? FRESH_OVER_MS : FRESH_MS);

/**
 * The name of the store. It depends on the token: another token may belong to another organisation.
 *
 * @param {import("./config.js").Config} config
 */
export const storeName = ({ baseUrl = "", token }) => digest(new TextEncoder().encode(`${baseUrl}\n${token}`));

/** @param {Uint8Array} bytes @returns {Promise<string>} SHA-256, in hex */
export async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The failure if the Worker cannot reach its store. */
const STORE_FAILED = {
  code: "store", retryable: true, status: 503, members: {}, staleMayServe: true,
  detail: "The gateway's store could not be read.",
};

/** The outcome without a call to the API. @param {StoredResponse | undefined} stored @returns {Outcome} */
export function storedOrFailure(stored, { failure, until }) {
  const reason = { detail: failure.code, retryAt: until };
  return stored && failure.staleMayServe ? { stored, hit: true, ...reason } : { failure, ...reason };
}

/**
 * The isolate's memory: the latest responses, in bytes that all their readers share.
 *
 * @param {() => number} now
 * @param {(level: "log" | "error", fields: object) => void} log
 */
export function createMemory(now, log) {
  /** @type {Map<string, { stored: StoredResponse, detail?: string, until: number }>} */
  const entries = new Map();
  /** @type {Map<string, Promise<Outcome>>} */
  const calls = new Map();
  let bytes = 0;

  function remove(key) {
    bytes -= entries.get(key)?.stored.body.byteLength ?? 0;
    entries.delete(key);
  }

  function add(key, { stored, detail, retryAt }) {
    const { body, freshUntil } = stored;
    // What is fresh for a day is looked up again, because the API may have rejected the token since then.
    // Older data is kept too, until the store may have newer data. This avoids copying it from the store for each request.
    const until = detail ? Math.min(retryAt, now() + HOLD_MS, freshUntil + STALE_MS) : Math.min(freshUntil, now() + FRESH_MS);
    entries.set(key, { stored, detail, until });
    bytes += body.byteLength;
    // A Map keeps its insertion order: the first is the oldest.
    for (const oldest of entries.keys()) if (bytes > MEMORY_BYTES) remove(oldest);
  }

  async function callStore(key, readStore) {
    try {
      const outcome = await readStore();
      remove(key);
      if (outcome.stored) add(key, outcome);
      return outcome;
    } catch (error) {
      log("error", { event: "store", stack: error.stack });
      const stored = entries.get(key)?.stored;
      const usable = stored && now() < stored.freshUntil + STALE_MS ? stored : undefined;
      return storedOrFailure(usable, { failure: STORE_FAILED, until: now() + 1000 });
    }
  }

  return {
    /**
     * @param {import("./query.js").Query} query
     * @param {ExecutionContext} ctx
     * @param {() => Promise<Outcome>} readStore
     * @returns {Promise<Outcome>}
     */
    async read(query, ctx, readStore) {
      const key = keyOf(query);
      const entry = entries.get(key);
      if (entry && now() < entry.until) return { stored: entry.stored, hit: true, detail: entry.detail };

      const running = calls.get(key);
      if (running) {
        // The call belongs to another request. If the runtime has ended that request, the promise never settles.
        const outcome = await within(CALL_MS, running);
        if (outcome) return outcome.hit ? outcome : { ...outcome, collapsed: true };
      }
      const call = callStore(key, readStore).finally(() => calls.get(key) === call && calls.delete(key));
      calls.set(key, call);
      // The client may disconnect while others wait for the same call.
      ctx.waitUntil(call);
      return call;
    },
  };
}

/** The value of a promise, or undefined after this time. */
export async function within(ms, promise) {
  let timer;
  const timeout = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  return Promise.race([promise, timeout]).finally(() => clearTimeout(timer));
}

/** @param {Outcome} outcome @param {number} now @returns {Record<string, string>} */
export function headersOf({ stored, failure, hit, fwd, fwdStatus, collapsed, detail, retryAt, rateLimit }, now) {
  const headers = { ...rateLimit };
  const status = [CACHE];
  const age = Math.max(0, now - stored?.storedAt);
  // A new response has it too: after a 304, a browser would otherwise show the age of its cached response.
  if (stored) headers.age = String(Math.floor(age / 1000));
  if (hit) {
    status.push("hit", `ttl=${Math.round((stored.freshUntil - now) / 1000)}`);
  } else if (fwd) {
    status.push(`fwd=${fwd}`);
    if (fwdStatus) status.push(`fwd-status=${fwdStatus}`);
    if (stored) status.push("stored");
    if (collapsed) status.push("collapsed");
  }
  if (detail) status.push(`detail=${detail}`);
  headers["cache-status"] = status.join("; ");
  const requestId = (failure ?? stored)?.requestId;
  // A client rejects a header with a control character.
  if (/^[\x21-\x7e]+$/.test(requestId ?? "")) headers["x-request-id"] = requestId;
  if (failure?.retryable) headers["retry-after"] = String(Math.max(1, Math.ceil((retryAt - now) / 1000)));
  return headers;
}
