// What the page computes without a browser: CSV, file names, the state in the URL, the age of a response, numbers and forecasts.
// And the sample API's units, which must agree with its usage.
import assert from "node:assert/strict";
import { test } from "node:test";

import { getEnterpriseAgentUnits, getQuotas, getTestUnits, getUsage } from "../../pkg/node.js";
import { byTestType } from "../../www/breakdowns.js";
import { toCsv } from "../../www/csv.js";
import { fileName } from "../../www/download.js";
import { byDanger, forecast, isUnused, level, verdict } from "../../www/forecast.js";
import { ABSENT, age, compact, number } from "../../www/format.js";
import { freshness } from "../../www/freshness.js";
import { COLOURS, coloursOf, labelOf, monthsUntil, partsOf, totalOf } from "../../www/months.js";
import { sampleApi } from "../../www/sample-api.js";
import { EXPAND, formatState, parseState } from "../../www/state.js";
import { parseCsv } from "./csv.mjs";

test("CSV keeps quotes, commas and the letters of any script", () => {
  const rows = [
    { testName: 'a "quoted" name, with a comma', cloudUnitsUsed: 0, testId: "007" },
    { testName: "Åkerlund – São Paulo 東京", testId: "12345678901234567890", cloudUnitsUsed: 4_320_000_000 },
    { testName: "" },
  ];
  const fields = ["testName", "cloudUnitsUsed", "testId"];
  const records = rows.map((row) => fields.map((field) => String(row[field] ?? "")));
  assert.deepEqual(parseCsv(toCsv(fields, rows)), [fields, ...records]);
});

test("CSV begins with a byte order mark, and ends each record with CR LF", () => {
  assert.equal(toCsv(["a", "b"], [{ a: "x", b: 1 }]), '\ufeff"a","b"\r\n"x",1\r\n');
});

for (const name of ["=1+1", "+1", "-1", "@SUM(A1)", '=HYPERLINK("https://example.com")']) {
  test(`CSV escapes the formula ${JSON.stringify(name)}`, () => {
    assert.equal(parseCsv(toCsv(["name"], [{ name }]))[1][0], `'${name}`);
  });
}

test("CSV has no control characters, so a name can do nothing to a terminal that prints the file", () => {
  assert.equal(parseCsv(toCsv(["name"], [{ name: "\ta\u001b[2J\u009bb\r\nc\u2028\u202ed" }]))[1][0], "�a�[2J�b��c��d");
});

test("a file name has the account group and the day, without characters that a file system rejects", () => {
  const at = new Date("2026-11-23T10:00:00Z");
  assert.equal(fileName("2067", "tests", "csv", at), "thousandeyes-usage_2067_tests_2026-11-23.csv");
  assert.equal(fileName(undefined, "", "json", at), "thousandeyes-usage_2026-11-23.json");
  assert.equal(fileName("../a b:c", "tests", "csv", at), "thousandeyes-usage_..-a-b-c_tests_2026-11-23.csv");
});

const DEFAULTS = parseState("");

test("the default view requests each breakdown, and has no query", () => {
  assert.equal(formatState(DEFAULTS), "");
  assert.deepEqual(DEFAULTS.expand, EXPAND);
});

for (const state of [
  { aid: "2067" },
  { aid: "1&expand=x é" },
  { expand: ["test"] },
  { expand: [] },
  { tab: "tests", search: "book, and cancel", sort: { field: "cloudUnitsUsed", descending: true }, group: "account" },
  { history: 3, from: "2026-08", to: "2026-10" },
  { sort: { field: "testName", descending: false }, group: "type", account: "2067", type: "http-server" },
]) {
  test(`the URL keeps ${JSON.stringify(state)}`, () => {
    assert.deepEqual(parseState(formatState({ ...DEFAULTS, ...state })), { ...DEFAULTS, ...state });
  });
}

for (const query of [
  "?aid=", "?aid=a%0Ab", `?aid=${"x".repeat(201)}`, "?group=colour", "?sort=--x", "?sort=a%20b", "?unknown=1", "?history=5", "?from=August",
]) {
  test(`the invalid query ${query.slice(0, 20)} is ignored`, () => assert.deepEqual(parseState(query), DEFAULTS));
}

test("an unknown breakdown in the URL is ignored", () => {
  assert.deepEqual(parseState("?expand=test,moon").expand, ["test"]);
});

const NOW = Date.parse("2026-11-23T13:17:00Z");
const freshnessOf = (headers) => freshness(new Headers(headers), NOW);

