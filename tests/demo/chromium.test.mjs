// The dashboard in Chromium: the tests of each browser, and those that replace the response, the clock, the medium or the width.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { chromium } from "playwright-core";

import { CHROMIUM } from "../browsers.mjs";
import {
  assertAccessible, assertCsv, assertTests, chooseSample, dashboardTests, FAILED, format, largestFirst, LOADED, text,
} from "./dashboard.mjs";

const { visit, fetchUsage, fetchHistory, waitForHistory, url, browser } = dashboardTests({
  launch: () => chromium.launch(CHROMIUM),
  newPage: (browser, t) => newPage(t, {}, browser),
  waitFor: (page, predicate, argument) => page.waitForFunction(predicate, argument),
});

/** A page with its own context, before it is opened. */
async function newPage(t, options = {}, launched = browser()) {
  const context = await launched.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  t.after(() => context.close());
  context.setDefaultTimeout(20_000);
  return context.newPage();
}

async function open(page, { query, state = LOADED } = {}) {
  await page.goto(url(query));
  await page.waitForSelector(state);
  return page;
}

/** Opens the page with other responses of the API. `responses.next` can be replaced later. */
async function openWith(t, response, { state, install } = {}) {
  const page = await newPage(t);
  const responses = { next: response };
  await page.route("**/api/v7/usage*", (route) => route.fulfill(responses.next));
  await install?.(page);
  await open(page, { state });
  return { page, responses };
}

const refresh = (page) => page.getByRole("button", { name: "Refresh" }).click();
const readText = async (page, selector) => (await text(page, selector))[0];

const RATE_LIMITED = {
  status: 429,
  headers: { "retry-after": "60", "x-request-id": "quote-me-7" },
  contentType: "application/problem+json",
  body: JSON.stringify({ title: "Too Many Requests", status: 429, detail: "Too many." }),
};

/**
 * Opens the history of three months. `respond` gets the month of a request, from 0 for the oldest, and returns a response, or a
 * promise of one, or undefined for that of the API.
 */
async function openHistory(t, respond, query = "?history=3") {
  const page = await newPage(t);
  const requests = [];
  await page.route("**/units/tests?*", async (route) => {
    const { searchParams } = new URL(route.request().url());
    const month = 2 - (new Date().getUTCMonth() - Number(searchParams.get("startDate").slice(5, 7)) + 13) % 12;
    requests.push(month);
    const response = await respond(month, requests);
    await (response ? route.fulfill(response) : route.continue());
  });
  await open(page, { query });
  return { page, requests };
}

const problem = (status, detail, headers = {}) => (
  { status, headers, contentType: "application/problem+json", body: JSON.stringify({ status, detail }) }
);

/** Starts to record the announcements, and returns a function that reads them. */
async function recordAnnouncements(page) {
  await page.evaluate(() => {
    globalThis.announcements = [];
    const status = document.querySelector("#status");
    new MutationObserver(() => announcements.push(status.textContent)).observe(status, { childList: true });
  });
  return () => page.evaluate(() => announcements);
}

/** The drawings of the charts. */
const drawings = (page) => page.locator("canvas").evaluateAll((nodes) => nodes.map((canvas) => canvas.toDataURL()));

/** Waits for other drawings. The event of a media query comes with the next frame. */
const assertRedrawn = (page, before) => page.waitForFunction((before) => (
  [...document.querySelectorAll("canvas")].every((canvas, i) => canvas.toDataURL() !== before[i])
), before);

async function assertFits(page, what) {
  const { scrollWidth, clientWidth } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return { scrollWidth, clientWidth };
  });
  assert.ok(scrollWidth <= clientWidth, `${what} is ${scrollWidth} px wide`);
}

test("a redirect to a login means that the session has ended: the page offers to reload", async (t) => {
  const usage = await fetchUsage();
  const redirect = { status: 302, headers: { location: "https://login.example.com/" } };
  const { page, responses } = await openWith(t, redirect, { state: FAILED });
  assert.equal(await readText(page, "#error-title"), "Your session has ended");
  assert.equal(await page.locator("#viewer-key").count(), 0);
  responses.next = { json: { usage } };
  await page.getByRole("button", { name: "Reload to log in" }).click();
  await page.waitForSelector(LOADED);
});

