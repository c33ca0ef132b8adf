// Parts of the table's cases and their responses.
import { readFileSync } from "node:fs";
import { constants, deflateRawSync, gzipSync } from "node:zlib";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

export const fixture = (name) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");

/** Makes a case of each value, named by the key of an object, or by the value itself in a list. */
export const entries = (object, make) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, make(value, name)]));
export const list = (values, make) => Object.fromEntries(values.map((value) => [String(value), make(value)]));

/** Makes a case of each body, with the status 200. */
export const bodies = (named) => entries(named, (body) => ({ response: { body } }));

export const nested = (depth, more = "") => `{"usage":{"x":${"[".repeat(depth - 2)}${more}${"]".repeat(depth - 2)}}}`;
export const integer = (text) => `{"usage":{"cloudUnitsUsed":${text}}}`;

export const gzip = (body) => ({ headers: [["content-encoding", "gzip"]], body });

/** A gzip body that never ends. Each repetition inflates to a MiB of zeros. */
export const BOMB = {
  ...gzip(gzipSync("").subarray(0, 10)),
  again: deflateRawSync(Buffer.alloc(2 ** 20), { finishFlush: constants.Z_SYNC_FLUSH }),
  then: "repeat",
};

// The bodies of failed responses. They echo the token and a part of it.
const ECHO = "you sent $AUTHORIZATION, that is …$PART…";
const REDACTED = "you sent Bearer [token], that is …[token]…";
const problemOf = (text) => {
  const errors = [{ code: text, field: text, message: text }];
  return { type: text, title: text, status: 400, detail: text, instance: text, errors };
};
const BODIES = {
  "problem details": { body: problemOf(ECHO), problem: problemOf(REDACTED) },
  "OAuth": { body: { error: ECHO, error_description: ECHO }, problem: { title: REDACTED, detail: REDACTED } },
  "errorMessage": { body: { errorMessage: ECHO }, problem: { detail: REDACTED } },
  "errors as strings": {
    body: { timestamp: 1_795_348_800_000, httpStatus: 404, errors: [ECHO], path: ECHO },
    problem: { status: 404, instance: REDACTED, errors: [{ message: REDACTED }] },
  },
  "another status": { body: { status: 200, title: "OK" }, problem: { status: 200, title: "OK" } },
  "HTML": { type: "text/html", body: fixture("gateway.html") + ECHO },
  "nothing": { type: null, body: "" },
};

/** Makes a case of each status with each kind of body. */
export const grid = (statuses, headers = []) =>
  Object.fromEntries(
    statuses.flatMap((status) =>
      Object.entries(BODIES).map(([name, { type = "application/problem+json", body, problem }]) => [
        `${status}, ${name}`,
        {
          response: {
            status,
            type,
            headers: [["x-request-id", "r-1 $AUTHORIZATION"], ...headers],
            body: typeof body === "string" ? body : JSON.stringify(body),
          },
          outcome: { status, problem, requestId: "r-1 Bearer [token]" },
        },
      ]),
    ),
  );

/** A 429 with headers at the server's time. The server's clock is an hour off. */
export const limited = (headers) => ({
  response({ now }) {
    // A date has no fraction of a second. Without one here, the differences are exact.
    const server = Math.floor((now + HOUR) / SECOND) * SECOND;
    return { status: 429, date: new Date(server).toUTCString(), headers: headers(server) };
  },
});

export const retryAfter = (time) => ["retry-after", new Date(time).toUTCString()];
export const reset = (time) => ["x-organization-rate-limit-reset", String(Math.floor(time / SECOND))];
