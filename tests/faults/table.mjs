// Each failure and its outcome. The tests check them in each runtime, and FAULTS.md lists them. A new failure is a new row.
//
// What only the WebAssembly computes is the same in each runtime: its details are tested in src/, and here is one case of it.
// Milliseconds are a number, or a range as [least, most].
/**
 * @typedef {object} Row
 * @property {string} fault what goes wrong, in words
 * @property {Outcome} outcome
 * @property {Record<string, Case>} [cases] by name; without them the row itself is the only case
 * @property {Record<string, { outcome?: Outcome, because?: string }>} [except] by runtime: what differs there, and why
 * @property {string} [docs] what FAULTS.md says in place of the outcome
 *
 * @typedef {object} Case
 * @property {Response | Response[] | ((request: { now: number, path: string, origin: string, elsewhere: string }) =>
 *   Response)} [response] what the server plays (see server.mjs); of a list, the next one for each request
 * @property {boolean} [refused] whether the URL refuses connections
 * @property {Partial<URL>} [address] the parts of the URL that differ
 * @property {string} [aid]
 * @property {string[]} [expand]
 * @property {object} [options]
 * @property {string} [path] of the requests; "/v7/usage" by default
 * @property {string} [caller] what the caller does: a function of callers.mjs
 * @property {unknown} [param] its parameter
 * @property {Outcome} [outcome] replaces fields of the row's outcome
 * @property {Row["except"]} [except] replaces fields of the row's exceptions
 * @property {number} [written] the most bytes that the server may write
 * @property {number} [memory] the most bytes by which the runtime may grow
 *
 * @typedef {object} Outcome and any other field of the error
 * @property {string | string[]} [code] of the error; one of a list
 * @property {unknown} [data] of a call that succeeds
 * @property {number} [attempts] 1 by default; of a list, those of the page that fails
 * @property {number} [earlier] the attempts for the pages before; 0 by default
 * @property {boolean} [afterPage] whether the page itself is good, and the error follows it
 * @property {number | [number, number]} [requests] that reach the server; as many as all attempts by default
 * @property {(number | [number, number])[]} [waits] before the retries
 * @property {number | [number, number]} [retryIn] from now to `retryAt`
 * @property {[number, number]} [within] how long the call takes; less than the default deadline by default
 */
import { brotliCompressSync, gzipSync } from "node:zlib";

import {
  BOMB, bodies, entries, fixture, grid, gzip, integer, limited, list, nested, reset, retryAfter,
} from "./responses.mjs";

const GOOD = '{"usage":{"cloudUnitsUsed":7}}';
const DATA = { usage: { cloudUnitsUsed: 7 } };
/** A usage that is returned as JSON.parse has it. */
const parsed = (body) => ({ response: { body }, outcome: { data: JSON.parse(body) } });
const inRow18 = (row) => `{"usage":{"tests":[${"{},".repeat(17)}${row}]}}`;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** The waits without a `Retry-After`: 0.5 s · 2ⁿ, times a random 0.75 to 1. */
const BACKOFF = [[375, 500], [750, 1_000]];

const ok = { data: DATA };
const connection = { code: "connection", retryable: true, attempts: 3, waits: BACKOFF };
const decode = (path, found, expected) => ({ code: "decode", retryable: false, path, found, expected });
const notJson = (found) => decode("", found, "JSON");
const unexpected = (status) => ({ code: "unexpected-response", status, retryable: false });
const argument = { code: "argument", attempts: 0, retryable: false };
const token = { code: "token", attempts: 0, retryable: false };
const aborted = { code: "aborted", retryable: false };

/** The deadline of the rows that stall, and the time of such a call. A busy machine may take long. */
const SHORT = { timeout: 400 };
const timeout = { code: "timeout", retryable: true, within: [400, 10 * SECOND] };

const fetches = (...names) => list(names, (param) => ({ caller: "fetch", param, outcome: { requests: 0 } }));

const AT_ONCE = [["retry-after", "0"]];
const BY_STATUS = [[400, "bad-request"], [401, "unauthorized"], [403, "forbidden"], [404, "not-found"]];
const CLIENT_ERRORS = [
  402, 405, 406, 409, 410, 411, 412, 413, 414, 415, 416, 417, 418, 422, 423, 424, 425, 426, 428, 431, 451, 499,
];
const SERVER_ERRORS = [501, 505, 506, 507, 508, 510, 511, 520, 522, 524, 530, 599];
const TRANSIENT = [500, 502, 503, 504];

