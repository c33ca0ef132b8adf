/**
 * The sample organisation: 40 account groups, 2,000 tests, the same at every start but for the dates (a seeded generator).
 *
 * Its cloud units end the period over what is included, its endpoint agents are close to their limit, and the rest is well
 * below. It has metered billing, so it has enterprise units and no `enterpriseAgentsIncluded`; it has no
 * connected devices. Each breakdown adds up to its total.
 */

export const DAY_MS = 86_400_000;
export const PERIOD_DAYS = 30;
/** Elapsed days of the period: enough for a forecast, and few enough that days remain. */
export const DAYS_OVER = 21;

const TEST_COUNT = 2000;
const ENTERPRISE_AGENTS = 268;
const CLOUD_UNITS_INCLUDED = 4_320_000_000;
const CLOUD_UNITS_PROJECTED = 4_841_276_530;
const ENTERPRISE_UNITS_PROJECTED = 214_318_750;
const ENDPOINT_AGENTS = 11_642;
const ENDPOINT_AGENTS_ESSENTIALS = 2_214;
const ENDPOINT_AGENTS_EMBEDDED = 388;
const MINUTES_IN_PERIOD = PERIOD_DAYS * 24 * 60;

const GROUP_NAMES = [
  "Example Corp HQ", "Alder Bank", "Arcwell Insurance", "Baltic Freight", "Birchfield Foods", "Brightwater Utilities",
  "Calder Airways", "Carraway Hotels", "Clearbrook Health", "Copperline Energy", "Dovetail Logistics", "Eastgate Media",
  "Elmstone Pharma", "Fairhaven Telecom", "Fernhill Estates", "Granite Vale Steel", "Greyfriars Legal",
  "Harbour & Vale Shipping", "Hazelmere Motors", "Ironmoor Rail", "Kestrel Ground Services", "Kingsmead Payments",
  "Larkspur Fashion", "Linden Mutual", "Marlow Street Studios", "Nordhaven Fisheries", "Oakfield Grocers",
  "Orchard Learning", "Pinecrest Outdoors", "Quayside Brewing", "Redwell Mining", "Rosedale Clinics",
  "Silverbirch Capital", "Stonebridge Build", "São Bento Café", "Thornbury Paper", "Tidewater Marine",
  "Valemont Chemicals", "Westwick Courier", "Åkerlund Timber",
];

const SITES = [
  "Amsterdam", "Atlanta", "Bengaluru", "Berlin", "Chicago", "Dallas", "Dublin", "Frankfurt", "Hong Kong", "Johannesburg",
  "Leeds", "London", "Madrid", "Milan", "Mumbai", "New York", "Osaka", "Paris", "San Jose", "São Paulo", "Seattle",
  "Singapore", "Stockholm", "Sydney", "Tokyo", "Toronto", "Warsaw", "Zürich",
];
const SERVICES = ["Microsoft 365", "Salesforce", "Webex", "ServiceNow", "Workday", "SAP S/4HANA", "GitHub", "AWS Direct Connect"];
const APPS = ["Customer portal", "Checkout", "Partner portal", "Booking engine", "Intranet", "Single sign-on", "Payroll", "Order tracking", "Store locator", "Help centre"];
const TASKS = ["sign in", "search and filter", "create an order", "download an invoice", "reset a password", "book and cancel"];
const CALLS = ["list orders", "create a shipment", "quote", "refresh a token", "stock levels", "webhook delivery"];
const HOSTS = ["www", "api", "mail", "vpn", "login", "cdn", "status"];
const PREFIXES = ["192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8:40::/48", "2001:db8:a0::/44"];

/**
 * Test types: how often each is chosen, the cost of a round on one agent, and the name of such a test.
 * @type {Array<{ type: string, share: number, cost: number, name: (p: Picker, domain: string) => string }>}
 */
const TEST_TYPES = [
  { type: "http-server", share: 26, cost: 5, name: (p, domain) => `https://${p.pick(HOSTS)}.${domain} from ${p.pick(SITES)}` },
  { type: "agent-to-server", share: 22, cost: 5, name: (p) => `${p.pick(SITES)} to ${p.pick(SERVICES)}` },
  { type: "page-load", share: 14, cost: 10, name: (p) => `${p.pick(APPS)}, ${p.pick(SITES)} users` },
  { type: "web-transactions", share: 9, cost: 20, name: (p) => `${p.pick(APPS)}: ${p.pick(TASKS)}` },
  { type: "api", share: 8, cost: 5, name: (p) => `${p.pick(APPS)} API: ${p.pick(CALLS)}` },
  { type: "dns-server", share: 8, cost: 2, name: (p, domain) => `${p.pick(HOSTS)}.${domain} A @ ns${p.int(1, 4)}.${domain}` },
  { type: "agent-to-agent", share: 5, cost: 0, name: (p) => `Backbone ${p.pair(SITES).join(" to ")}` },
  { type: "dns-trace", share: 3, cost: 2, name: (p, domain) => `${p.pick(HOSTS)}.${domain} delegation` },
  { type: "bgp", share: 2, cost: 1, name: (p) => `${p.pick(PREFIXES)} seen from ${p.pick(SITES)}` },
  { type: "voice", share: 2, cost: 4, name: (p) => `Voice ${p.pair(SITES).join(" to ")} (G.711)` },
  { type: "sip-server", share: 1, cost: 4, name: (p, domain) => `sip.${domain} from ${p.pick(SITES)}` },
];

