import type {
  AccountGroupUsage, EnterpriseAgentUnits, ErrorCode, Expand, Quotas, Summary, TestUsage, UnitsByTests, UnitsComparison, Usage,
} from "./model.cjs";

export type * from "./model.cjs";

declare global {
  namespace WebAssembly {
    // Node's types have no WebAssembly: here it is what lib.dom.d.ts says.
    interface Module {}
  }
}

/**
 * Options of a client, and of `configure`, which sets them for the free functions. Each option may be absent; `null` and
 * `undefined` count as absent. The options are read once, when they are passed: later changes to the object have no effect.
 * They are checked when a call uses them.
 *
 * @example
 * const options: ClientOptions = { token: process.env.THOUSANDEYES_TOKEN, timeout: 90_000, maxRetries: 4 };
 * const client = new UsageClient(options);
 */
export interface ClientOptions {
  /**
   * Bearer token of ThousandEyes, without `Bearer`, or a function that returns one. The function is called once per call. The
   * token is sent as `Authorization: Bearer …`. It never appears in an error, a report or a printed client.
   *
   * Default: no token, and no `Authorization` header.
   *
   * @example
   * const client = new UsageClient({ token: async () => (await fetch("https://vault.example/token")).text() });
   */
  token?: string | (() => string | Promise<string>) | undefined;
  /**
   * URL of the API; the path of the request, such as `/v7/usage`, is appended. The URL may end in `/v7` or `/v7/usage` already. It
   * must be https, or http on a loopback host such as localhost. It must have no user name, password, query or fragment. On a page
   * it may be relative, such as `"/api"`. Without a token, the page's own origin may be http.
   *
   * @default "https://api.thousandeyes.com"
   *
   * @example
   * const client = new UsageClient({ baseUrl: "/api", maxRetries: 0 });
   */
  baseUrl?: string | URL | undefined;
  /**
   * Function to call in place of the global `fetch`, with a URL and an init object. It must return a `Response`.
   *
   * Default: `globalThis.fetch` at the time of the call.
   *
   * @example
   * const client = new UsageClient({ fetch: async () => Response.json({ usage: { cloudUnitsUsed: 1 } }) });
   */
  fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /**
   * Deadline of the whole call, in milliseconds: loading the WebAssembly, token provider, headers, body, retries and waits. It
   * must be above 0. `Infinity`, and any value of 2^31 or more, means no deadline.
   *
   * @default 30000
   */
  timeout?: number | undefined;
  /**
   * How often a failed request is retried, at most: a whole number, 0 or more. A request is retried after a connection error
   * and after the statuses 408, 429, 500, 502, 503 and 504.
   *
   * @default 2
   */
  maxRetries?: number | undefined;
  /**
   * Headers to add to each request. They replace the package's own headers of the same name, `Authorization` and `Accept`
   * included. A header that is `undefined` or `null` is not sent.
   *
   * Default: no headers.
   */
  headers?: RequestInit["headers"] | undefined;
  /**
   * Size limit of a response's body, in bytes after decompression: 1 or more. Values over 268,435,456 (256 MiB) count as that.
   * A longer body is an {@link UnexpectedResponseError}.
   *
   * @default 33554432
   */
  maxBodyBytes?: number | undefined;
  /**
   * Number of pages that {@link getTestUnits} or {@link getEnterpriseAgentUnits} reads, at most: a whole number, 1 or more. If
   * there are more, the iteration rejects with an {@link UnexpectedResponseError} after the rows of the last page that was read.
   *
   * @default 1000
   */
  maxPages?: number | undefined;
  /**
   * Function to call after each HTTP attempt, such as for a log. The call does not wait for it. An error that it throws is
   * ignored.
   *
   * Default: no function.
   *
   * @example
   * const client = new UsageClient({
   *   onAttempt: ({ attempt, status, code, durationMs }) => console.log(attempt, status ?? code, `${durationMs} ms`),
   * });
   */
  onAttempt?: ((attempt: Attempt) => void) | undefined;
}

