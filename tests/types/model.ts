// What the answer's types say. It is compiled and never run.
import type {
  EndpointAgentsEmbedded,
  EndpointAgentsEssentials,
  EndpointAgentsUsage,
  EnterpriseAgents,
  EnterpriseAgentUnits,
  Expand,
  Link,
  ProductAllocation,
  SelfLinks,
  TestUsage,
  UnitAllocationSummary,
  Usage,
  UsageDetails,
  UsageQuota,
} from "thousandeyes-usage";

import { is, type Optional, type Same } from "./same.js";

// The values of expand are the six of docs/CONTRACT.md, section 3.
is<Same<Expand,
  | "test"
  | "enterprise-agent"
  | "enterprise-agent-unit"
  | "endpoint-agent"
  | "endpoint-agent-essential"
  | "endpoint-agent-embedded"
>>();

// Every field may be absent.
is<Same<Optional<Usage>, "usage" | "_links">>();
is<Same<Optional<UsageDetails>, keyof UsageDetails>>();
is<Same<Optional<UsageQuota>, keyof UsageQuota>>();
is<Same<Optional<TestUsage>, keyof TestUsage>>();
is<Same<Optional<EnterpriseAgentUnits>, keyof EnterpriseAgentUnits>>();
is<Same<Optional<EndpointAgentsUsage>, "aid" | "accountGroupName" | "endpointAgentsUsed">>();
is<Same<Optional<EndpointAgentsEssentials>, "aid" | "accountGroupName" | "endpointAgentsEssentialsUsed">>();
is<Same<Optional<EndpointAgentsEmbedded>, "aid" | "accountGroupName" | "endpointAgentsEmbeddedUsed">>();
is<Same<Optional<EnterpriseAgents>, "aid" | "accountGroupName" | "enterpriseAgentsUsed">>();
is<Same<Optional<UnitAllocationSummary>, "used" | "projected" | "allocations">>();
is<Same<Optional<ProductAllocation>, "productName" | "allocatedUnits">>();
is<Same<Optional<SelfLinks>, "self">>();

// But href of a link.
is<Same<Exclude<keyof Link, Optional<Link>>, "href">>();

// None is null, and what is there is not undefined.
is<Same<UsageDetails["cloudUnitsUsed"], number | undefined>>();
is<Same<UsageDetails["tests"], TestUsage[] | undefined>>();
is<Same<UsageDetails["allocations"], UnitAllocationSummary | undefined>>();
is<Same<TestUsage["testId"], string | undefined>>();
is<Same<UsageQuota["monthStart"], string | undefined>>();
is<Same<Link["templated"], boolean | undefined>>();
// @ts-expect-error: it is absent or a number
const _undefined: UsageDetails = { cloudUnitsUsed: undefined };

// @ts-expect-error: a field that does not exist
type _Missing = UsageDetails["cloudUnits"];
