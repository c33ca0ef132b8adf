/** Error responses in `application/problem+json` (RFC 9457), like the API's own, so the client reads both the same way. */

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
  const allHeaders = { "cache-control": "no-store", ...headers, "content-type": "application/problem+json" };
  return Response.json(body, { status, headers: allHeaders });
}

/** The status and detail for errors that the viewer cannot correct, by the package's error code. */
const GATEWAY_ERRORS = {
  argument: [500, ({ message }) => `A setting of the gateway is invalid. ${message}`],
  token: [500, () => "The gateway's token cannot be sent. Set THOUSANDEYES_TOKEN again."],
  // A 401 would tell the viewer to log in.
  unauthorized: [502, () => "The API rejected the gateway's token. Set THOUSANDEYES_TOKEN again."],
  connection: [502, () => "The API could not be reached."],
  timeout: [504, () => "The API did not respond in time."],
  "unexpected-response": [502, () => "The API sent an unexpected response."],
  decode: [502, ({ message }) => message],
};
/** Errors by which the API or the settings reject the request. No older data may be served after them. */
const REJECTIONS = ["argument", "token", "bad-request", "unauthorized", "forbidden", "not-found"];

/**
 * What a viewer is told of a failed call, and whether older data may be served in its place. It is a plain object, because the
 * store sends it to the Worker. It omits the error's `headers` and `cause`, which may contain anything.
 *
 * @param {import("thousandeyes-usage").UsageError} error
 * @param {import("./query.js").Query} query
 */
export function failureOf(error, { resource }) {
  const { code, retryable } = error;
  // The package's message for a 404 contains the URL that only the gateway uses.
  const notFound = resource ? "The API has no such data for this organisation." : "The API does not know this account group.";
  const message = code === "not-found" ? notFound : error.message;
  const [status, detail] = GATEWAY_ERRORS[code] ?? [error.status, () => message];
  const { status: _, ...members } = (!GATEWAY_ERRORS[code] && error.problem) || {};
  return { code, retryable, status, detail: detail(error), members, staleMayServe: !REJECTIONS.includes(code) };
}