/**
 * Options of a single call. They replace those of the client or of `configure`. The headers are merged: a header of the call
 * replaces one of the same name.
 */
export interface CallOptions {
  /**
   * Signal that aborts the call at any moment. The call then rejects with an {@link AbortError}.
   *
   * Default: no signal.
   *
   * @example
   * const controller = new AbortController();
   * const promise = getUsage("2067", null, { signal: controller.signal });
   * controller.abort();
   */
  signal?: AbortSignal | undefined;
  /** Deadline of the whole call, in milliseconds. See {@link ClientOptions.timeout}. Default: that of the client. */
  timeout?: number | undefined;
  /** How often a failed request is retried. See {@link ClientOptions.maxRetries}. Default: that of the client. */
  maxRetries?: number | undefined;
  /** Headers to add to each request of this call, over those of the client. Default: those of the client. */
  headers?: RequestInit["headers"] | undefined;
}

/** Report of an HTTP attempt, for {@link ClientOptions.onAttempt}. It never contains the token. */
export interface Attempt {
  /** Number of the attempt within its call: 1 for the first. */
  attempt: number;
  /** URL of the request, with its query. */
  url: string;
  /** HTTP status of the response. Absent if there was no response. */
  status?: number;
  /** Code of the error that the attempt failed with. Absent if it succeeded. */
  code?: ErrorCode;
  /** Duration of the attempt, in milliseconds. */
  durationMs: number;
  /** Wait before the next attempt, in milliseconds. Absent if there is no next attempt. */
  waitMs?: number;
}

/** Rate limit of the organisation, from the response's `X-Organization-Rate-Limit-…` headers. */
export interface RateLimit {
  /** Number of requests that the organisation may send in a minute. */
  limit: number;
  /** Number of requests that are left in this minute. */
  remaining: number;
  /** Time at which the next minute begins, by the server's clock. */
  reset: Date;
}

/** Usage with the status, headers and rate limit of its response. */
export interface UsageResponse {
  /** Usage, as `getUsage` resolves to it. */
  data: Usage;
  /** HTTP status of the response: always 200. */
  status: number;
  /** Headers of the response. A page sees only the headers that the API exposes to its origin. */
  headers: Headers;
  /** The response's `x-request-id`, to quote to support. Absent if the response has none, or the page cannot see it. */
  requestId?: string;
  /** Rate limit of the organisation. Absent unless all three of its headers are valid and visible. */
  rateLimit?: RateLimit;
  /** Number of HTTP requests that were sent. */
  attempts: number;
}

/**
 * Period of units. Each end is a `Date` or a date-time of [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339#section-5.6) with a
 * zone, such as `"2026-10-01T00:00:00Z"`. It is sent in UTC, without fractions of a second.
 */
export interface UnitsPeriod {
  /** Start of the period. If both are absent, the period is the current billing period. */
  startDate?: Date | string | null | undefined;
  /** End of the period. If absent, the time of the request. */
  endDate?: Date | string | null | undefined;
}

/** Which units {@link getTestUnits} requests. */
export interface TestUnitsQuery extends UnitsPeriod {
  /** ID of an account group. If absent, the units are those of the token's own organisation. */
  aid?: string | null | undefined;
}

/** Page of rows, with the status, headers and rate limit of its response. */
export interface Page<Row> {
  /** Rows of the page. It may have none, and another page may follow all the same. */
  data: Row[];
  /** HTTP status of the response: always 200. */
  status: number;
  /** Headers of the response. A page sees only the headers that the API exposes to its origin. */
  headers: Headers;
  /** The response's `x-request-id`, to quote to support. Absent if the response has none, or the page cannot see it. */
  requestId?: string;
  /** Rate limit of the organisation. Absent unless all three of its headers are valid and visible. */
  rateLimit?: RateLimit;
  /** Number of HTTP requests that were sent for this page. */
  attempts: number;
}

