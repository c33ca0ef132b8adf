// The dashboard on the sample API that it is served with, clicked and read as a visitor would: the same in each browser.
//
// What the page shows is compared with what that API answers, so no number of the sample is written down here.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { serve } from "../../www/serve.mjs";
import { startApi } from "../package/api.mjs";
import { parseCsv } from "./csv.mjs";

const ABSENT = "—";
export const KEY = "viewer-key-5e1f0c7a";
const LIVE_KEY = "5e1f0c7a5e1f0c7a5e1f0c7a5e1f0c7a";

/** The fields behind each meter's lines, by what the page calls them. */
export const METERS = {
  "Cloud units": { Used: "cloudUnitsUsed", Projected: "cloudUnitsProjected", Included: "quota.cloudUnitsIncluded", "Next period": "cloudUnitsNextBillingPeriod" },
  "Enterprise units": { Used: "enterpriseUnitsUsed", Projected: "enterpriseUnitsProjected", Included: "quota.none", "Next period": "enterpriseUnitsNextBillingPeriod" },
  "Connected devices units": { Used: "connectedDevicesUnitsUsed", Projected: "connectedDevicesUnitsProjected", Included: "quota.none", "Next period": "connectedDevicesUnitsNextBillingPeriod" },
  "Endpoint agents": { Used: "endpointAgentsUsed", Included: "quota.endpointAgentsIncluded" },
  "Endpoint Essentials": { Used: "endpointAgentsEssentialsUsed", Included: "quota.endpointAgentsEssentialsIncluded" },
  "Endpoint Embedded": { Used: "endpointAgentsEmbeddedUsed", Included: "quota.endpointAgentsEmbeddedIncluded" },
  "Enterprise agents": { Used: "enterpriseAgentsUsed", Included: "quota.enterpriseAgentsIncluded" },
};

/** The tabs, by the field of `usage` that they show. */
export const TABS = {
  "tests": "tests",
  "agent-units": "enterpriseAgentUnits",
  "enterprise-agents": "enterpriseAgents",
  "endpoint-agents": "endpointAgents",
  "essentials": "endpointAgentsEssentials",
  "embedded": "endpointAgentsEmbedded",
};
const EXPAND = "test,enterprise-agent-unit,enterprise-agent,endpoint-agent,endpoint-agent-essential,endpoint-agent-embedded";
const TEST_FIELDS = ["testName", "cloudUnitsUsed", "cloudUnitsProjected", "accountGroupName", "testType", "testId", "aid"];

export const LOADED = "#results[data-complete]";
export const FAILED = '#results[data-state="error"]';

export const shown = (value) => (value === undefined ? ABSENT : value.toLocaleString("en-GB"));
const at = (object, path) => path.split(".").reduce((value, key) => value?.[key], object);
const sum = (rows, field) => rows.reduce((total, row) => total + (row[field] ?? 0), 0);
const sumOrAbsent = (rows, field) => (rows.some((row) => row[field] !== undefined) ? sum(rows, field) : undefined);

/** [[key, rows], …], in the order of their first rows. Node 20 has no Map.groupBy. */
function groupBy(rows, keyOf) {
  const groups = new Map();
  for (const row of rows) {
    const key = keyOf(row);
    if (groups.has(key)) groups.get(key).push(row);
    else groups.set(key, [row]);
  }
  return [...groups];
}

/** As the page orders numbers: the most first, what is absent last, ties as they came. */
export const mostFirst = (rows, field) => rows.toSorted((a, b) => (b[field] ?? -1) - (a[field] ?? -1));
const units = (row) => Math.max(row.cloudUnitsUsed ?? 0, row.cloudUnitsProjected ?? 0);

/** The text that is seen, or read out: the long form of a number, not the short one beside it. */
export const text = (page, selector) => page.$$eval(selector, (nodes) => nodes.map((node) => {
  const copy = node.cloneNode(true);
  for (const hidden of copy.querySelectorAll("[aria-hidden]")) hidden.remove();
  return copy.textContent.trim();
}));

/** The rows that are in the page, by their cells. */
const visibleRows = (page) => page.$$eval(".rows tbody tr", (rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent)));

