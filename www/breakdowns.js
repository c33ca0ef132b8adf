/** The tables of a response: their rows, and their columns by the names of the API's fields. */

/**
 * @typedef {{ field: string, label: string, kind: "name" | "text" | "id" | "amount", width: string }} Column
 * @typedef {object} Table
 * @property {string} id as in the URL
 * @property {string} title
 * @property {string} noun the name of a row
 * @property {(result: Result) => readonly Record<string, any>[] | undefined} rows
 * @property {string} [expand] the breakdown that the request needs
 * @property {readonly Column[]} columns
 * @property {readonly ("account" | "type")[]} groupings
 * @property {string} sort the default field to sort by, largest first
 *
 * @typedef {object} Result a response, and the package's summary of it
 * @property {import("thousandeyes-usage").Usage} data
 * @property {import("thousandeyes-usage").AccountGroupUsage[]} accountGroups
 */

const name = (field, label) => ({ field, label, kind: "name", width: "minmax(13.5rem, 3fr)" });
const text = (field, label) => ({ field, label, kind: "text", width: "minmax(8.5rem, 1.4fr)" });
const id = (field, label) => ({ field, label, kind: "id", width: "minmax(6.5rem, 0.6fr)" });
const amount = (field, label) => ({ field, label, kind: "amount", width: "minmax(10rem, 1fr)" });
const count = (field, label, least = "10rem") => ({ field, label, kind: "amount", width: `minmax(${least}, 0.6fr)` });

const ACCOUNT_GROUP = "accountGroupName";
const AID = id("aid", "Group ID");

const agents = (tableId, field, expand, title, used) => ({
  id: tableId,
  title,
  noun: "account group",
  expand,
  rows: ({ data }) => data.usage?.[field],
  columns: [name(ACCOUNT_GROUP, "Account group"), amount(used, "Used"), AID],
  groupings: [],
  sort: used,
});

/** @type {readonly Table[]} */
export const TABLES = [
  {
    id: "tests",
    title: "Tests",
    noun: "test",
    expand: "test",
    rows: ({ data }) => data.usage?.tests,
    columns: [
      name("testName", "Test"), amount("cloudUnitsUsed", "Used"), amount("cloudUnitsProjected", "Projected"),
      text(ACCOUNT_GROUP, "Account group"), text("testType", "Type"), id("testId", "Test ID"), AID,
    ],
    groupings: ["account", "type"],
    sort: "cloudUnitsProjected",
  },
  {
    id: "account-groups",
    title: "Account groups",
    noun: "account group",
    rows: ({ accountGroups }) => (accountGroups.length > 0 ? accountGroups : undefined),
    columns: [
      name(ACCOUNT_GROUP, "Account group"), amount("cloudUnitsUsed", "Cloud units used"),
      amount("cloudUnitsProjected", "Projected"), amount("enterpriseUnitsUsed", "Enterprise units"),
      count("tests", "Tests", "5.5rem"), count("enterpriseAgentsUsed", "Enterprise agents"),
      count("endpointAgentsUsed", "Endpoint agents"), AID,
    ],
    groupings: [],
    sort: "cloudUnitsProjected",
  },
  {
    id: "agent-units",
    title: "Agent units",
    noun: "agent",
    expand: "enterprise-agent-unit",
    rows: ({ data }) => data.usage?.enterpriseAgentUnits,
    columns: [
      name("agentName", "Agent"), amount("enterpriseUnitsUsed", "Used"), amount("enterpriseUnitsProjected", "Projected"),
      text(ACCOUNT_GROUP, "Account group"), id("agentId", "Agent ID"), AID,
    ],
    groupings: ["account"],
    sort: "enterpriseUnitsProjected",
  },
  agents("enterprise-agents", "enterpriseAgents", "enterprise-agent", "Enterprise agents", "enterpriseAgentsUsed"),
  agents("endpoint-agents", "endpointAgents", "endpoint-agent", "Endpoint agents", "endpointAgentsUsed"),
  agents("essentials", "endpointAgentsEssentials", "endpoint-agent-essential", "Essentials", "endpointAgentsEssentialsUsed"),
  agents("embedded", "endpointAgentsEmbedded", "endpoint-agent-embedded", "Embedded", "endpointAgentsEmbeddedUsed"),
  {
    id: "allocations",
    title: "Allocations",
    noun: "product",
    rows: ({ data }) => data.usage?.allocations?.allocations,
    columns: [name("productName", "Product"), amount("allocatedUnits", "Allocated units")],
    groupings: [],
    sort: "allocatedUnits",
  },
];

/** The identity of a row's account group. Several groups may have the same name. */
export const accountOf = (row) => row.aid ?? row.accountGroupName;

/** Units by test type, largest first. @param {readonly import("thousandeyes-usage").TestUsage[]} tests */
export function byTestType(tests) {
  const types = new Map();
  for (const { testType, cloudUnitsUsed, cloudUnitsProjected } of tests) {
    const sums = types.get(testType) ?? { testType };
    types.set(testType, sums);
    sums.cloudUnitsUsed = plus(sums.cloudUnitsUsed, cloudUnitsUsed);
    sums.cloudUnitsProjected = plus(sums.cloudUnitsProjected, cloudUnitsProjected);
  }
  return [...types.values()].sort((a, b) => units(b) - units(a));
}

/** Adds a value that may be absent. A sum without values is absent too. */
export const plus = (sum, value) => (value === undefined ? sum : (sum ?? 0) + value);

/** The units by which rows are ranked. */
export const units = (row) => Math.max(row.cloudUnitsProjected ?? 0, row.cloudUnitsUsed ?? 0);
