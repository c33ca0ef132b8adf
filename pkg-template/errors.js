// The classes of errors. Their fields come from Rust; create-error.js gives them their names.

// The key of a class's name on its prototype: the same in each copy of the package.
const CLASS = Symbol.for("thousandeyes-usage.class");

export class UsageError extends Error {
  // Works between copies of the package: as a module and as CommonJS, of two versions, in two realms.
  static [Symbol.hasInstance](value) {
    if (!Object.hasOwn(this.prototype, CLASS)) return super[Symbol.hasInstance](value);
    const name = this.prototype[CLASS];
    for (let object = Object(value); object; object = Object.getPrototypeOf(object)) {
      if (Object.hasOwn(object, CLASS) && object[CLASS] === name) return true;
    }
    return false;
  }

  constructor({ message, cause, headers, ...fields }) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, fields);
    // Not enumerable, like the cause, because a log would print parts of the request that the server echoed.
    if (headers !== undefined) Object.defineProperty(this, "headers", { value: headers });
  }

  toJSON() {
    return { name: this.name, message: this.message, ...this };
  }
}

// The platform's code of a cause or of its own cause, such as ECONNREFUSED. Their getters may throw, and a value of another form
// may be a secret.
function codeOf(cause) {
  for (const read of [() => cause.code, () => cause.cause.code]) {
    try {
      const code = read();
      if (typeof code === "string" && /^[A-Z0-9_]{1,64}$/.test(code)) return code;
    } catch {}
  }
}

export class ArgumentError extends UsageError {}
export class TokenError extends UsageError {}
export class ConnectionError extends UsageError {
  constructor({ message, ...fields }) {
    const causeCode = codeOf(fields.cause);
    super(causeCode ? { message: `${causeCode}: ${message}`, ...fields, causeCode } : { message, ...fields });
  }
}
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
