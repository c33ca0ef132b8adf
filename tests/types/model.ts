// The types of the response. It is compiled and never run.
import type { EnterpriseAgentUnits, Expand, Link, Quotas, TestUsage, UnitAllocationSummary, UnitsByTests, Usage, UsageDetails, UsageQuota } from "thousandeyes-usage";

import { is, type Optional, type Same } from "./same.js";

// The values of expand are the six of docs/CONTRACT.md, section 3.
is<Same<
  Expand,
  | "test" | "enterprise-agent" | "enterprise-agent-unit"
  | "endpoint-agent" | "endpoint-agent-essential" | "endpoint-agent-embedded"
>>();

/** The names of the required fields of a type, and of the types of its fields. */
type Required<T> = T extends (infer E)[]
  ? Required<E>
  : T extends object
    ? Exclude<keyof T, Optional<T>> | { [K in keyof T]-?: Required<NonNullable<T[K]>> }[keyof T]
    : never;

// Every field is optional, except for `href` of a link.
is<Same<Required<Usage>, "href">>();
is<Same<Required<Link>, "href">>();
is<Same<Required<UnitsByTests | EnterpriseAgentUnits>, never>>();

// The quota of an organisation always has its value too.
is<Same<Required<Quotas>, "href" | "value">>();

// A field is never null, and a present one is not undefined.
is<Same<UsageDetails["cloudUnitsUsed"], number | undefined>>();
is<Same<UsageDetails["tests"], TestUsage[] | undefined>>();
is<Same<UsageDetails["allocations"], UnitAllocationSummary | undefined>>();
is<Same<TestUsage["testId"], string | undefined>>();
is<Same<UsageQuota["monthStart"], string | undefined>>();
is<Same<Link["templated"], boolean | undefined>>();
is<Same<UnitsByTests["isInstantTest"], boolean | undefined>>();
// @ts-expect-error: it is absent or a number
const _undefined: UsageDetails = { cloudUnitsUsed: undefined };

// @ts-expect-error: a field that does not exist
type _Missing = UsageDetails["cloudUnits"];
