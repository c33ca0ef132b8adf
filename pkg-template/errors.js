// Rust tells what went wrong: `code`, `message`, `retryable`, `attempts`, and what the class carries beside them.

export class UsageError extends Error {
  constructor({ message, cause, headers, ...fields }) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, fields);
    // Not enumerable, like the cause: a log would print what the server may have echoed of the request.
    if (headers !== undefined) Object.defineProperty(this, "headers", { value: headers });
  }

  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}

export class ArgumentError extends UsageError {}
export class TokenError extends UsageError {}
export class ConnectionError extends UsageError {}
export class TimeoutError extends UsageError {}
export class AbortError extends UsageError {}
export class BadRequestError extends UsageError {
  get errors() {
    return this.problem?.errors ?? [];
  }
}
export class UnauthorizedError extends UsageError {}
export class ForbiddenError extends UsageError {}
export class NotFoundError extends UsageError {}
export class RateLimitError extends UsageError {}
export class ServerError extends UsageError {}
export class UnexpectedResponseError extends UsageError {}
export class DecodeError extends UsageError {}

// By keys, since a minifier renames classes; on the prototypes, since a stack's first line is written before a
// field of the instance would be.
for (const [name, { prototype }] of Object.entries({
  UsageError,
  ArgumentError,
  TokenError,
  ConnectionError,
  TimeoutError,
  AbortError,
  BadRequestError,
  UnauthorizedError,
  ForbiddenError,
  NotFoundError,
  RateLimitError,
  ServerError,
  UnexpectedResponseError,
  DecodeError,
})) {
  Object.defineProperty(prototype, "name", { value: name, configurable: true, writable: true });
}
