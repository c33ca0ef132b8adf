// The response of a made-up organisation, with its usage by test. The same arguments make the same bytes.

const TYPES = [
  "agent-to-server", "agent-to-agent", "api", "bgp", "dns-server", "dns-trace", "dnssec", "ftp-server", "http-server",
  "one-way-network", "page-load", "sip-server", "voice", "web-transactions", "cloud-monitoring",
];
const REGIONS = ["EMEA", "APAC", "LATAM", "North America"];
const UNITS = ["Retail", "Wholesale", "Payments", "Logistics", "Back Office"];
const GROUPS = REGIONS.flatMap((region) => UNITS.map((unit) => `${region} ${unit}`));
const SERVICES = ["Checkout", "Search", "Login", "Catalogue", "Invoices", "Intranet", "Partner API"];
const NOT_ASCII = ["Café", "日本支店", "Launch 🚀"];

/** The test of this index. With `foreign` one name in ten is not ASCII. */
function row(index, foreign) {
  const group = index % GROUPS.length;
  const service = SERVICES[index % SERVICES.length];
  const site = foreign && index % 10 === 0 ? NOT_ASCII[(index / 10) % NOT_ASCII.length] : "Site";
  const used = (index * 7919) % 90_000;
  return {
    aid: String(1_200_000 + 37 * group),
    accountGroupName: GROUPS[group],
    testId: String(281_474_976_710_706 + index),
    testName: `${service} from ${site} ${index}`,
    testType: TYPES[(index * 7) % TYPES.length],
    cloudUnitsUsed: used,
    // A new test has no estimate yet.
    ...(index % 50 === 7 ? {} : { cloudUnitsProjected: 2 * used + (index % 13) }),
  };
}

const enterpriseUnits = (index) => ({ enterpriseUnitsUsed: index * 7, enterpriseUnitsProjected: index * 15 });

/** The row of this index in a list. */
const LIST_ROWS = {
  getTestUnits: (index) => ({ ...row(index), ...enterpriseUnits(index), isInstantTest: index % 4 === 0 }),
  getEnterpriseAgentUnits(index) {
    const { aid, accountGroupName, testId, testName } = row(index);
    return { aid, accountGroupName, agentId: testId, agentName: testName, ...enterpriseUnits(index) };
  },
};

const encode = (body) => new TextEncoder().encode(JSON.stringify(body));

/** The bytes of a response with this number of tests, from the index `first` on. With `list`, those of the only page of the list. */
export function responseBody(tests, { list, foreign = false, first = 0 } = {}) {
  const rows = Array.from({ length: tests }, (_, index) => (list ? LIST_ROWS[list] : row)(first + index, foreign));
  if (list) return encode({ breakdowns: rows, _links: { self: { href: "https://api.thousandeyes.com/v7/usage/units" } } });
  return encode({
    usage: {
      quota: {
        monthStart: "2026-11-01T00:00:00Z", monthEnd: "2026-11-30T23:59:59Z", cloudUnitsIncluded: 4_320_000_000,
        deviceAgentsIncluded: 10, endpointAgentsIncluded: 500, endpointAgentsEssentialsIncluded: 200,
        endpointAgentsEmbeddedIncluded: 100, enterpriseAgentsIncluded: 25,
      },
      cloudUnitsUsed: 3_000_000_001, cloudUnitsProjected: 4_500_000_002, cloudUnitsNextBillingPeriod: 4_400_000_003,
      enterpriseUnitsUsed: 11, enterpriseUnitsProjected: 12, enterpriseUnitsNextBillingPeriod: 13,
      connectedDevicesUnitsUsed: 21, connectedDevicesUnitsProjected: 22, connectedDevicesUnitsNextBillingPeriod: 23,
      endpointAgentsUsed: 480, endpointAgentsEssentialsUsed: 0, endpointAgentsEmbeddedUsed: 42, enterpriseAgentsUsed: 7,
      tests: rows,
    },
    _links: { self: { href: "https://api.thousandeyes.com/v7/usage?expand=test" } },
  });
}
