// What the page computes without a browser: its CSV, the state in its URL, the age of an answer, the words of a forecast.
import assert from "node:assert/strict";
import { test } from "node:test";

import { byTestType } from "../../www/breakdowns.js";
import { toCsv } from "../../www/csv.js";
import { fileName } from "../../www/download.js";
import { byDanger, forecast, isUnused, level, verdict } from "../../www/forecast.js";
import { ABSENT, age, compact, number } from "../../www/format.js";
import { freshness } from "../../www/freshness.js";
import { EXPAND, formatState, parseState } from "../../www/state.js";
import { parseCsv } from "./csv.mjs";

test("CSV parses back to its rows, with quotes, commas, line breaks and letters of any script", () => {
  const rows = [
    { testName: 'a "quoted" name, with a comma', cloudUnitsUsed: 0, testId: "007" },
    { testName: "two\r\nlines\nor three", testId: "12345678901234567890" },
    { testName: "Åkerlund – São Paulo 東京", cloudUnitsUsed: 4_320_000_000 },
    { testName: "" },
  ];
  const fields = ["testName", "cloudUnitsUsed", "testId"];
  const text = toCsv(fields, rows);
  assert.ok(text.startsWith("\ufeff"));
  assert.deepEqual(parseCsv(text), [fields, ...rows.map((row) => fields.map((field) => String(row[field] ?? "")))]);
});

test("CSV ends each record with CR LF, as RFC 4180 has it", () => {
  assert.equal(toCsv(["a", "b"], [{ a: "x", b: 1 }]), '\ufeff"a","b"\r\n"x",1\r\n');
});

for (const name of ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", '=HYPERLINK("https://example.com")']) {
  test(`CSV gives a spreadsheet no formula to run: ${JSON.stringify(name)}`, () => {
    assert.equal(parseCsv(toCsv(["name"], [{ name }]))[1][0], `'${name}`);
  });
}

test("a downloaded file is named after the account group and the day, and by nothing that a file system minds", () => {
  const at = new Date("2026-11-23T10:00:00Z");
  assert.equal(fileName("2067", "tests", "csv", at), "thousandeyes-usage_2067_tests_2026-11-23.csv");
  assert.equal(fileName(undefined, "", "json", at), "thousandeyes-usage_2026-11-23.json");
  assert.equal(fileName("../a b:c", "tests", "csv", at), "thousandeyes-usage_..-a-b-c_tests_2026-11-23.csv");
});

const DEFAULTS = parseState("");

test("a URL without a query is the default view, which asks for every breakdown", () => {
  assert.equal(formatState(DEFAULTS), "");
  assert.deepEqual(DEFAULTS.expand, EXPAND);
});

for (const state of [
  { aid: "2067" },
  { aid: "1&expand=x é" },
  { expand: ["test"] },
  { expand: [] },
  { tab: "tests", search: "book, and cancel", sort: { field: "cloudUnitsUsed", descending: true }, group: "account" },
  { sort: { field: "testName", descending: false }, group: "type", account: "2067", type: "http-server" },
]) {
  test(`the URL keeps ${JSON.stringify(state)}`, () => {
    assert.deepEqual(parseState(formatState({ ...DEFAULTS, ...state })), { ...DEFAULTS, ...state });
  });
}

for (const query of ["?aid=", "?aid=a%0Ab", `?aid=${"x".repeat(201)}`, "?group=colour", "?sort=--x", "?sort=a%20b", "?unknown=1"]) {
  test(`what is not valid in a URL is ignored: ${query.slice(0, 20)}`, () => {
    assert.deepEqual(parseState(query), DEFAULTS);
  });
}

test("an unknown breakdown in the URL is left out, as the API would refuse it", () => {
  assert.deepEqual(parseState("?expand=test,moon").expand, ["test"]);
});

const NOW = Date.parse("2026-11-23T13:17:00Z");
const fresh = (headers) => freshness(new Headers(headers), NOW);

test("an answer is as old as its Age says", () => {
  assert.equal(+fresh({}).at, NOW);
  assert.equal(+fresh({ age: "720" }).at, NOW - 720_000);
  assert.equal(+fresh({ age: "soon" }).at, NOW);
});

