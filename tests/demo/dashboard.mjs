// The dashboard with the sample API, used as a visitor would use it. These tests run in each browser.
//
// The page is compared with the API's response, so no number of the sample is written here.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { serve } from "../../www/serve.mjs";
import { compact } from "../../www/format.js";
import { idOf, monthsUntil } from "../../www/months.js";
import { EXPAND } from "../../www/state.js";
import { startApi } from "../package/api.mjs";
import { parseCsv } from "./csv.mjs";

const KEY = "5e1f0c7a5e1f0c7a5e1f0c7a5e1f0c7a";
const UPSTREAM_TOKEN = "upstream-token-8d2c";

const units = (prefix, included = "absent") => ({
  "Used": `${prefix}Used`, "Projected": `${prefix}Projected`,
  "Included": `quota.${included}`, "Next period": `${prefix}NextBillingPeriod`,
});
const agents = (prefix) => ({ Used: `${prefix}Used`, Included: `quota.${prefix}Included` });
/** The fields of `usage` behind the lines of each meter. */
const METERS = {
  "Cloud units": units("cloudUnits", "cloudUnitsIncluded"),
  "Enterprise units": units("enterpriseUnits"),
  "Connected devices units": units("connectedDevicesUnits"),
  "Endpoint agents": agents("endpointAgents"),
  "Endpoint Essentials": agents("endpointAgentsEssentials"),
  "Endpoint Embedded": agents("endpointAgentsEmbedded"),
  "Enterprise agents": agents("enterpriseAgents"),
};
/** The field of `usage` behind each tab. */
const TABS = {
  "tests": "tests",
  "agent-units": "enterpriseAgentUnits",
  "enterprise-agents": "enterpriseAgents",
  "endpoint-agents": "endpointAgents",
  "essentials": "endpointAgentsEssentials",
  "embedded": "endpointAgentsEmbedded",
};
const TEST_FIELDS = ["testName", "cloudUnitsUsed", "cloudUnitsProjected", "accountGroupName", "testType", "testId", "aid"];

export const LOADED = "#results[data-complete]";
export const FAILED = '#results[data-state="error"]';

export const format = (value) => (value === undefined ? "—" : value.toLocaleString("en-GB"));
const valueAt = (object, path) => path.split(".").reduce((value, key) => value?.[key], object);

/** The sum of the values that are present; undefined if there are none. */
function sum(rows, field) {
  const values = rows.map((row) => row[field]).filter((value) => value !== undefined);
  return values.length > 0 ? values.reduce((total, value) => total + value) : undefined;
}
const sums = (rows) => ({ cloudUnitsUsed: sum(rows, "cloudUnitsUsed"), cloudUnitsProjected: sum(rows, "cloudUnitsProjected") });

/** The groups, in the order of their first rows. Node 20 does not have Map.groupBy. */
function groupBy(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) groups.set(keyOf(row), [...(groups.get(keyOf(row)) ?? []), row]);
  return [...groups].map(([label, rows]) => ({ label, rows, ...sums(rows) }));
}

/** The order of the page: largest first, absent last. */
export const largestFirst = (rows, field = "cloudUnitsProjected") => rows.toSorted((a, b) => (b[field] ?? -1) - (a[field] ?? -1));

/** The text that is read aloud: the long form of a number, not the short one beside it. */
export const text = (page, selector) => page.$$eval(selector, (nodes) => nodes.map((node) => {
  const copy = node.cloneNode(true);
  for (const hidden of copy.querySelectorAll("[aria-hidden]")) hidden.remove();
  return copy.textContent.trim();
}));

const renderedRows = (page) =>
  page.$$eval(".rows tbody tr", (rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));
const rowCount = async (page) => Number(await page.$eval(".rows", (table) => table.getAttribute("aria-rowcount"))) - 1;
const parameter = (page, name) => new URL(page.url()).searchParams.get(name);