/** Seeded random choices (mulberry32). With `Math.random`, the organisation would differ at every start. */
export class Picker {
  #state;
  /** @param {number} seed */
  constructor(seed) {
    this.#state = seed;
  }
  /** A number in [0, 1). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  /** An integer from `low` to `high`, both included. @param {number} low @param {number} high */
  int(low, high) {
    return low + Math.floor(this.next() * (high - low + 1));
  }
  /** @template T @param {readonly T[]} list @returns {T} */
  pick(list) {
    return list[this.int(0, list.length - 1)];
  }
  /** Two different ones. @template T @param {readonly T[]} list @returns {[T, T]} */
  pair(list) {
    const first = this.int(0, list.length - 1);
    return [list[first], list[(first + this.int(1, list.length - 1)) % list.length]];
  }
  /** @template {{ share: number }} T @param {readonly T[]} list @returns {T} */
  weighted(list) {
    let left = this.next() * sum(list, "share");
    return list.find((item) => (left -= item.share) < 0) ?? list[0];
  }
}

/** @param {readonly Record<string, any>[]} rows @param {string} field */
export const sum = (rows, field) => rows.reduce((total, row) => total + (row[field] ?? 0), 0);

/** "São Paulo" → "sao-paulo" @param {string} name */
const slug = (name) => name.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().match(/[a-z]+/g)?.join("-");

/** Splits `total` in proportion to the groups' shares; the parts add up to it exactly. */
export function split(total, groups) {
  const totalShare = sum(groups, "share");
  let share = 0;
  let allotted = 0;
  return groups.map((group) => {
    share += group.share;
    const part = Math.round((total * share) / totalShare) - allotted;
    allotted += part;
    return part;
  });
}

function makeGroups(p) {
  let aid = 2067;
  return GROUP_NAMES.map((name) => {
    const group = { aid: String(aid), name, domain: `${slug(name)}.example`, share: 0.2 + 5 * p.next() ** 6 };
    aid += p.int(3, 240);
    return group;
  });
}

function makeTests(p, groups, size) {
  let testId = 104_200;
  const tests = [];
  const counts = split(TEST_COUNT * size, groups);
  groups.forEach((group, g) => {
    const names = new Map();
    for (let n = 0; n < counts[g]; n++) {
      const { type, cost, name } = p.weighted(TEST_TYPES);
      const plainName = name(p, group.domain);
      const copies = names.get(plainName) ?? 0;
      names.set(plainName, copies + 1);
      const testName = copies === 0 ? plainName : `${plainName} (${copies + 1})`;
      const rounds = MINUTES_IN_PERIOD / p.pick([1, 2, 2, 5, 5, 5, 10, 15, 30, 60]);
      tests.push({
        row: { aid: group.aid, accountGroupName: group.name, testId: String((testId += p.int(1, 90))), testName, testType: type },
        weight: cost * rounds * p.int(1, 24),
        isNew: p.next() < 0.03,
      });
    }
  });

  const known = tests.filter((test) => !test.isNew);
  const scale = (CLOUD_UNITS_PROJECTED * size) / sum(known, "weight");
  return tests.map(({ row, weight, isNew }) => {
    const projected = Math.round(weight * scale);
    if (isNew) return { ...row, cloudUnitsUsed: Math.round(projected * 0.02 * p.next()) };
    return { ...row, cloudUnitsUsed: Math.round(projected * (0.69 + 0.06 * p.next())), cloudUnitsProjected: projected };
  });
}

function makeEnterpriseAgents(p, groups, size) {
  let agentId = 61_000;
  const agents = [];
  const counts = split(ENTERPRISE_AGENTS * size, groups);
  groups.forEach((group, g) => {
    for (let n = 1; n <= counts[g]; n++) {
      const row = {
        aid: group.aid,
        accountGroupName: group.name,
        agentId: String((agentId += p.int(1, 40))),
        agentName: `${slug(p.pick(SITES))}-ea-${String(n).padStart(2, "0")}`,
      };
      // The API omits the ID if it is not available.
      if (p.next() < 0.04) delete row.agentId;
      agents.push({ row, weight: 0.2 + p.next() ** 2 });
    }
  });

  const scale = (ENTERPRISE_UNITS_PROJECTED * size) / sum(agents, "weight");
  return agents.map(({ row, weight }) => {
    const projected = Math.round(weight * scale);
    return { ...row, enterpriseUnitsUsed: Math.round(projected * (0.68 + 0.08 * p.next())), enterpriseUnitsProjected: projected };
  });
}