test("a response from the cache has its age; if it is stale, the page says why", async (t) => {
  const usage = await fetchUsage();
  const headers = { age: "720", "cache-status": "thousandeyes-usage; hit; ttl=-420; detail=rate-limit" };
  const { page } = await openWith(t, { json: { usage }, headers });
  assert.match(await readText(page, "#age"), /^Data of (.*, )?\d\d:\d\d \(12 minutes old\)$/);
  assert.match(
    await readText(page, "#stale"),
    /^Older data\. The API could not be reached, because its rate limit is used up\. This is its response of .*\d\d:\d\d\.$/);
  headers["cache-status"] = "thousandeyes-usage; hit; ttl=200";
  await refresh(page);
  await page.waitForSelector(LOADED);
  assert.deepEqual(await text(page, "#stale"), []);
});

test("after a 429, the page counts down to the next attempt, then enables the button and announces it once", async (t) => {
  const usage = await fetchUsage();
  const { page, responses } = await openWith(t, RATE_LIMITED, { state: FAILED, install: (page) => page.clock.install() });
  const retry = page.getByRole("button", { name: "Try again" });
  const secondsLeft = async () => Number(/^in (\d+) seconds$/.exec(await readText(page, "#retry-countdown"))[1]);

  const first = await secondsLeft();
  assert.ok(first > 50 && first <= 60, `${first} s`);
  assert.ok(await retry.isDisabled());
  assert.equal(await readText(page, "#error-request-id"), "quote-me-7");
  const announcements = await recordAnnouncements(page);
  await page.clock.fastForward(30_000);
  assert.ok((await secondsLeft()) <= first - 30);
  assert.deepEqual(await announcements(), []);
  await page.clock.fastForward(31_000);
  await page.clock.runFor(2_000);
  assert.equal(await readText(page, "#retry-countdown"), "now");
  assert.deepEqual(await announcements(), ["You can try again now."]);

  responses.next = { json: { usage } };
  await retry.focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#results[data-state=result]");
});

test("if a refresh fails, the previous numbers stay below the error, but not those of another organisation", async (t) => {
  const { page, responses } = await openWith(t, { json: { usage: await fetchUsage() } });
  const meters = await text(page, ".meter");
  responses.next = RATE_LIMITED;
  await refresh(page);
  await page.waitForSelector(FAILED);
  assert.deepEqual(await text(page, ".meter"), meters);
  assert.match(await readText(page, "#status"), /still shown/);

  await page.getByLabel("Account group ID").fill("2068");
  await page.keyboard.press("Enter");
  await page.waitForSelector(`${FAILED} #error`);
  assert.deepEqual(await text(page, ".meter"), []);
});

test("loading is announced, dims the previous response, and can be cancelled", async (t) => {
  const page = await visit(t);
  const cancelled = page.waitForEvent("requestfailed");
  await chooseSample(page, "slow", '#results[data-state="loading"]');
  assert.equal(await page.getByRole("main").getAttribute("aria-busy"), "true");
  assert.equal(await readText(page, "#status"), "Loading again …");
  assert.ok(await page.locator("#output").evaluate((node) => getComputedStyle(node).opacity < 1));
  assert.notEqual(await page.locator(".meter").count(), 0);

  const cancel = page.getByRole("button", { name: "Cancel" });
  await cancel.click();
  await page.waitForSelector(FAILED);
  assert.equal(await readText(page, "#error-title"), "Loading was cancelled");
  assert.match((await cancelled).url(), /\/api\/v7\/usage\?aid=slow&/);
  assert.ok(await cancel.isHidden());
});

