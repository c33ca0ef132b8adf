// Rust tells what went wrong: `code`, `message`, `retryable`, `attempts`, and what the class carries beside them.

// The key of a class's name on its prototype: the same in each copy of the package.
const CLASS = Symbol.for("thousandeyes-usage.class");

export class UsageError extends Error {
  // Holds between copies of the package (as a module and as CommonJS, two versions, two realms), which `extends` does not.
  static [Symbol.hasInstance](value) {
    if (!Object.hasOwn(this.prototype, CLASS)) return super[Symbol.hasInstance](value);
    const name = this.prototype[CLASS];
    for (let it = Object(value); it; it = Object.getPrototypeOf(it)) if (Object.hasOwn(it, CLASS) && it[CLASS] === name) return true;
    return false;
  }

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
  Object.defineProperty(prototype, CLASS, { value: name });
}
