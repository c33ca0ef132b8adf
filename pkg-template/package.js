import * as errors from "./errors.js";
import { createInstance } from "./instance.js";

const CLASS_OF_CODE = {
  argument: errors.ArgumentError,
  token: errors.TokenError,
  connection: errors.ConnectionError,
  timeout: errors.TimeoutError,
  aborted: errors.AbortError,
  "bad-request": errors.BadRequestError,
  unauthorized: errors.UnauthorizedError,
  forbidden: errors.ForbiddenError,
  "not-found": errors.NotFoundError,
  "rate-limit": errors.RateLimitError,
  server: errors.ServerError,
  "unexpected-response": errors.UnexpectedResponseError,
  decode: errors.DecodeError,
};

const CLIENT_OPTIONS = ["token", "baseUrl", "fetch", "timeout", "maxRetries", "headers", "maxBodyBytes", "onAttempt"];
const CALL_OPTIONS = [...CLIENT_OPTIONS, "signal"];

// The error of a call that did not reach Rust, or did not come back from there.
const failed = (code, retryable, message, cause) =>
  new CLASS_OF_CODE[code]({ code, message, retryable, attempts: 0, cause });

// The error of what Rust tells. It tells nothing of a trap.
function toError(failure) {
  const Class = CLASS_OF_CODE[failure?.code];
  if (Class) return new Class(failure);
  const message =
    "The package's WebAssembly broke off (see `cause`), which is a bug of thousandeyes-usage: please report it; the next " +
    "call starts it anew";
  return failed("connection", false, message, failure);
}

const unreadable = (cause) =>
  failed("argument", false, "An option could not be read; its own error is the cause", cause);

// What is no JSON at all is left for Rust to refuse.
function stringify(usage, replacer) {
  try {
    return JSON.stringify(usage, replacer) ?? "null";
  } catch (cause) {
    throw failed("argument", false, "`usage` cannot be written as JSON; the error of that is the cause", cause);
  }
}

// Of a Date of any realm; what is none, Rust refuses as NaN. No number: `usages.map(summarize)` would pass its index.
function milliseconds(at) {
  try {
    return Date.prototype.getTime.call(at);
  } catch {
    return NaN;
  }
}

// Read once, and at once: what the caller changes later changes no call and no client.
function snapshot(options, names) {
  // What is no object is left for Rust to refuse, as an invalid header is.
  if (Object(options) !== options) return options;
  const copy = Object.fromEntries(names.map((name) => [name, options[name]]));
  copy.baseUrl = copy.baseUrl?.href ?? copy.baseUrl;
  try {
    copy.headers = copy.headers && new Headers(copy.headers);
  } catch {}
  return copy;
}

// The deadline and the signal of a call whose WebAssembly still loads: Rust cannot keep them yet, nor tell its default
// for `timeout`, which is in src/options.rs.
function limited(loading, timeout = 30_000, signal) {
  let timer;
  let abort;
  const interrupted = new Promise((_, reject) => {
    abort = () => reject(failed("aborted", false, "The call was aborted by its signal", signal.reason));
    try {
      if (signal?.aborted) abort();
      signal?.addEventListener?.("abort", abort);
    } catch (cause) {
      reject(unreadable(cause));
    }
    // Any other is refused once Rust is there.
    if (typeof timeout === "number" && timeout > 0 && timeout < 2 ** 31) {
      const message = "The package's WebAssembly did not load in time; raise `timeout`, or call init() first";
      timer = setTimeout(() => reject(failed("timeout", true, message)), timeout);
    }
  });
  return Promise.race([loading, interrupted]).finally(() => {
    clearTimeout(timer);
    try {
      signal?.removeEventListener?.("abort", abort);
    } catch {}
  });
}

// The compiled module of whatever init() takes, its URL already read.
async function compile(wasm) {
  // By its looks, as below by its tag: a sandbox may hand in what is of another realm, or have no Response.
  if (wasm?.headers) {
    if (!wasm.ok) throw new Error(`${wasm.url || "The Response"} has the status ${wasm.status}`);
    // The streaming compiler refuses any other type, under which a plain server may send wasm all the same.
    if (wasm.headers.get("content-type") === "application/wasm") return WebAssembly.compileStreaming(wasm);
    wasm = await wasm.arrayBuffer();
  }
  return Object.prototype.toString.call(wasm) === "[object WebAssembly.Module]" ? wasm : WebAssembly.compile(wasm);
}

// What is thrown where even a module of nothing but its header is refused.
function banOnCompiling() {
  try {
    new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  } catch (cause) {
    return cause;
  }
}

