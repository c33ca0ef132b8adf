import * as errors from "./errors.js";

/** The class of each code, by name. */
const CLASSES = {
  argument: "ArgumentError",
  token: "TokenError",
  connection: "ConnectionError",
  timeout: "TimeoutError",
  aborted: "AbortError",
  "bad-request": "BadRequestError",
  unauthorized: "UnauthorizedError",
  forbidden: "ForbiddenError",
  "not-found": "NotFoundError",
  "rate-limit": "RateLimitError",
  server: "ServerError",
  "unexpected-response": "UnexpectedResponseError",
  decode: "DecodeError",
};

// The names are strings, because a minifier renames classes. They are on the prototypes, because the first line of a stack is
// written before the instance has fields.
for (const name of ["UsageError", ...Object.values(CLASSES)]) {
  const { prototype } = errors[name];
  Object.defineProperty(prototype, "name", { value: name, configurable: true, writable: true });
  Object.defineProperty(prototype, Symbol.for("thousandeyes-usage.class"), { value: name });
}

/** An error that is made in JavaScript. */
export const createError = (code, message, { cause, retryable = false, attempts = 0 } = {}) =>
  new errors[CLASSES[code]]({ code, message, retryable, attempts, cause });

/** The error of a call that its signal aborted. */
export const abortError = (cause, attempts) => createError("aborted", "The call was aborted by its signal", { cause, attempts });

/** The UsageError of a rejection. The rejection may be a UsageError, the data of an error from Rust, or a trap. */
export function toError(failure) {
  if (failure instanceof errors.UsageError) return failure;
  const name = CLASSES[failure?.code];
  if (name) return new errors[name](failure);
  const message =
    "The WebAssembly module crashed (see `cause`), which is a bug of thousandeyes-usage: please report it; the next call " +
    "starts it again";
  return createError("connection", message, { cause: failure });
}