/** What axe-core finds wrong with the page as it is now. */
export async function axe(page) {
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(await axeSource);
  const violations = await page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`).join("; ")}`);
  });
  assert.deepEqual(violations, []);
}
const axeSource = readFile(new URL("../../node_modules/axe-core/axe.min.js", import.meta.url), "utf8");

/** Keeps what the page would have the browser save. */
export const catchDownloads = (page) => page.evaluate(() => {
  URL.createObjectURL = (blob) => {
    globalThis.saved = blob;
    return "blob:caught";
  };
  HTMLAnchorElement.prototype.click = function () {
    globalThis.savedAs = this.download;
  };
});
export const saved = (page) => page.evaluate(async () => {
  // text() would drop the byte order mark.
  const bytes = new Uint8Array(await globalThis.saved.arrayBuffer());
  return { name: globalThis.savedAs, text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes) };
});

export async function savedRows(page) {
  await page.click("#download-csv");
  return parseCsv((await saved(page)).text);
}
export const asCsv = (rows, fields = TEST_FIELDS) => [fields, ...rows.map((row) => fields.map((field) => String(row[field] ?? "")))];

/** The first record that differs, rather than 20,000 of them. */
export function assertRecords(actual, expected) {
  const at = expected.findIndex((record, i) => record.join("\0") !== actual[i]?.join("\0"));
  if (at >= 0) assert.deepEqual(actual[at], expected[at], `record ${at}`);
  assert.equal(actual.length, expected.length);
}

/** Puts words into the search box and waits until the table has followed. */
export async function search(page, words) {
  await page.$eval("#search", (input, words) => {
    input.value = words;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }, words);
  // The box acts at the next frame; the one after that shows it.
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))));
}

export async function choose(page, selector, value) {
  await page.$eval(selector, (node, value) => {
    node.value = value;
    node.dispatchEvent(new Event("change", { bubbles: true }));
  }, value);
}

export const sortBy = (page, label) => page.$$eval(".rows thead button", (buttons, label) => buttons.find((button) => button.textContent === label).click(), label);

