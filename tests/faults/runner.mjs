// Runs in each runtime, as a module of the consumer's: makes a call and returns its outcome as JSON.
import * as te from "thousandeyes-usage";

import { callers } from "./callers.mjs";

/** The rejections that nobody handled, of any call. */
const unhandled = [];
globalThis.addEventListener?.("unhandledrejection", (event) => unhandled.push(String(event.reason)));
globalThis.process?.on?.("unhandledRejection", (reason) => unhandled.push(String(reason)));

/** The URLs of all requests, of any call. */
const requested = [];
const ownFetch = globalThis.fetch;
globalThis.fetch = (url, init) => {
  requested.push(String(url));
  return ownFetch(url, init);
};

/** The lines that were printed, of any call. */
const printed = [];
for (const name of ["log", "info", "warn", "error", "debug"]) {
  const print = console[name];
  console[name] = (...args) => {
    printed.push(args.map((arg) => texts(arg).join("\n")).join(" "));
    return print.apply(console, args);
  };
}

/** All texts in a value, its causes and properties included, whether enumerable or not. */
function texts(value, depth = 0) {
  if (typeof value === "string") return [value];
  // The server's own text, which nothing prints by itself.
  if (Object(value) !== value || value instanceof Headers || depth > 6) return [];
  const inner = Reflect.ownKeys(value).flatMap((key) => {
    try {
      return [String(key), ...texts(value[key], depth + 1)];
    } catch {
      return [];
    }
  });
  try {
    return [String(value), JSON.stringify(value), ...inner].filter((text) => typeof text === "string");
  } catch {
    return inner;
  }
}

/** Whether any six characters of the token stand in a text. */
function leaks(token, text) {
  for (let at = 0; at + 6 <= token.length; at += 1) if (text.includes(token.slice(at, at + 6))) return true;
  return false;
}

const FIELDS = "name code message status attempts retryable path expected found problem errors requestId rateLimit".split(" ");

/** What the table can compare of an error. */
function fieldsOf(error) {
  return {
    ...Object.fromEntries(FIELDS.map((name) => [name, error[name]])),
    isOfItsClasses: error instanceof te.UsageError && error instanceof Error && error instanceof te[error.name],
    retryIn: error.retryAt && error.retryAt.getTime() - Date.now(),
  };
}

/** The options that send the token. */
const SENDERS = {
  token: (token) => ({ token }),
  provider: (token) => ({ token: async () => token }),
  header: (token) => ({ token: undefined, headers: { authorization: `Bearer ${token}` } }),
};

/**
 * @param job `caller` and its `param`; the call's `aid`, `expand` and `options`, of which `token` is looked for in all that
 * is shown; its `sender`; `withResponse`, whether getUsageWithResponse is called
 * @param print how this runtime prints a value, where it has a function for it
 */
export async function run({ caller = "call", param, aid, expand, options, sender, withResponse }, print = () => "") {
  const inspect = (value) => {
    try {
      return print(value);
    } catch {
      // What a caller threw may refuse to be looked at.
      return "";
    }
  };
  const reports = [];
  const { token } = options;
  const control = (name) => fetch(`${options.baseUrl}/${name}`);
  const job = {
    param,
    aid,
    expand,
    withResponse,
    ownFetch,
    options: { ...options, ...SENDERS[sender]?.(token), onAttempt: (attempt) => reports.push(attempt) },
    arrived: () => control("arrived"),
    seen: () => control("seen"),
    inBody:
      (act) =>
      async (...request) => {
        const response = await fetch(...request);
        // When the body is read.
        setTimeout(act);
        return response;
      },
  };
  const client = new te.UsageClient(job.options);
  const memory = () => globalThis.process?.memoryUsage?.().rss;
  const held = memory();
  const started = performance.now();
  const { data, error } = await callers[caller](te, job).then(
    (data) => ({ data }),
    (error) => ({ error }),
  );
  const elapsed = performance.now() - started;
  // Now, since it has the time that is left.
  const fields = error && fieldsOf(error);
  const shown = [reports, client, error, error?.stack, error?.toJSON?.()].flatMap((value) => [...texts(value), inspect(value)]);
  return {
    data,
    error: fields,
    elapsed,
    memory: held === undefined ? undefined : memory() - held,
    reports,
    leak: typeof token === "string" ? [...shown, ...printed].find((text) => leaks(token, text)) : undefined,
    unhandled: unhandled.splice(0),
    requested: requested.splice(0),
  };
}
