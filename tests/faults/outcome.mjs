// What a case of the table comes to.

/** The runtimes, as people call them. */
export const RUNTIMES = { node: "Node", deno: "Deno", bun: "Bun", workerd: "workerd", chromium: "Chromium", firefox: "Firefox" };

/** The class of each code. */
export const NAMES = {
  "argument": "ArgumentError",
  "token": "TokenError",
  "connection": "ConnectionError",
  "timeout": "TimeoutError",
  "aborted": "AbortError",
  "bad-request": "BadRequestError",
  "unauthorized": "UnauthorizedError",
  "forbidden": "ForbiddenError",
  "not-found": "NotFoundError",
  "rate-limit": "RateLimitError",
  "server": "ServerError",
  "unexpected-response": "UnexpectedResponseError",
  "decode": "DecodeError",
};

/** The cases of a row, with their names. */
export const casesOf = (row) => Object.entries(row.cases ?? { "": row });

/** The outcome of a case: its row's, its own over that, and what differs in a runtime over both. */
export const outcomeOf = (row, one, runtime) =>
  Object.assign({}, row.outcome, one.outcome, row.but?.[runtime]?.outcome, one.but?.[runtime]?.outcome);
