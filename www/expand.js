/** The field of `usage` that each value of `expand` fills. */
export const FIELD_OF_EXPAND = {
  "test": "tests",
  "enterprise-agent": "enterpriseAgents",
  "enterprise-agent-unit": "enterpriseAgentUnits",
  "endpoint-agent": "endpointAgents",
  "endpoint-agent-essential": "endpointAgentsEssentials",
  "endpoint-agent-embedded": "endpointAgentsEmbedded",
};
