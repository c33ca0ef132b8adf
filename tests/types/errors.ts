// How errors are distinguished. It is compiled and never run.
import {
  BadRequestError, ConnectionError, DecodeError, ForbiddenError, getUsage, NotFoundError, RateLimitError, ServerError,
  TimeoutError, UnauthorizedError, UnexpectedResponseError, UsageError,
} from "thousandeyes-usage";
import type { ErrorCode, Problem, ProblemError, RateLimit } from "thousandeyes-usage";
// @ts-expect-error: the package does not export the base class of errors
import { UsageErrorBase } from "thousandeyes-usage";
// @ts-expect-error: the package does not export the base class of errors with a response
import { ResponseError } from "thousandeyes-usage";

import { is, type Optional, type Same } from "./same.js";

type WithResponse =
  | BadRequestError | UnauthorizedError | ForbiddenError | NotFoundError | RateLimitError
  | ServerError | UnexpectedResponseError | DecodeError;

// Each code has a class, and each class has a code. tests/package/declarations.test.mjs compares them with real errors.
is<Same<UsageError["code"], ErrorCode>>();

// `code` narrows to the class, whatever the type of the variable in a catch.
function byCode(error: unknown) {
  if (!(error instanceof UsageError)) return is<Same<typeof error, unknown>>();
  is<Same<typeof error, UsageError>>();
  if (error.code === "rate-limit") return is<Same<typeof error, RateLimitError>>();
  return is<Same<typeof error, Exclude<UsageError, RateLimitError>>>();
}
try {
  await getUsage();
} catch (error: any) {
  if (error instanceof UsageError && error.code === "rate-limit") is<Same<typeof error.retryAt, Date>>();
}
getUsage().catch((error: UsageError) => (error.code === "decode" ? error.path : error.message));

// `instanceof` and `in` narrow too.
function byClass(error: unknown) {
  if (error instanceof RateLimitError) return is<Same<typeof error, RateLimitError>>();
  if (error instanceof UsageError && error instanceof DecodeError) return is<Same<typeof error, DecodeError>>();
  if (error instanceof UsageError && "status" in error) {
    is<Same<typeof error, WithResponse>>();
    return is<Same<typeof error.status, number>>();
  }
  return undefined;
}
function otherThanTimeout(error: UsageError) {
  if (error instanceof TimeoutError) return;
  is<Same<typeof error, Exclude<UsageError, TimeoutError>>>();
}

// The fields of each class.
declare const error: UsageError;
is<Same<typeof error.message, string>>();
is<Same<typeof error.stack, string | undefined>>();
is<Same<typeof error.retryable, boolean>>();
is<Same<typeof error.attempts, number>>();
is<Same<typeof error.cause, unknown>>();
is<Same<ReturnType<typeof error.toJSON>, Record<string, unknown>>>();
const _error: Error = error;
// @ts-expect-error: an error without a response has no status
error.status;
// @ts-expect-error: it is read-only
error.code = "timeout";

declare const withResponse: WithResponse;
is<Same<typeof withResponse.status, number>>();
is<Same<typeof withResponse.headers, Headers>>();
is<Same<typeof withResponse.requestId, string | undefined>>();
is<Same<Exclude<WithResponse, DecodeError>["problem"], Problem | undefined>>();
is<Same<typeof withResponse.rateLimit, RateLimit | undefined>>();
is<Same<RateLimitError["retryAt"], Date>>();
is<Same<ConnectionError["causeCode"], string | undefined>>();
is<Same<(ConnectionError | ServerError | UnexpectedResponseError)["retryAt"], Date | undefined>>();
// @ts-expect-error: the same request would be rejected again
type _Never = UnauthorizedError["retryAt"];
is<Same<BadRequestError["errors"], ProblemError[]>>();
is<Same<DecodeError["path" | "expected" | "found"], string>>();
is<Same<Optional<ServerError>, "requestId" | "problem" | "rateLimit" | "retryAt" | "cause" | "stack">>();
is<Same<Optional<RateLimitError>, "requestId" | "problem" | "rateLimit" | "cause" | "stack">>();
is<Same<Optional<Problem>, keyof Problem>>();
is<Same<Optional<ProblemError>, keyof ProblemError>>();

// Test runners take an error class as a constructor, and a program cannot call it.
const _classes: (new (...args: any[]) => unknown)[] = [UsageError, RateLimitError];
// @ts-expect-error: only the package makes errors
new UsageError();
// @ts-expect-error: only the package makes errors
new RateLimitError({ code: "rate-limit", message: "Come back later" });