for (const [headers, seconds] of [[{}, 0], [{ age: "720" }, 720], [{ age: "soon" }, 0]]) {
  test(`a response with the headers ${JSON.stringify(headers)} is ${seconds} seconds old`, () => {
    assert.equal(+freshnessOf(headers).at, NOW - seconds * 1000);
  });
}

for (const [status, isStale] of [
  ["thousandeyes-usage; hit; ttl=-40; detail=rate-limit", true],
  ["thousandeyes-usage; hit; ttl=260", false],
  ["thousandeyes-usage; fwd=miss; stored", false],
  ['"an origin, far; away"; hit; ttl=-1, thousandeyes-usage; hit; ttl=260', false],
  ['"an origin, far; away"; hit; ttl=1, thousandeyes-usage; hit; ttl=-260', true],
  ["", false],
]) {
  test(`a response is ${isStale ? "" : "not "}stale if the Cache-Status is ${status}`, () => {
    assert.equal(freshnessOf({ "cache-status": status }).isStale, isStale);
  });
}

test("an age is in words", () => {
  assert.deepEqual([10, 60, 720, 3 * 3600].map(age), ["just now", "1 minute old", "12 minutes old", "3 hours old"]);
});

test("a number is in full, or short with three digits; an absent one is a dash, not 0", () => {
  assert.deepEqual([undefined, 0, 11_642, 4_320_000_000].map(number), [ABSENT, "0", "11,642", "4,320,000,000"]);
  assert.deepEqual([undefined, 0, 11_642, 4_320_000_000].map(compact), [ABSENT, "0", "11,642", "4.32\u00a0B"]);
});

const meter = (values) => ({ meter: "cloudUnits", ...values });
const OVER = meter({
  used: 130, included: 100, overage: 30, projected: 180, utilisation: 1.3, projectedUtilisation: 1.8,
  exhaustsAt: "2026-11-12T00:00:00Z",
});
const SOON = meter({
  used: 80, included: 100, overage: 0, projected: 108, utilisation: 0.8, projectedUtilisation: 1.08,
  exhaustsAt: "2026-11-24T13:00:00Z",
});
const FINE = meter({ used: 40, included: 100, overage: 0, projected: 62, utilisation: 0.4, projectedUtilisation: 0.62 });
const NO_LIMIT = meter({ used: 5000, projected: 9000 });

for (const [values, text] of [
  [SOON, "On course for 108, 8% over. At this rate the included units are used up on 24 November."],
  [OVER, "30 units over already (30%). On course for 180, 80% over."],
  [FINE, "On course for 62, 62% of what is included."],
  [meter({ used: 154e6, projected: 214e6 }), "On course for 214 M. There is no quota to compare it with."],
  [meter({}), "There is no quota to compare it with."],
  [
    { meter: "endpointAgents", used: 97, included: 100, overage: 0, utilisation: 0.97 },
    "3 agents left. The busiest hour of the period counts, so it can only rise.",
  ],
  [meter({ used: 40, projected: 62, included: 0, overage: 40 }), "On course for 62."],
]) {
  test(`a forecast: ${text}`, () => assert.equal(forecast(values, compact).join("").replaceAll("\u00a0", " "), text));
}

test("meters are ordered by their level, then by their share of the limit", () => {
  const full = meter({ used: 97, included: 100, utilisation: 0.97 });
  // Its share is smaller than that of `worse`.
  const over = meter({ used: 130, included: 100, utilisation: 1.3 });
  const worse = { ...SOON, projected: 150, projectedUtilisation: 1.5 };
  const ordered = [over, worse, SOON, full, FINE, NO_LIMIT];
  assert.deepEqual(byDanger([NO_LIMIT, FINE, full, SOON, worse, over]), ordered);
  assert.deepEqual(ordered.map(level), ["over", "soon-over", "soon-over", "near", "fine", "no-limit"]);
  assert.equal(new Set(ordered.map(verdict)).size, 5);
});

test("0 included is not a limit, and a meter with only zeros is not in use", () => {
  assert.equal(level(meter({ used: 5, included: 0 })), "no-limit");
  assert.equal(isUnused(meter({ used: 0, projected: 0, nextPeriod: 0 })), true);
  assert.equal(isUnused(meter({ used: 0, included: 100 })), false);
});

test("units by test type are sums, in which an absent value stays absent", () => {
  const tests = [
    { testType: "api", cloudUnitsUsed: 1 },
    { testType: "bgp", cloudUnitsUsed: 2, cloudUnitsProjected: 9 },
    { testType: "bgp", cloudUnitsUsed: 3 },
  ];
  assert.deepEqual(byTestType(tests), [
    { testType: "bgp", cloudUnitsUsed: 5, cloudUnitsProjected: 9 },
    { testType: "api", cloudUnitsUsed: 1, cloudUnitsProjected: undefined },
  ]);
});

