// Rust tells what went wrong: `code`, `message`, `retryable`, `attempts`, and what the class carries beside them.
//
// Names are literals, since a minifier renames classes, and getters, since the stack's first line is written before
// a class field would be.

export class UsageError extends Error {
  constructor({ message, cause, ...fields }) {
    super(message, cause === undefined ? undefined : { cause });
    Object.assign(this, fields);
  }

  get name() {
    return "UsageError";
  }

  // Without the cause and the headers: they may hold what does not belong in a log.
  toJSON() {
    const { cause, headers, ...fields } = this;
    return { name: this.name, message: this.message, ...fields };
  }
}

export class ArgumentError extends UsageError {
  get name() {
    return "ArgumentError";
  }
}

export class TokenError extends UsageError {
  get name() {
    return "TokenError";
  }
}

export class ConnectionError extends UsageError {
  get name() {
    return "ConnectionError";
  }
}

export class TimeoutError extends UsageError {
  get name() {
    return "TimeoutError";
  }
}

export class AbortError extends UsageError {
  get name() {
    return "AbortError";
  }
}

export class BadRequestError extends UsageError {
  get name() {
    return "BadRequestError";
  }

  get errors() {
    return this.problem?.errors ?? [];
  }
}

export class UnauthorizedError extends UsageError {
  get name() {
    return "UnauthorizedError";
  }
}

export class ForbiddenError extends UsageError {
  get name() {
    return "ForbiddenError";
  }
}

export class NotFoundError extends UsageError {
  get name() {
    return "NotFoundError";
  }
}

export class RateLimitError extends UsageError {
  get name() {
    return "RateLimitError";
  }
}

export class ServerError extends UsageError {
  get name() {
    return "ServerError";
  }
}

export class UnexpectedResponseError extends UsageError {
  get name() {
    return "UnexpectedResponseError";
  }
}

export class DecodeError extends UsageError {
  get name() {
    return "DecodeError";
  }
}