/** A row of statuses, with each shape of body. */
const shapes = (fault, statuses, outcome, headers) =>
  ({ fault: `${fault}, with each shape of body`, cases: grid(statuses, headers), outcome });
const twiceAgain = { attempts: 3, waits: [0, 0] };

const rateLimit = { code: "rate-limit", status: 429, retryable: true };
const notNow = { ...rateLimit, attempts: 1, waits: [], retryIn: 10 * MINUTE };
const backsOff = { ...rateLimit, attempts: 3, waits: BACKOFF, retryIn: [1_500, 2_000] };

/** The responses of 50 calls at once, by their aid: one of these statuses, or a number that only this call gets. */
const MIXED = [...BY_STATUS, [429, "rate-limit"], [500, "server"], [418, "unexpected-response"]];
const mixed = {
  response({ path }) {
    const aid = Number(new URLSearchParams(path.split("?")[1]).get("aid"));
    const [status] = MIXED[aid % 8] ?? [];
    return status ? { status } : { body: integer(4_320_000_000 + aid) };
  },
  data: Array.from({ length: 50 }, (_, aid) => MIXED[aid % 8]?.[1] ?? 4_320_000_000 + aid),
};

/** A call of getTestUnits, and a page of it with the next link of a cursor. Only the cursor of the link may be used. */
const UNITS = { caller: "list", path: "/v7/usage/units/tests" };
const AGENT_UNITS = { caller: "list", path: "/v7/usage/units/enterprise-agents", param: { list: "getEnterpriseAgentUnits" } };
const breakdowns = (rows, cursor, host = "https://api.thousandeyes.com") => ({
  body: JSON.stringify({
    breakdowns: rows,
    _links: cursor && { next: { href: `${host}/v7/usage/units/tests?aid=9&cursor=${cursor}` } },
  }),
});
const page = (ids, ...link) => breakdowns(ids.map((testId) => ({ testId })), ...link);
/** A call whose first page has the row 1, and a link to this page. */
const page1 = (...then) => ({ ...UNITS, response: [page(["1"], "b"), ...then] });
const ofPage2 = { earlier: 1, rows: ["1"] };
const rows = { docs: "all rows", outcome: { data: ["1", "2"], attempts: 2, waits: [] } };

/** The same exception in each of these runtimes. */
const inRuntimes = (names, outcome, because) => list(names, () => ({ outcome, because }));

