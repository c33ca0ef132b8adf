// How errors are distinguished. It is compiled and never run.
import {
  AbortError,
  ArgumentError,
  BadRequestError,
  ConnectionError,
  DecodeError,
  ForbiddenError,
  getUsage,
  NotFoundError,
  RateLimitError,
  ServerError,
  TimeoutError,
  TokenError,
  UnauthorizedError,
  UnexpectedResponseError,
  UsageError,
  type ErrorCode,
  type Problem,
  type ProblemError,
  type RateLimit,
} from "thousandeyes-usage";
// @ts-expect-error: the base of the errors is no class of the package's
import { UsageErrorBase } from "thousandeyes-usage";
// @ts-expect-error: nor is the base of the errors of an answer
import { ResponseError } from "thousandeyes-usage";

import { is, type Optional, type Same } from "./same.js";

type OfAnswer =
  | BadRequestError
  | UnauthorizedError
  | ForbiddenError
  | NotFoundError
  | RateLimitError
  | ServerError
  | UnexpectedResponseError
  | DecodeError;

// Each code of the Rust crate has its class, and each class such a code.
is<Same<UsageError["code"], ErrorCode>>();

// `code` narrows to the class, of any kind of variable in a catch.
function byCode(error: unknown) {
  if (!(error instanceof UsageError)) return is<Same<typeof error, unknown>>();
  is<Same<typeof error, UsageError>>();
  if (error.code === "rate-limit") return is<Same<typeof error, RateLimitError>>();
  return is<Same<typeof error, Exclude<UsageError, RateLimitError>>>();
}
is<Same<{ [E in UsageError as E["code"]]: E }, {
  "argument": ArgumentError;
  "token": TokenError;
  "connection": ConnectionError;
  "timeout": TimeoutError;
  "aborted": AbortError;
  "bad-request": BadRequestError;
  "unauthorized": UnauthorizedError;
  "forbidden": ForbiddenError;
  "not-found": NotFoundError;
  "rate-limit": RateLimitError;
  "server": ServerError;
  "unexpected-response": UnexpectedResponseError;
  "decode": DecodeError;
}>>();
try {
  await getUsage();
} catch (error: any) {
  if (error instanceof UsageError && error.code === "rate-limit") is<Same<typeof error.retryAt, Date>>();
}
getUsage().catch((error: UsageError) => (error.code === "decode" ? error.path : error.message));

// So does the class, and so does a field.
function byClass(error: unknown) {
  if (error instanceof RateLimitError) return is<Same<typeof error, RateLimitError>>();
  if (error instanceof UsageError && error instanceof DecodeError) return is<Same<typeof error, DecodeError>>();
  if (error instanceof UsageError && "status" in error) {
    is<Same<typeof error, OfAnswer>>();
    return is<Same<typeof error.status, number>>();
  }
  return undefined;
}
function otherThanTimeout(error: UsageError) {
  if (error instanceof TimeoutError) return;
  is<Same<typeof error, Exclude<UsageError, TimeoutError>>>();
}

// What each carries.
declare const each: UsageError;
is<Same<typeof each.name, `${"Argument" | "Token" | "Connection" | "Timeout" | "Abort" | "BadRequest" | "Unauthorized" |
  "Forbidden" | "NotFound" | "RateLimit" | "Server" | "UnexpectedResponse" | "Decode"}Error`>>();
is<Same<typeof each.message, string>>();
is<Same<typeof each.stack, string | undefined>>();
is<Same<typeof each.retryable, boolean>>();
is<Same<typeof each.attempts, number>>();
is<Same<typeof each.cause, unknown>>();
is<Same<ReturnType<typeof each.toJSON>, Record<string, unknown>>>();
const _error: Error = each;
// @ts-expect-error: an error without a response has no status
each.status;
// @ts-expect-error: it is read-only
each.code = "timeout";

declare const ofAnswer: OfAnswer;
is<Same<typeof ofAnswer.status, number>>();
is<Same<typeof ofAnswer.headers, Headers>>();
is<Same<typeof ofAnswer.requestId, string | undefined>>();
is<Same<Exclude<OfAnswer, DecodeError>["problem"], Problem | undefined>>();
is<Same<typeof ofAnswer.rateLimit, RateLimit | undefined>>();
is<Same<RateLimitError["retryAt"], Date>>();
is<Same<ConnectionError["causeCode"], string | undefined>>();
is<Same<(ConnectionError | ServerError | UnexpectedResponseError)["retryAt"], Date | undefined>>();
// @ts-expect-error: the same request would be refused again
type _Never = UnauthorizedError["retryAt"];
is<Same<BadRequestError["errors"], ProblemError[]>>();
is<Same<DecodeError["path" | "expected" | "found"], string>>();
is<Same<Optional<ServerError>, "requestId" | "problem" | "rateLimit" | "retryAt" | "cause" | "stack">>();
is<Same<Optional<RateLimitError>, "requestId" | "problem" | "rateLimit" | "cause" | "stack">>();
is<Same<Optional<Problem>, keyof Problem>>();
is<Same<Optional<ProblemError>, keyof ProblemError>>();

// Test runners take a class of errors as a constructor; a program has nothing to pass to it.
const _classes: (new (...args: any[]) => unknown)[] = [UsageError, RateLimitError];
// @ts-expect-error: errors come from the package alone
new UsageError();
// @ts-expect-error: errors come from the package alone
new RateLimitError({ code: "rate-limit", message: "Come back later" });
