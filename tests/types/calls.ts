// The arguments, options and results of calls. It is compiled and never run.
import {
  byAccountGroup, compareUnits, configure, getEnterpriseAgentUnits, getQuotas, getTestUnits, getUsage, getUsageWithResponse, init,
  summarize, topTests, UsageClient,
} from "thousandeyes-usage";
import type {
  AccountGroupUsage, Attempt, CallOptions, ClientOptions, EnterpriseAgentUnits, ErrorCode, Expand, Meter, MeterSummary, Page,
  Period, Quotas, RateLimit, Rows, Summary, TestUnitsQuery, TestUsage, UnitsByTests, UnitsChange, UnitsComparison, UnitsGrowth,
  UnitsPeriod, UnitTotals, Usage, UsageResponse,
} from "thousandeyes-usage";

import { is, type Optional, type Same } from "./same.js";

const client = new UsageClient();
new UsageClient({ token: "abc" });

// The arguments.
getUsage();
getUsage(null, null);
getUsage("2067", ["test", "endpoint-agent"]);
getUsage("2067", ["test", "endpoint-agent"] as const);
getUsage("2067", [] as Expand[], { signal: new AbortController().signal, timeout: 1000, maxRetries: 0 });
// @ts-expect-error: a number loses digits
getUsage(2067);
// @ts-expect-error: a value that does not exist
getUsage("2067", ["tests"]);
// @ts-expect-error: a value that does not exist
client.getUsageWithResponse("2067", ["test", "agents"]);
// @ts-expect-error: a bare string
getUsage("2067", "test");
// @ts-expect-error: an option that does not exist
getUsage("2067", [], { retries: 2 });

// The results.
is<Same<ReturnType<typeof getUsage>, Promise<Usage>>>();
is<Same<ReturnType<typeof getUsageWithResponse>, Promise<UsageResponse>>>();
is<Same<UsageClient["getUsage"], typeof getUsage>>();
is<Same<UsageClient["getUsageWithResponse"], typeof getUsageWithResponse>>();
is<Same<Optional<UsageResponse>, "requestId" | "rateLimit">>();
is<Same<UsageResponse["data"], Usage>>();
is<Same<UsageResponse["headers"], Headers>>();
is<Same<UsageResponse["rateLimit"], RateLimit | undefined>>();
is<Same<RateLimit["reset"], Date>>();
is<Same<Optional<RateLimit>, never>>();

// Lists in pages, and the quotas.
getTestUnits();
getTestUnits(null, { signal: new AbortController().signal, maxPages: 10 });
getTestUnits({ aid: undefined, startDate: new Date(), endDate: "2026-10-31T23:59:59Z" });
getEnterpriseAgentUnits({ startDate: null });
getQuotas({ timeout: 1000 });
// @ts-expect-error: a number loses digits
getTestUnits({ aid: 2067 });
// @ts-expect-error: a number is no date
getTestUnits({ startDate: 1_790_812_800_000 });
// @ts-expect-error: a field that does not exist
getTestUnits({ start: new Date() });
// @ts-expect-error: the list of agents has no account group
getEnterpriseAgentUnits({ aid: "2067" });
// @ts-expect-error: the quotas have no arguments
getQuotas("2067");
// @ts-expect-error: a list is not a promise
getTestUnits().then();
for await (const row of getTestUnits()) is<Same<typeof row, UnitsByTests>>();
for await (const row of client.getEnterpriseAgentUnits()) is<Same<typeof row, EnterpriseAgentUnits>>();
for await (const page of getTestUnits().pages()) is<Same<typeof page, Page<UnitsByTests>>>();
getTestUnits().toArray();
getTestUnits().toArray({ limit: 10 });
// @ts-expect-error: an option that does not exist
getTestUnits().toArray({ max: 10 });
is<Same<ReturnType<typeof getTestUnits>, Rows<UnitsByTests>>>();
is<Same<ReturnType<typeof getEnterpriseAgentUnits>, Rows<EnterpriseAgentUnits>>>();
is<Same<ReturnType<typeof getQuotas>, Promise<Quotas>>>();
is<Same<ReturnType<Rows<TestUsage>["toArray"]>, Promise<TestUsage[]>>>();
is<Same<Page<TestUsage>["data"], TestUsage[]>>();
is<Same<Optional<Page<TestUsage>>, "requestId" | "rateLimit">>();
is<Same<Optional<UnitsPeriod>, keyof UnitsPeriod>>();
is<Same<Optional<TestUnitsQuery>, keyof UnitsPeriod | "aid">>();
is<Same<UsageClient["getTestUnits"], typeof getTestUnits>>();
is<Same<UsageClient["getEnterpriseAgentUnits"], typeof getEnterpriseAgentUnits>>();
is<Same<UsageClient["getQuotas"], typeof getQuotas>>();

