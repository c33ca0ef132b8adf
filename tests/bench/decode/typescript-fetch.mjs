// The way of openapi-generator's typescript-fetch: a function a type, which copies its known fields and checks none. It was
// told to keep the names of the fields, and dates as text.
import plain from "./plain.mjs";

function UsageQuotaFromJSON(json) {
  if (json == null) return json;
  return {
    monthStart: json["monthStart"] == null ? undefined : json["monthStart"],
    monthEnd: json["monthEnd"] == null ? undefined : json["monthEnd"],
    cloudUnitsIncluded: json["cloudUnitsIncluded"] == null ? undefined : json["cloudUnitsIncluded"],
    deviceAgentsIncluded: json["deviceAgentsIncluded"] == null ? undefined : json["deviceAgentsIncluded"],
    endpointAgentsIncluded: json["endpointAgentsIncluded"] == null ? undefined : json["endpointAgentsIncluded"],
    endpointAgentsEssentialsIncluded:
      json["endpointAgentsEssentialsIncluded"] == null ? undefined : json["endpointAgentsEssentialsIncluded"],
    endpointAgentsEmbeddedIncluded:
      json["endpointAgentsEmbeddedIncluded"] == null ? undefined : json["endpointAgentsEmbeddedIncluded"],
    enterpriseAgentsIncluded: json["enterpriseAgentsIncluded"] == null ? undefined : json["enterpriseAgentsIncluded"],
  };
}

function TestUsageFromJSON(json) {
  if (json == null) return json;
  return {
    aid: json["aid"] == null ? undefined : json["aid"],
    accountGroupName: json["accountGroupName"] == null ? undefined : json["accountGroupName"],
    testId: json["testId"] == null ? undefined : json["testId"],
    testName: json["testName"] == null ? undefined : json["testName"],
    testType: json["testType"] == null ? undefined : json["testType"],
    cloudUnitsUsed: json["cloudUnitsUsed"] == null ? undefined : json["cloudUnitsUsed"],
    cloudUnitsProjected: json["cloudUnitsProjected"] == null ? undefined : json["cloudUnitsProjected"],
  };
}

function EnterpriseAgentUnitsFromJSON(json) {
  if (json == null) return json;
  return {
    aid: json["aid"] == null ? undefined : json["aid"],
    accountGroupName: json["accountGroupName"] == null ? undefined : json["accountGroupName"],
    agentId: json["agentId"] == null ? undefined : json["agentId"],
    agentName: json["agentName"] == null ? undefined : json["agentName"],
    enterpriseUnitsUsed: json["enterpriseUnitsUsed"] == null ? undefined : json["enterpriseUnitsUsed"],
    enterpriseUnitsProjected: json["enterpriseUnitsProjected"] == null ? undefined : json["enterpriseUnitsProjected"],
  };
}

function EndpointAgentsUsageFromJSON(json) {
  if (json == null) return json;
  return {
    aid: json["aid"] == null ? undefined : json["aid"],
    accountGroupName: json["accountGroupName"] == null ? undefined : json["accountGroupName"],
    endpointAgentsUsed: json["endpointAgentsUsed"] == null ? undefined : json["endpointAgentsUsed"],
  };
}

function EndpointAgentsEssentialsFromJSON(json) {
  if (json == null) return json;
  return {
    aid: json["aid"] == null ? undefined : json["aid"],
    accountGroupName: json["accountGroupName"] == null ? undefined : json["accountGroupName"],
    endpointAgentsEssentialsUsed: json["endpointAgentsEssentialsUsed"] == null ? undefined : json["endpointAgentsEssentialsUsed"],
  };
}

function EndpointAgentsEmbeddedFromJSON(json) {
  if (json == null) return json;
  return {
    aid: json["aid"] == null ? undefined : json["aid"],
    accountGroupName: json["accountGroupName"] == null ? undefined : json["accountGroupName"],
    endpointAgentsEmbeddedUsed: json["endpointAgentsEmbeddedUsed"] == null ? undefined : json["endpointAgentsEmbeddedUsed"],
  };
}

function EnterpriseAgentsFromJSON(json) {
  if (json == null) return json;
  return {
    aid: json["aid"] == null ? undefined : json["aid"],
    accountGroupName: json["accountGroupName"] == null ? undefined : json["accountGroupName"],
    enterpriseAgentsUsed: json["enterpriseAgentsUsed"] == null ? undefined : json["enterpriseAgentsUsed"],
  };
}

function UnitAllocationFromJSON(json) {
  if (json == null) return json;
  return {
    productName: json["productName"] == null ? undefined : json["productName"],
    allocatedUnits: json["allocatedUnits"] == null ? undefined : json["allocatedUnits"],
  };
}