/**
 * Rows that the API sends in pages. Nothing is requested before it is iterated, and each iteration begins with the first page.
 * While the rows of a page are read, the next page is requested, one ahead at most. Leaving the loop aborts that request.
 *
 * Each page has its own deadline and its own retries. An error rejects the iteration after the rows of the pages before it. Once
 * the signal has aborted, no further page is returned.
 *
 * @example
 * for await (const { testName, cloudUnitsUsed } of getTestUnits()) console.log(testName, cloudUnitsUsed);
 */
export interface Rows<Row> extends AsyncIterable<Row> {
  /** Returns the pages, each with its response. */
  pages(): AsyncIterableIterator<Page<Row>>;
  /**
   * Resolves to all rows, or to the first ones.
   *
   * @param options `limit`: number of rows to return, at most: a whole number, 0 or more. No page after it is requested.
   * @throws {UsageError} Every rejection is one.
   */
  toArray(options?: { limit?: number | null | undefined }): Promise<Row[]>;
}

/**
 * Sets the default options of the free functions. They replace all options that an earlier `configure` set. Clients do not
 * use them. The package as a module and as CommonJS have separate defaults.
 *
 * @param options Options of every later call of a free function.
 *
 * @example
 * configure({ token: process.env.THOUSANDEYES_TOKEN });
 */
export function configure(options: ClientOptions): void;

/**
 * Requests the usage of an organisation: what it has used of its quota in the current billing period.
 *
 * `aid` selects the organisation that the account group belongs to. Every account group of an organisation has the same
 * totals, so never add up calls per account group.
 *
 * @param aid ID of an account group. If absent, the usage is of the token's own organisation.
 * @param expand Breakdowns to include: each fills the array of its name. If absent or empty, there are none.
 * @param options Options of this call. They replace those of {@link configure}.
 * @returns The usage. A field that is absent is unknown, not 0.
 * @throws {UsageError} Every rejection is one. Its `code` is the kind of error.
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
 * Requests the usage of an organisation as {@link getUsage} does, and resolves to it with the status, headers and rate limit
 * of the response.
 *
 * @param aid ID of an account group. If absent, the usage is of the token's own organisation.
 * @param expand Breakdowns to include: each fills the array of its name. If absent or empty, there are none.
 * @param options Options of this call. They replace those of {@link configure}.
 * @throws {UsageError} Every rejection is one. Its `code` is the kind of error.
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
 * Requests the units of each test in a period, and of the enterprise agents that ran it. Only organisations with usage-based
 * billing have these.
 *
 * The enterprise units of an agent count for the account groups whose tests run on it. In {@link getUsage}, they count for the
 * account group that owns the agent.
 *
 * @param query Account group and period. If absent, the tests of the token's own organisation in the current billing period.
 * @param options Options of each page's call. They replace those of {@link configure}.
 * @returns The rows, to iterate with `for await`. An invalid argument rejects the iteration with an {@link ArgumentError}.
 *
 * @example
 * const october = { startDate: "2026-10-01T00:00:00Z", endDate: "2026-10-31T23:59:59Z" };
 * let sum = 0;
 * for await (const { cloudUnitsUsed = 0 } of getTestUnits(october)) sum += cloudUnitsUsed;
 */
export function getTestUnits(query?: TestUnitsQuery | null, options?: ClientOptions & CallOptions): Rows<UnitsByTests>;

/**
 * Requests the units of each enterprise agent in a period, by the account groups whose tests run on it. Only organisations with
 * usage-based billing have these.
 *
 * @param query Period. If absent, the current billing period.
 * @param options Options of each page's call. They replace those of {@link configure}.
 * @returns The rows, to iterate with `for await`. An invalid argument rejects the iteration with an {@link ArgumentError}.
 *
 * @example
 * const agents = await getEnterpriseAgentUnits({ startDate: new Date("2026-10-01") }).toArray();
 */
export function getEnterpriseAgentUnits(
  query?: UnitsPeriod | null,
  options?: ClientOptions & CallOptions,
): Rows<EnterpriseAgentUnits>;

