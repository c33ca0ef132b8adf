// Runs in each runtime: makes a call, and returns its outcome as JSON.
import * as te from "thousandeyes-usage";

import { callers } from "./callers.mjs";

/** The unhandled rejections of all calls. */
const unhandled = [];
globalThis.addEventListener?.("unhandledrejection", (event) => unhandled.push(String(event.reason)));
globalThis.process?.on?.("unhandledRejection", (reason) => unhandled.push(String(reason)));

/** The URLs that all calls requested. */
const requested = [];
const ownFetch = globalThis.fetch;
globalThis.fetch = (url, init) => {
  requested.push(String(url));
  return ownFetch(url, init);
};

/** The lines that all calls printed. */
const printed = [];
for (const name of ["log", "info", "warn", "error", "debug"]) {
  const print = console[name];
  console[name] = (...args) => {
    printed.push(args.map((arg) => stringsOf(arg).join("\n")).join(" "));
    return print.apply(console, args);
  };
}

/** The strings in a value, with those of its causes and all its properties. */
function stringsOf(value, depth = 0) {
  if (typeof value === "string") return [value];
  // The headers of a response may echo the token, and nothing prints them.
  if (Object(value) !== value || value instanceof Headers || depth > 6) return [];
  const inner = Reflect.ownKeys(value).flatMap((key) => {
    try {
      return [String(key), ...stringsOf(value[key], depth + 1)];
    } catch {
      return [];
    }
  });
  try {
    return [String(value), JSON.stringify(value), ...inner].filter((string) => typeof string === "string");
  } catch {
    return inner;
  }
}

/** Whether a string contains any six characters of the token. */
function leaks(token, string) {
  for (let at = 0; at + 6 <= token.length; at += 1) if (string.includes(token.slice(at, at + 6))) return true;
  return false;
}

const FIELDS = "name code message status attempts retryable path expected found problem errors requestId rateLimit rows".split(" ");

/** The fields of an error that the table compares. */
function fieldsOf(error) {
  return {
    ...Object.fromEntries(FIELDS.map((name) => [name, error[name]])),
    isOfItsClasses: error instanceof te.UsageError && error instanceof Error && error instanceof te[error.name],
    retryIn: error.retryAt && error.retryAt.getTime() - Date.now(),
  };
}

/** The options that send a token. */
const SENDERS = {
  token: (token) => ({ token }),
  provider: (token) => ({ token: async () => token }),
  header: (token) => ({ token: undefined, headers: { authorization: `Bearer ${token}` } }),
};

/**
 * @param job `caller` and its `param`; `aid`, `expand` and `options` of the call; the `sender` of the token; `withResponse`,
 *   whether getUsageWithResponse is called, or a list is read by its pages
 * @param print the function that prints a value in this runtime, if there is one
 */
export async function run({ caller = "call", param, aid, expand, options, sender, withResponse }, print = () => "") {
  const inspect = (value) => {
    try {
      return print(value);
    } catch {
      // The getters of a thrown value may throw.
      return "";
    }
  };
  const reports = [];
  const { token } = options;
  const control = (name) => fetch(`${options.baseUrl}/${name}`);
  const job = {
    param, aid, expand, withResponse, ownFetch,
    options: { ...options, ...SENDERS[sender]?.(token), onAttempt: (attempt) => reports.push(attempt) },
    arrived: () => control("arrived"),
    seen: () => control("seen"),
    closed: () => control("closed"),
    inBody: (act) => async (...request) => {
      const response = await fetch(...request);
      // By then the call reads the body.
      setTimeout(act);
      return response;
    },
  };
  const client = new te.UsageClient(job.options);
  const memory = () => globalThis.process?.memoryUsage?.().rss;
  const held = memory();
  const started = performance.now();
  const { data, error } = await callers[caller](te, job).then((data) => ({ data }), (error) => ({ error }));
  const elapsed = performance.now() - started;
  // First, because they contain the remaining time.
  const fields = error && fieldsOf(error);
  const values = [reports, client, error, error?.stack, error?.toJSON?.()];
  const shown = values.flatMap((value) => [...stringsOf(value), inspect(value)]);
  return {
    data,
    error: fields,
    elapsed,
    memory: held === undefined ? undefined : memory() - held,
    reports,
    leak: typeof token === "string" ? [...shown, ...printed].find((string) => leaks(token, string)) : undefined,
    unhandled: unhandled.splice(0),
    requested: requested.splice(0),
  };
}