test("each failed attempt is announced, with the wait for the next", async (t) => {
  const page = await visit(t);
  const announcements = await recordAnnouncements(page);
  await chooseSample(page, "500");
  const attempts = (await announcements()).filter((words) => words.startsWith("Attempt"));
  assert.deepEqual(attempts, [1, 2].map((n) => `Attempt ${n} failed (500). Retrying in 1 second …`));
});

test("an absent value is a dash, and 0 is 0", async (t) => {
  const tests = [{ testName: "new", cloudUnitsUsed: 0 }];
  const usage = { quota: { endpointAgentsIncluded: 0 }, cloudUnitsUsed: 0, cloudUnitsProjected: 5, tests };
  const { page } = await openWith(t, { json: { usage } });
  assert.deepEqual(await text(page, '[data-meter="cloudUnits"] dd'), ["0", "5", "—", "—"]);
  assert.deepEqual(await text(page, ".rows tbody tr > *"), ["new", "0", "—", "—", "—", "—", "—"]);
  assert.deepEqual(await text(page, "#period"), ["—"]);
});

test("an empty response is shown as empty", async (t) => {
  const { page } = await openWith(t, { json: {} });
  assert.equal((await text(page, "#meters .empty")).length, 1);
  await assertAccessible(page);
});

test("if a part of the page does not load, the other parts do", async (t) => {
  const page = await newPage(t);
  await page.route("**/charts-*.js", (route) => route.abort());
  await open(page);
  assert.match(await readText(page, "#usage > .notice"), /^This part could not be loaded\. Reload the page\./);
  for (const selector of [".meter", ".rows tbody tr"]) assert.notEqual(await page.locator(selector).count(), 0);
});

test("opening the page does not move the focus, and an action keeps it in the results", async (t) => {
  const page = await visit(t);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "BODY");
  await page.locator("#refresh").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(LOADED);
  assert.equal(await page.evaluate(() => document.activeElement.id), "results");
});

test("names that look like markup, formulas or CSV are shown and saved as text", async (t) => {
  const names = ['<img src=x onerror="alert(1)">', "=1+1", 'a "quoted", name', "two\nlines", "@x", "-1", "x".repeat(300)];
  const tests = names.map((testName, i) => ({
    testName, aid: "1", accountGroupName: "<b>G</b>", testId: String(i), testType: "api",
    cloudUnitsUsed: 9 - i, cloudUnitsProjected: 9 - i,
  }));
  const { page } = await openWith(t, { json: { usage: { tests } } });
  assert.deepEqual(await page.locator(".rows tbody th").allTextContents(), names);
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const saved = (name) => (/^[=+\-@]/.test(name) ? `'${name}` : name.replace("\n", "�"));
  assertCsv(
    await readFile(await (await download).path(), "utf8"),
    tests.map((row) => ({ ...row, testName: saved(row.testName) })));
  await assertFits(page, "the long name");
});

test("a click on a bar filters the tests", async (t) => {
  const page = await visit(t);
  const [name] = await text(page, "#by-account-group tbody th");
  await page.locator("#by-account-group canvas").click({ position: { x: 250, y: 14 } });
  await page.waitForSelector(".chip");
  assert.equal(await page.evaluate(() => document.activeElement.id), "breakdowns-title");
  await assertTests(page, largestFirst((await fetchUsage()).tests.filter((row) => row.accountGroupName === name)));
});