/**
 * Requests the quotas that an administrator has set for the organisation and its account groups. The package never changes one.
 *
 * The token's user needs the permission to edit the quotas of the organisation and its account groups.
 *
 * @param options Options of this call. They replace those of {@link configure}.
 * @returns The quotas. A field that is absent is unknown, not 0.
 * @throws {UsageError} Every rejection is one.
 *
 * @example
 * const { quotas = [] } = await getQuotas();
 * for (const { organizationQuota } of quotas) console.log(organizationQuota?.orgId, organizationQuota?.value);
 */
export function getQuotas(options?: ClientOptions & CallOptions): Promise<Quotas>;

/**
 * Client with its own options. Clients share no options, token or state. There is nothing to close.
 *
 * @example
 * const client = new UsageClient({ token: process.env.THOUSANDEYES_TOKEN, timeout: 90_000 });
 * const { usage } = await client.getUsage();
 */
export class UsageClient {
  /**
   * Makes a client. It sends nothing.
   *
   * @param options Options of every call of this client.
   */
  constructor(options?: ClientOptions);
  /**
   * Requests the usage of an organisation, as the function {@link getUsage} does, with the client's options.
   *
   * @param aid ID of an account group. If absent, the usage is of the token's own organisation.
   * @param expand Breakdowns to include: each fills the array of its name. If absent or empty, there are none.
   * @param options Options of this call. They replace those of the client.
   * @throws {UsageError} Every rejection is one. Its `code` is the kind of error.
   */
  getUsage(
    aid?: string | null,
    expand?: readonly Expand[] | null,
    options?: ClientOptions & CallOptions,
  ): Promise<Usage>;
  /**
   * Requests the usage of an organisation with its response, as the function {@link getUsageWithResponse} does, with the
   * client's options.
   *
   * @param aid ID of an account group. If absent, the usage is of the token's own organisation.
   * @param expand Breakdowns to include: each fills the array of its name. If absent or empty, there are none.
   * @param options Options of this call. They replace those of the client.
   * @throws {UsageError} Every rejection is one. Its `code` is the kind of error.
   */
  getUsageWithResponse(
    aid?: string | null,
    expand?: readonly Expand[] | null,
    options?: ClientOptions & CallOptions,
  ): Promise<UsageResponse>;
  /**
   * Requests the units of each test in a period, as the function {@link getTestUnits} does, with the client's options.
   *
   * @param query Account group and period. If absent, the tests of the token's own organisation in the current billing period.
   * @param options Options of each page's call. They replace those of the client.
   */
  getTestUnits(query?: TestUnitsQuery | null, options?: ClientOptions & CallOptions): Rows<UnitsByTests>;
  /**
   * Requests the units of each enterprise agent in a period, as the function {@link getEnterpriseAgentUnits} does, with the
   * client's options.
   *
   * @param query Period. If absent, the current billing period.
   * @param options Options of each page's call. They replace those of the client.
   */
  getEnterpriseAgentUnits(query?: UnitsPeriod | null, options?: ClientOptions & CallOptions): Rows<EnterpriseAgentUnits>;
  /**
   * Requests the quotas, as the function {@link getQuotas} does, with the client's options.
   *
   * @param options Options of this call. They replace those of the client.
   * @throws {UsageError} Every rejection is one. Its `code` is the kind of error.
   */
  getQuotas(options?: ClientOptions & CallOptions): Promise<Quotas>;
}

