import type { AccountGroupUsage, ErrorCode, Expand, Summary, TestUsage, Usage } from "./model.cjs";

export type * from "./model.cjs";

declare global {
  namespace WebAssembly {
    // Node's types have no WebAssembly: here it is what lib.dom.d.ts says.
    interface Module {}
  }
}

/** What a client is made of, and what `configure` sets for the free functions. Each option has a default. */
export interface ClientOptions {
  /**
   * Bearer token of ThousandEyes, or a provider of one, asked once per call. Sent as `Authorization: Bearer …`.
   * Absent, no such header is sent. It never shows in an error, a report or the client itself.
   */
  token?: string | (() => string | Promise<string>) | undefined;
  /**
   * Where the API is; `/v7/usage` is appended. It must be https, but for loopback hosts, and have no user name,
   * password, query or fragment. Where there is a `location`, it may be relative to that, as `"/api"`.
   * @default "https://api.thousandeyes.com"
   */
  baseUrl?: string | URL | undefined;
  /** The fetch to call. Default: `globalThis.fetch`, looked up at call time. */
  fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /**
   * Milliseconds for the whole call: loading, token provider, headers, body, retries and their waits. `Infinity`, like
   * any value of 2^31 or more, is for none.
   * @default 30000
   */
  timeout?: number | undefined;
  /**
   * How often a failed request is tried again: after connection failures and the statuses 408, 429, 500, 502, 503
   * and 504.
   * @default 2
   */
  maxRetries?: number | undefined;
  /** Headers to add to each request. They win over the client's own, `Authorization` and `Accept` included. */
  headers?: RequestInit["headers"] | undefined;
  /**
   * The longest answer that is read, in bytes, of 268,435,456 at most. A longer one is an {@link UnexpectedResponseError}.
   * @default 33554432
   */
  maxBodyBytes?: number | undefined;
  /** Called after each HTTP attempt. What it throws changes nothing. */
  onAttempt?: ((attempt: Attempt) => void) | undefined;
}

/** Options of a single call. They win over those of the client. */
export interface CallOptions {
  /** Aborts the call, at any moment. */
  signal?: AbortSignal | undefined;
  /** As {@link ClientOptions.timeout}. */
  timeout?: number | undefined;
  /** As {@link ClientOptions.maxRetries}. */
  maxRetries?: number | undefined;
  /** Headers to add, over those of the client. */
  headers?: RequestInit["headers"] | undefined;
}

/** What {@link ClientOptions.onAttempt} is told. It never holds the token. */
export interface Attempt {
  /** 1 for the first. */
  attempt: number;
  /** The URL that was asked. */
  url: string;
  /** The HTTP status. Absent when no answer came. */
  status?: number;
  /** What failed. Absent when nothing did. */
  code?: ErrorCode;
  /** How long the attempt took, in milliseconds. */
  durationMs: number;
  /** The wait before the next attempt, in milliseconds. Absent when there is none. */
  waitMs?: number;
}

/** The organisation's rate limit, as the `X-Organization-Rate-Limit-…` headers told it. */
export interface RateLimit {
  /** Requests that the organisation may send in a minute. */
  limit: number;
  /** Requests that are left in this minute. */
  remaining: number;
  /** When the count starts anew, by the server's clock. */
  reset: Date;
}

/** A result with what else the answer told. */
export interface UsageResponse {
  /** What `getUsage` resolves to. */
  data: Usage;
  /** The HTTP status: 200. */
  status: number;
  /** The answer's headers. A browser shows those alone that the API exposes to the page's origin. */
  headers: Headers;
  /** The answer's `x-request-id`, to quote to support. Absent when there is none to see. */
  requestId?: string;
  /** Absent unless all three of its headers are there to see. */
  rateLimit?: RateLimit;
  /** How many HTTP requests it took. */
  attempts: number;
}

/**
 * Sets the defaults of the free functions. They replace what an earlier `configure` set, and no client sees them.
 * They are checked when a call uses them. What `import` gives and what `require` gives have each their own.
 *
 * @example
 * configure({ token: process.env.THOUSANDEYES_TOKEN });
 */
