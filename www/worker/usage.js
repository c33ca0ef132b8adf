/**
 * Answers in the Worker: how long they last, the ones that this isolate remembers, and what their headers tell.
 *
 * What is where: an isolate remembers what it has served, and so carries the load; the organisation's one store (store.js)
 * knows what all of them have asked, and so keeps to the rate limit. The Cache API is not used: Cloudflare gives it to no
 * Worker behind Access nor on workers.dev, and each data centre has its own, so that each would ask.
 */

// The API's numbers move hourly.
export const FRESH_MS = 5 * 60_000;
/** How old an answer may get that is served while the API fails. */
export const STALE_MS = FRESH_MS + 60 * 60_000;

const CACHE = "thousandeyes-usage";
/** The least time from a failure to the next question. */
export const HOLD_MS = 10_000;
// A quarter of what an isolate has.
const MEMORY_BYTES = 32 * 2 ** 20;
// Longer than the store waits for the API.
const FLIGHT_MS = 25_000;

/**
 * @typedef {object} Answer
 * @property {Uint8Array} body JSON
 * @property {string} etag
 * @property {number} storedAt
 * @property {string} [requestId]
 *
 * @typedef {object} Outcome either of `answer` and `failure`, and how it came about, in the terms of RFC 9211
 * @property {Answer} [answer]
 * @property {ReturnType<typeof import("./problem.js").failureOf>} [failure]
 * @property {boolean} [hit]
 * @property {"miss" | "stale"} [fwd] why the API was asked
 * @property {number} [fwdStatus] what it said
 * @property {boolean} [collapsed] whether it was asked on behalf of several
 * @property {string} [detail] the code of the error that older data stands in for
 * @property {number} [retryAt] until when nothing else will be said
 * @property {Record<string, string>} [rateLimit] the organisation's, at this moment
 */

/** @param {import("./query.js").Query} query @returns {string} all that an answer depends on, and nothing else */
export const keyOf = ({ aid, expand }) => JSON.stringify([aid ?? null, ...expand]);

/**
 * The name of the store: another token is perhaps another organisation's, and must not find this one's answers.
 *
 * @param {import("./config.js").Config} config
 */
export const storeName = ({ baseUrl = "", token }) => digest(new TextEncoder().encode(`${baseUrl}\n${token}`));

/** @param {Uint8Array} bytes @returns {Promise<string>} SHA-256, in hex */
export async function digest(bytes) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The code of the Worker's failure to reach its store. */
const STORE = {
  code: "store", retryable: true, status: 503, members: {}, staleMayServe: true,
  detail: "The gateway's store could not be asked.",
};

/** What is served while the API is not asked. @param {Answer | undefined} answer @returns {Outcome} */
export function instead(answer, { failure, until }) {
  const outcome = { detail: failure.code, retryAt: until };
  return answer && failure.staleMayServe ? { answer, hit: true, ...outcome } : { failure, ...outcome };
}

/**
 * What this isolate remembers: the last answers, in bytes that all of their readers share.
 *
 * @param {() => number} now
 * @param {(level: "log" | "error", fields: object) => void} log
 */
export function createMemory(now, log) {
  /** @type {Map<string, { answer: Answer, detail?: string, until: number }>} */
  const kept = new Map();
  /** @type {Map<string, Promise<Outcome>>} */
  const flights = new Map();
  let bytes = 0;

  function forget(key) {
    bytes -= kept.get(key)?.answer.body.byteLength ?? 0;
    kept.delete(key);
  }

  function remember(key, { answer, detail, retryAt }) {
    const { body, storedAt } = answer;
    // What stands in for a failed answer spares its way from the store as well, until that may have a better one.
    const until = detail ? Math.min(retryAt, now() + HOLD_MS, storedAt + STALE_MS) : storedAt + FRESH_MS;
    kept.set(key, { answer, detail, until });
    bytes += body.byteLength;
    // A map keeps its order: the first is the oldest.
    for (const oldest of kept.keys()) if (bytes > MEMORY_BYTES) forget(oldest);
  }

  async function fly(key, ask) {
    try {
      const outcome = await ask();
      forget(key);
      if (outcome.answer) remember(key, outcome);
      return outcome;
    } catch (error) {
      log("error", { event: "store", stack: error.stack });
      const answer = kept.get(key)?.answer;
      return instead(answer && now() - answer.storedAt < STALE_MS ? answer : undefined, { failure: STORE, until: now() + 1000 });
    }
  }

  return {
    /**
     * @param {import("./query.js").Query} query
     * @param {ExecutionContext} ctx
     * @param {() => Promise<Outcome>} ask asks the store
     * @returns {Promise<Outcome>}
     */
    async read(query, ctx, ask) {
      const key = keyOf(query);
      const known = kept.get(key);
      if (known && now() < known.until) return { answer: known.answer, hit: true, detail: known.detail };

      const running = flights.get(key);
      if (running) {
        // It is another request's: if the runtime has ended that one, this promise would never settle.
        const outcome = await within(FLIGHT_MS, running);
        if (outcome) return outcome.hit ? outcome : { ...outcome, collapsed: true };
      }
      const flight = fly(key, ask).finally(() => flights.get(key) === flight && flights.delete(key));
      flights.set(key, flight);
      // Its own client may go away, while others wait for it.
      ctx.waitUntil(flight);
      return flight;
    },
  };
}

/** What a promise gives, or undefined once it has taken too long. */
export async function within(ms, promise) {
  let timer;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, ms)));
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** @param {Outcome} outcome @param {number} now @returns {Record<string, string>} */
export function headersOf({ answer, failure, hit, fwd, fwdStatus, collapsed, detail, retryAt, rateLimit }, now) {
  const headers = { ...rateLimit };
  const status = [CACHE];
  const age = Math.max(0, now - answer?.storedAt);
  // Of a new answer too: a browser that gets a 304 would show the older one's.
  if (answer) headers.age = String(Math.floor(age / 1000));
  if (hit) {
    status.push("hit", `ttl=${Math.round((FRESH_MS - age) / 1000)}`);
  } else if (fwd) {
    status.push(`fwd=${fwd}`);
    if (fwdStatus) status.push(`fwd-status=${fwdStatus}`);
    if (answer) status.push("stored");
    if (collapsed) status.push("collapsed");
  }
  if (detail) status.push(`detail=${detail}`);
  headers["cache-status"] = status.join("; ");
  if (answer?.requestId) headers["x-request-id"] = answer.requestId;
  if (failure?.requestId) headers["x-request-id"] = failure.requestId;
  if (failure?.retryable) headers["retry-after"] = String(Math.max(1, Math.ceil((retryAt - now) / 1000)));
  return headers;
}