/**
 * @param {object} driver what Playwright and Puppeteer do not have in common
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

  /** The page, opened and with all of its answer shown. */
  async function visit(t, query, state = LOADED) {
    const page = await newPage(browser, t);
    await page.goto(url(query));
    await page.waitForSelector(state);
    return page;
  }

  /** What the API itself answers. */
  async function api(aid, expand = EXPAND) {
    const response = await fetch(url(`api/v7/usage?${aid ? `aid=${aid}&` : ""}expand=${expand}`));
    assert.equal(response.status, 200);
    return response.json();
  }

  test("each meter shows what the API answers, those without a quota last, and what is absent as a dash", async (t) => {
    const page = await visit(t);
    const { usage } = await api();
    const isUsed = (fields) => Object.values(fields).some((path) => at(usage, path));
    const titles = Object.keys(METERS).filter((title) => isUsed(METERS[title]));
    const seen = await text(page, ".meter h3");
    assert.deepEqual(seen.toSorted(), titles.toSorted());

    const share = (title) => {
      const { Used, Projected, Included } = METERS[title];
      return (at(usage, Projected ?? Used) ?? 0) / (at(usage, Included) ?? Infinity);
    };
    assert.deepEqual(seen.map(share), seen.map(share).toSorted((a, b) => b - a), "the ones in danger first");
    assert.ok(share(seen[0]) > 1, "one is in danger");

    for (const [i, title] of seen.entries()) {
      const terms = await text(page, `.meter:nth-child(${i + 1}) dt`);
      const values = await text(page, `.meter:nth-child(${i + 1}) dd`);
      const expected = Object.entries(METERS[title]).map(([line, path]) => [line, shown(at(usage, path))]);
      assert.deepEqual(terms.map((term, n) => [term, values[n]]), expected, title);
    }
    for (const mark of ["#sample-badge", "#sample"]) assert.ok(await page.$eval(mark, (node) => node.offsetWidth > 0), "it is marked as a sample");
    const unused = Object.keys(METERS).filter((title) => !titles.includes(title));
    assert.deepEqual((await text(page, "#unused li")).map((line) => line.split(":")[0]), unused);
  });

  test("the forecast says in words what is coming, and on which day the units are used up", async (t) => {
    const day = ({ usage: { quota, cloudUnitsUsed } }) => {
      const start = Date.parse(quota.monthStart);
      const exhausts = start + (quota.cloudUnitsIncluded * (Date.now() - start)) / cloudUnitsUsed;
      return new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "long", timeZone: "UTC" }).format(exhausts);
    };
    const answer = await api();
    const { cloudUnitsProjected, quota: { cloudUnitsIncluded } } = answer.usage;
    const before = day(answer);
    const page = await visit(t);
    const [forecast] = await text(page, '[data-meter="cloudUnits"] .forecast');
    const over = Math.round((cloudUnitsProjected / cloudUnitsIncluded - 1) * 100);
    const wanted = [before, day(answer)].map((day) =>
      `On course for ${shown(cloudUnitsProjected)}, ${over}% over. At this rate the included units are used up on ${day}.`);
    assert.ok(wanted.includes(forecast), forecast);
    assert.match((await text(page, "#status"))[0], /Cloud units: will go over/);
  });

  for (const [id, heading, keyOf] of [
    ["by-account-group", "Account group", (test) => test.accountGroupName],
    ["by-test-type", "Test type", (test) => test.testType],
  ]) {
    test(`the chart by ${heading.toLowerCase()} is drawn, and has a table with the sums of the API's rows`, async (t) => {
      const page = await visit(t);
      const { tests } = (await api()).usage;
      const groups = groupBy(tests, keyOf)
        .map(([label, rows]) => ({ label, cloudUnitsUsed: sumOrAbsent(rows, "cloudUnitsUsed"), cloudUnitsProjected: sumOrAbsent(rows, "cloudUnitsProjected") }))
        .sort((a, b) => units(b) - units(a));
      const line = ({ label, cloudUnitsUsed, cloudUnitsProjected }) => [label, shown(cloudUnitsUsed), shown(cloudUnitsProjected)];
      const rows = (await text(page, `#${id} tbody tr > *`)).reduce((all, cell, i) => (i % 3 ? all.at(-1).push(cell) : all.push([cell]), all), []);
      const others = groups.slice(12);
      assert.deepEqual(rows.slice(0, 12), groups.slice(0, 12).map(line));
      assert.deepEqual(rows.slice(12), others.length === 0 ? [] : [[`${others.length} others`, shown(sum(others, "cloudUnitsUsed")), shown(sum(others, "cloudUnitsProjected"))]]);

      const canvas = await page.$eval(`#${id} canvas`, (canvas) => {
        const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        return { role: canvas.getAttribute("role"), label: canvas.ariaLabel ?? canvas.getAttribute("aria-label"), painted: pixels.some((byte) => byte > 0) };
      });
      assert.deepEqual([canvas.role, canvas.painted], ["img", true]);
      assert.match(canvas.label, new RegExp(groups[0].label));
    });
  }

  test("the top tests are the API's, by projected units", async (t) => {
    const page = await visit(t);
    const { tests } = (await api()).usage;
    const top = mostFirst(tests, "cloudUnitsProjected").slice(0, 10);
    assert.deepEqual(await text(page, "#top-tests tbody td:nth-child(5)"), top.map((row) => shown(row.cloudUnitsProjected)));
  });

  test("each tab has all of the API's rows, and saves them as CSV", async (t) => {
    const page = await visit(t);
    await catchDownloads(page);
    const { usage } = await api();
    for (const [tab, field] of Object.entries(TABS)) {
      await page.click(`#tab-${tab}`);
      const rows = usage[field];
      assert.notEqual(rows.length, 0);
      assert.equal(Number(await page.$eval(".rows", (table) => table.getAttribute("aria-rowcount"))), rows.length + 1);
      const [fields, ...records] = await savedRows(page);
      const key = (record) => JSON.stringify(record);
      assert.deepEqual(fields.toSorted(), [...new Set(rows.flatMap(Object.keys))].toSorted());
      assert.deepEqual(records.map(key).toSorted(), asCsv(rows, fields).slice(1).map(key).toSorted());
      assert.match((await saved(page)).name, new RegExp(`^thousandeyes-usage_${tab}_\\d{4}-\\d\\d-\\d\\d\\.csv$`));
    }
  });

  test("20,000 rows: few are in the page, and scrolling to the end shows the last one", async (t) => {
    const page = await visit(t, "?aid=large&tab=tests");
    const tests = mostFirst((await api("large")).usage.tests, "cloudUnitsProjected");
    assert.equal(tests.length, 20_000);
    const first = await visibleRows(page);
    assert.ok(first.length < 80, `${first.length} rows`);
    assert.deepEqual(first[0], TEST_FIELDS.map((field) => (typeof tests[0][field] === "number" ? shown(tests[0][field]) : tests[0][field])));

    await page.focus(".scroll");
    await page.keyboard.press("End");
    await waitFor(page, (last) => document.querySelector(`.rows tr[aria-rowindex="${last}"]`), tests.length + 1);
    const rows = await visibleRows(page);
    assert.ok(rows.length < 80, `${rows.length} rows`);
    assert.equal(rows.at(-1)[TEST_FIELDS.indexOf("testId")], tests.at(-1).testId);
  });

  test("20,000 rows: searching, sorting and grouping give the rows that they give when computed here", async (t) => {
    const page = await visit(t, "?aid=large&tab=tests");
    await catchDownloads(page);
    const { tests } = (await api("large")).usage;
    const byProjected = mostFirst(tests, "cloudUnitsProjected");

    await search(page, "  Café   HTTP-server ");
    const wanted = ["café", "http-server"];
    const matches = (row) => wanted.every((word) => Object.values(row).some((value) => typeof value === "string" && value.toLowerCase().includes(word)));
    const found = byProjected.filter(matches);
    assert.notEqual(found.length, 0);
    assertRecords(await savedRows(page), asCsv(found));
    assert.equal((await text(page, "#row-count"))[0], `${shown(found.length)} of ${shown(tests.length)} tests`);

    await search(page, "");
    await sortBy(page, "Used");
    assertRecords(await savedRows(page), asCsv(mostFirst(tests, "cloudUnitsUsed")));
    await sortBy(page, "Used");
    assert.equal(await page.$$eval(".rows th[aria-sort]", (headers) => headers.map((header) => [header.textContent, header.getAttribute("aria-sort")]).join()), "Used,ascending");
    assertRecords(await savedRows(page), asCsv(tests.toSorted((a, b) => a.cloudUnitsUsed - b.cloudUnitsUsed)));
    await sortBy(page, "Test ID");
    assertRecords(await savedRows(page), asCsv(tests.toSorted((a, b) => a.testId - b.testId)));

    await choose(page, "#group", "type");
    const groups = groupBy(tests, (test) => test.testType);
    assert.equal(Number(await page.$eval(".rows", (table) => table.getAttribute("aria-rowcount"))), groups.length + 1);
    const sums = new Map((await visibleRows(page)).map(([title, used, projected]) => [title, [used, projected]]));
    for (const [type, rows] of groups) {
      const line = [shown(sumOrAbsent(rows, "cloudUnitsUsed")), shown(sumOrAbsent(rows, "cloudUnitsProjected"))];
      assert.deepEqual(sums.get(`${type} ${shown(rows.length)} ${rows.length === 1 ? "test" : "tests"}`), line, type);
    }

    await page.click(".group button");
    const opened = (await visibleRows(page))[0][0].split(" ")[0];
    const members = groups.find(([type]) => type === opened)[1];
    assert.equal(Number(await page.$eval(".rows", (table) => table.getAttribute("aria-rowcount"))), groups.length + members.length + 1);
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-expanded")), "true", "the focus stays on the group");
  });

  test("a row of a chart's table shows the tests behind it alone, until its filter is removed", async (t) => {
    const page = await visit(t);
    await catchDownloads(page);
    const { tests } = (await api()).usage;
    await page.click("#by-test-type summary");
    await page.click("#by-test-type tbody tr:nth-child(2) button");
    const [, type] = await text(page, "#by-test-type tbody th");
    assertRecords(await savedRows(page), asCsv(mostFirst(tests.filter((test) => test.testType === type), "cloudUnitsProjected")));
    assert.equal(new URL(page.url()).searchParams.get("type"), type);
    await page.click(".chip");
    assert.equal((await savedRows(page)).length, tests.length + 1);
  });

  test("the JSON that is saved is the API's answer", async (t) => {
    const page = await visit(t, "?aid=2067&expand=test");
    await catchDownloads(page);
    await page.click("#download-json");
    const { name, text } = await saved(page);
    assert.deepEqual(JSON.parse(text), await api("2067", "test"));
    assert.match(name, /^thousandeyes-usage_2067_\d{4}-\d\d-\d\d\.json$/);
  });

  test("the URL keeps the view over a reload, and back and forward go through the views", async (t) => {
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
    await choose(page, "#group", "account");
    await search(page, "berlin");
    const last = await view();
    assert.deepEqual([last.tab, last.search, last.group, last.sorted], ["agent-units", "berlin", "account", "Used"]);
    assert.notEqual(last.rows, first.rows);

    await page.reload();
    await page.waitForSelector(LOADED);
    assert.deepEqual(await view(), last);
    for (let steps = 0; steps < 3; steps++) await page.evaluate(() => new Promise((resolve) => {
      addEventListener("popstate", resolve, { once: true });
      history.back();
    }));
    assert.deepEqual(await view(), first);
    await page.evaluate(() => new Promise((resolve) => {
      addEventListener("popstate", resolve, { once: true });
      history.forward();
    }));
    assert.equal((await view()).tab, "agent-units");
  });

  test("an unknown value in the URL is ignored", async (t) => {
    const page = await visit(t, "?tab=moon&sort=-moon&group=moon&account=moon&type=moon");
    await catchDownloads(page);
    const { tests } = (await api()).usage;
    assertRecords(await savedRows(page), asCsv(mostFirst(tests, "cloudUnitsProjected")));
  });

  test("the request has the typed aid and the checked breakdowns", async (t) => {
    const page = await visit(t);
    await page.locator("#aid").fill("2067");
    await page.click("#expand-menu summary");
    for (const value of EXPAND.split(",").filter((value) => value !== "endpoint-agent")) await page.click(`#expand [value="${value}"]`);
    await page.click("#load");
    await page.waitForSelector(LOADED);
    assert.equal(new URL(page.url()).search, "?aid=2067&expand=endpoint-agent");
    const asked = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => name.includes("/v7/usage")).at(-1));
    assert.equal(asked, url("api/v7/usage?aid=2067&expand=endpoint-agent"));
    assert.deepEqual(await page.$$eval("[role=tab]", (tabs) => tabs.map((tab) => tab.dataset.tab)), ["account-groups", "endpoint-agents", "allocations"]);
  });

  test("before a live gateway, a stranger sees no number, and who has a viewer key sees the API's", async (t) => {
    const upstream = await startApi();
    t.after(() => upstream.close());
    const live = await serve({
      bindings: { THOUSANDEYES_TOKEN: "upstream-token-8d2c", THOUSANDEYES_BASE_URL: upstream.url, VIEWER_KEYS: `alice:${LIVE_KEY}` },
    });
    t.after(() => live.close());
    const page = await newPage(browser, t);
    await page.goto(live.url);
    await page.waitForSelector(FAILED);
    assert.equal(await page.$(".meter"), null);
    assert.deepEqual(upstream.requests, [], "nor does the API hear of them");

    await page.focus("#viewer-key");
    await page.keyboard.type("not-the-key-0123456789abcdef0123456789");
    await page.keyboard.press("Enter");
    await waitFor(page, () => document.querySelector("#problem")?.textContent.includes("was not accepted"));
    await page.focus("#viewer-key");
    await page.keyboard.type(LIVE_KEY);
    await page.keyboard.press("Enter");
    await page.waitForSelector(LOADED);
    assert.equal(await page.$eval("#sample-badge", (badge) => badge.hidden), true);
    const { usage } = await (await fetch(`${upstream.url}/v7/usage`)).json();
    const [used] = await text(page, '[data-meter="cloudUnits"] dd');
    assert.equal(used, shown(usage.cloudUnitsUsed));
    assert.equal(upstream.requests[0].headers.authorization, "Bearer upstream-token-8d2c");
    assert.ok(!(await page.content()).includes("upstream-token"));
  });

  test("401 asks for a viewer key, which is then nowhere in the page, its URL or its stores", async (t) => {
    const page = await visit(t, "?aid=401", FAILED);
    assert.deepEqual(await page.$eval("#viewer-key", ({ type, autocomplete, name }) => [type, autocomplete, name]), ["password", "off", ""]);
    await page.focus("#viewer-key");
    await page.keyboard.type(KEY);
    await page.keyboard.press("Enter");
    await waitFor(page, () => document.querySelector("#error-remedy")?.textContent.startsWith("The key was not accepted"));

    const places = await page.evaluate(async () => ({
      url: location.href,
      dom: document.documentElement.outerHTML,
      fields: [...document.querySelectorAll("input")].map(({ value }) => value),
      localStorage: { ...localStorage },
      sessionStorage: { ...sessionStorage },
      cookie: document.cookie,
      history: history.state,
      databases: await indexedDB.databases(),
      resources: performance.getEntries().map(({ name }) => name),
    }));
    for (const [place, content] of Object.entries(places)) assert.ok(!JSON.stringify(content).includes(KEY), place);
  });

  test("an error has a title, a name, a remedy and a request ID, and no numbers of another answer", async (t) => {
    const page = await visit(t);
    for (const { aid, name, title, remedy } of [
      { aid: "400", name: "BadRequestError", title: /refused/, remedy: /^Correct the parameter/ },
      { aid: "403", name: "ForbiddenError", title: /may not read/, remedy: /“View organization usage”/ },
      { aid: "404", name: "NotFoundError", title: /Nothing was found/, remedy: /gateway/ },
      { aid: "429", name: "RateLimitError", title: /rate limit/, remedy: /^Wait until/ },
    ]) {
      await page.click(`#sample [data-aid="${aid}"]`);
      await page.waitForSelector(FAILED);
      assert.match((await text(page, "#error-title"))[0], title);
      assert.deepEqual(await text(page, "#error-name"), [name]);
      assert.match((await text(page, "#error-remedy"))[0], remedy);
      assert.match((await text(page, "#error-request-id"))[0], /^[\w-]{8,}$/);
      assert.match((await text(page, "#status"))[0], new RegExp(`^${name}: `));
      assert.deepEqual(await text(page, ".meter"), []);
    }
    await page.click("#show-sample");
    await page.waitForSelector(LOADED);
    assert.equal(new URL(page.url()).search, "");
  });

  test("the keyboard alone is enough: to load, to choose a tab, to search, to sort, to open a group", async (t) => {
    const page = await visit(t);
    const tabTo = async (wanted) => {
      for (let presses = 0; presses < 80; presses++) {
        await page.keyboard.press("Tab");
        if (await page.evaluate((wanted) => document.activeElement.matches(wanted), wanted)) return;
      }
      assert.fail(`Tab never reaches ${wanted}`);
    };
    await tabTo("#aid");
    await page.keyboard.type("2067");
    await page.keyboard.press("Enter");
    await waitFor(page, () => location.search === "?aid=2067" && document.querySelector("#results[data-complete]"));
    await tabTo("#refresh");
    await tabTo("[role=tab]");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    assert.equal(await page.evaluate(() => document.activeElement.getAttribute("aria-selected")), "true");
    assert.equal(new URL(page.url()).searchParams.get("tab"), "agent-units");
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
    await axe(page);
    await page.click("#by-account-group summary");
    await page.click("#unused summary");
    for (const tab of ["account-groups", "agent-units", "allocations"]) {
      await page.click(`#tab-${tab}`);
      await axe(page);
    }
    await page.click("#tab-tests");
    await choose(page, "#group", "account");
    await page.click(".group button");
    await axe(page);
    await search(page, "no such test");
    await axe(page);
    await page.click('#sample [data-aid="401"]');
    await page.waitForSelector(FAILED);
    await axe(page);
  });

  return { visit, api, url, browser: () => browser };
}
