// A `fetch` with responses from memory, and assertions.

export const JSON_TYPE = { "content-type": "application/hal+json" };
export const response = (body, { status = 200, headers } = {}) =>
  new Response(body, { status, headers: { ...JSON_TYPE, ...headers } });
export const busy = (retryAfter) => response("", { status: 503, headers: { "retry-after": retryAfter } });
export const never = () => new Promise(() => {});

/** A `fetch` that resolves to each response in turn, and to the last one from then on. `requests` has its requests. */
export function fakeFetch(...responses) {
  const requests = [];
  async function fetch(url, init) {
    requests.push({ url, init, headers: Object.fromEntries(init.headers) });
    const next = responses.length > 1 ? responses.shift() : responses[0];
    return typeof next === "function" ? next(url, init) : next.clone();
  }
  return Object.assign(fetch, { requests });
}

/** A response whose body has these chunks. An error ends it, and "stall" never resolves. */
export function streamed(...chunks) {
  const encoder = new TextEncoder();
  const stream = new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === "stall") return never();
      if (chunk instanceof Error) return controller.error(chunk);
      return chunk === undefined ? controller.close() : controller.enqueue(encoder.encode(chunk));
    },
    cancel() {
      result.isCancelled = true;
    },
  }, { highWaterMark: 0 });
  const result = Object.assign(response(stream), { isCancelled: false });
  return result;
}

// Like the package's client.js, it removes null options and makes `headers` a Headers.
function prepare(options = {}) {
  if (Object(options) !== options) return options;
  const copy = { ...options };
  for (const name of Object.keys(copy)) if (copy[name] == null) delete copy[name];
  try {
    copy.headers = new Headers(copy.headers);
  } catch {}
  return copy;
}

/** The exports. The lists return a page: that of the last of the cursors. */
export function createApi([usage, withResponse, testUnits, enterpriseAgentUnits, quotas]) {
  return {
    getUsage: (aid, expand, options) => usage(aid, expand, prepare(options)),
    getUsageWithResponse: (aid, expand, options) => withResponse(aid, expand, prepare(options)),
    getTestUnits: ({ aid, startDate, endDate }, cursors, options) =>
      testUnits(aid, startDate, endDate, cursors, prepare(options)),
    getEnterpriseAgentUnits: ({ startDate, endDate }, cursors, options) =>
      enterpriseAgentUnits(startDate, endDate, cursors, prepare(options)),
    getQuotas: (options) => quotas(prepare(options)),
  };
}

export function deepEqual(a, b) {
  if (typeof a !== "object" || a === null || b === null) return Object.is(a, b);
  const keys = Object.keys(a);
  return Array.isArray(a) === Array.isArray(b) && Object.getPrototypeOf(a) === Object.getPrototypeOf(b)
    && keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && deepEqual(a[key], b[key]));
}

export function assert(isTrue, what) {
  if (!isTrue) throw new Error(what);
}

const show = (value) => JSON.stringify(value) ?? String(value);

export function assertEqual(actual, expected, what = "value") {
  assert(deepEqual(actual, expected), `${what}: ${show(actual)} instead of ${show(expected)}`);
}

/** Asserts that a call rejects with these fields, and returns the error. */
export async function assertRejects(call, expected, what) {
  const error = await call.then(() => assert(false, `${what}: it succeeded`), (error) => error);
  for (const [name, value] of Object.entries(expected)) assertEqual(error[name], value, `${what ?? error.message}: ${name}`);
  return error;
}

const { fetch } = globalThis;
let last;

/** Replaces it. An empty body never comes. The promise that it returns resolves when such a body is requested. */
export function useGlobalFetch(bodies) {
  return new Promise((resolve) => {
    const responses = bodies.map((body) => (body ? response(body) : () => (resolve(), never())));
    globalThis.fetch = last = fakeFetch(...responses);
  });
}

/** Restores it, and returns the URL and the headers of each request. */
export function restoreGlobalFetch() {
  globalThis.fetch = fetch;
  return last.requests.map(({ url, headers, init }) =>
    [url, headers.authorization, headers["x-own"], ...(init.signal.aborted ? ["aborted"] : [])].join(" "));
}