export function configure(options: ClientOptions): void;

/**
 * The usage of an organisation: what it has used of its quota in the current billing period.
 *
 * `aid` selects the organisation that the account group belongs to, not a slice of it: each account group of an
 * organisation gets the same totals, so never add up calls per account group.
 *
 * @param aid ID of an account group. Absent, the token's own organisation is meant.
 * @param expand Breakdowns to include: each fills the array of its name.
 * @param options Options of this call. They win over those of {@link configure}.
 * @throws {UsageError} Every rejection is one; its `code` says which.
 *
 * @example
 * const { usage } = await getUsage("2067", ["test"]);
 * console.log(usage?.cloudUnitsUsed, "of", usage?.quota?.cloudUnitsIncluded);
 */
export function getUsage(
  aid?: string | null,
  expand?: readonly Expand[] | null,
  options?: ClientOptions & CallOptions,
): Promise<Usage>;

/**
 * As {@link getUsage}, with status, headers and rate limit beside the data.
 *
 * @param aid ID of an account group. Absent, the token's own organisation is meant.
 * @param expand Breakdowns to include: each fills the array of its name.
 * @param options Options of this call. They win over those of {@link configure}.
 * @throws {UsageError} Every rejection is one; its `code` says which.
 *
 * @example
 * const { data, rateLimit } = await getUsageWithResponse("2067");
 * console.log(data.usage?.cloudUnitsUsed, "used,", rateLimit?.remaining, "requests left in this minute");
 */
export function getUsageWithResponse(
  aid?: string | null,
  expand?: readonly Expand[] | null,
  options?: ClientOptions & CallOptions,
): Promise<UsageResponse>;

/**
 * A client with options of its own, which are checked when a call uses them. It shares nothing with other clients, and
 * there is nothing to close.
 *
 * @example
 * const client = new UsageClient({ token: process.env.THOUSANDEYES_TOKEN, timeout: 90_000 });
 * const { usage } = await client.getUsage();
 */
export class UsageClient {
  constructor(options?: ClientOptions);
  /** As the function {@link getUsage}, with the client's options. */
  getUsage(
    aid?: string | null,
    expand?: readonly Expand[] | null,
    options?: ClientOptions & CallOptions,
  ): Promise<Usage>;
  /** As the function {@link getUsageWithResponse}, with the client's options. */
  getUsageWithResponse(
    aid?: string | null,
    expand?: readonly Expand[] | null,
    options?: ClientOptions & CallOptions,
  ): Promise<UsageResponse>;
}

/**
 * How far an organisation is through its quota, and where it is heading: one entry per meter that the usage tells of.
 * It is JSON-compatible. What the usage lacks is absent, never 0. It asks the API nothing and needs no breakdown; device
 * agents and unit allocations, to which no meter compares, are left out.
 *
 * @param usage What {@link getUsage} gave.
 * @param at When `usage` came from the API, whose numbers are up to an hour older: on the first day of a period a run rate
 * says little. Absent, it is now.
 * @throws {ArgumentError} When `usage` is none; its message says where. The WebAssembly loads as for a call.
 *
 * @example
 * const { meters } = await summarize(await getUsage());
 * for (const { meter, overage = 0, projectedOverage = 0, exhaustsAt } of meters) {
 *   const over = Math.max(overage, projectedOverage);
 *   if (over) console.log(meter, "is on course for", over, "too many", exhaustsAt ? `from ${exhaustsAt} on` : "");
 * }
 */
export function summarize(usage: Usage, at?: Date | null): Promise<Summary>;

/**
 * What each account group uses, by all the breakdowns that were expanded. The group whose tests are estimated to end
 * the period with the most cloud units comes first; of a test without an estimate, what it has used counts. Groups without
 * tests come last, by `aid`.
 *
 * @param usage What {@link getUsage} gave. One answer is enough: it has all account groups of the organisation.
 * @throws {ArgumentError} When `usage` is none, or a sum is beyond 2^53 − 1. The WebAssembly loads as for a call.
 *
 * @example
 * const groups = await byAccountGroup(await getUsage(null, ["test", "endpoint-agent"]));
 * console.table(groups);
 */
