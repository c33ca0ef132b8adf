import { Call } from "./call.js";
import { createError, toError } from "./create-error.js";
import { createLoader } from "./load.js";

const isInvalid = (options) => options != null && Object(options) !== options;

const unreadable = (cause) =>
  createError("argument", "An option could not be read; its own error is the cause", { cause });

// The headers of a call over those of its client. Invalid ones are returned as they are: Rust rejects them.
function mergeHeaders(call, client) {
  let headers = client;
  try {
    const merged = new Headers(client);
    headers = call;
    if (call !== undefined) for (const [name, value] of new Headers(call)) merged.set(name, value);
    return merged;
  } catch {
    return headers;
  }
}

// The options of a call over those of its client: a copy, so that what the caller changes later changes no call and no client.
// null counts as absent. False if they are no objects, which Rust rejects; so is `unknownOption`, a name that is no option's.
function merge(call, client) {
  if (isInvalid(call) || isInvalid(client)) return false;
  const baseUrl = call?.baseUrl ?? client?.baseUrl;
  const options = {
    token: call?.token ?? client?.token,
    baseUrl: baseUrl?.href ?? baseUrl,
    fetch: call?.fetch ?? client?.fetch,
    timeout: call?.timeout ?? client?.timeout,
    maxRetries: call?.maxRetries ?? client?.maxRetries,
    headers: mergeHeaders(call?.headers ?? undefined, client?.headers ?? undefined),
    maxBodyBytes: call?.maxBodyBytes ?? client?.maxBodyBytes,
    onAttempt: call?.onAttempt ?? client?.onAttempt,
    signal: call?.signal ?? undefined,
  };
  const unknown = Object.keys(call ?? {}).find((name) => !Object.hasOwn(options, name));
  options.unknownOption = unknown ?? client?.unknownOption ?? (client?.signal && "signal");
  return options;
}

function stringify(usage, replacer) {
  try {
    // Rust rejects what JSON lacks altogether.
    if (typeof usage?.then !== "function") return JSON.stringify(usage, replacer) ?? "null";
  } catch (cause) {
    throw createError("argument", "`usage` cannot be written as JSON; the error of that is the cause", { cause });
  }
  throw createError("argument", "`usage` is a promise; await it first");
}

// The time of a Date of any realm. An invalid date becomes NaN, which Rust rejects. So does a number:
// `usages.map(summarize)` would pass its index.
function milliseconds(at) {
  try {
    return Date.prototype.getTime.call(at);
  } catch {
    return NaN;
  }
}

/**
 * The functions and the class of the package.
 *
 * Decisions about a call are made in Rust. Here are only the class, the shared state, and the load.
 */
export function createPackage(...places) {
  const { init, run } = createLoader(...places);
  let defaults;

  async function withCall(call, name, ...args) {
    try {
      return await run(call, name, ...args);
    } catch (error) {
      throw toError(error);
    } finally {
      call.end();
    }
  }

  function request(name, aid, expand, options, client) {
    let call;
    try {
      expand = Array.isArray(expand) ? [...expand] : expand;
      options = merge(options, client);
      call = new Call(options.timeout, options.signal);
    } catch (cause) {
      return Promise.reject(unreadable(cause));
    }
    return withCall(call, name, aid, expand, options, call);
  }

  const compute = (name, ...args) => withCall(new Call(), name, ...args);

  class UsageClient {
    // Private, so that no inspection, spread or serialization of a client shows the token.
    #options;

    constructor(options) {
      this.#options = merge(options);
    }

    getUsage(aid, expand, options) {
      return request("getUsage", aid, expand, options, this.#options);
    }

    getUsageWithResponse(aid, expand, options) {
      return request("getUsageWithResponse", aid, expand, options, this.#options);
    }
  }

  return {
    UsageClient,
    init,
    configure(options) {
      defaults = merge(options);
    },
    getUsage(aid, expand, options) {
      return request("getUsage", aid, expand, options, defaults);
    },
    getUsageWithResponse(aid, expand, options) {
      return request("getUsageWithResponse", aid, expand, options, defaults);
    },
    async summarize(usage, at) {
      // The breakdowns are nearly all of a large usage, and no part of its summary.
      const json = stringify(usage, (_, value) => (Array.isArray(value) ? undefined : value));
      return compute("summarize", json, milliseconds(at ?? new Date()));
    },
    async byAccountGroup(usage) {
      return compute("byAccountGroup", stringify(usage));
    },
    async topTests(usage, n) {
      const json = stringify(usage);
      // Rust rejects anything but an array.
      const tests = Array.isArray(usage?.usage?.tests) ? [...usage.usage.tests] : [];
      const top = await compute("topTests", json, typeof n === "number" ? n : n == null ? 10 : NaN);
      return top.map((index) => tests[index]);
    },
  };
}