// Summaries.
declare const usage: Usage;
summarize(usage, new Date());
topTests(usage, 3);
declare const rows: readonly UnitsByTests[];
byAccountGroup(rows);
compareUnits(rows, [], 3);
// @ts-expect-error: the rows are read by toArray
compareUnits(getTestUnits(), rows);
// @ts-expect-error: the result of getUsageWithResponse has the usage in `data`
summarize({} as UsageResponse);
// @ts-expect-error: a string may have any format
summarize(usage, "2026-11-11");
// @ts-expect-error: map passes the index, which is not a time
[usage].map(summarize);
is<Same<ReturnType<typeof summarize>, Promise<Summary>>>();
is<Same<ReturnType<typeof byAccountGroup>, Promise<AccountGroupUsage[]>>>();
is<Same<ReturnType<typeof topTests>, Promise<TestUsage[]>>>();
is<Same<ReturnType<typeof compareUnits>, Promise<UnitsComparison>>>();
is<Same<Optional<UnitsComparison>, never>>();
is<Same<Optional<UnitsChange>, Exclude<keyof UnitsChange, "growth">>>();
is<Same<Optional<UnitTotals>, Exclude<keyof UnitTotals, "tests">>>();
is<Same<Optional<UnitsGrowth>, keyof UnitsGrowth>>();
is<Same<Optional<Summary>, never>>();
is<Same<Optional<Period>, keyof Period>>();
is<Same<Optional<MeterSummary>, Exclude<keyof MeterSummary, "meter">>>();
is<Same<Optional<AccountGroupUsage>, keyof AccountGroupUsage>>();
is<Same<MeterSummary["meter"], Meter>>();
is<Same<MeterSummary["exhaustsAt"], string | undefined>>();

// The options. Each may be undefined, as the values of `process.env` are.
is<Same<Optional<ClientOptions>, keyof ClientOptions>>();
is<Same<Optional<CallOptions>, keyof CallOptions>>();
configure({ token: "abc", baseUrl: new URL("https://example.com"), fetch, timeout: Infinity });
configure({ token: undefined, baseUrl: undefined, fetch: undefined, timeout: undefined, headers: undefined });
configure({ token: async () => "abc", maxRetries: 0, maxBodyBytes: 1 });
configure({ onAttempt: (attempt: Attempt) => attempt.waitMs });
configure({ fetch: async (url, init) => new Response(String(url), { headers: init?.headers ?? {} }) });
configure({ headers: new Headers() });
configure({ headers: { "x-own": "1" } });
configure({ headers: [["x-own", "1"]] });
// @ts-expect-error: a header is a string
configure({ headers: { "x-own": Symbol() } });
// @ts-expect-error: a signal belongs to a call
configure({ signal: new AbortController().signal });
// @ts-expect-error: a provider returns a string
configure({ token: () => 7 });
is<Same<Optional<Attempt>, "status" | "code" | "waitMs">>();
is<Same<Attempt["code"], ErrorCode | undefined>>();

// The argument of init.
declare const compiled: WebAssembly.Module;
init();
init(compiled);
init(new Uint8Array(8));
init(new Uint8Array(8).buffer);
init(new URL("https://example.com/usage.wasm"));
init("/assets/usage.wasm");
init(new Response());
// @ts-expect-error: init has no null
init(null);