export function byAccountGroup(usage: Usage): Promise<AccountGroupUsage[]>;

/**
 * The tests that are estimated to end the period with the most cloud units; of one without an estimate, what it has used
 * counts. They are the very rows of `usage`, the most first.
 *
 * @param usage What {@link getUsage} gave, with the breakdown `test`.
 * @param n How many: 10 by default.
 * @throws {ArgumentError} When `usage` is none, or `n` no whole number from 0 on. The WebAssembly loads as for a call.
 *
 * @example
 * const [hungriest] = await topTests(await getUsage(null, ["test"]), 1);
 * console.log(hungriest?.testName, hungriest?.cloudUnitsProjected);
 */
export function topTests(usage: Usage, n?: number | null): Promise<TestUsage[]>;

/**
 * Loads the WebAssembly ahead of the first call, which would load it otherwise. Once loaded, it stays: a later `init`
 * changes nothing.
 *
 * @param wasm A compiled module, its bytes, or where to fetch it, for the setups that move `usage.wasm`. Absent, the
 * package finds its own.
 * @throws {ConnectionError} When it cannot be loaded.
 *
 * @example
 * await init("/assets/usage.wasm");
 */
export function init(
  wasm?: WebAssembly.Module | ArrayBuffer | ArrayBufferView | URL | string | Response,
): Promise<void>;

/** What the body of a failed answer said, in the terms of RFC 9457. These are the server's words. */
export interface Problem {
  /** URI of the kind of problem. */
  type?: string;
  /** Short summary of the kind of problem; of an OAuth error, its code. */
  title?: string;
  /** The status that the body claims. The answer's own may differ. */
  status?: number;
  /** What went wrong this time. */
  detail?: string;
  /** Where it went wrong: a URI or a path. */
  instance?: string;
  /** The single faults, such as one for each refused parameter. */
  errors?: ProblemError[];
}

/** One fault of a {@link Problem}. */
export interface ProblemError {
  /** Code of the fault. */
  code?: string;
  /** The field or parameter that is at fault. */
  field?: string;
  /** What is wrong with it. */
  message?: string;
}

/**
 * What every rejection of this package is: an instance of one of these classes. Branch on `code`, which tells what else
 * the error carries, or on the class.
 *
 * @example
 * try {
 *   await getUsage("2067");
 * } catch (error) {
 *   if (!(error instanceof UsageError)) throw error;
 *   switch (error.code) {
 *     case "rate-limit":
 *       console.log("Try again at", error.retryAt);
 *       break;
 *     case "decode":
 *       console.log(error.path, "should be", error.expected);
 *       break;
 *     default:
 *       console.log(error.message);
 *   }
 * }
 */
export type UsageError =
  | ArgumentError
  | TokenError
  | ConnectionError
  | TimeoutError
  | AbortError
  | BadRequestError
  | UnauthorizedError
  | ForbiddenError
  | NotFoundError
  | RateLimitError
  | ServerError
  | UnexpectedResponseError
  | DecodeError;
// Not a class: `instanceof` would narrow to that, and `code` could not narrow any further.
export const UsageError: new (fields: never) => UsageError;

/** What every {@link UsageError} carries. */
declare class UsageErrorBase extends Error {
  // No program makes one; but a test runner's `toThrow(RateLimitError)` takes only what has a public constructor.
  constructor(fields: never);
  /** Name of the class. */
  readonly name: string;
  /** What kind of failure it is. Stable. */
  readonly code: ErrorCode;
  /** Whether the same call may succeed later, with nothing changed. */
  readonly retryable: boolean;
  /** How many HTTP requests were sent. 0 where the package's WebAssembly broke off: nobody knows then. */
  readonly attempts: number;
  /**
   * What the platform, your `fetch` or your token provider threw, as it was. Where a piece of the token stood in it, or it
   * could not be searched for one, an error with its names, codes and messages alone. Absent where nothing did.
   */
  readonly cause?: unknown;
  /** All but the cause and the headers, safe to log. */
  toJSON(): Record<string, unknown>;
}