test("a month that fails has its error and a retry, and the other months stay", async (t) => {
  const { page, requests } = await openHistory(t, (month, { length }) => month === 1 && length < 5 ? problem(400, "No such period") : undefined);
  await waitForHistory(page, "2 of 3 months are loaded.");
  assert.match(await readText(page, "#history .notice"), /^\w+ 20\d\d: The request was rejected\. No such period\./);
  assert.match(await readText(page, "#history-growth"), /^\w+ 20\d\d is not loaded\.$/);
  const total = (i) => text(page, `#history .wide tr:last-child td:nth-of-type(${i})`);
  const [oldest, failed] = [await total(1), await total(2)];
  assert.notDeepEqual(oldest, ["—"]);
  assert.deepEqual(failed, ["—"]);
  assert.match((await text(page, "#history .wide thead")).join(), /20\d\d: failed/);
  assert.match(await readText(page, "#history figcaption p"), / in the months that are loaded\.$/);
  await assertAccessible(page);

  requests.push("again");
  await page.getByRole("button", { name: /^Try again: / }).focus();
  await page.keyboard.press("Enter");
  await waitForHistory(page, "All 3 months are loaded.");
  assert.deepEqual(new Set(requests.slice(requests.indexOf("again") + 1)), new Set([1]));
  assert.deepEqual(await total(1), oldest);
  assert.notDeepEqual(await total(2), ["—"]);
  assert.equal(await page.locator("#history .notice").count(), 0);
  assert.equal(await page.locator("#history-growth tbody tr").count(), 10);
  assert.equal(await page.evaluate(() => document.activeElement.id), "history");
});

test("the history loads one month after the other, and can be cancelled and continued", async (t) => {
  let isHeld = true;
  const { page, requests } = await openHistory(t, (month) => month === 1 && isHeld ? new Promise(() => {}) : undefined);
  await page.waitForFunction(() => /^Loading \w+ 20\d\d \(1 of 3 months are loaded\) …$/.test(document.querySelector("#history-status").textContent));
  assert.deepEqual(await page.getByRole("progressbar").evaluate(({ value, max }) => [value, max]), [1, 3]);
  await assertAccessible(page);
  const aborted = page.waitForEvent("requestfailed");
  await page.locator("#history").getByRole("button", { name: "Cancel" }).click();
  await aborted;
  assert.equal(await readText(page, "#history-status"), "Cancelled. 1 of 3 months are loaded.");
  assert.ok(await page.locator("#history canvas").isVisible());
  assert.equal((await text(page, "#history .wide thead")).join().match(/: not loaded/g).length, 2);
  assert.equal(await page.evaluate(() => document.activeElement.id), "history");

  isHeld = false;
  await page.getByRole("button", { name: "Load the other months" }).click();
  await waitForHistory(page, "All 3 months are loaded.");
  assert.deepEqual(requests, requests.toSorted((a, b) => b - a));
  assert.equal(await page.locator("#history-growth tbody tr").count(), 10);
});

test("a month that waits for the rate limit says so, and the wait can be cancelled", async (t) => {
  const { page, requests } = await openHistory(t, (month) => month === 1 ? problem(429, "Wait.", { "retry-after": "60" }) : undefined);
  await page.waitForFunction(() => (
    /^\w+ 20\d\d: waiting for the API …$/.test(document.querySelector("#history-status").textContent)
  ));
  await page.locator("#history").getByRole("button", { name: "Cancel" }).click();
  await waitForHistory(page, "Cancelled. 1 of 3 months are loaded.");
  assert.equal(requests.filter((month) => month === 1).length, 1);
});

for (const [name, response, words, loaded] of [
  ["without usage-based billing", problem(403, "Not for you."), /^This organisation has no history\. Only organisations with usage-based billing/, ""],
  ["whose rate limit is used up for long", problem(429, "Wait.", { "retry-after": "600" }), /^\w+ 20\d\d: The rate limit is used up\. /, "0 of 3 months are loaded."],
]) {
  test(`of an organisation ${name}, the history is requested only once, and says so`, async (t) => {
    const { page, requests } = await openHistory(t, () => response);
    await page.waitForSelector("#history .notice");
    assert.match(await readText(page, "#history .notice"), words);
    assert.equal(await readText(page, "#history-status"), loaded);
    assert.deepEqual(requests, [2]);
    await assertAccessible(page);
  });
}