/**
 * Compares each meter of a usage with its quota: overage, run rate, and the time at which the quota is used up. There is one
 * entry for each meter of which the usage has a number.
 *
 * It sends no request, and needs no breakdown. It loads the WebAssembly as a call does. The result is JSON-compatible. What the usage lacks is absent, not 0. Device
 * agents and unit allocations have no meter and are left out.
 *
 * @param usage Usage, as {@link getUsage} resolves to it.
 * @param at Time at which `usage` was fetched. If absent, now; for stored data pass the time it was fetched. The API's numbers
 * are up to an hour older, so on the first day of a period a run rate says little.
 * @throws {ArgumentError} If `usage` is not a usage, or `at` is not a valid date. The message names the field.
 *
 * @example
 * const { meters } = await summarize(await getUsage());
 * for (const { meter, overage = 0, projectedOverage = 0, exhaustsAt } of meters) {
 *   const over = Math.max(overage, projectedOverage);
 *   if (over > 0) console.log(meter, "over its quota by", over, exhaustsAt ? `from ${exhaustsAt}` : "");
 * }
 */
export function summarize(usage: Usage, at?: Date | null): Promise<Summary>;

/**
 * Adds up the usage of each account group, over all breakdowns that the usage has, or over the rows of {@link getTestUnits}.
 *
 * Sorted by projected cloud units, largest first; a test without a projection counts with its used cloud units. Groups without
 * tests come last, by `aid`. It sends no request, and loads the WebAssembly as a call does.
 *
 * @param usage Usage, as {@link getUsage} resolves to it, with all account groups of the organisation. Or the rows of one period,
 * from {@link getTestUnits}: for one day, request one day.
 * @throws {ArgumentError} If `usage` is neither, or a sum is over 2^53 − 1.
 *
 * @example
 * const groups = await byAccountGroup(await getUsage(null, ["test", "endpoint-agent"]));
 * console.table(groups);
 */
export function byAccountGroup(usage: Usage | readonly UnitsByTests[]): Promise<AccountGroupUsage[]>;

/**
 * Compares the units of tests in two periods: in total, by account group, and for the tests that grew most.
 *
 * A number that only one period has counts as 0 in the other. Rows without a `testId` cannot be matched: they count in the sums,
 * and not as tests. For the tests that shrank most, swap the periods. It sends no request, and loads the WebAssembly as a call does.
 *
 * @param before Rows of the first period, from {@link getTestUnits}. For one day, request one day.
 * @param after Rows of the second period. Choose periods of the same length: nothing is scaled.
 * @param n Number of tests to return, at most: a whole number, 0 or more. If absent, 10.
 * @throws {ArgumentError} If `before` or `after` is not such rows, a sum is over 2^53 − 1, or `n` is not a whole number, 0 or more.
 *
 * @example
 * const before = await getTestUnits({ startDate: "2026-09-01T00:00:00Z", endDate: "2026-09-30T23:59:59Z" }).toArray();
 * const after = await getTestUnits({ startDate: "2026-10-01T00:00:00Z", endDate: "2026-10-31T23:59:59Z" }).toArray();
 * const { total, tests } = await compareUnits(before, after, 5);
 * console.log("growth in all", total.growth.cloudUnits, total.growth.cloudUnitsRatio);
 * for (const { testName, before, growth } of tests) console.log(testName, growth.cloudUnits, before ? "" : "new");
 */
export function compareUnits(
  before: readonly UnitsByTests[],
  after: readonly UnitsByTests[],
  n?: number | null,
): Promise<UnitsComparison>;

/**
 * Returns the tests that use the most cloud units.
 *
 * Sorted by projected units, else used units, largest first. The elements are the same objects as in `usage`. It sends no
 * request, and loads the WebAssembly as a call does.
 *
 * @param usage Usage, as {@link getUsage} resolves to it, with the breakdown `test`. Without it the result is empty.
 * @param n Number of tests to return, at most: a whole number, 0 or more. If absent, 10.
 * @throws {ArgumentError} If `usage` is not a usage, or `n` is not a whole number, 0 or more.
 *
 * @example
 * const [largest] = await topTests(await getUsage(null, ["test"]), 1);
 * console.log(largest?.testName, largest?.cloudUnitsProjected);
 */
export function topTests(usage: Usage, n?: number | null): Promise<TestUsage[]>;