function UnitAllocationSummaryFromJSON(json) {
  if (json == null) return json;
  return {
    used: json["used"] == null ? undefined : json["used"],
    projected: json["projected"] == null ? undefined : json["projected"],
    allocations: json["allocations"] == null ? undefined : json["allocations"].map(UnitAllocationFromJSON),
  };
}

function UsageDetailsFromJSON(json) {
  if (json == null) return json;
  return {
    quota: json["quota"] == null ? undefined : UsageQuotaFromJSON(json["quota"]),
    cloudUnitsUsed: json["cloudUnitsUsed"] == null ? undefined : json["cloudUnitsUsed"],
    cloudUnitsProjected: json["cloudUnitsProjected"] == null ? undefined : json["cloudUnitsProjected"],
    cloudUnitsNextBillingPeriod: json["cloudUnitsNextBillingPeriod"] == null ? undefined : json["cloudUnitsNextBillingPeriod"],
    enterpriseUnitsUsed: json["enterpriseUnitsUsed"] == null ? undefined : json["enterpriseUnitsUsed"],
    enterpriseUnitsProjected: json["enterpriseUnitsProjected"] == null ? undefined : json["enterpriseUnitsProjected"],
    enterpriseUnitsNextBillingPeriod:
      json["enterpriseUnitsNextBillingPeriod"] == null ? undefined : json["enterpriseUnitsNextBillingPeriod"],
    connectedDevicesUnitsUsed: json["connectedDevicesUnitsUsed"] == null ? undefined : json["connectedDevicesUnitsUsed"],
    connectedDevicesUnitsProjected:
      json["connectedDevicesUnitsProjected"] == null ? undefined : json["connectedDevicesUnitsProjected"],
    connectedDevicesUnitsNextBillingPeriod:
      json["connectedDevicesUnitsNextBillingPeriod"] == null ? undefined : json["connectedDevicesUnitsNextBillingPeriod"],
    endpointAgentsUsed: json["endpointAgentsUsed"] == null ? undefined : json["endpointAgentsUsed"],
    endpointAgentsEssentialsUsed: json["endpointAgentsEssentialsUsed"] == null ? undefined : json["endpointAgentsEssentialsUsed"],
    endpointAgentsEmbeddedUsed: json["endpointAgentsEmbeddedUsed"] == null ? undefined : json["endpointAgentsEmbeddedUsed"],
    enterpriseAgentsUsed: json["enterpriseAgentsUsed"] == null ? undefined : json["enterpriseAgentsUsed"],
    tests: json["tests"] == null ? undefined : json["tests"].map(TestUsageFromJSON),
    enterpriseAgentUnits:
      json["enterpriseAgentUnits"] == null ? undefined : json["enterpriseAgentUnits"].map(EnterpriseAgentUnitsFromJSON),
    endpointAgents: json["endpointAgents"] == null ? undefined : json["endpointAgents"].map(EndpointAgentsUsageFromJSON),
    endpointAgentsEssentials:
      json["endpointAgentsEssentials"] == null
        ? undefined
        : json["endpointAgentsEssentials"].map(EndpointAgentsEssentialsFromJSON),
    endpointAgentsEmbedded:
      json["endpointAgentsEmbedded"] == null ? undefined : json["endpointAgentsEmbedded"].map(EndpointAgentsEmbeddedFromJSON),
    enterpriseAgents: json["enterpriseAgents"] == null ? undefined : json["enterpriseAgents"].map(EnterpriseAgentsFromJSON),
    allocations: json["allocations"] == null ? undefined : UnitAllocationSummaryFromJSON(json["allocations"]),
  };
}

function LinkFromJSON(json) {
  if (json == null) return json;
  return {
    href: json["href"],
    templated: json["templated"] == null ? undefined : json["templated"],
    type: json["type"] == null ? undefined : json["type"],
    deprecation: json["deprecation"] == null ? undefined : json["deprecation"],
    name: json["name"] == null ? undefined : json["name"],
    profile: json["profile"] == null ? undefined : json["profile"],
    title: json["title"] == null ? undefined : json["title"],
    hreflang: json["hreflang"] == null ? undefined : json["hreflang"],
  };
}

function SelfLinksFromJSON(json) {
  if (json == null) return json;
  return {
    self: json["self"] == null ? undefined : LinkFromJSON(json["self"]),
  };
}

function UsageFromJSON(json) {
  if (json == null) return json;
  return {
    usage: json["usage"] == null ? undefined : UsageDetailsFromJSON(json["usage"]),
    _links: json["_links"] == null ? undefined : SelfLinksFromJSON(json["_links"]),
  };
}

export default async (fetch) => UsageFromJSON(await plain(fetch));