test("after the session ended or the key was rejected, the history stops at the first month, and keeps none for another key", async (t) => {
  let response = { status: 302, headers: { location: "https://login.example.com/" } };
  const { page, requests } = await openHistory(t, () => response);
  await page.waitForSelector("#history .notice");
  assert.match(await readText(page, "#history .notice"), /^\w+ 20\d\d: Your session has ended\. Log in again\./);
  assert.deepEqual(requests, [2]);
  response = problem(401, "No.");
  await page.getByRole("button", { name: "Reload to log in" }).click();
  await page.waitForSelector("#history #viewer-key");
  assert.deepEqual(requests, [2, 2]);
  await assertAccessible(page);
  response = undefined;
  for (const key of ["new-key", "other-key"]) {
    requests.length = 0;
    await page.fill("#viewer-key", key);
    await page.keyboard.press("Enter");
    await page.waitForSelector(LOADED);
    await waitForHistory(page, "All 3 months are loaded.");
    assert.deepEqual([...new Set(requests)], [2, 1, 0], key);
    await page.route("**/api/v7/usage*", (route) => route.fulfill(problem(401, "No.")), { times: 1 });
    await refresh(page);
    await page.waitForSelector(FAILED);
  }
});

for (const [name, hasUnits, summary, growth] of [
  ["months without units are shown as empty", () => false, /^No units in these months\.$/, /^No tests in \w+ 20\d\d and \w+ 20\d\d, so /],
  ["a single month with units has its bar, and no comparison", (month) => month === 1, / has used the most: /, /^No tests in \w+ 20\d\d, so /],
]) {
  test(name, async (t) => {
    const { page } = await openHistory(t, (month) => hasUnits(month) ? undefined : { json: { breakdowns: [] } });
    await waitForHistory(page, "All 3 months are loaded.");
    assert.match(await readText(page, "#history figcaption p"), summary);
    assert.match(await readText(page, "#history-growth"), growth);
    await assertAccessible(page);
  });
}

test("a history of six months with 20,000 tests requests each page once, which is half of a minute's requests", async (t) => {
  const { page, requests } = await openHistory(t, () => undefined, "?aid=large&history=6");
  await waitForHistory(page, "All 6 months are loaded.");
  const months = await fetchHistory(6, "large");
  assert.equal(requests.length, months.reduce((sum, { pages }) => sum + pages, 0));
  assert.ok(requests.length <= 120, `${requests.length} requests`);
});

for (const [width, textSize = "100%"] of [[360], [360, "200%"], [768], [800], [1000], [1280], [1280, "200%"], [1600]]) {
  test(`at ${width} px with text of ${textSize}, nothing overflows, and axe-core finds nothing`, async (t) => {
    const page = await open(await newPage(t, { viewport: { width, height: 900 } }), { query: "?aid=large&group=type&history=3" });
    await waitForHistory(page, "All 3 months are loaded.");
    await page.click("#history summary");
    await page.click(".group button");
    await page.evaluate((textSize) => (document.documentElement.style.fontSize = textSize), textSize);
    await page.waitForFunction(() => {
      const boxes = [...document.querySelectorAll(".rows tbody tr")].map((row) => row.getBoundingClientRect());
      return boxes.every(({ top }, i) => i === 0 || Math.abs(boxes[i - 1].bottom - top) < 1);
    });
    await assertFits(page, "the response");
    const cutOff = (selector, length) => page.locator(selector).evaluateAll((nodes, length) => nodes
      .filter((node) => node[`scroll${length}`] > node[`client${length}`] + 1 && node.clientWidth > 0)
      .map((node) => node.textContent), length);
    assert.deepEqual(await cutOff(".meter dd .amount, .meter .headline, .rows td.amount, .amount-cell", "Width"), []);
    assert.deepEqual(await cutOff(".rows tbody tr", "Height"), []);
    await page.click("#expand-menu summary");
    await assertFits(page, "the menu");
    await page.keyboard.press("Escape");
    await assertAccessible(page);
    await chooseSample(page, "400");
    await assertFits(page, "the error");
  });
}