/** One row for each group with a count above 0. */
function countsByGroup(groups, field, total) {
  const counts = split(total, groups);
  return groups
    .map((group, g) => ({ aid: group.aid, accountGroupName: group.name, [field]: counts[g] }))
    .filter((row) => row[field] > 0);
}

/** The billing period around a moment, from midnight to midnight (UTC). */
function periodAround(at) {
  const start = Math.floor(at / DAY_MS) * DAY_MS - DAYS_OVER * DAY_MS;
  const iso = (ms) => new Date(ms).toISOString().replace(".000", "");
  return { monthStart: iso(start), monthEnd: iso(start + PERIOD_DAYS * DAY_MS - 1000) };
}

/**
 * @param {{ size?: number, at?: number }} [options] the factor of the size; the time of the request
 * @returns {{ aids: Set<string>, totals: Record<string, any>, breakdowns: Record<string, object[]> }} the known account
 *   groups, the fields of `usage` that are always there, and the arrays that `expand` adds, by field name
 */
export function sampleOrganization({ size = 1, at = Date.now() } = {}) {
  const p = new Picker(20261101);
  const groups = makeGroups(p);
  const breakdowns = {
    tests: makeTests(p, groups, size),
    enterpriseAgentUnits: makeEnterpriseAgents(p, groups, size),
    endpointAgents: countsByGroup(groups, "endpointAgentsUsed", ENDPOINT_AGENTS * size),
    endpointAgentsEssentials: countsByGroup(groups.filter((_, g) => g % 3 !== 1), "endpointAgentsEssentialsUsed", ENDPOINT_AGENTS_ESSENTIALS * size),
    endpointAgentsEmbedded: countsByGroup(groups.filter((_, g) => g % 4 === 0), "endpointAgentsEmbeddedUsed", ENDPOINT_AGENTS_EMBEDDED * size),
    enterpriseAgents: countsByGroup(groups, "enterpriseAgentsUsed", ENTERPRISE_AGENTS * size),
  };

  const cloudUnitsUsed = sum(breakdowns.tests, "cloudUnitsUsed");
  const cloudUnitsProjected = sum(breakdowns.tests, "cloudUnitsProjected");
  const enterpriseUnitsUsed = sum(breakdowns.enterpriseAgentUnits, "enterpriseUnitsUsed");
  const enterpriseUnitsProjected = sum(breakdowns.enterpriseAgentUnits, "enterpriseUnitsProjected");

  const totals = {
    // The client's model does not have this field. The real API adds fields over time, and they must be kept.
    organizationName: "Example Corp",
    quota: {
      ...periodAround(at),
      cloudUnitsIncluded: CLOUD_UNITS_INCLUDED * size,
      endpointAgentsIncluded: 12_000 * size,
      endpointAgentsEssentialsIncluded: 5_000 * size,
      endpointAgentsEmbeddedIncluded: 1_500 * size,
    },
    cloudUnitsUsed,
    cloudUnitsProjected,
    cloudUnitsNextBillingPeriod: Math.round((cloudUnitsProjected * 31) / 30),
    enterpriseUnitsUsed,
    enterpriseUnitsProjected,
    enterpriseUnitsNextBillingPeriod: Math.round((enterpriseUnitsProjected * 31) / 30),
    connectedDevicesUnitsUsed: 0,
    connectedDevicesUnitsProjected: 0,
    connectedDevicesUnitsNextBillingPeriod: 0,
    endpointAgentsUsed: sum(breakdowns.endpointAgents, "endpointAgentsUsed"),
    endpointAgentsEssentialsUsed: sum(breakdowns.endpointAgentsEssentials, "endpointAgentsEssentialsUsed"),
    endpointAgentsEmbeddedUsed: sum(breakdowns.endpointAgentsEmbedded, "endpointAgentsEmbeddedUsed"),
    enterpriseAgentsUsed: sum(breakdowns.enterpriseAgents, "enterpriseAgentsUsed"),
    allocations: {
      used: cloudUnitsUsed + enterpriseUnitsUsed,
      projected: cloudUnitsProjected + enterpriseUnitsProjected,
      allocations: [
        { productName: "Cloud Agents", allocatedUnits: CLOUD_UNITS_INCLUDED * size },
        { productName: "Enterprise Agents", allocatedUnits: 260_000_000 * size },
      ],
    },
  };
  return { aids: new Set(groups.map((group) => group.aid)), totals, breakdowns };
}