test("the months of the history are those of UTC, the oldest first, and the last one has no end", () => {
  assert.deepEqual(monthsUntil(new Date("2026-01-31T23:30:00-05:00"), 3), [
    { startDate: "2025-12-01T00:00:00Z", endDate: "2025-12-31T23:59:59Z" },
    { startDate: "2026-01-01T00:00:00Z", endDate: "2026-01-31T23:59:59Z" },
    { startDate: "2026-02-01T00:00:00Z" },
  ]);
});

test("the first label that shows has its year, as has the first of another year, and a month without a bar says why", () => {
  const months = monthsUntil(new Date("2026-03-15T00:00:00Z"), 8);
  months[1].missing = "not loaded";
  for (const [step, ...labels] of [
    [1, "Aug 2025", "Sep not loaded", "Oct", "Nov", "Dec", "Jan 2026", "Feb", "Mar so far"],
    [2, "Sep 2025 not loaded", "Nov", "Jan 2026", "Mar so far"],
    [3, "Sep 2025 not loaded", "Dec", "Mar 2026 so far"],
  ]) {
    const shown = months.map((_, i) => labelOf(months, i, step)).filter(Boolean);
    assert.deepEqual(shown.map((lines) => lines.join(" ")), labels);
  }
});

const unitsOf = (...amounts) => amounts.map((cloudUnitsUsed, i) => ({ aid: String(i), accountGroupName: `Group ${i}`, cloudUnitsUsed }));

test("the largest account groups are parts of the bars, and the others are one part together", () => {
  const months = [unitsOf(1, 9, 8, 7, 6, 5, 4, 1), undefined, unitsOf(30, 9, undefined, 7, 6, 5, 4, undefined, 0)];
  const parts = partsOf(months);
  assert.deepEqual(parts.map(({ label }) => label), [0, 1, 3, 4, 5, 2].map((i) => `Group ${i}`).concat("2 others"));
  assert.deepEqual(parts.map(({ values }) => values.join()), ["1,,30", "9,,9", "7,,7", "6,,6", "5,,5", "8,,", "5,,4"]);
  assert.deepEqual(totalOf(parts, "Total"), { label: "Total", values: [41, undefined, 61], total: 102 });
});

test("few account groups have no others, and groups of the same name stay separate", () => {
  const months = [[{ aid: "1", accountGroupName: "A", cloudUnitsUsed: 1 }, { aid: "2", accountGroupName: "A", cloudUnitsUsed: 2 }], []];
  assert.deepEqual(partsOf(months).map(({ key, label }) => [key, label]), [["2", "A"], ["1", "A"]]);
  assert.deepEqual(partsOf([[], undefined]), []);
});

test("an account group keeps its colour while others come and go", () => {
  const colours = (keys, before) => [...coloursOf(keys.map((key) => ({ key })), new Map(before))];
  const before = colours(["a", "b", "c"], []);
  assert.deepEqual(before, [["a", 0], ["b", 1], ["c", 2]]);
  assert.deepEqual(colours(["d", "c", "a"], before), [["d", 1], ["c", 2], ["a", 0]]);
  assert.equal(new Set(colours([..."abcdef"], before).map(([, colour]) => colour)).size, COLOURS);
});

const DAY_MS = 86_400_000;
const sample = { baseUrl: "http://localhost", maxRetries: 0, fetch: async (url, init) => sampleApi(new Request(url, init), "") };
const sumOf = (rows, field) => rows.reduce((sum, row) => sum + (row[field] ?? 0), 0);
const sumByGroup = (rows, name) => sumOf(rows.filter(({ accountGroupName }) => accountGroupName === name), "cloudUnitsUsed");
const { usage } = await getUsage(null, ["test"], sample);
const monthStart = Date.parse(usage.quota.monthStart);
/** The dates of a month of 30 days before the running one. */
const monthAgo = (ago) => ({
  startDate: new Date(monthStart - ago * 30 * DAY_MS),
  endDate: new Date(monthStart - (ago - 1) * 30 * DAY_MS - 1000),
});
const testUnits = (query) => getTestUnits(query, sample).toArray();
const agentUnits = (query) => getEnterpriseAgentUnits(query, sample).toArray();