export const TABLE = [
  {
    title: "The connection",
    rows: [
      { fault: "nobody listens at the port", refused: true, outcome: { ...connection, requests: 0 } },
      {
        fault: "no host has the name, with `maxRetries: 0`",
        address: { protocol: "https:", hostname: "nobody.invalid", port: "" },
        options: { maxRetries: 0 },
        outcome: { ...connection, attempts: 1, waits: [], requests: 0 },
      },
      { fault: "the server has no TLS", response: {}, address: { protocol: "https:" }, outcome: { ...connection, requests: 0 } },
      {
        fault: "it ends before the headers",
        cases: { "by a reset": { response: { before: "reset" } }, "closed": { response: { before: "close" } } },
        outcome: connection,
        except: inRuntimes(["deno", "bun", "chromium", "firefox"], { requests: [3, 30] }, "`fetch` itself may send it again"),
      },
      {
        fault: "the API does not allow the page's origin (CORS)",
        response: { body: GOOD },
        address: { hostname: "localhost" },
        outcome: ok,
        except: inRuntimes(["chromium", "firefox"], { ...connection, requests: 0 }, "a `ConnectionError`, after 3 attempts"),
      },
      {
        fault: "it is reset in the body",
        response: { body: '{"usage":', then: "reset when seen" },
        caller: "seeing",
        outcome: connection,
      },
      {
        fault: "it is closed before the announced end of the body",
        cases: {
          "by Content-Length": { response: { body: '{"usage":', length: 100, then: "close" } },
          "by chunks": { response: { body: '{"usage":', then: "close" } },
        },
        outcome: connection,
      },
      {
        fault: "it is closed before the end of a body in chunks, after `Connection: close`",
        response: { body: '{"usage":', headers: [["connection", "close"]], then: "close" },
        outcome: connection,
        except: inRuntimes(
          ["node"],
          { ...notJson("unexpected end of input"), attempts: 1, waits: [] },
          "it counts as the whole body: a `DecodeError`",
        ),
      },
      {
        fault: "the response is not HTTP",
        cases: {
          "another protocol's greeting": {
            response: { raw: "220 mail.example ESMTP $AUTHORIZATION\r\n" },
            except: { firefox: { outcome: { ...unexpected(200), attempts: 1, waits: [] } } },
          },
          "a chunk without a length": {
            response: {
              raw: "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n$AUTHORIZATION\r\n",
            },
          },
        },
        outcome: connection,
        except: { firefox: { because: "a greeting is HTTP/0.9 to it: an `UnexpectedResponseError`" } },
      },
      {
        fault: "the body is not compressed, although its header says so, with `maxRetries: 0`",
        response: gzip(GOOD),
        options: { maxRetries: 0, timeout: 2_000 },
        outcome: { ...connection, attempts: 1, waits: [] },
        except: {
          node: { outcome: { code: ["connection", "timeout"] }, because: "its `fetch` may stall instead, until the deadline" },
        },
      },
      {
        fault: "it fails once, then a response comes",
        response: [{ body: "{", then: "reset when seen" }, { body: GOOD }],
        caller: "seeing",
        outcome: { ...ok, attempts: 2, waits: [BACKOFF[0]] },
      },
    ],
  },
  {
    title: "Time",
    rows: [
      { fault: "the headers stall", response: { before: "stall" }, options: SHORT, outcome: timeout },
      { fault: "the body stalls", response: { body: '{"usage":', then: "stall" }, options: SHORT, outcome: timeout },
      { fault: "the body drips", response: { body: " ".repeat(2_000), every: 20 }, options: SHORT, outcome: timeout },
      {
        fault: "the body of a failed response stalls",
        response: { status: 500, body: "{", then: "stall" },
        options: SHORT,
        outcome: timeout,
      },
      {
        fault: "a retry stalls",
        response: [{ status: 503, headers: AT_ONCE }, { before: "stall" }],
        options: SHORT,
        outcome: { ...timeout, attempts: 2, waits: [0] },
      },
      { fault: "the body drips and ends in time", response: { body: GOOD, every: 5 }, outcome: ok },
      {
        fault: "a wait that fits the deadline",
        response: [{ status: 503, headers: [["retry-after", "1"]] }, { body: GOOD }],
        outcome: { ...ok, attempts: 2, waits: [1_000], within: [1_000, 25 * SECOND] },
      },
      {
        fault: "a wait that does not fit the deadline",
        cases: {
          "the server's": {
            response: { status: 503, headers: [["retry-after", "30"]] },
            outcome: { status: 503, retryIn: 30 * SECOND },
          },
          "our own": { response: { status: 502 }, options: { timeout: 300 }, outcome: { status: 502, retryIn: [375, 500] } },
        },
        outcome: { code: "server", retryable: true, attempts: 1, waits: [] },
      },
    ],
  },
  {
    title: "A status other than 200",
    rows: [
      ...BY_STATUS.map(([status, code]) => shapes(status, [status], { code, retryable: false })),
      shapes("429", [429], { ...rateLimit, ...twiceAgain }, AT_ONCE),
      shapes(TRANSIENT.join(", "), TRANSIENT, { code: "server", retryable: true, ...twiceAgain }, AT_ONCE),
      shapes("408", [408], { ...unexpected(408), retryable: true, ...twiceAgain }, AT_ONCE),
      shapes("any other 5xx", SERVER_ERRORS, { code: "server", retryable: false }),
      shapes("any other 4xx", CLIENT_ERRORS, { code: "unexpected-response", retryable: false }),
      {
        ...shapes("421", [421], unexpected(421)),
        except: inRuntimes(["node", "chromium", "firefox"], { requests: 2 }, "`fetch` itself sends it once more"),
      },
      {
        ...shapes("407", [407], unexpected(407)),
        except: inRuntimes(
          ["node", "chromium"],
          { ...connection, status: undefined, problem: undefined, requestId: undefined },
          "`fetch` itself fails: a `ConnectionError`, after 3 attempts",
        ),
      },
      {
        fault: "any other 2xx or 3xx",
        cases: list([201, 206, 226, 300, 306], (status) => ({ response: { status, body: GOOD }, outcome: { status } })),
        outcome: unexpected(),
      },
      {
        fault: "a status that has no body",
        cases: list([204, 205, 304], (status) => ({ response: { status, type: null }, outcome: { status } })),
        outcome: unexpected(),
      },
      {
        fault: "a redirect, which is not followed",
        cases: {
          ...list([301, 302, 303, 307, 308], (status) => ({
            response: ({ elsewhere }) => ({ status, headers: [["location", elsewhere]] }),
            outcome: { status },
          })),
          ...list(["/?$AUTHORIZATION", "usage", "file:///etc/passwd"], (location) => ({
            response: { status: 302, headers: [["location", location]] },
            outcome: { status: 302 },
          })),
        },
        outcome: unexpected(),
        except: inRuntimes(["chromium", "firefox"], { status: 0 }, "a browser hides the status: it is 0"),
      },
      {
        fault: "the body never ends, with `maxRetries: 0`",
        response: { status: 500, body: "x".repeat(2 ** 14), then: "repeat" },
        options: { maxRetries: 0 },
        outcome: { code: "server", status: 500, retryable: true },
        written: 2 ** 25,
      },
      {
        fault: "it has the organisation's rate limit",
        response: {
          status: 400,
          headers: [
            ["x-organization-rate-limit-limit", "240"],
            ["x-organization-rate-limit-remaining", "239"],
            ["x-organization-rate-limit-reset", "1795348860"],
          ],
        },
        outcome: {
          code: "bad-request",
          status: 400,
          retryable: false,
          rateLimit: { limit: 240, remaining: 239, reset: "2026-11-22T12:01:00.000Z" },
        },
      },
      {
        fault: "the body breaks off",
        response: { status: 403, body: "{", length: 100, then: "close" },
        outcome: { code: "forbidden", status: 403, retryable: false, problem: undefined },
      },
    ],
  },
  {
    title: "429: when to retry",
    rows: [
      {
        fault: "`Retry-After` in 10 minutes, after the deadline",
        cases: {
          "seconds": limited(() => [["retry-after", "600"]]),
          "a date": limited((now) => [retryAfter(now + 10 * MINUTE)]),
        },
        outcome: notNow,
      },
      {
        fault: "`Retry-After: 0`",
        response: { status: 429, headers: AT_ONCE },
        outcome: { ...rateLimit, ...twiceAgain, retryIn: 0 },
      },
      {
        fault: "no valid `Retry-After`, and `X-Organization-Rate-Limit-Reset` in 10 minutes",
        ...limited((now) => [["retry-after", "7"], ["retry-after", "8"], reset(now + 10 * MINUTE)]),
        outcome: notNow,
      },
      {
        fault: "neither is valid",
        ...limited((now) => [retryAfter(now - MINUTE), reset(now - MINUTE)]),
        outcome: backsOff,
      },
      {
        fault: "`Retry-After` in 10 minutes, to a page of another origin that may see it",
        response: { status: 429, headers: [["retry-after", "600"]], cors: ["retry-after", "date"] },
        address: { hostname: "localhost" },
        outcome: notNow,
      },
      {
        fault: "`Retry-After` and the reset in 10 minutes, to a page of another origin that may not see them",
        response: ({ now }) => ({
          status: 429,
          headers: [["retry-after", "600"], reset(now + 10 * MINUTE)],
          cors: ["x-request-id"],
        }),
        address: { hostname: "localhost" },
        outcome: notNow,
        except: inRuntimes(["chromium", "firefox"], backsOff, "a browser hides them: it backs off, and makes 3 attempts"),
      },
      {
        fault: "no `Date` to correct the clock by",
        cases: {
          "a date": { response: ({ now }) => ({ status: 429, date: null, headers: [retryAfter(now + 10 * MINUTE)] }) },
          "the reset": { response: ({ now }) => ({ status: 429, date: null, headers: [reset(now + 10 * MINUTE)] }) },
        },
        outcome: { ...notNow, retryIn: [10 * MINUTE - 2 * SECOND, 10 * MINUTE] },
      },
    ],
  },
  {
    title: "A 200 that is not a usage",
    rows: [
      {
        fault: "another media type, or none",
        cases: {
          "two types": { response: { type: "application/json, text/html", body: GOOD } },
          "none": { response: { type: null, body: GOOD } },
          "a login page": { response: { type: "text/html", body: fixture("gateway.html") } },
        },
        outcome: unexpected(200),
      },
      {
        fault: "the body is longer than `maxBodyBytes`",
        cases: {
          "by Content-Length": { response: { body: " ".repeat(2 ** 20), length: 2 ** 20 }, options: { maxBodyBytes: 2 ** 16 } },
          "without an end": {
            response: { body: " ".repeat(2 ** 14), then: "repeat" },
            options: { maxBodyBytes: 2 ** 20 },
            written: 2 ** 25,
          },
          "a gzip bomb": { response: BOMB, memory: 2 ** 29, written: 2 ** 28 },
        },
        outcome: unexpected(200),
      },
      {
        fault: "the body is not UTF-8",
        response: { body: Buffer.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d) },
        outcome: decode("", "invalid sequence at byte 2", "UTF-8 text"),
      },
      {
        fault: "the body is not JSON",
        cases: {
          "truncated": { response: { body: '{"usage":{"cloudUnitsUsed":7' } },
          "words": { response: { body: "$AUTHORIZATION" }, outcome: { found: "unexpected character at line 1, column 1" } },
        },
        outcome: notJson("unexpected end of input"),
      },
      {
        fault: "the JSON is not a usage",
        response: { body: '"$AUTHORIZATION"' },
        outcome: decode("", "a string", "an object"),
      },
      {
        fault: "it is nested deeper than 128",
        response: { body: nested(200_000) },
        outcome: decode("", "deeper nesting", "JSON nested at most 128 levels deep"),
      },
      {
        fault: "it has more than 4,000,000 values",
        response: { body: `[${"0,".repeat(4_000_000)}0]` },
        outcome: decode("", "more values", "JSON with at most 4,000,000 values"),
      },
      {
        fault: "a known field with a wrong type, a fraction, or an integer beyond ±(2^53 − 1): `path` names it",
        cases: entries(
          { "a string": '"$AUTHORIZATION"', "a fraction": "0.5", "an integer out of range": "1e300" },
          (value, found) => ({ response: { body: inRow18(`{"cloudUnitsUsed":${value}}`) }, outcome: { found } }),
        ),
        outcome: decode("usage.tests[17].cloudUnitsUsed", undefined, "an integer within ±(2^53 − 1)"),
      },
      {
        fault: "`href` of a link is missing or `null`",
        cases: bodies({ missing: '{"_links":{"self":{}}}', null: '{"_links":{"self":{"href":null}}}' }),
        outcome: decode("_links.self.href", "absent", "a string"),
      },
    ],
  },
  {
    title: "An unusual 200 that is a usage",
    rows: [
      {
        fault: "a JSON media type in any case, with any parameter",
        response: { type: "APPLICATION/HAL+JSON;charset=UTF-8", body: GOOD },
        outcome: ok,
      },
      {
        fault: "a body that is compressed",
        cases: {
          gzip: { response: gzip(gzipSync(GOOD)) },
          brotli: { response: { headers: [["content-encoding", "br"]], body: brotliCompressSync(GOOD) } },
        },
        outcome: ok,
      },
      { fault: "a byte order mark", response: { body: `\uFEFF${GOOD}` }, outcome: ok },
      { fault: "an object without a field", ...parsed("{}") },
      {
        fault: "an integer beyond 32 bits, below 0, or written as 1.0 or 1e3",
        ...parsed(`{"usage":{"tests":[${["4320000000", "-7", "1.0", "1e3"].map((number) => `{"cloudUnitsUsed":${number}}`)}]}}`),
      },
      {
        fault: "half a surrogate pair in a string: it is kept, as by `JSON.parse`",
        ...parsed('{"usage":{"x":"\\ud83d","y":"\\ud83d\\ude00 \\ude00","\\udc00":1}}'),
      },
      {
        fault: "a name that occurs twice: the last value counts",
        ...parsed('{"usage":{"cloudUnitsUsed":"no","x":1,"x":2,"cloudUnitsUsed":7}}'),
      },
      {
        fault: "a field `__proto__`: it is kept like any other",
        ...parsed('{"__proto__":{"x":1},"usage":{"__proto__":[],"constructor":2}}'),
      },
      { fault: "128 levels", ...parsed(nested(128, "7")) },
      { fault: "every known field", ...parsed(fixture("usage.json")) },
      {
        fault: "a known field `null`: it is absent",
        response: { body: '{"usage":{"tests":null}}' },
        outcome: { data: { usage: {} } },
      },
    ],
  },
  {
    title: "Your `fetch`",
    rows: [
      {
        fault: "it throws or rejects with any value",
        cases: fetches("throws an Error", "rejects with undefined", "rejects with an Error whose getters throw"),
        outcome: connection,
      },
      { fault: "it needs its own `this`", cases: fetches("needs its own this"), outcome: connection },
      {
        fault: "it returns no `Response`, or one whose body was read",
        cases: fetches("returns the data itself", "returns a Response that was read"),
        outcome: { code: "connection", retryable: false },
      },
      {
        fault: "the thrown value contains the request, or the token anywhere",
        cases: fetches("throws an Error with the request", "throws an Error with the token in all places"),
        outcome: connection,
      },
      {
        fault: "the body that it returns breaks off, or is not bytes",
        cases: fetches("breaks off in the body with a string", "returns chunks that are not bytes", "returns detached bytes"),
        outcome: connection,
      },
      {
        fault: "it never settles, or its body never does",
        cases: entries(fetches("never settles", "ignores its signal and stalls", "always has one more byte"), (one) => ({
          ...one,
          options: SHORT,
        })),
        outcome: timeout,
      },
      {
        fault: "its body is one chunk that is longer than `maxBodyBytes`",
        cases: entries(fetches("returns one chunk that is too long"), (one) => ({ ...one, options: { maxBodyBytes: 2 ** 20 } })),
        outcome: unexpected(200),
      },
      {
        fault: "it responds after the deadline: the body is cancelled",
        docs: "`TimeoutError`",
        caller: "lateFetch",
        options: SHORT,
        outcome: { data: { code: "timeout", isCancelled: true }, within: [400, 10 * SECOND], requests: 0 },
      },
      { fault: "it is the runtime's own", caller: "ownFetch", response: { body: GOOD }, outcome: ok },
    ],
  },
  {
    title: "Your token",
    rows: [
      {
        fault: "it is empty, or not valid in a header",
        cases: entries({ "empty": "", "CR LF": "abcdefgh\r\nx-evil: 1", "not ASCII": "abcdéfgh" }, (token) => ({
          options: { token },
        })),
        outcome: token,
      },
      { fault: "it is not a string", options: { token: 7 }, outcome: token },
      {
        fault: "its provider throws or rejects",
        cases: list(["throws", "rejects with undefined"], (param) => ({ caller: "provider", param })),
        outcome: token,
      },
      { fault: "its provider returns no token", caller: "provider", param: "returns nothing", outcome: token },
      { fault: "its provider hangs", caller: "provider", param: "hangs", options: SHORT, outcome: { ...timeout, attempts: 0 } },
    ],
  },
  {
    title: "Your signal",
    rows: [
      ...[
        { stage: "before the call", response: { body: GOOD }, outcome: { ...aborted, attempts: 0 } },
        { stage: "in the token provider", response: { body: GOOD }, outcome: { ...aborted, attempts: 0 } },
        { stage: "in the headers", response: { before: "stall" }, outcome: aborted },
        { stage: "in the body", response: { body: "{", then: "stall" }, outcome: aborted },
        {
          stage: "in a wait",
          response: { status: 503, headers: [["retry-after", "2147484"]] },
          options: { timeout: 2 ** 31 },
          outcome: { ...aborted, waits: [2_147_484 * SECOND] },
        },
        { stage: "after the call", response: { body: GOOD }, outcome: ok },
      ].map(({ stage, ...row }) => ({ fault: `it aborts ${stage}`, caller: "abort", param: { stage }, ...row })),
      { fault: "it aborts by `AbortSignal.timeout`", caller: "signalTimeout", response: { before: "stall" }, outcome: aborted },
      {
        fault: "its reason is any value: `cause` is that value",
        caller: "abort",
        param: { stage: "in the headers", reason: { why: "changed my mind" } },
        response: { before: "stall" },
        outcome: aborted,
      },
    ],
  },
  {
    title: "Your arguments and options",
    rows: [
      {
        fault: "an invalid `aid`, `expand`, `baseUrl`, `timeout` or header, or an option that does not exist",
        cases: {
          aid: { aid: "20\n67" },
          expand: { expand: ["test", "tests"] },
          ...entries(
            { baseUrl: "http://example.com", timeout: 0, headers: { "x-own": "abcdefgh\r\nx-evil: 1" }, timeOut: 30_000 },
            (value, name) => ({ options: { [name]: value } }),
          ),
        },
        outcome: argument,
      },
    ],
  },
  {
    title: "A list in pages, and the quotas",
    rows: [
      {
        fault: "page 2 fails: the rows of page 1 were handed out",
        cases: {
          "of tests": page1({ status: 500, headers: AT_ONCE }),
          "of agents": { ...AGENT_UNITS, response: [breakdowns([{ agentId: "1" }], "b"), { status: 500, headers: AT_ONCE }] },
        },
        outcome: { code: "server", status: 500, retryable: true, attempts: 3, waits: [0, 0], ...ofPage2 },
      },
      {
        fault: "page 2 has a row of a wrong type: `path` names it",
        ...page1(breakdowns([{ testId: "2" }, { cloudUnitsUsed: "$AUTHORIZATION" }])),
        outcome: { ...decode("breakdowns[1].cloudUnitsUsed", "a string", "an integer within ±(2^53 − 1)"), ...ofPage2 },
      },
      {
        fault: "a page links to one that was read",
        ...page1(page(["2"], "b")),
        outcome: { ...unexpected(200), earlier: 1, rows: ["1", "2"], afterPage: true },
      },
      {
        fault: "there are more than `maxPages` pages",
        ...page1(page(["2"], "c")),
        options: { maxPages: 2 },
        outcome: { ...unexpected(200), earlier: 1, rows: ["1", "2"], afterPage: true },
      },
      {
        fault: "page 2 stalls",
        ...page1({ before: "stall" }),
        options: { timeout: 1_000 },
        outcome: { ...timeout, within: [1_000, 10 * SECOND], ...ofPage2 },
      },
      {
        fault: "your signal aborts between two pages",
        ...page1({ before: "stall" }),
        param: { next: "abort" },
        outcome: { ...aborted, ...ofPage2 },
      },
      {
        fault: "you leave the loop: the request that is under way is aborted",
        ...page1({ before: "stall" }),
        param: { next: "leave" },
        docs: "the rows so far",
        outcome: { data: ["1"], attempts: 2, waits: [] },
      },
      {
        fault: "the next link is to another origin: only its cursor is used",
        ...UNITS,
        response: ({ path, elsewhere }) => (path.endsWith("?cursor=b") ? page(["2"]) : page(["1"], "b", elsewhere)),
        ...rows,
      },
      {
        fault: "a page has no rows, but a next link",
        ...page1(page([], "c"), page(["2"])),
        ...rows,
        outcome: { ...rows.outcome, attempts: 3 },
      },
      {
        fault: "a 429 between two pages",
        ...page1({ status: 429, headers: AT_ONCE }, page(["2"])),
        ...rows,
        outcome: { ...rows.outcome, attempts: 3, waits: [0] },
      },
      {
        fault: "each page takes less than `timeout`, all together more",
        ...UNITS,
        response: [page(["1"], "b"), page(["2"])].flatMap((page) => [{ status: 503, headers: [["retry-after", "2"]] }, page]),
        options: { timeout: 3_900 },
        ...rows,
        outcome: { ...rows.outcome, attempts: 4, waits: [2 * SECOND, 2 * SECOND], within: [4 * SECOND, 25 * SECOND] },
      },
      {
        fault: "an invalid query, or an invalid `maxPages`",
        cases: {
          "of tests": { ...UNITS, param: { query: { startDate: "2026-10-01" } } },
          "of agents": { ...AGENT_UNITS, param: { ...AGENT_UNITS.param, query: { aid: "2067" } } },
          "no pages": { ...UNITS, options: { maxPages: 0 } },
        },
        outcome: { ...argument, rows: [] },
      },
      {
        fault: "the token may not read the quotas",
        caller: "quotas",
        path: "/v7/quotas",
        response: { status: 403 },
        outcome: { code: "forbidden", status: 403, retryable: false },
      },
    ],
  },
  {
    title: "Several calls, and hooks",
    rows: [
      {
        fault: "50 calls at once, some of which fail: each gets its own outcome",
        docs: "each its own",
        caller: "mixed",
        response: mixed.response,
        options: { maxRetries: 0 },
        outcome: { data: mixed.data, attempts: 50 },
      },
      {
        fault: "an `onAttempt` that throws, rejects or hangs",
        docs: "the usage",
        caller: "hooks",
        response: { body: GOOD },
        outcome: { data: [7, 7, 7], requests: 3, attempts: 0 },
      },
    ],
  },
];
