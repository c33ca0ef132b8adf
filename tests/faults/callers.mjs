// The callers of the table, which run in the runtime itself. Each one makes a call, and settles as the call does.

const USAGE = { usage: { cloudUnitsUsed: 7 } };
const json = (data, init) => new Response(JSON.stringify(data), { headers: { "content-type": "application/json" }, ...init });
const never = () => new Promise(() => {});
const throws = (value) => () => {
  throw value;
};

/** A body with these chunks. A function is called in place of a chunk. */
function body(...chunks) {
  return new ReadableStream({
    async pull(controller) {
      const chunk = chunks.length > 1 ? chunks.shift() : chunks[0];
      await (typeof chunk === "function" ? chunk(controller) : controller.enqueue(chunk));
    },
  });
}
const stream = (...chunks) => new Response(body(...chunks), { headers: { "content-type": "application/json" } });
const encode = (text) => new TextEncoder().encode(text);

function detached() {
  const { buffer } = new Uint8Array(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

const FETCHES = {
  "throws an Error": throws(new Error("no network")),
  "rejects with undefined": () => Promise.reject(undefined),
  "rejects with an Error whose getters throw": () =>
    Promise.reject(new Proxy(new Error("no network"), { get: throws(new Error("sealed")) })),
  // As a method without its object.
  "needs its own this": async function () {
    return this.response;
  },
  "returns the data itself": async () => USAGE,
  "returns a Response that was read": async () => {
    const response = json(USAGE);
    await response.text();
    return response;
  },
  "never settles": never,
  "ignores its signal and stalls": async () => stream(encode('{"usage":'), never),
  "breaks off in the body with a string": async () => stream(encode('{"usage":'), (controller) => controller.error("gone")),
  "returns chunks that are not bytes": async () => stream(encode('{"usage":'), (controller) => controller.enqueue("a string")),
  "always has one more byte": async () => stream(encode(" ")),
  "throws an Error with the request": (url, init) => {
    throw Object.assign(new Error("no network"), { request: new Request(url, init), init, headers: init.headers });
  },
  "throws an Error with the token in all places": (_, { headers }) => {
    const authorization = headers.get("authorization");
    const chain = Array.from({ length: 8 }).reduce((cause) => new Error("no network", { cause }), authorization);
    const holder = Object.assign(() => {}, { authorization });
    const map = new Map([[authorization, authorization]]);
    throw Object.assign(chain, { [authorization]: 1, map, url: new URL(`https://x/?${authorization}`), holder });
  },
  "returns detached bytes": async () => stream(encode('{"usage":'), (controller) => controller.enqueue(detached())),
  "returns one chunk that is too long": async () => stream(new Uint8Array(2 ** 21), (controller) => controller.close()),
};

const PROVIDERS = {
  "hangs": never,
  "throws": throws(new Error("the vault is sealed")),
  "rejects with undefined": () => Promise.reject(undefined),
  "returns nothing": () => undefined,
};

/** The options that make a signal abort at a stage of the call. */
const STAGES = {
  "before the call": (abort) => (abort(), {}),
  "in the token provider": (abort) => ({ token: () => (abort(), never()) }),
  "in the headers": (abort, { arrived }) => (arrived().then(abort), {}),
  "in the body": (abort, { inBody }) => ({ fetch: inBody(abort) }),
  "after the call": () => ({}),
  // After some time, when a timer with too long a delay would have fired.
  "in a wait": (abort) => ({ onAttempt: ({ waitMs }) => waitMs !== undefined && setTimeout(abort, 50) }),
};

export const callers = {
  /** Calls either function. */
  call: (te, { aid, expand, options, withResponse }) =>
    withResponse ? te.getUsageWithResponse(aid, expand, options).then(({ data }) => data) : te.getUsage(aid, expand, options),

  /** Reads a list, by its rows or by its pages. An error gets the IDs of the rows before it. */
  async list(te, { options, withResponse, param: { list = "getTestUnits", query, next } = {}, arrived, closed }) {
    const controller = new AbortController();
    const rows = [];
    try {
      const units = te[list](query, { ...options, signal: controller.signal });
      for await (const item of withResponse ? units.pages() : units) {
        rows.push(...(withResponse ? item.data : [item]).map(({ testId, agentId }) => testId ?? agentId));
        if (next === undefined) continue;
        // By then the last page is under way.
        await arrived();
        if (next === "leave") break;
        controller.abort();
      }
    } catch (error) {
      throw Object.assign(error, { rows });
    } finally {
      if (next !== undefined) await closed();
    }
    return rows;
  },

  quotas: (te, { options }) => te.getQuotas(options),

  /** Notifies the server when the headers have arrived. */
  seeing(te, { options, seen }) {
    const fetch = async (...request) => {
      const response = await globalThis.fetch(...request);
      await seen();
      return response;
    };
    return te.getUsage(null, null, { ...options, fetch });
  },

  /** Passes a `fetch`. */
  fetch: (te, { aid, expand, options, param }) => te.getUsage(aid, expand, { ...options, fetch: FETCHES[param] }),

  /** Passes the runtime's own `fetch`, whose `this` must be undefined or the global object. */
  ownFetch: (te, { options, ownFetch }) => te.getUsage(null, null, { ...options, fetch: ownFetch }),

  /** Passes a `fetch` that responds after the deadline, and returns whether the body was cancelled. */
  async lateFetch(te, { options }) {
    let cancelled;
    const isCancelled = new Promise((resolve) => (cancelled = () => resolve(true)));
    let respond;
    const late = new Promise((resolve) => (respond = resolve));
    const { code } = await te.getUsage(null, null, { ...options, fetch: () => late }).catch((error) => error);
    respond(new Response(new ReadableStream({ cancel: cancelled }, { highWaterMark: 0 })));
    return { code, isCancelled: await isCancelled };
  },

  /** Passes a token provider. */
  provider: (te, { options, param }) => te.getUsage(null, null, { ...options, token: PROVIDERS[param] }),

  /** Aborts at a stage, at the latest after the call. Checks that the cause is the very reason. */
  async abort(te, { options, param: { stage, reason = new Error("changed my mind") }, arrived, inBody }) {
    const controller = new AbortController();
    const abort = () => controller.abort(reason);
    const stageOptions = STAGES[stage](abort, { arrived, inBody });
    const onAttempt = (attempt) => (options.onAttempt(attempt), stageOptions.onAttempt?.(attempt));
    try {
      return await te.getUsage(null, null, { ...options, ...stageOptions, onAttempt, signal: controller.signal });
    } catch (error) {
      if (!Object.is(error.cause, controller.signal.reason)) throw new Error("the cause is not the reason");
      throw error;
    } finally {
      abort();
    }
  },

  /** Passes a signal with a timeout. */
  signalTimeout: (te, { options }) => te.getUsage(null, null, { ...options, signal: AbortSignal.timeout(2_000) }),

  /** Makes 50 calls at once, whose outcomes depend on their aids. */
  mixed(te, { options }) {
    const call = (aid) => te.getUsage(aid, null, options).then(({ usage }) => usage.cloudUnitsUsed, ({ code }) => code);
    return Promise.all(Array.from({ length: 50 }, (_, index) => call(String(index))));
  },

  /** Makes calls with hooks that fail in different ways. */
  async hooks(te, { options }) {
    const hooks = [throws(new Error("hook")), () => Promise.reject(new Error("hook")), never];
    const calls = hooks.map((onAttempt) => te.getUsage(null, null, { ...options, onAttempt }));
    return (await Promise.all(calls)).map(({ usage }) => usage.cloudUnitsUsed);
  },
};