test("on a phone, a row shows the column that sorts in place of its second number", async (t) => {
  const page = await newPage(t, { viewport: { width: 360, height: 900 } });
  for (const [query, ...labels] of [
    ["?tab=account-groups", "Cloud units used", "Projected"],
    ["?tab=account-groups&sort=-endpointAgentsUsed", "Cloud units used", "Endpoint agents"],
    ["?tab=tests&sort=testId", "Used", "Account group", "Type", "Test ID"],
    ["?tab=tests&sort=testId&group=account", "Used", "Projected"],
  ]) {
    await open(page, { query });
    const cells = page.locator(".rows tbody tr:first-child td:visible");
    assert.deepEqual(await cells.evaluateAll((nodes) => nodes.map(({ dataset }) => dataset.label)), labels, query);
  }
});

test("in dark mode, axe-core finds nothing, and the charts follow a change of the mode", async (t) => {
  const page = await open(await newPage(t, { colorScheme: "dark" }), { query: "?history=3" });
  await waitForHistory(page, "All 3 months are loaded.");
  const dark = await drawings(page);
  assert.equal(dark.length, 3);
  for (const tab of ["tests", "agent-units"]) {
    await page.click(`#tab-${tab}`);
    await assertAccessible(page);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await assertRedrawn(page, dark);
  await page.emulateMedia({ colorScheme: "dark" });
  await chooseSample(page, "429");
  await assertAccessible(page);
});

test("in print, the meters, charts and top tests are in light colours, and the page says which rows are left out", async (t) => {
  const page = await open(await newPage(t, { colorScheme: "dark" }), { query: "?history=3" });
  await waitForHistory(page, "All 3 months are loaded.");
  const { tests, enterpriseAgents } = await fetchUsage();
  const dark = await drawings(page);
  await page.emulateMedia({ media: "print" });
  await assertRedrawn(page, dark);
  const isVisible = (selector) => page.locator(selector).first().isVisible();
  for (const selector of [".meter", "#by-account-group canvas", "#top-tests", "#history canvas"]) assert.ok(await isVisible(selector), selector);
  for (const selector of ["#request", "#sample", ".buttons", "#search", ".scroll", "#history-range"]) {
    assert.equal(await isVisible(selector), false, selector);
  }
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  assert.ok(await page.getByText(`The ${format(tests.length)} tests of this table are not printed`).isVisible());

  await page.emulateMedia({ media: "screen" });
  await page.click("#tab-enterprise-agents");
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".rows tbody tr:visible").count(), enterpriseAgents.length);
  const pages = (await page.pdf()).toString("latin1").match(/\/Type\s*\/Page\b/g).length;
  assert.ok(pages <= 4, `${pages} pages`);
});

test("with reduced motion, nothing moves", async (t) => {
  const page = await newPage(t, { reducedMotion: "reduce" });
  let respond;
  const responded = new Promise((resolve) => (respond = resolve));
  await page.route("**/api/v7/usage*", (route) => responded.then(() => route.continue()));
  await page.goto(url());
  await page.waitForSelector("#skeleton i");
  const names = await page.evaluate(() => document.getAnimations().map(({ animationName }) => animationName));
  assert.ok(!names.includes("shimmer"));
  respond();
  await page.waitForSelector(LOADED);
});

test("the page keeps to its content security policy, logs no error, and sends requests only to its own origin", async (t) => {
  const page = await newPage(t);
  const errors = [];
  const origins = new Set();
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => !request.url().startsWith("blob:") && origins.add(new URL(request.url()).origin));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective}`));
  });
  await open(page, { query: "?history=3" });
  await waitForHistory(page, "All 3 months are loaded.");
  for (const tab of await page.locator("[role=tab]").all()) await tab.click();
  await page.click("#tab-tests");
  await page.locator("#group").selectOption("account");
  await page.click("#expand-all");
  const download = page.waitForEvent("download");
  await page.click("#download-csv");
  await download;
  await page.mouse.move(400, 700);
  for (const aid of ["400", "401", "403", "404", "429", "500"]) await chooseSample(page, aid);
  await chooseSample(page, "large", LOADED);
  // Chromium logs each response of 400 and above.
  assert.deepEqual(errors.filter((line) => !line.startsWith("Failed to load resource")), []);
  assert.deepEqual([...origins], [new URL(url()).origin]);
});
