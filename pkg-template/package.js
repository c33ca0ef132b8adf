import * as errors from "./errors.js";

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

// The error of what Rust tells. Anything else, such as a trap, stays what it is.
function toError(failure) {
  const Class = CLASS_OF_CODE[failure?.code];
  return Class ? new Class(failure) : failure;
}

// The error of a call that did not reach Rust.
const failed = (code, retryable, message, cause) => toError({ code, message, retryable, attempts: 0, cause });

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
    if (signal?.aborted) abort();
    signal?.addEventListener?.("abort", abort);
    if (timeout > 0 && timeout < 2 ** 31) {
      const message = "The package's WebAssembly did not load in time; raise `timeout`, or call init() first";
      timer = setTimeout(() => reject(failed("timeout", true, message)), timeout);
    }
  });
  return Promise.race([loading, interrupted]).finally(() => {
    clearTimeout(timer);
    signal?.removeEventListener?.("abort", abort);
  });
}

/**
 * The package over a way to load the WebAssembly, which each runtime has its own of.
 *
 * Whatever is decided about a call is decided in Rust: here are only the class, the shared state and the errors.
 */
export function createPackage(load) {
  let loaded;
  let loading;
  let defaults;

  function ready(wasm) {
    loading ??= load(wasm).then(
      (exports) => (loaded = exports),
      (cause) => {
        loading = undefined;
        const message =
          "The package's WebAssembly could not be loaded (see `cause`); check that usage.wasm is served, that the page's " +
          "Content Security Policy allows 'wasm-unsafe-eval', or pass the module to init()";
        // A fetch that fails is a TypeError: alone of all causes it may pass by itself.
        throw failed("connection", cause instanceof TypeError, message, cause);
      },
    );
    return loading;
  }

  async function call(name, aid, expand, options, defaults) {
    const started = performance.now();
    try {
      expand = Array.isArray(expand) ? [...expand] : expand;
      options = snapshot(options, CALL_OPTIONS);
    } catch (cause) {
      throw failed("argument", false, "An option could not be read; its own error is the cause", cause);
    }
    const exports = loaded ?? (await limited(ready(), options?.timeout ?? defaults?.timeout, options?.signal));
    try {
      return await exports[name](aid, expand, options, defaults, performance.now() - started);
    } catch (failure) {
      throw toError(failure);
    }
  }

  class UsageClient {
    // Private, so that no inspection, spread or serialization of a client shows the token.
    #options;

    constructor(options) {
      this.#options = snapshot(options, CLIENT_OPTIONS);
    }

    getUsage(aid, expand, options) {
      return call("getUsage", aid, expand, options, this.#options);
    }

    getUsageWithResponse(aid, expand, options) {
      return call("getUsageWithResponse", aid, expand, options, this.#options);
    }
  }

  return {
    UsageClient,
    configure(options) {
      defaults = snapshot(options, CLIENT_OPTIONS);
    },
    getUsage(aid, expand, options) {
      return call("getUsage", aid, expand, options, defaults);
    },
    getUsageWithResponse(aid, expand, options) {
      return call("getUsageWithResponse", aid, expand, options, defaults);
    },
    async init(wasm) {
      await ready(wasm);
    },
  };
}
