// What a caller may do to a call, in the runtime itself. Each makes the call, and settles as it does.

const usage = { usage: { cloudUnitsUsed: 7 } };
const json = (data, init) => new Response(JSON.stringify(data), { headers: { "content-type": "application/json" }, ...init });
const never = () => new Promise(() => {});
const throws = (value) => () => {
  throw value;
};

/** The values that the table cannot hand over as JSON. */
const VALUES = {
  "undefined": undefined,
  "null": null,
  "0": 0,
  "a string": "changed my mind",
  "an object": { why: "changed my mind" },
  "an Error": new Error("changed my mind"),
  "a function": () => {},
  "a symbol": Symbol("changed my mind"),
};

/** A body whose pieces are these; a function is called for the next. */
function body(...pieces) {
  return new ReadableStream({
    async pull(controller) {
      const piece = pieces.length > 1 ? pieces.shift() : pieces[0];
      await (typeof piece === "function" ? piece(controller) : controller.enqueue(piece));
    },
  });
}
const stream = (...pieces) => new Response(body(...pieces), { headers: { "content-type": "application/json" } });
const encode = (text) => new TextEncoder().encode(text);

/** A response of another library, without its body. */
const foreign = { status: 200, headers: new Headers({ "content-type": "application/json" }) };

function detached() {
  const { buffer } = new Uint8Array(8);
  structuredClone(buffer, { transfer: [buffer] });
  return buffer;
}

const FETCHES = {
  "throws an Error": throws(new Error("no network")),
  "throws a string": throws("no network"),
  "rejects with an Error": () => Promise.reject(new TypeError("no network")),
  "rejects with a string": () => Promise.reject("no network"),
  "rejects with undefined": () => Promise.reject(undefined),
  "rejects with an Error whose getters throw": () =>
    Promise.reject(new Proxy(new Error("no network"), { get: throws(new Error("sealed")) })),
  "returns nothing": () => undefined,
  "returns null": () => null,
  "returns a string": async () => "{}",
  "returns the data itself": async () => usage,
  "returns a Response without a body to read": async () => ({ status: 200, headers: new Headers() }),
  "returns an object whose getters throw": async () =>
    new Proxy(
      {},
      {
        get(_, name) {
          if (name !== "then") throw new Error("sealed");
        },
      },
    ),
  "returns a Response that was read": async () => {
    const response = json(usage);
    await response.text();
    return response;
  },
  "returns a thenable whose then throws": () => ({ then: throws(new Error("sealed")) }),
  "never settles": never,
  "ignores its signal and stalls": async () => stream(encode('{"usage":'), never),
  "breaks off in the body with a string": async () => stream(encode('{"usage":'), (controller) => controller.error("gone")),
  "returns pieces that are no bytes": async () => stream(encode('{"usage":'), (controller) => controller.enqueue("a string")),
  "always has one more byte": async () => stream(encode(" ")),
  "throws an Error with the request": (url, init) => {
    throw Object.assign(new Error("no network"), { request: new Request(url, init), init, headers: init.headers });
  },
  "throws an Error with the token in all places": (_, { headers }) => {
    const authorization = headers.get("authorization");
    const chain = Array.from({ length: 8 }).reduce((cause) => new Error("no network", { cause }), authorization);
    const holder = Object.assign(() => {}, { authorization });
    throw Object.assign(chain, { [authorization]: 1, map: new Map([[authorization, authorization]]), url: new URL(`https://x/?${authorization}`), holder });
  },
  "returns bytes that were taken away": async () => ({ ...foreign, arrayBuffer: async () => detached() }),
  "returns pieces that were taken away": async () => stream(encode('{"usage":'), (controller) => controller.enqueue(detached())),
  "returns pieces that lie about their length": async () => ({
    ...foreign,
    arrayBuffer: async () => ({ byteLength: 1, length: 2 ** 53 - 1 }),
  }),
  "returns one piece that is too long": async () => stream(new Uint8Array(2 ** 21), (controller) => controller.close()),
};

const PROVIDERS = {
  "hangs": never,
  "throws": throws(new Error("the vault is sealed")),
  "rejects": () => Promise.reject(new Error("the vault is sealed")),
  "rejects with undefined": () => Promise.reject(undefined),
  "returns a number": () => 7,
  "returns nothing": () => undefined,
  "returns null": async () => null,
  "returns a String object": () => Object("abcdefgh"),
  "returns an empty string": () => "",
  "returns a line break": async () => "abcdefgh\r\nx-evil: 1",
};

/** The options that make a signal abort at a stage of the call. */
const STAGES = {
  "before the call": (abort) => (abort(), {}),
  "in the provider": (abort) => ({ token: () => (abort(), never()) }),
  "in the headers": (abort, { arrived }) => (arrived().then(abort), {}),
  "in the body": (abort, { inBody }) => ({ fetch: inBody(abort) }),
  // Some time into it: a timer that cannot take so long a wait would have fired.
  "in the wait": (abort) => ({ onAttempt: ({ waitMs }) => waitMs !== undefined && setTimeout(abort, 50) }),
};

