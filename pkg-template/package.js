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

// The error of what Rust tells. Anything else, such as a trap, stays what it is.
function toError(failure) {
  const Class = CLASS_OF_CODE[failure?.code];
  return Class ? new Class(failure) : failure;
}

// A copy, so that what the caller changes later changes no client. What is no object is left for Rust to refuse.
const copy = (options) => (Object(options) === options ? { ...options } : options);

/**
 * The package over a way to load the WebAssembly, which each runtime has its own of.
 *
 * Whatever is decided about a call is decided in Rust: here are only the class, the shared state and the errors.
 */
export function createPackage(load) {
  let loading;
  let defaults;

  function ready(wasm) {
    loading ??= load(wasm).catch((cause) => {
      loading = undefined;
      throw new errors.ConnectionError({
        code: "connection",
        message: "the package's WebAssembly could not be loaded; check that usage.wasm is served, or pass it to init()",
        retryable: true,
        attempts: 0,
        cause,
      });
    });
    return loading;
  }

  async function call(name, aid, expand, options, defaults) {
    const exports = await ready();
    try {
      return await exports[name](aid, expand, options, defaults);
    } catch (failure) {
      throw toError(failure);
    }
  }

  class UsageClient {
    // Private, so that no inspection, spread or serialization of a client shows the token.
    #options;

    constructor(options) {
      this.#options = copy(options);
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
      defaults = copy(options);
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
