// The responses of the table's cases: the parts that many of them share.
import { readFileSync } from "node:fs";
import { constants, deflateRawSync, gzipSync } from "node:zlib";

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

export const fixture = (name) => readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8");

/** Cases, each made of a value of an object and named as it is there, or of a value of a list. */
export const entries = (object, make) =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, make(value, name)]));
export const list = (values, make) => Object.fromEntries(values.map((value) => [String(value), make(value)]));

/** Groups of cases as one, by both their names. */
export const flat = (groups) =>
  Object.fromEntries(
    Object.entries(groups).flatMap(([group, cases]) =>
      Object.entries(cases).map(([name, one]) => [[group, name].filter(Boolean).join(", "), one]),
    ),
  );

/** Cases that differ in the body of a 200 alone. */
export const bodies = (named) => entries(named, (body) => ({ response: { body } }));

export const nested = (depth, more = "") => `{"usage":{"x":${"[".repeat(depth - 2)}${more}${"]".repeat(depth - 2)}}}`;
export const integer = (text) => `{"usage":{"cloudUnitsUsed":${text}}}`;

export const gzip = (body) => ({ headers: [["content-encoding", "gzip"]], body });

/** A short body without an end, once it is inflated: each repetition is a MiB of zeros. */
export const BOMB = {
  ...gzip(gzipSync("").subarray(0, 10)),
  again: deflateRawSync(Buffer.alloc(2 ** 20), { finishFlush: constants.Z_SYNC_FLUSH }),
  then: "repeat",
};

// The bodies of failed responses. Each echoes the token, whole and in part.
const ECHO = "you sent $AUTHORIZATION, that is …$PIECE…";
const REDACTED = "you sent Bearer [token], that is …[token]…";
const BODIES = {
  "problem details": {
    body: {
      type: ECHO,
      title: ECHO,
      status: 400,
      detail: ECHO,
      instance: ECHO,
      errors: [{ code: ECHO, field: ECHO, message: ECHO }],
    },
    problem: {
      type: REDACTED,
      title: REDACTED,
      status: 400,
      detail: REDACTED,
      instance: REDACTED,
      errors: [{ code: REDACTED, field: REDACTED, message: REDACTED }],
    },
  },
  "OAuth": { body: { error: ECHO, error_description: ECHO }, problem: { title: REDACTED, detail: REDACTED } },
  "errorMessage": { body: { errorMessage: ECHO }, problem: { detail: REDACTED } },
  "errors as texts": {
    body: { timestamp: 1_795_348_800_000, httpStatus: 404, errors: [ECHO], path: ECHO },
    problem: { status: 404, instance: REDACTED, errors: [{ message: REDACTED }] },
  },
  "a lie about the status": { body: { status: 200, title: "OK" }, problem: { status: 200, title: "OK" } },
  "HTML": { type: "text/html", body: fixture("gateway.html") + ECHO },
  "nothing": { type: null, body: "" },
};

/** Statuses, each with each shape of body. */
export const grid = (statuses, headers = []) =>
  flat(
    list(statuses, (status) =>
      entries(BODIES, ({ type = "application/problem+json", body, problem }) => ({
        response: {
          status,
          type,
          headers: [["x-request-id", "r-1 $AUTHORIZATION"], ...headers],
          body: typeof body === "string" ? body : JSON.stringify(body),
        },
        outcome: { status, problem, requestId: "r-1 Bearer [token]" },
      })),
    ),
  );

/** The date forms of RFC 9110, section 5.6.7. */
export const DATES = {
  "IMF-fixdate": (date) => date.toUTCString(),
  "RFC 850": (date) => {
    const [, day, month, year, time] = /^\w+, (\d+) (\w+) \d\d(\d\d) ([\d:]+)/.exec(date.toUTCString());
    return `${["Sun", "Mon", "Tues", "Wednes", "Thurs", "Fri", "Satur"][date.getUTCDay()]}day, ${day}-${month}-${year} ${time} GMT`;
  },
  "asctime": (date) => {
    const [, weekday, day, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(date.toUTCString());
    return `${weekday} ${month} ${day.replace(/^0/, " ")} ${time} ${year}`;
  },
};

/** A 429 whose headers are made of the server's own time: the right one, and an hour off in either direction. */
export const limited = (headers) =>
  Object.fromEntries(
    [0, -HOUR, HOUR].map((skew) => [
      skew === 0 ? "" : `clock ${skew / HOUR} h off`,
      {
        response: ({ now }) => {
          // A date has no fraction of a second: without one here, the distances are exact.
          const server = Math.floor((now + skew) / SECOND) * SECOND;
          return { status: 429, date: new Date(server).toUTCString(), headers: headers(server) };
        },
      },
    ]),
  );

// Headers, of the server's time.
export const retryAfter = (value) => (server) => [["retry-after", typeof value === "function" ? value(server) : value]];
export const reset = (wait) => (server) => [["x-organization-rate-limit-reset", String(Math.floor((server + wait) / SECOND))]];
export const both =
  (...makers) =>
  (server) =>
    makers.flatMap((make) => make(server));
