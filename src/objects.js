// The plain objects that are handed out. What Rust does not have is undefined here, and left out.

const given = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

// No later than the last instant that a Date holds.
const date = (milliseconds) => milliseconds !== undefined ? new Date(Math.min(milliseconds, 8.64e15)) : undefined;

export const attempt = (attempt, url, status, code, durationMs, waitMs) =>
  given({ attempt, url, status, code, durationMs, waitMs });

export const response = (data, status, headers, requestId, rateLimit, attempts) =>
  given({ data, status, headers, requestId, rateLimit, attempts });

export const rateLimit = (limit, remaining, reset) => ({ limit, remaining, reset: date(reset) });

export const failure = (
  code,
  message,
  retryable,
  attempts,
  cause,
  status,
  headers,
  requestId,
  problem,
  rateLimit,
  retryAt,
  path,
  expected,
  found,
) =>
  given({
    code,
    message,
    retryable,
    attempts,
    cause,
    status,
    headers,
    requestId,
    problem,
    rateLimit,
    retryAt: date(retryAt),
    path,
    expected,
    found,
  });
