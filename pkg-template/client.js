import { Call, isSignal } from "./call.js";
import { createError } from "./create-error.js";
import { UsageError } from "./errors.js";
import { createLoader } from "./load.js";
import { createPages } from "./pages.js";

// A signal may be passed without the object that should have it.
const isInvalid = (options) => options != null && (Object(options) !== options || isSignal(options));

// The error of a getter of the caller's.
const unreadable = (cause) =>
  cause instanceof UsageError
    ? cause
    : createError("argument", "An option could not be read; its own error is the cause", { cause });

// The headers of a plain object that have a value: fetch would send the text "undefined".
const present = (headers) =>
  headers == null || typeof headers !== "object" || Symbol.iterator in headers
    ? headers
    : Object.fromEntries(Object.entries(headers).filter(([, value]) => value != null));

// The headers of a call over those of its client. Invalid ones are returned unchanged, and Rust rejects them.
function mergeHeaders(call, client) {
  if (call === undefined && client === undefined) return undefined;
  let headers = client;
  try {
    const merged = new Headers(client);
    headers = call;
    if (call !== undefined) for (const [name, value] of new Headers(present(call))) merged.set(name, value);
    return merged;
  } catch {
    return headers;
  }
}

// The options of a call over those of its client. It is a copy, so that a later change by the caller has no effect. null counts as
// absent. Rust rejects false, which means that they are not objects, and `unknownOption`, a name that is not an option's.
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
    maxPages: call?.maxPages ?? client?.maxPages,
    onAttempt: call?.onAttempt ?? client?.onAttempt,
    signal: call?.signal ?? undefined,
  };
  const unknown = Object.keys(call ?? {}).find((name) => !Object.hasOwn(options, name));
  options.unknownOption = unknown ?? client?.unknownOption ?? (client?.signal == null ? undefined : "signal");
  return options;
}

// A Date of any realm as a string. Any other value is returned unchanged, and Rust rejects all but a string.
function toText(date) {
  try {
    return Date.prototype.toISOString.call(date);
  } catch {
    return date;
  }
}

// The values of these fields of a query.
function readQuery(query, names) {
  // A date may be passed without the object that should have it.
  if (isInvalid(query) || toText(query) !== query || Object.keys(query ?? {}).some((name) => !names.includes(name))) {
    throw createError("argument", `The first argument must be an object with no other fields than ${names.join(", ")}`);
  }
  return names.map((name) => toText(query?.[name]));
}

// What must be awaited in place of a value, if anything.
function awaitable(value) {
  if (typeof value?.then === "function") return "a promise; await it";
  return typeof value?.toArray === "function" ? "a list; await its toArray()" : undefined;
}

// A value as JSON in UTF-8. What JSON does not have, such as a function, becomes null, which Rust rejects. So does an object of the
// platform, such as a Response: its JSON would be that of an empty usage.
function encode(name, value, replacer) {
  let pending;
  try {
    pending = awaitable(value);
    const isForeign = Object(value) === value && !/ (Object|Array)\]$/.test(Object.prototype.toString.call(value));
    if (!pending) return new TextEncoder().encode(JSON.stringify(isForeign ? null : value, replacer) ?? "null");
  } catch (cause) {
    throw createError("argument", `\`${name}\` cannot be written as JSON; the error of that is the cause`, { cause });
  }
  throw createError("argument", `\`${name}\` is ${pending} first`);
}

// A number of tests, 10 if it is absent. Any other value becomes NaN, which Rust rejects.
const count = (n) => (typeof n === "number" ? n : n == null ? 10 : NaN);

// The time of a Date of any realm. Any other value becomes NaN, which Rust rejects. A number is rejected too, because
// `usages.map(summarize)` passes an index.
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
 * Rust makes the decisions about a call. This module has only the class, the shared state and the load.
 */
export function createPackage(...locations) {
  const { init, run } = createLoader(...locations);
  let defaults;

  /** Begins a call of a function of the WebAssembly. */
  function begin(name, options, ...args) {
    const call = new Call(options.timeout, options.signal);
    return { call, signal: options.signal, promise: run(call, name, ...args, options, call) };
  }

  // The call that `start` begins, or one that rejects with the error of a getter of the caller's.
  function begun(start) {
    try {
      return start();
    } catch (cause) {
      return { promise: Promise.reject(unreadable(cause)) };
    }
  }

  const usage = (name, aid, expand, options, client) =>
    begun(() => begin(name, merge(options, client), aid, Array.isArray(expand) ? [...expand] : expand)).promise;

  const quotas = (options, client) => begun(() => begin("getQuotas", merge(options, client))).promise;

  function units(name, names, query, options, client) {
    let error;
    try {
      options = merge(options, client);
      query = readQuery(query, names);
    } catch (cause) {
      error = unreadable(cause);
    }
    return createPages((cursors) =>
      error ? { promise: Promise.reject(error) } : begun(() => begin(name, options, ...query, cursors.join("&"))),
    );
  }

  const testUnits = (...args) => units("getTestUnits", ["aid", "startDate", "endDate"], ...args);
  const enterpriseAgentUnits = (...args) => units("getEnterpriseAgentUnits", ["startDate", "endDate"], ...args);

  const compute = (name, ...args) => run(new Call(), name, ...args);

  class UsageClient {
    // A private field, so that inspecting, spreading or serializing a client does not show the token.
    #options;

    constructor(options) {
      this.#options = merge(options);
    }

    getUsage(aid, expand, options) {
      return usage("getUsage", aid, expand, options, this.#options);
    }

    getUsageWithResponse(aid, expand, options) {
      return usage("getUsageWithResponse", aid, expand, options, this.#options);
    }

    getTestUnits(query, options) {
      return testUnits(query, options, this.#options);
    }

    getEnterpriseAgentUnits(query, options) {
      return enterpriseAgentUnits(query, options, this.#options);
    }

    getQuotas(options) {
      return quotas(options, this.#options);
    }

    // Vue makes no proxy of an object with a tag. A proxy has no private field.
    get [Symbol.toStringTag]() {
      return "UsageClient";
    }
  }

  return {
    UsageClient,
    init,
    configure(options) {
      defaults = merge(options);
    },
    getUsage(aid, expand, options) {
      return usage("getUsage", aid, expand, options, defaults);
    },
    getUsageWithResponse(aid, expand, options) {
      return usage("getUsageWithResponse", aid, expand, options, defaults);
    },
    getTestUnits(query, options) {
      return testUnits(query, options, defaults);
    },
    getEnterpriseAgentUnits(query, options) {
      return enterpriseAgentUnits(query, options, defaults);
    },
    getQuotas(options) {
      return quotas(options, defaults);
    },
    async summarize(usage, at) {
      // A summary does not need the breakdowns, which are nearly all of a large usage.
      const json = encode("usage", usage, (_, value) => (Array.isArray(value) ? [] : value));
      return compute("summarize", json, milliseconds(at ?? new Date()));
    },
    async byAccountGroup(usage) {
      return compute("byAccountGroup", encode("usage", usage));
    },
    async topTests(usage, n) {
      const json = encode("usage", usage);
      // Rust rejects anything but an array.
      const tests = Array.isArray(usage?.usage?.tests) ? [...usage.usage.tests] : [];
      const top = await compute("topTests", json, count(n));
      return top.map((index) => tests[index]);
    },
    async compareUnits(before, after, n) {
      return compute("compareUnits", encode("before", before), encode("after", after), count(n));
    },
  };
}
