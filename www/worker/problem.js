/** Failed answers: `application/problem+json` (RFC 9457), as the API's own, so that the client reads both alike. */

const TITLES = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  429: "Too Many Requests",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/**
 * @param {number} status
 * @param {string} detail
 * @param {Omit<import("thousandeyes-usage").Problem, "status">} [members]
 * @param {Record<string, string>} [headers]
 */
export function problem(status, detail, members = {}, headers = {}) {
  const body = { type: "about:blank", title: TITLES[status], detail, ...members, status };
  const all = { "cache-control": "no-store", ...headers, "content-type": "application/problem+json" };
  return Response.json(body, { status, headers: all });
}

/** What the gateway itself has to say of an error of the package's: a status of its own, as it is no fault of the viewer's. */
const OWN = {
  argument: [500, ({ message }) => `A setting of the gateway is not valid. ${message}`],
  token: [500, () => "The gateway's token cannot be sent: set THOUSANDEYES_TOKEN anew."],
  // As 401 it would tell the viewer to log in.
  unauthorized: [502, () => "The API refused the gateway's own token: set THOUSANDEYES_TOKEN anew."],
  connection: [502, () => "The API could not be reached."],
  timeout: [504, () => "The API did not answer in time."],
  "unexpected-response": [502, () => "The API's answer is none that is known."],
  decode: [502, ({ message }) => message],
};
const REFUSALS = ["argument", "token", "bad-request", "unauthorized", "forbidden", "not-found"];

/**
 * What becomes of a failed call: what a viewer is told of it, and whether older data may be served in its place. Plain, since
 * it crosses from the store to the Worker; and without the error's `headers` and `cause`, which may hold anything.
 *
 * @param {import("thousandeyes-usage").UsageError} error
 */
export function failureOf(error) {
  const { code, retryable } = error;
  // The package's message on a 404 names the URL, which is the gateway's own.
  const message = code === "not-found" ? "The API knows no such account group." : error.message;
  const [status, detail] = OWN[code] ?? [error.status, () => message];
  const { status: _, ...members } = (!OWN[code] && error.problem) || {};
  return { code, retryable, status, detail: detail(error), members, staleMayServe: !REFUSALS.includes(code) };
}