export const callers = {
  /** Calls either function. */
  call: (te, { aid, expand, options, withResponse }) =>
    withResponse ? te.getUsageWithResponse(aid, expand, options).then(({ data }) => data) : te.getUsage(aid, expand, options),

  /** Notifies the server when it has the headers. */
  seeing(te, { options, seen }) {
    const fetch = async (...request) => {
      const response = await globalThis.fetch(...request);
      await seen();
      return response;
    };
    return te.getUsage(null, null, { ...options, fetch });
  },

  /** Hands in a `fetch`. */
  fetch: (te, { aid, expand, options, param }) => te.getUsage(aid, expand, { ...options, fetch: FETCHES[param] }),

  /** Hands in the runtime's own `fetch`, which needs its `this` to be nothing or the global object. */
  ownFetch: (te, { options, ownFetch }) => te.getUsage(null, null, { ...options, fetch: ownFetch }),

  /** Hands in a method that was taken from its object. */
  unboundFetch(te, { options }) {
    const agent = {
      answer: json(usage),
      async fetch() {
        return this.answer;
      },
    };
    return te.getUsage(null, null, { ...options, fetch: agent.fetch });
  },

  /** Hands in a `fetch` that responds after the deadline; returns whether its body was cancelled. */
  async lateFetch(te, { options }) {
    let cancelled;
    const isCancelled = new Promise((resolve) => (cancelled = () => resolve(true)));
    let answer;
    const late = new Promise((resolve) => (answer = resolve));
    const { code } = await te.getUsage(null, null, { ...options, fetch: () => late }).catch((error) => error);
    answer(new Response(new ReadableStream({ cancel: cancelled }, { highWaterMark: 0 })));
    return { code, isCancelled: await isCancelled };
  },

  /** Hands in a token provider. */
  provider: (te, { options, param }) => te.getUsage(null, null, { ...options, token: PROVIDERS[param] }),

  /** Returns what was sent by providers that give a token late, or in a thenable. */
  async goodProviders(te, { options }) {
    const sent = [];
    const fetch = async (_, { headers }) => (sent.push(headers.get("authorization")), json(usage));
    for (const token of [() => "one", async () => "two", () => ({ then: (resolve) => resolve("three") })]) {
      await te.getUsage(null, null, { ...options, headers: undefined, fetch, token });
    }
    return sent;
  },

  /** Aborts at a stage, for a reason, which must be the very cause. */
  async abort(te, { options, param: { stage, reason = "an Error" }, arrived, inBody }) {
    const controller = new AbortController();
    const abort = () => controller.abort(VALUES[reason]);
    const more = STAGES[stage](abort, { arrived, inBody });
    const onAttempt = (attempt) => (options.onAttempt(attempt), more.onAttempt?.(attempt));
    try {
      return await te.getUsage(null, null, { ...options, ...more, onAttempt, signal: controller.signal });
    } catch (error) {
      if (!Object.is(error.cause, controller.signal.reason)) throw new Error("the cause is not the reason");
      throw error;
    }
  },

  /** Aborts once the call has succeeded. */
  async abortAfter(te, { options }) {
    const controller = new AbortController();
    const data = await te.getUsage(null, null, { ...options, signal: controller.signal });
    controller.abort();
    return data;
  },

  /** Hands in a signal that times out by itself. */
  signalTimeout: (te, { options }) => te.getUsage(null, null, { ...options, signal: AbortSignal.timeout(2_000) }),

  /** Counts the listeners of 1,000 calls with mixed outcomes on one signal, as they come and go. */
  async oneSignal(te, { options }) {
    const { signal } = new AbortController();
    const count = { added: 0, most: 0, left: 0 };
    for (const [name, step] of [
      ["addEventListener", 1],
      ["removeEventListener", -1],
    ]) {
      signal[name] = (...args) => {
        count.left += step;
        count.added += step === 1;
        count.most = Math.max(count.most, count.left);
        return AbortSignal.prototype[name].apply(signal, args);
      };
    }
    const fetches = [
      async () => json(usage),
      async () => json(7),
      throws(new Error("no network")),
      async () => json({}, { status: 404 }),
    ];
    for (let call = 0; call < 1_000; call += 1) {
      await te.getUsage(null, null, { ...options, maxRetries: 0, signal, fetch: fetches[call % 4] }).catch(() => {});
    }
    return count;
  },

  /** 50 calls at once, whose outcomes depend on their aids. */
  mixed(te, { options }) {
    const call = (_, index) =>
      te.getUsage(String(index), null, options).then(
        ({ usage }) => usage.cloudUnitsUsed,
        ({ code }) => code,
      );
    return Promise.all(Array.from({ length: 50 }, call));
  },

  /** Hooks of all kinds, none of which changes anything. */
  async hooks(te, { options }) {
    const hooks = [
      throws(new Error("hook")),
      () => Promise.reject(new Error("hook")),
      () => never(),
      () => 7,
      () => Object.assign(Promise.resolve(), { then: throws(new Error("hook")) }),
    ];
    const answers = hooks.map((onAttempt) => te.getUsage(null, null, { ...options, onAttempt }));
    return (await Promise.all(answers)).map(({ usage }) => usage.cloudUnitsUsed);
  },

  /** Passes an argument or option that JSON has no value for. */
  argument(te, { options, param: { aid, expand, ...names } }) {
    const values = Object.fromEntries(Object.entries(names).map(([name, value]) => [name, VALUES[value]]));
    return te.getUsage(aid && VALUES[aid], expand && VALUES[expand], { ...options, ...values });
  },
};