function loadError(cause, ban, mayPass) {
  // Under the same ban, a compiled module of another version fails to link.
  if (ban && cause?.name !== "LinkError") {
    const message =
      "Compiling WebAssembly is forbidden here: add 'wasm-unsafe-eval' to `script-src` of the page's Content Security " +
      "Policy; a Worker imports the compiled module, and passes it to init()";
    return failed("connection", false, message, ban);
  }
  const message =
    "The package's WebAssembly could not be loaded (see `cause`): check that usage.wasm is served, or pass it to init()";
  return failed("connection", mayPass, message, cause);
}

/**
 * The package over the places where its WebAssembly may be, of which each runtime has its own: functions that give
 * anything init() takes, tried in turn. `read` fetches a URL, until its signal aborts.
 *
 * Whatever is decided about a call is decided in Rust: here are only the class, the shared state and the errors.
 */
export function createPackage(sources, read = (url, signal) => fetch(url, { signal })) {
  let instance;
  // What init() was given, and the package's own, while they load.
  let given;
  let own;
  // Ends the fetch of the package's own.
  let aborter;
  let defaults;

  async function load(sources, signal) {
    let error;
    for (const source of sources) {
      let fetching = false;
      try {
        let wasm = await source();
        fetching = typeof wasm === "string" || wasm instanceof URL;
        if (fetching) wasm = await read(wasm, signal);
        fetching = false;
        return createInstance(await compile(wasm));
      } catch (cause) {
        // A fetch that fails is a TypeError: like one that stalls, it may pass by itself.
        const ban = banOnCompiling();
        error ??= loadError(cause, ban, signal?.aborted || (fetching && cause instanceof TypeError));
        if (ban) break;
      }
    }
    throw error;
  }

  async function ready() {
    // Whoever gave it is told when it fails; a call then does with the package's own.
    await given?.catch(() => {});
    if (instance) return;
    if (!own) {
      aborter = new AbortController();
      const loading = load(sources, aborter.signal).finally(() => own === loading && (own = undefined));
      own = loading;
    }
    const loaded = await own;
    instance ??= loaded;
  }

  // A call's deadline passed while it loaded: what stalls is left for the next place, and in the last one for a new start.
  function giveUp() {
    given = undefined;
    if (aborter?.signal.aborted) own = undefined;
    aborter?.abort();
  }

  async function init(wasm) {
    if (instance) return;
    if (wasm === undefined) return ready();
    given = load([() => wasm]);
    instance = await given;
  }

  // Calls a function of the WebAssembly's once it has loaded, with the arguments of then.
  async function run(name, args, timeout, signal) {
    if (!instance) {
      await limited(ready(), timeout, signal).catch((error) => {
        if (error.code === "timeout") giveUp();
        throw error;
      });
    }
    try {
      if (instance.broken) instance = createInstance(instance.module);
      return await instance.call(name, ...args());
    } catch (failure) {
      throw toError(failure);
    }
  }

  async function call(withResponse, aid, expand, options, defaults) {
    const started = performance.now();
    try {
      expand = Array.isArray(expand) ? [...expand] : expand;
      options = snapshot(options, CALL_OPTIONS);
    } catch (cause) {
      throw unreadable(cause);
    }
    const args = () => [aid, expand, options, defaults, performance.now() - started, withResponse];
    return run("getUsage", args, options?.timeout ?? defaults?.timeout, options?.signal);
  }

  class UsageClient {
    // Private, so that no inspection, spread or serialization of a client shows the token.
    #options;

    constructor(options) {
      this.#options = snapshot(options, CLIENT_OPTIONS);
    }

    getUsage(aid, expand, options) {
      return call(false, aid, expand, options, this.#options);
    }

    getUsageWithResponse(aid, expand, options) {
      return call(true, aid, expand, options, this.#options);
    }
  }

  return {
    UsageClient,
    configure(options) {
      defaults = snapshot(options, CLIENT_OPTIONS);
    },
    getUsage(aid, expand, options) {
      return call(false, aid, expand, options, defaults);
    },
    getUsageWithResponse(aid, expand, options) {
      return call(true, aid, expand, options, defaults);
    },
    async summarize(usage, at) {
      // The breakdowns are nearly all of a large usage, and no part of its summary.
      const json = stringify(usage, (_, value) => (Array.isArray(value) ? undefined : value));
      const moment = milliseconds(at ?? new Date());
      return run("summarize", () => [json, moment]);
    },
    async byAccountGroup(usage) {
      const json = stringify(usage);
      return run("byAccountGroup", () => [json]);
    },
    async topTests(usage, n) {
      const json = stringify(usage);
      // What is no array, Rust refuses.
      const tests = Array.isArray(usage?.usage?.tests) ? [...usage.usage.tests] : [];
      const top = await run("topTests", () => [json, typeof n === "number" ? n : n == null ? 10 : NaN]);
      return top.map((index) => tests[index]);
    },
    init,
  };
}