/**
 * Loads the WebAssembly before the first call. It is optional: the first call loads the WebAssembly otherwise. Once it is
 * loaded, a later `init` has no effect.
 *
 * @param wasm Compiled module, its bytes, its URL, or a `Response` with its bytes. If absent, the package loads its own file.
 * @throws {ConnectionError} If the WebAssembly cannot be loaded.
 * @throws {ArgumentError} If `wasm` is any other primitive value, such as `null`.
 *
 * @example
 * await init("/assets/usage.wasm");
 */
export function init(
  wasm?: WebAssembly.Module | ArrayBuffer | ArrayBufferView | URL | string | Response,
): Promise<void>;

/**
 * Body of a failed response, with the field names of [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457). The API's other error
 * formats are read into the same fields. The texts are the server's: show them, but do not branch on them.
 */
export interface Problem {
  /** URI of the kind of problem. Absent if the body has none. */
  type?: string;
  /** Short summary of the kind of problem; the error code if it is an OAuth error. Absent if the body has none. */
  title?: string;
  /** HTTP status in the body, which may differ from the response's. Absent if the body has none. */
  status?: number;
  /** Explanation of this problem. Absent if the body has none. */
  detail?: string;
  /** URI or path of the request that failed. Absent if the body has none. */
  instance?: string;
  /** Single errors, such as one for each invalid parameter. Absent if the body has none. */
  errors?: ProblemError[];
}

/** Single error of a {@link Problem}. */
export interface ProblemError {
  /** Code of the error. Absent if the body has none. */
  code?: string;
  /** Name of the invalid field or parameter. Absent if the body has none. */
  field?: string;
  /** Explanation of the error. Absent if the body has none. */
  message?: string;
}

/**
 * Error of this package. Every rejection is an instance of one of these classes. Branch on `code` or on the class:
 * TypeScript then knows the other fields of the error.
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
// Not declared as a class: `instanceof` would narrow to that class, and then `code` could not narrow further.
/** Base of the error classes, for `instanceof`. */
export const UsageError: {
  /** Only the package makes instances. */
  new (fields: never): UsageError;
};

/** Fields of every {@link UsageError}. */
declare class UsageErrorBase extends Error {
  /** Only the package makes instances. Public, so that a test runner's `toThrow(RateLimitError)` accepts the class. */
  constructor(fields: never);
  /** Name of the class, such as `"RateLimitError"`. */
  readonly name: string;
  /** Kind of error. Stable: programs may branch on it. */
  readonly code: ErrorCode;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
  /** Number of HTTP requests that were sent. 0 if the WebAssembly module crashed, since the number is then unknown. */
  readonly attempts: number;
  /**
   * Value that the platform, your `fetch`, your token provider or your signal gave as the reason. Absent if there is none.
   *
   * The value of a provider or signal is unchanged. If a value of the platform or of `fetch` contains a part of the token, or
   * cannot be searched for one, an error with only its names, codes and messages replaces it.
   */
  readonly cause?: unknown;
  /** Returns all fields except the cause and the headers. The result is safe to log. */
  toJSON(): Record<string, unknown>;
}

/** Fields of an error that has a response. */
declare class ResponseError extends UsageErrorBase {
  /** HTTP status of the response. 0 for a redirect in a browser, which hides the status. */
  readonly status: number;
  /** Headers of the response. Not enumerable, so that a log does not print them. */
  readonly headers: Headers;
  /** The response's `x-request-id`, to quote to support. Absent if the response has none, or the page cannot see it. */
  readonly requestId?: string;
  /** Rate limit of the organisation. Absent unless all three of its headers are valid and visible. */
  readonly rateLimit?: RateLimit;
}

/** Fields of an error that may have a {@link Problem}. */
declare class StatusError extends ResponseError {
  /** Body of the response. Absent if it is in no known format, such as HTML. */
  readonly problem?: Problem;
}

/** Error thrown when an argument or option is invalid. Nothing was sent. */
export class ArgumentError extends UsageErrorBase {
  readonly name: "ArgumentError";
  readonly code: "argument";
}