for (const [aid, tests] of [[undefined, 2000], ["large", 20_000]]) {
  test(`the sample's units of ${tests} tests in the running month add up to its usage`, async () => {
    const { usage } = await getUsage(aid, [], sample);
    const dates = { startDate: usage.quota.monthStart, endDate: usage.quota.monthEnd };
    for (const query of [{ aid }, { aid, startDate: dates.startDate }, { aid, ...dates }]) {
      const rows = await testUnits(query);
      assert.equal(new Set(rows.map(({ testId }) => testId)).size, tests);
      for (const field of ["cloudUnitsUsed", "cloudUnitsProjected", "enterpriseUnitsUsed", "enterpriseUnitsProjected"]) {
        assert.equal(sumOf(rows, field), usage[field], field);
      }
    }
  });
}

test("the sample's units of each test in the running month are those of its usage", async () => {
  const fields = ({ testId, cloudUnitsUsed, cloudUnitsProjected }) => [testId, cloudUnitsUsed, cloudUnitsProjected];
  assert.deepEqual((await testUnits()).map(fields), usage.tests.map(fields));
});

test("the sample's units of the agents add up to its usage, and in each month to the units of the tests", async () => {
  const running = await agentUnits();
  assert.equal(sumOf(running, "enterpriseUnitsUsed"), usage.enterpriseUnitsUsed);
  assert.equal(sumOf(running, "enterpriseUnitsProjected"), usage.enterpriseUnitsProjected);
  for (const ago of [1, 6, 12]) {
    const [tests, agents] = await Promise.all([testUnits(monthAgo(ago)), agentUnits(monthAgo(ago))]);
    assert.ok(sumOf(agents, "enterpriseUnitsUsed") > 0);
    assert.equal(sumOf(tests, "enterpriseUnitsUsed"), sumOf(agents, "enterpriseUnitsUsed"));
  }
});

test("the sample's months grow, two account groups fast; tests appear and disappear", async () => {
  const months = [];
  for (let ago = 12; ago >= 1; ago--) months.push(await testUnits(monthAgo(ago)));
  for (let i = 1; i < months.length; i++) assert.ok(sumOf(months[i], "cloudUnitsUsed") > sumOf(months[i - 1], "cloudUnitsUsed"));
  const [first, last] = [months[0], months.at(-1)];
  assert.ok(sumByGroup(last, "Hazelmere Motors") > 3 * sumByGroup(first, "Hazelmere Motors"));
  assert.ok(sumByGroup(last, "Clearbrook Health") > 2 * sumByGroup(first, "Clearbrook Health"));
  const [before, after] = [first, last].map((rows) => new Set(rows.map(({ testId }) => testId)));
  assert.ok([...before].some((id) => !after.has(id)), "some disappear");
  assert.ok([...after].some((id) => !before.has(id)), "some appear");
  for (const row of last) assert.equal(row.cloudUnitsProjected, undefined, "a month that is over has no estimate");
  assert.ok(months.flat().some(({ isInstantTest }) => isInstantTest));
});

test("the sample's units of adjacent periods add up", async () => {
  const { startDate, endDate } = monthAgo(2);
  const middle = new Date(+startDate + 11 * DAY_MS);
  const parts = [await testUnits({ startDate, endDate: middle }), await testUnits({ startDate: middle, endDate })];
  assert.equal(sumOf(parts.flat(), "cloudUnitsUsed"), sumOf(await testUnits({ startDate, endDate }), "cloudUnitsUsed"));
});

test("before its history, the sample has no rows", async () => {
  assert.deepEqual(await testUnits(monthAgo(20)), []);
});

test("the sample's quotas are those of its usage and of known account groups", async () => {
  const { quotas: [{ organizationQuota, accountGroupQuotas }] } = await getQuotas(sample);
  assert.equal(organizationQuota.value, usage.quota.cloudUnitsIncluded);
  assert.ok(accountGroupQuotas.every(({ aid }) => usage.tests.some((row) => row.aid === aid)));
});

for (const [query, field] of [
  ["startDate=yesterday", "startDate"],
  ["endDate=2026-13-01T00:00:00Z", "endDate"],
  ["startDate=2026-10-02T00:00:00Z&endDate=2026-10-01T00:00:00Z", "endDate"],
  ["cursor=x", "cursor"],
  ["cursor=", "cursor"],
  [`cursor=${btoa("row 9000")}`, "cursor"],
]) {
  test(`the sample rejects units with ${query}`, async () => {
    const response = await sampleApi(new Request(`http://localhost/api/v7/usage/units/tests?${query}`));
    assert.equal(response.status, 400);
    assert.equal(response.headers.get("content-type"), "application/problem+json");
    assert.deepEqual((await response.json()).errors.map((error) => error.field), [field]);
  });
}
