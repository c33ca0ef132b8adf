/** What the gateway requests from the API beside the usage: the path after `/v7/`. */
export const TEST_UNITS = "usage/units/tests";
export const ENTERPRISE_AGENT_UNITS = "usage/units/enterprise-agents";
export const QUOTAS = "quotas";
/** Those that are lists of pages. */
export const UNITS = [TEST_UNITS, ENTERPRISE_AGENT_UNITS];
