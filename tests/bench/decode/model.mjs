// The model of the whole response, from which the schema of each validator is made. A name with "!" is a required field.

const group = { aid: "text", accountGroupName: "text" };
const units = (name) => ({ [`${name}Used`]: "int", [`${name}Projected`]: "int", [`${name}NextBillingPeriod`]: "int" });

export const MODEL = {
  usage: {
    quota: {
      monthStart: "text", monthEnd: "text", cloudUnitsIncluded: "int", deviceAgentsIncluded: "int",
      endpointAgentsIncluded: "int", endpointAgentsEssentialsIncluded: "int", endpointAgentsEmbeddedIncluded: "int",
      enterpriseAgentsIncluded: "int",
    },
    ...units("cloudUnits"),
    ...units("enterpriseUnits"),
    ...units("connectedDevicesUnits"),
    endpointAgentsUsed: "int", endpointAgentsEssentialsUsed: "int", endpointAgentsEmbeddedUsed: "int", enterpriseAgentsUsed: "int",
    tests: [{ ...group, testId: "text", testName: "text", testType: "text", cloudUnitsUsed: "int", cloudUnitsProjected: "int" }],
    enterpriseAgentUnits: [
      { ...group, agentId: "text", agentName: "text", enterpriseUnitsUsed: "int", enterpriseUnitsProjected: "int" },
    ],
    endpointAgents: [{ ...group, endpointAgentsUsed: "int" }],
    endpointAgentsEssentials: [{ ...group, endpointAgentsEssentialsUsed: "int" }],
    endpointAgentsEmbedded: [{ ...group, endpointAgentsEmbeddedUsed: "int" }],
    enterpriseAgents: [{ ...group, enterpriseAgentsUsed: "int" }],
    allocations: { used: "int", projected: "int", allocations: [{ productName: "text", allocatedUnits: "int" }] },
  },
  _links: {
    self: {
      "href!": "text", templated: "flag", type: "text", deprecation: "text", name: "text", profile: "text", title: "text",
      hreflang: "text",
    },
  },
};

/**
 * Makes the schema of a library: its `text`, `int` and `flag` are schemas, `list` makes one from the schema of the items, and
 * `object` from the fields, each `[name, schema, required]`.
 */
export function schema(library, model = MODEL) {
  if (typeof model === "string") return library[model];
  if (Array.isArray(model)) return library.list(schema(library, model[0]));
  const fields = Object.entries(model).map(([name, type]) => [name.replace("!", ""), schema(library, type), name.endsWith("!")]);
  return library.object(fields);
}