const axeSource = readFile(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** Asserts that axe-core finds no violation in the page as it is now. */
export async function assertAccessible(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(await axeSource);
  const violations = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`));
  });
  assert.deepEqual(violations, []);
}

/** Keeps the files that the page saves. */
const catchDownloads = (page) => page.evaluate(() => {
  URL.createObjectURL = (blob) => {
    globalThis.savedBlob = blob;
    return "blob:caught";
  };
  HTMLAnchorElement.prototype.click = function () {
    globalThis.savedName = this.download;
  };
});

async function save(page, selector) {
  await page.click(selector);
  return page.evaluate(async () => {
    // text() would drop the byte order mark.
    const bytes = new Uint8Array(await globalThis.savedBlob.arrayBuffer());
    return { name: globalThis.savedName, text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) };
  });
}

const asRecords = (rows, fields = TEST_FIELDS) => [fields, ...rows.map((row) => fields.map((field) => String(row[field] ?? "")))];

/** Asserts the tests in a CSV file. It reports only the first difference, not 20,000 of them. */
export function assertCsv(csv, tests) {
  const [actual, expected] = [parseCsv(csv), asRecords(tests)];
  const at = expected.findIndex((record, i) => record.join("\0") !== actual[i]?.join("\0"));
  if (at >= 0) assert.deepEqual(actual[at], expected[at], `record ${at}`);
  assert.equal(actual.length, expected.length);
}

/** Asserts the tests that the table saves as CSV. */
export const assertTests = async (page, tests) => assertCsv((await save(page, "#download-csv")).text, tests);

/** Loads a scenario of the sample API. */
export async function chooseSample(page, aid, state = FAILED) {
  await page.click(`#sample [data-aid="${aid}"]`);
  await page.waitForSelector(state);
}

async function search(page, words) {
  await page.$eval("#search", (input, words) => {
    input.value = words;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }, words);
  // The page applies the input at the next frame, and shows it at the one after.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

const choose = (page, selector, value) => page.$eval(selector, (select, value) => {
  select.value = value;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}, value);

const groupRows = (page, grouping) => choose(page, "#group", grouping);

const sortBy = (page, label) => page.$$eval(".rows thead button", (buttons, label) => (
  buttons.find((button) => button.textContent === label).click()
), label);

const goInHistory = (page, delta) => page.evaluate((delta) => new Promise((resolve) => {
  addEventListener("popstate", resolve, { once: true });
  history.go(delta);
}), delta);

async function typeAndEnter(page, selector, value) {
  await page.focus(selector);
  await page.keyboard.type(value);
  await page.keyboard.press("Enter");
}

/**
 * @param {object} driver the differences between Playwright and Puppeteer
 * @param {() => Promise<{ close(): Promise<void> }>} driver.launch
 * @param {(browser: any, t: any) => Promise<any>} driver.newPage
 * @param {(page: any, predicate: (argument: any) => unknown, argument?: any) => Promise<unknown>} driver.waitFor
 */
export function dashboardTests({ launch, newPage, waitFor }) {
  let server, browser;

  before(async () => {
    [server, browser] = await Promise.all([serve({ port: 0 }), launch()]);
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const url = (query = "") => new URL(query, server.url).href;

  /** Opens the page, and waits until it shows the whole response. */
  async function visit(t, query, state = LOADED) {
    const page = await newPage(browser, t);
    await page.goto(url(query));
    await page.waitForSelector(state);
    await catchDownloads(page);
    return page;
  }

  /** The response of the API that the page shows. */
  async function fetchUsage(aid, expand = EXPAND.join()) {
    const response = await fetch(url(`api/v7/usage?${aid ? `aid=${aid}&` : ""}expand=${expand}`));
    assert.equal(response.status, 200);
    return (await response.json()).usage;
  }

  test("each meter in use has its values; those closest to their limits are first, those without a quota last", async (t) => {
    const page = await visit(t);
    const usage = await fetchUsage();
    const isUsed = (title) => Object.values(METERS[title]).some((path) => valueAt(usage, path));
    const titles = await text(page, ".meter h3");
    assert.deepEqual(titles.toSorted(), Object.keys(METERS).filter(isUsed).toSorted());
    const unused = Object.keys(METERS).filter((title) => !isUsed(title));
    assert.deepEqual((await text(page, "#unused li")).map((line) => line.split(":")[0]), unused);

    const shares = titles.map((title) => {
      const { Used, Projected, Included } = METERS[title];
      return (valueAt(usage, Projected ?? Used) ?? 0) / (valueAt(usage, Included) ?? Infinity);
    });
    assert.deepEqual(shares, shares.toSorted((a, b) => b - a));
    assert.ok(shares[0] > 1, "one is over its limit");

    for (const [i, title] of titles.entries()) {
      const [terms, values] = await Promise.all(["dt", "dd"].map((tag) => text(page, `.meter:nth-child(${i + 1}) ${tag}`)));
      const expected = Object.entries(METERS[title]).map(([term, path]) => [term, format(valueAt(usage, path))]);
      assert.deepEqual(terms.map((term, n) => [term, values[n]]), expected, title);
    }
    for (const mark of ["#sample-badge", "#sample"]) assert.ok(await page.$eval(mark, (node) => node.offsetWidth > 0), mark);
  });

  test("the forecast says by how much the units go over, and on which day they are used up", async (t) => {
    const { cloudUnitsUsed, cloudUnitsProjected, quota } = await fetchUsage();
    const exhaustionDay = () => {
      const start = Date.parse(quota.monthStart);
      const exhaustsAt = start + (quota.cloudUnitsIncluded * (Date.now() - start)) / cloudUnitsUsed;
      return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", timeZone: "UTC" }).format(exhaustsAt);
    };
    const earliest = exhaustionDay();
    const page = await visit(t);
    const [forecast] = await text(page, '[data-meter="cloudUnits"] .forecast');
    const over = Math.round((cloudUnitsProjected / quota.cloudUnitsIncluded - 1) * 100);
    const expected = [earliest, exhaustionDay()].map((day) =>
      `On course for ${format(cloudUnitsProjected)}, ${over}% over. At this rate the included units are used up on ${day}.`);
    assert.ok(expected.includes(forecast), forecast);
    assert.match((await text(page, "#status"))[0], /Cloud units: will go over/);
  });

  for (const [id, heading, field] of [
    ["by-account-group", "Account group", "accountGroupName"],
    ["by-test-type", "Test type", "testType"],
  ]) {
    test(`the chart by ${heading.toLowerCase()} is drawn, and has a table with the same sums`, async (t) => {
      const page = await visit(t);
      const most = ({ cloudUnitsUsed, cloudUnitsProjected }) => Math.max(cloudUnitsUsed ?? 0, cloudUnitsProjected ?? 0);
      const groups = groupBy((await fetchUsage()).tests, (row) => row[field]).sort((a, b) => most(b) - most(a));
      const others = groups.slice(12).flatMap(({ rows }) => rows);
      const bars = groups.slice(0, 12);
      if (others.length > 0) bars.push({ label: `${groups.length - 12} others`, ...sums(others) });
      assert.deepEqual(
        await text(page, `#${id} tbody tr > *`),
        bars.flatMap((bar) => [bar.label, format(bar.cloudUnitsUsed), format(bar.cloudUnitsProjected)]));

      const [role, label, isDrawn] = await page.$eval(`#${id} canvas`, (canvas) => {
        const isDrawn = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0);
        return [canvas.getAttribute("role"), canvas.getAttribute("aria-label"), isDrawn];
      });
      assert.deepEqual([role, isDrawn], ["img", true]);
      assert.match(label, new RegExp(groups[0].label));
    });
  }

  test("the top tests are those with the most projected units", async (t) => {
    const page = await visit(t);
    const top = largestFirst((await fetchUsage()).tests).slice(0, 10);
    assert.deepEqual(await text(page, "#top-tests tbody td:nth-child(5)"), top.map((row) => format(row.cloudUnitsProjected)));
  });

  test("each tab has all rows of the response, and saves them as CSV", async (t) => {
    const page = await visit(t);
    const usage = await fetchUsage();
    for (const [tab, field] of Object.entries(TABS)) {
      await page.click(`#tab-${tab}`);
      const rows = usage[field];
      assert.notEqual(rows.length, 0);
      assert.equal(await rowCount(page), rows.length);
      const { name, text: csv } = await save(page, "#download-csv");
      const [fields, ...records] = parseCsv(csv);
      assert.deepEqual(fields.toSorted(), [...new Set(rows.flatMap(Object.keys))].toSorted());
      const sorted = (records) => records.map((record) => JSON.stringify(record)).toSorted();
      assert.deepEqual(sorted(records), sorted(asRecords(rows, fields).slice(1)));
      assert.match(name, new RegExp(`^thousandeyes-usage_${tab}_\\d{4}-\\d\\d-\\d\\d\\.csv$`));
    }
  });

  test("of 20,000 rows few are rendered, and scrolling to the end shows the last one", async (t) => {
    const page = await visit(t, "?aid=large&tab=tests");
    const tests = largestFirst((await fetchUsage("large")).tests);
    assert.equal(tests.length, 20_000);
    const top = await renderedRows(page);
    const cell = (value) => (typeof value === "number" ? format(value) : value);
    assert.deepEqual(top[0], TEST_FIELDS.map((field) => cell(tests[0][field])));

    await page.focus(".scroll");
    await page.keyboard.press("End");
    await waitFor(page, (last) => document.querySelector(`.rows tr[aria-rowindex="${last}"]`), tests.length + 1);
    const end = await renderedRows(page);
    assert.equal(end.at(-1)[TEST_FIELDS.indexOf("testId")], tests.at(-1).testId);
    for (const rows of [top, end]) assert.ok(rows.length < 80, `${rows.length} rows`);
  });

  test("20,000 rows can be searched, sorted and grouped", async (t) => {
    const page = await visit(t, "?aid=large&tab=tests");
    const { tests } = await fetchUsage("large");

    await search(page, "  Café   HTTP-server ");
    const hasWord = (row, word) => Object.values(row).some((value) => String(value).toLowerCase().includes(word));
    const found = largestFirst(tests.filter((row) => hasWord(row, "café") && hasWord(row, "http-server")));
    assert.notEqual(found.length, 0);
    await assertTests(page, found);
    assert.deepEqual(await text(page, "#row-count"), [`${format(found.length)} of ${format(tests.length)} tests`]);

    await search(page, "");
    await sortBy(page, "Used");
    await assertTests(page, largestFirst(tests, "cloudUnitsUsed"));
    await sortBy(page, "Used");
    assert.deepEqual(await text(page, ".rows th[aria-sort]"), ["Used"]);
    assert.ok(await page.$('.rows th[aria-sort="ascending"]'));
    await assertTests(page, tests.toSorted((a, b) => a.cloudUnitsUsed - b.cloudUnitsUsed));
    await sortBy(page, "Test ID");
    await assertTests(page, tests.toSorted((a, b) => a.testId - b.testId));

    await groupRows(page, "type");
    const groups = groupBy(tests, (row) => row.testType);
    assert.equal(await rowCount(page), groups.length);
    const expected = groups.map(({ label, rows, cloudUnitsUsed, cloudUnitsProjected }) => (
      [`${label} ${format(rows.length)} tests`, format(cloudUnitsUsed), format(cloudUnitsProjected)]
    ));
    const shown = await renderedRows(page);
    assert.deepEqual(shown.map((cells) => cells.slice(0, 3)).toSorted(), expected.toSorted());

    await page.click(".group button");
    const opened = groups.find(({ label }) => label === shown[0][0].split(" ")[0]);
    assert.equal(await rowCount(page), groups.length + opened.rows.length);
    assert.ok(await page.evaluate(() => document.activeElement.matches(".group [aria-expanded=true]")), "it keeps the focus");
  });

  test("a row of a chart's table filters the tests until the filter is removed", async (t) => {
    const page = await visit(t);
    const { tests } = await fetchUsage();
    await page.click("#by-test-type summary");
    await page.click("#by-test-type tbody tr:nth-child(2) button");
    const [, type] = await text(page, "#by-test-type tbody th");
    await assertTests(page, largestFirst(tests.filter((row) => row.testType === type)));
    assert.equal(parameter(page, "type"), type);
    await page.click(".chip");
    await assertTests(page, largestFirst(tests));
  });

  /** Waits until the history says this. */
  const waitForHistory = (page, words) =>
    waitFor(page, (words) => document.querySelector("#history-status").textContent === words, words);

  /** The rows of each month, from all pages of the API. */
  const fetchHistory = (count, aid) => Promise.all(monthsUntil(new Date(), count).map(async (month) => {
    const pages = [];
    let next = `api/v7/usage/units/tests?${new URLSearchParams({ ...(aid && { aid }), ...month })}`;
    while (next) {
      const { breakdowns, _links } = await (await fetch(url(next))).json();
      pages.push(breakdowns);
      next = _links.next?.href;
    }
    return { rows: pages.flat(), pages: pages.length };
  }));

  test("the history loads when the visitor asks for it: the units of each month by account group, as a chart and a table", async (t) => {
    const page = await visit(t);
    const requests = () => page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.includes("/units/")).length);
    assert.equal(await requests(), 0);
    await choose(page, "#history-range", "3");
    await page.click("#history-open");
    await waitForHistory(page, "All 3 months are loaded.");
    assert.equal(parameter(page, "history"), "3");
    const months = await fetchHistory(3);
    assert.equal(await requests(), months.reduce((sum, { pages }) => sum + pages, 0));

    const all = months.flatMap(({ rows }) => rows);
    const groups = largestFirst(groupBy(all, (row) => row.aid), "cloudUnitsUsed");
    const lines = [
      ...groups.slice(0, 6).map(({ rows }) => [rows[0].accountGroupName, rows]),
      [`${groups.length - 6} others`, groups.slice(6).flatMap(({ rows }) => rows)],
      ["Total", all],
    ];
    const units = (rows) => sum(rows, "cloudUnitsUsed");
    const inMonths = (rows) => months.map((month) => units(rows.filter((row) => month.rows.includes(row))));
    assert.deepEqual(
      await text(page, "#history .wide tbody tr > *"),
      lines.flatMap(([label, rows]) => [label, ...[...inMonths(rows), units(rows)].map(format)]));
    const { name, text: csv } = await save(page, "#history-csv");
    assert.match(name, /^thousandeyes-usage_history_/);
    assert.deepEqual(parseCsv(csv), [
      ["accountGroupName", "aid", ...monthsUntil(new Date(), 3).map((month) => idOf(month) + (month.endDate ? "" : " so far"))],
      ...groups.map(({ label, rows }) => [rows[0].accountGroupName, label, ...inMonths(rows).map((units) => String(units ?? ""))]),
    ]);
    assert.match((await text(page, "#history .legend li")).at(-1), /^\w{3} so far$/);
    // A line down the bar crosses its parts, and the stripes of the running month.
    const [over, running] = await page.$eval("#history canvas", (canvas) => [1, 5].map((sixths) => {
      const left = 0.1 * canvas.width;
      const { data } = canvas.getContext("2d").getImageData(left + ((canvas.width - left) * sixths) / 6, 0, 1, canvas.height);
      return new Set(data.join().match(/\d+,\d+,\d+,\d+/g)).size;
    }));
    assert.ok(over > lines.length - 2 && running > 2 * over, `${over} and ${running} colours`);

    await goInHistory(page, -1);
    await page.waitForSelector("#history-open:not([hidden])");
    assert.ok(await page.$eval("#history .figures", (figures) => figures.hidden));
  });

  test("the tests that grew most are those of the last two months that are over, or of any two", async (t) => {
    const page = await visit(t, "?history=3");
    await waitForHistory(page, "All 3 months are loaded.");
    const months = await fetchHistory(3);
    const growth = (before, after) => {
      const used = new Map(before.rows.map((row) => [row.testId, row.cloudUnitsUsed]));
      return after.rows.map(({ testId, cloudUnitsUsed }) => cloudUnitsUsed - (used.get(testId) ?? 0)).sort((a, b) => b - a).slice(0, 10);
    };
    const shown = () => text(page, "#history-growth td:last-child");
    const expected = (before, after) => growth(before, after).map((units) => `+${format(units)}`);
    assert.deepEqual(await shown(), expected(months[0], months[1]));
    const growthOf = (isIncluded) => {
      const [before, after] = months.map(({ rows }) => sum(rows.filter(isIncluded), "cloudUnitsUsed") ?? 0);
      return { units: after - before, ratio: after / before - 1 };
    };
    const all = growthOf(() => true);
    const groups = groupBy(months[1].rows, (row) => row.accountGroupName)
      .map(({ label }) => ({ label, ...growthOf((row) => row.accountGroupName === label) }));
    const [grown] = largestFirst(groups, "units");
    const [summary] = await text(page, "#history .caption p");
    // A month of fewer days may have fewer units.
    assert.ok(summary.includes(` has ${compact(Math.abs(all.units))} ${all.units < 0 ? "fewer" : "more"} cloud units than `), summary);
    assert.ok(summary.includes(` (${Math.round(Math.abs(all.ratio) * 100)}%). `), summary);
    assert.ok(summary.endsWith(` ${grown.label} grew most: by ${compact(grown.units)}.`), summary);

    const [first, second, current] = await page.$$eval("#history-from option", (options) => options.map(({ value }) => value));
    await choose(page, "#history-to", current);
    await waitFor(page, () => / 20\d\d so far has .* than /.test(document.querySelector("#history .caption p").textContent));
    await choose(page, "#history-to", first);
    await waitFor(page, () => document.querySelector("#history-growth").textContent === "Choose two different months.");
    assert.deepEqual(await text(page, "#history .caption p"), [""]);
    await choose(page, "#history-from", second);
    await waitFor(page, () => document.querySelector("#history-growth tbody"));
    assert.deepEqual(await shown(), expected(months[1], months[0]).filter((units) => !units.includes("-")));
  });

  test("another range loads only the missing months, Refresh only the running one, and the URL keeps the view", async (t) => {
    const page = await visit(t, "?history=3");
    await waitForHistory(page, "All 3 months are loaded.");
    const months = monthsUntil(new Date(), 6).map(idOf);
    const requestedBy = async (action, words) => {
      await page.evaluate(() => performance.clearResourceTimings());
      await action();
      await page.waitForSelector(LOADED);
      await waitForHistory(page, words);
      return page.evaluate(() => [...new Set(performance.getEntriesByType("resource")
        .map(({ name }) => new URL(name).searchParams.get("startDate")?.slice(0, 7)).filter(Boolean))]);
    };
    const view = () => page.$$eval("#history select", (selects) => selects.map(({ value }) => value));
    const requested = await requestedBy(() => choose(page, "#history-range", "6"), "All 6 months are loaded.");
    assert.deepEqual(requested, months.slice(0, 3).reverse());
    await choose(page, "#history-from", months[0]);
    await waitForHistory(page, "All 6 months are loaded.");
    assert.deepEqual(await requestedBy(() => page.click("#refresh"), "All 6 months are loaded."), [months[5]]);
    for (const action of [() => {}, () => page.reload()]) {
      await action();
      await waitFor(page, () => document.querySelector("#history-growth tbody"));
      assert.deepEqual(await view(), ["6", months[0], months[4]]);
    }
    await goInHistory(page, -2);
    await waitForHistory(page, "All 3 months are loaded.");
    assert.deepEqual(await view(), ["3", months[3], months[4]]);
    assert.deepEqual(await requestedBy(() => typeAndEnter(page, "#aid", "2067"), "All 3 months are loaded."), months.slice(3).reverse());
  });

  test("the saved JSON is the response of the API", async (t) => {
    const page = await visit(t, "?aid=2067&expand=test");
    const { name, text: json } = await save(page, "#download-json");
    assert.deepEqual(JSON.parse(json), await (await fetch(url("api/v7/usage?aid=2067&expand=test"))).json());
    assert.match(name, /^thousandeyes-usage_2067_\d{4}-\d\d-\d\d\.json$/);
  });

  test("the URL keeps the view over a reload, and the history goes through the views", async (t) => {
    const page = await visit(t);
    const view = () => page.evaluate(() => ({
      tab: document.querySelector("[role=tab][aria-selected=true]").dataset.tab,
      search: document.querySelector("#search").value,
      group: document.querySelector("#group")?.value,
      sorted: document.querySelector(".rows th[aria-sort]").textContent,
      rows: document.querySelector("#row-count").textContent,
    }));
    const first = await view();
    await page.click("#tab-agent-units");
    await sortBy(page, "Used");
    await groupRows(page, "account");
    await search(page, "berlin");
    const { rows, ...last } = await view();
    assert.deepEqual(last, { tab: "agent-units", search: "berlin", group: "account", sorted: "Used" });
    assert.notEqual(rows, first.rows);

    await page.reload();
    await page.waitForSelector(LOADED);
    assert.deepEqual(await view(), { rows, ...last });
    await goInHistory(page, -3);
    assert.deepEqual(await view(), first);
    await goInHistory(page, 1);
    assert.equal((await view()).tab, "agent-units");
  });

  test("an unknown value in the URL is ignored", async (t) => {
    const page = await visit(t, "?tab=moon&sort=-moon&group=moon&account=moon&type=moon");
    await assertTests(page, largestFirst((await fetchUsage()).tests));
  });

  test("the request has the typed aid and the checked breakdowns", async (t) => {
    const page = await visit(t);
    await page.locator("#aid").fill("2067");
    await page.click("#expand-menu summary");
    for (const value of EXPAND.filter((value) => value !== "endpoint-agent")) await page.click(`#expand [value="${value}"]`);
    await page.click("#load");
    await page.waitForSelector(LOADED);
    const query = "?aid=2067&expand=endpoint-agent";
    assert.equal(new URL(page.url()).search, query);
    const resources = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    assert.equal(resources.findLast((name) => name.includes("/v7/usage")), url(`api/v7/usage${query}`));
    const tabs = await page.$$eval("[role=tab]", (nodes) => nodes.map((node) => node.dataset.tab));
    assert.deepEqual(tabs, ["account-groups", "endpoint-agents", "allocations"]);
  });

  test("with a live gateway, the page asks for a viewer key, and keeps it only in memory", async (t) => {
    const upstream = await startApi();
    t.after(() => upstream.close());
    const live = await serve({
      bindings: { THOUSANDEYES_TOKEN: UPSTREAM_TOKEN, THOUSANDEYES_BASE_URL: upstream.url, VIEWER_KEYS: `alice:${KEY}` },
    });
    t.after(() => live.close());
    const page = await newPage(browser, t);
    const consoleTexts = [];
    page.on("console", (message) => consoleTexts.push(message.text()));
    await page.goto(live.url);
    await page.waitForSelector(FAILED);
    const field = await page.$eval("#viewer-key", ({ type, autocomplete, name }) => ({ type, autocomplete, name }));
    assert.deepEqual(field, { type: "password", autocomplete: "off", name: "" });
    await typeAndEnter(page, "#viewer-key", `${KEY}x`);
    await waitFor(page, () => document.querySelector("#error-remedy")?.textContent.startsWith("The key was not accepted"));
    assert.equal(await page.$(".meter"), null);
    assert.deepEqual(upstream.requests, []);

    const assertNotStored = async () => {
      const places = await page.evaluate(async () => ({
        url: location.href,
        dom: document.documentElement.outerHTML,
        fields: [...document.querySelectorAll("input")].map(({ value }) => value),
        localStorage: { ...localStorage },
        sessionStorage: { ...sessionStorage },
        cookie: document.cookie,
        history: history.state,
        databases: await indexedDB.databases(),
        caches: await caches.keys(),
        resources: performance.getEntries().map(({ name }) => name),
      }));
      for (const [place, content] of Object.entries({ ...places, consoleTexts })) {
        for (const secret of [KEY, UPSTREAM_TOKEN]) assert.ok(!JSON.stringify(content).includes(secret), place);
      }
    };
    await assertNotStored();
    await typeAndEnter(page, "#viewer-key", KEY);
    await page.waitForSelector(LOADED);
    for (const mark of ["#sample", "#sample-badge"]) assert.ok(await page.$eval(mark, (node) => node.hidden), mark);
    const { usage } = await (await fetch(`${upstream.url}/v7/usage`)).json();
    assert.equal((await text(page, '[data-meter="cloudUnits"] dd'))[0], format(usage.cloudUnitsUsed));
    assert.equal(upstream.requests[0].headers.authorization, `Bearer ${UPSTREAM_TOKEN}`);
    await page.click("#refresh");
    await page.waitForSelector(LOADED);
    await assertNotStored();
    await page.reload();
    await page.waitForSelector(FAILED);
    assert.equal(await page.$eval("#viewer-key", (input) => input.value), "");
  });

  test("an error has a title, a remedy and a request ID, its message is for the operator, and no other response shows", async (t) => {
    const page = await visit(t);
    for (const [aid, name, title, remedy] of [
      ["400", "BadRequestError", /rejected/, /^Correct what the server names/],
      ["403", "ForbiddenError", /may not read/, /“View organization usage”/],
      ["404", "NotFoundError", /No usage was found/, /gateway/],
      ["429", "RateLimitError", /rate limit/, /^Wait until/],
    ]) {
      await chooseSample(page, aid);
      assert.match((await text(page, "#error-title"))[0], title);
      assert.match((await text(page, "#error .operator p"))[0], new RegExp(`^${name}: `));
      assert.doesNotMatch(await page.$eval("#error", (error) => error.innerText), new RegExp(`${name}|baseUrl|retryAt`));
      assert.match((await text(page, "#error-remedy"))[0], remedy);
      assert.match((await text(page, "#error-request-id"))[0], /^[\w-]{8,}$/);
      assert.deepEqual(await text(page, "#status"), [(await text(page, "#error-title, #error-remedy")).join(". ")]);
      assert.deepEqual(await text(page, ".meter"), []);
    }
    await page.click("#show-sample");
    await page.waitForSelector(LOADED);
    assert.equal(new URL(page.url()).search, "");
  });

  test("the keyboard is enough to load, to see the history, to choose a tab, to search, to sort and to open a group", async (t) => {
    const page = await visit(t);
    const tabTo = async (selector) => {
      for (let presses = 0; presses < 80; presses++) {
        await page.keyboard.press("Tab");
        if (await page.evaluate((selector) => document.activeElement.matches(selector), selector)) return;
      }
      assert.fail(`Tab never reaches ${selector}`);
    };
    await tabTo("#aid");
    await page.keyboard.type("2067");
    await page.keyboard.press("Enter");
    await waitFor(page, () => location.search === "?aid=2067" && document.querySelector("#results[data-complete]"));
    await tabTo("#refresh");
    await tabTo("#history-range");
    await page.keyboard.press("ArrowUp");
    await tabTo("#history-open");
    await page.keyboard.press("Enter");
    await waitForHistory(page, "All 3 months are loaded.");
    assert.equal(await page.evaluate(() => document.activeElement.id), "history");
    await tabTo("#history .as-table summary");
    await page.keyboard.press("Enter");
    await tabTo("#history .wide");
    await tabTo("#history-from");
    await tabTo("[role=tab]");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-selected")), "true");
    assert.equal(parameter(page, "tab"), "agent-units");
    await tabTo("#search");
    await page.keyboard.type("london");
    await tabTo("#group");
    await page.keyboard.press("ArrowDown");
    await waitFor(page, () => document.querySelector(".rows .group"));
    await tabTo(".scroll");
    await tabTo(".rows thead button");
    await page.keyboard.press("Enter");
    await waitFor(page, () => document.querySelector(".rows th[aria-sort]").textContent === "Agent");
    await tabTo(".group button");
    await page.keyboard.press(" ");
    await waitFor(page, () => document.activeElement.getAttribute("aria-expanded") === "true");
    await waitFor(page, () => document.querySelector(".rows .member"));
  });

  test("axe-core finds nothing on the whole page, on each tab, and on an error", async (t) => {
    const page = await visit(t);
    await assertAccessible(page);
    await page.click("#history-open");
    await waitForHistory(page, "All 6 months are loaded.");
    for (const closed of ["#by-account-group summary", "#unused summary", "#history summary"]) await page.click(closed);
    for (const tab of ["account-groups", "agent-units", "allocations"]) {
      await page.click(`#tab-${tab}`);
      await assertAccessible(page);
    }
    await page.click("#tab-tests");
    await groupRows(page, "account");
    await page.click(".group button");
    await assertAccessible(page);
    await search(page, "no such test");
    await assertAccessible(page);
    await chooseSample(page, "401");
    await assertAccessible(page);
  });

  return { visit, fetchUsage, fetchHistory, waitForHistory, url, browser: () => browser };
}