/** Error thrown when the token is invalid, or its provider failed. Nothing was sent. `cause` is the provider's error. */
export class TokenError extends UsageErrorBase {
  readonly name: "TokenError";
  readonly code: "token";
}

/**
 * Error thrown when the connection failed before or in the response (DNS, refused, TLS, CORS, reset), or when the package's
 * WebAssembly could not be loaded or crashed. `cause` is the platform's error.
 */
export class ConnectionError extends UsageErrorBase {
  readonly name: "ConnectionError";
  readonly code: "connection";
  /** The platform's code of the failure, such as `"ECONNREFUSED"`. Absent if it gives none, as in a browser. */
  readonly causeCode?: string;
  /** Time to try again, by this machine's clock. Present only if a retry did not fit the deadline. */
  readonly retryAt?: Date;
}

/** Error thrown when the deadline of the whole call passed. */
export class TimeoutError extends UsageErrorBase {
  readonly name: "TimeoutError";
  readonly code: "timeout";
}

/** Error thrown when the signal of the call aborted. `cause` is the signal's reason. */
export class AbortError extends UsageErrorBase {
  readonly name: "AbortError";
  readonly code: "aborted";
}

/** Error thrown when the API responds with 400: a parameter is invalid. */
export class BadRequestError extends StatusError {
  readonly name: "BadRequestError";
  readonly code: "bad-request";
  /** Single errors of the request, from `problem`. Empty if the response has none. */
  readonly errors: ProblemError[];
}

/** Error thrown when the API responds with 401: the token is missing, invalid or expired. */
export class UnauthorizedError extends StatusError {
  readonly name: "UnauthorizedError";
  readonly code: "unauthorized";
}

/** Error thrown when the API responds with 403: the token's user may not view this usage. */
export class ForbiddenError extends StatusError {
  readonly name: "ForbiddenError";
  readonly code: "forbidden";
}

/** Error thrown when the API responds with 404: check `aid` and `baseUrl`. */
export class NotFoundError extends StatusError {
  readonly name: "NotFoundError";
  readonly code: "not-found";
}

/**
 * Error thrown when the API responds with 429: the organisation has used up its requests of this minute.
 *
 * @example
 * try {
 *   await getUsage();
 * } catch (error) {
 *   if (!(error instanceof RateLimitError)) throw error;
 *   console.log("Try again at", error.retryAt.toISOString());
 * }
 */
export class RateLimitError extends StatusError {
  readonly name: "RateLimitError";
  readonly code: "rate-limit";
  /** Time to try again, by this machine's clock. */
  readonly retryAt: Date;
}

/** Error thrown when the API responds with 5xx. */
export class ServerError extends StatusError {
  readonly name: "ServerError";
  readonly code: "server";
  /** Time to try again, by this machine's clock. Present if the response names one, or a retry did not fit the deadline. */
  readonly retryAt?: Date;
}

/**
 * Error thrown when the response has any other status, is a redirect, is a 200 whose `Content-Type` is not JSON, or has a body
 * over `maxBodyBytes`. Also thrown after a page of a list whose next link leads to a page that was read, or beyond `maxPages`.
 */
export class UnexpectedResponseError extends StatusError {
  readonly name: "UnexpectedResponseError";
  readonly code: "unexpected-response";
  /**
   * Time to try again, by this machine's clock. Present only with the status 408, if the response names a time, or a retry did
   * not fit the deadline.
   */
  readonly retryAt?: Date;
}

/** Error thrown when the body of a 200 is not UTF-8, not JSON, or not as documented. It never contains a value of the body. */
export class DecodeError extends ResponseError {
  readonly name: "DecodeError";
  readonly code: "decode";
  /** Path of the invalid value, such as `usage.tests[17].cloudUnitsUsed`. Empty if the whole body is invalid. */
  readonly path: string;
  /** What the path should have, such as `"a string"`. */
  readonly expected: string;
  /** What the path has, such as `"a number"`, or what the parser found: `"unexpected character at line 1, column 8"`. */
  readonly found: string;
}
