// What the declarations allow and refuse. It is compiled and never run.
import {
  configure,
  getUsage,
  getUsageWithResponse,
  init,
  ArgumentError,
  DecodeError,
  RateLimitError,
  UsageClient,
  UsageError,
  type Attempt,
  type ErrorCode,
  type Expand,
  type Link,
  type RateLimit,
  type TestUsage,
  type Usage,
  type UsageDetails,
  type UsageResponse,
} from "thousandeyes-usage";
// @ts-expect-error: the base of the errors of an answer is no class of the package's
import { ResponseError } from "thousandeyes-usage";

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const is = <T extends true>(): T | void => {};

// The values of expand are the six of the contract.
is<Same<Expand,
  | "test"
  | "enterprise-agent"
  | "enterprise-agent-unit"
  | "endpoint-agent"
  | "endpoint-agent-essential"
  | "endpoint-agent-embedded"
>>();

// Every field may be absent, and none is null.
is<Same<UsageDetails["cloudUnitsUsed"], number | undefined>>();
is<Same<UsageDetails["tests"], TestUsage[] | undefined>>();
is<Same<TestUsage["testId"], string | undefined>>();
is<Same<Usage["usage"], UsageDetails | undefined>>();
is<Same<Required<UsageDetails>["quota"]["monthStart"], string | undefined>>();

// But href of a link.
is<Same<Link["href"], string>>();
is<Same<Link["templated"], boolean | undefined>>();

// @ts-expect-error: a field that does not exist
type _Missing = UsageDetails["cloudUnits"];

// The arguments.
is<Same<ReturnType<typeof getUsage>, Promise<Usage>>>();
is<Same<ReturnType<typeof getUsageWithResponse>, Promise<UsageResponse>>>();
getUsage();
getUsage(null, null);
getUsage("2067", ["test", "endpoint-agent"] as const);
getUsage("2067", [], { signal: new AbortController().signal, timeout: 1000, maxRetries: 0, headers: [["x", "1"]] });
// @ts-expect-error: a number loses digits
getUsage(2067);
// @ts-expect-error: a value that does not exist
getUsage("2067", ["tests"]);
// @ts-expect-error: a bare string
getUsage("2067", "test");
// @ts-expect-error: an option that does not exist
getUsage("2067", [], { retries: 2 });

// The options.
configure({ token: "abc", baseUrl: new URL("https://example.com"), fetch, timeout: Infinity });
configure({ token: undefined, timeout: undefined });
configure({ token: async () => "abc", headers: new Headers(), onAttempt: (attempt: Attempt) => attempt.waitMs });
// @ts-expect-error: a signal belongs to a call
configure({ signal: new AbortController().signal });
// @ts-expect-error: a provider gives a string
configure({ token: () => 7 });
new UsageClient().getUsage("2067", ["test"]).then(({ usage }) => usage?.quota?.cloudUnitsIncluded);
init();
init(new Uint8Array(8));
init(new URL("https://example.com/usage.wasm"));

// The response.
is<Same<UsageResponse["rateLimit"], RateLimit | undefined>>();
is<Same<RateLimit["reset"], Date>>();

// The errors.
declare const error: unknown;
if (error instanceof UsageError) {
  is<Same<typeof error.code, ErrorCode>>();
  is<Same<typeof error.retryable, boolean>>();
}
if (error instanceof RateLimitError) {
  is<Same<typeof error.code, "rate-limit">>();
  is<Same<typeof error.retryAt, Date>>();
  is<Same<typeof error.status, number>>();
}
if (error instanceof DecodeError) is<Same<typeof error.path, string>>();
if (error instanceof ArgumentError) {
  // @ts-expect-error: nothing was sent, so there is no status
  error.status;
}
declare const failure: ArgumentError | DecodeError | RateLimitError;
if (failure.code === "decode") is<Same<typeof failure.found, string>>();