test("an answer is stale where the cache next to the page says that its time is over", () => {
  const stale = (status) => fresh({ "cache-status": status }).isStale;
  assert.equal(stale("thousandeyes-usage; hit; ttl=-40; detail=rate-limit"), true);
  assert.equal(stale("thousandeyes-usage; hit; ttl=260"), false);
  assert.equal(stale("thousandeyes-usage; fwd=miss; stored"), false);
  assert.equal(stale('"an origin, far; away"; hit; ttl=-1, thousandeyes-usage; hit; ttl=260'), false);
  assert.equal(stale('"an origin, far; away"; hit; ttl=1, thousandeyes-usage; hit; ttl=-260'), true);
  assert.equal(fresh({}).isStale, false);
});

test("the age is told in words", () => {
  assert.deepEqual([10, 60, 720, 3 * 3600].map(age), ["just now", "1 minute old", "12 minutes old", "3 hours old"]);
});

test("numbers are in full, or short to three digits; what is absent is a dash and never 0", () => {
  assert.deepEqual([undefined, 0, 11_642, 4_320_000_000].map(number), [ABSENT, "0", "11,642", "4,320,000,000"]);
  assert.deepEqual([undefined, 0, 11_642, 4_320_000_000].map(compact), [ABSENT, "0", "11,642", "4.32\u00a0B"]);
});

const meter = (values) => ({ meter: "cloudUnits", ...values });
const words = (values) => forecast(meter(values), compact).join("").replaceAll("\u00a0", " ");

const OVER = { used: 130, included: 100, overage: 30, projected: 180, utilisation: 1.3, projectedUtilisation: 1.8, exhaustsAt: "2026-11-12T00:00:00Z" };
const SOON = { used: 80, included: 100, overage: 0, projected: 108, utilisation: 0.8, projectedUtilisation: 1.08, exhaustsAt: "2026-11-24T13:00:00Z" };
const FINE = { used: 40, included: 100, overage: 0, projected: 62, utilisation: 0.4, projectedUtilisation: 0.62 };

test("a forecast says what is coming, and when", () => {
  assert.equal(words(SOON), "On course for 108, 8% over. At this rate the included units are used up on 24 November.");
  assert.equal(words(OVER), "30 units over already (30%). On course for 180, 80% over.");
  assert.equal(words(FINE), "On course for 62, 62% of what is included.");
  assert.equal(words({ used: 154e6, projected: 214e6 }), "On course for 214 M. There is no quota to compare it with.");
  assert.equal(words({}), "There is no quota to compare it with.");
  const agents = { meter: "endpointAgents", used: 97, included: 100, overage: 0, utilisation: 0.97 };
  assert.equal(words(agents), "3 agents left. The busiest hour of the period counts, so it can only rise.");
  assert.equal(words({ ...FINE, included: 0, overage: 40, utilisation: undefined, projectedUtilisation: undefined }), "On course for 62.");
});

test("the ones in danger come first: over, then going over, then the fullest; those without a quota last", () => {
  const near = { used: 97, included: 100, utilisation: 0.97 };
  const worse = { ...SOON, projected: 150, projectedUtilisation: 1.5 };
  const none = { used: 5000, projected: 9000 };
  const wanted = [OVER, worse, SOON, near, FINE, none].map(meter);
  assert.deepEqual(byDanger([none, FINE, near, SOON, worse, OVER].map(meter)), wanted);
  assert.deepEqual(wanted.map(level), ["over", "soon-over", "soon-over", "near", "fine", "no-limit"]);
  assert.equal(new Set(wanted.map(verdict)).size, 5);
});

test("nothing included is no limit to be over, and what is all zero is not in use", () => {
  assert.equal(level(meter({ used: 5, included: 0 })), "no-limit");
  assert.equal(isUnused(meter({ used: 0, projected: 0, nextPeriod: 0 })), true);
  assert.equal(isUnused(meter({ used: 0, included: 100 })), false);
});

test("units by test type add up, without making a 0 of what is absent", () => {
  const sums = byTestType([
    { testType: "api", cloudUnitsUsed: 1 },
    { testType: "bgp", cloudUnitsUsed: 2, cloudUnitsProjected: 9 },
    { testType: "bgp", cloudUnitsUsed: 3 },
  ]);
  assert.deepEqual(sums, [
    { testType: "bgp", cloudUnitsUsed: 5, cloudUnitsProjected: 9 },
    { testType: "api", cloudUnitsUsed: 1, cloudUnitsProjected: undefined },
  ]);
});