/** What the errors of an unusable response carry. */
declare class ResponseError extends UsageErrorBase {
  /** The HTTP status. 0 for a redirect in a browser, which hides it. */
  readonly status: number;
  /** The answer's headers. Not enumerable, so that no log prints them. */
  readonly headers: Headers;
  /** The answer's `x-request-id`, to quote to support. Absent when there is none to see. */
  readonly requestId?: string;
  /** Absent unless all three of its headers are there to see. */
  readonly rateLimit?: RateLimit;
}

/** What the errors of an unusable status carry. */
declare class StatusError extends ResponseError {
  /** The body of the response. Absent when it is in no known format. */
  readonly problem?: Problem;
}

/** Error thrown when an argument or option is not valid, before anything is sent. */
export class ArgumentError extends UsageErrorBase {
  readonly name: "ArgumentError";
  readonly code: "argument";
}

/** Error thrown when the token cannot be sent, or its provider failed. Nothing was sent. */
export class TokenError extends UsageErrorBase {
  readonly name: "TokenError";
  readonly code: "token";
}

/**
 * Error thrown when the request or its answer broke off (DNS, refused, TLS, CORS, a reset), or when the package's own
 * WebAssembly did not load or broke off. `cause` is the platform's error.
 */
export class ConnectionError extends UsageErrorBase {
  readonly name: "ConnectionError";
  readonly code: "connection";
  /** When to try again, by this machine's clock. Absent unless a retry did not fit the deadline. */
  readonly retryAt?: Date;
}

/** Error thrown when the deadline of the whole call passed. */
export class TimeoutError extends UsageErrorBase {
  readonly name: "TimeoutError";
  readonly code: "timeout";
}

/** Error thrown when the call's signal aborted. Its `cause` is the signal's reason. */
export class AbortError extends UsageErrorBase {
  readonly name: "AbortError";
  readonly code: "aborted";
}

/** Error thrown when the API answered 400. */
export class BadRequestError extends StatusError {
  readonly name: "BadRequestError";
  readonly code: "bad-request";
  /** The single faults of the request. Empty when the answer names none. */
  readonly errors: ProblemError[];
}

/** Error thrown when the API answered 401: the token is missing, wrong or expired. */
export class UnauthorizedError extends StatusError {
  readonly name: "UnauthorizedError";
  readonly code: "unauthorized";
}

/** Error thrown when the API answered 403: the token may not read this usage. */
export class ForbiddenError extends StatusError {
  readonly name: "ForbiddenError";
  readonly code: "forbidden";
}

/** Error thrown when the API answered 404. */
export class NotFoundError extends StatusError {
  readonly name: "NotFoundError";
  readonly code: "not-found";
}

/** Error thrown when the API answered 429: the organisation's requests of this minute are used up. */
export class RateLimitError extends StatusError {
  readonly name: "RateLimitError";
  readonly code: "rate-limit";
  /** When to try again, by this machine's clock. */
  readonly retryAt: Date;
}

/** Error thrown when the API answered 5xx. */
export class ServerError extends StatusError {
  readonly name: "ServerError";
  readonly code: "server";
  /** When to try again, by this machine's clock. Absent when nobody knows. */
  readonly retryAt?: Date;
}

/**
 * Error thrown for any other status, a redirect, a 200 whose `Content-Type` is not JSON, or a body over `maxBodyBytes`.
 */
export class UnexpectedResponseError extends StatusError {
  readonly name: "UnexpectedResponseError";
  readonly code: "unexpected-response";
  /** When to try again, by this machine's clock. Absent when nobody knows. */
  readonly retryAt?: Date;
}

/** Error thrown when the body of a 200 is not valid UTF-8, not JSON, or not a usage. It never holds the body. */
export class DecodeError extends ResponseError {
  readonly name: "DecodeError";
  readonly code: "decode";
  /** Where, such as `usage.tests[17].cloudUnitsUsed`. Empty for the whole body. */
  readonly path: string;
  /** What should be there. */
  readonly expected: string;
  /** The kind of what is there. */
  readonly found: string;
}
