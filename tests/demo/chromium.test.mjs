// The dashboard in Chromium: what both browsers are tested for, and what needs answers that the sample API does not give,
// another clock, another medium or another width.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { chromium } from "playwright-core";

import { CHROMIUM } from "../browsers.mjs";
import { asCsv, assertRecords, axe, catchDownloads, dashboardTests, FAILED, KEY, LOADED, METERS, mostFirst, savedRows, search, shown, TABS, text } from "./dashboard.mjs";
import { parseCsv } from "./csv.mjs";

const USAGE = "**/api/v7/usage*";

const { visit, api, url, browser } = dashboardTests({
  launch: () => chromium.launch(CHROMIUM),
  newPage: (browser, t) => newPage(t, {}, browser),
  waitFor: (page, predicate, argument) => page.waitForFunction(predicate, argument),
});

/** A page in a context of its own, before it is opened. */
async function newPage(t, options = {}, launched = browser()) {
  const context = await launched.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  t.after(() => context.close());
  context.setDefaultTimeout(20_000);
  return context.newPage();
}

/** The page, opened where the gateway answers otherwise than on the sample. */
async function visitWith(t, answer, { query, state = LOADED, options } = {}) {
  const page = await newPage(t, options);
  await page.route(USAGE, answer);
  await page.goto(url(query));
  await page.waitForSelector(state);
  return page;
}

const UNAUTHORIZED = {
  status: 401,
  headers: { "www-authenticate": "Bearer" },
  contentType: "application/problem+json",
  body: JSON.stringify({ type: "about:blank", title: "Unauthorized", status: 401, detail: "A viewer key is needed." }),
};
const RATE_LIMITED = {
  status: 429,
  headers: { "retry-after": "60", "x-request-id": "quote-me-7" },
  contentType: "application/problem+json",
  body: JSON.stringify({ title: "Too Many Requests", status: 429, detail: "Too many." }),
};

/** Keeps what the status line announces. */
async function observeStatus(page) {
  await page.evaluate(() => {
    globalThis.announced = [];
    const status = document.querySelector("#status");
    new MutationObserver(() => announced.push(status.textContent)).observe(status, { childList: true });
  });
  return () => page.evaluate(() => announced);
}

const picture = (page) => page.locator("#by-test-type canvas").evaluate((canvas) => canvas.toDataURL());

/** Asserts that the page is no wider than the window. */
async function assertFits(page, what) {
  const [needed, available] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.ok(needed <= available, `${what} is ${needed} px wide`);
}

test("a viewer key is asked for, sent as the token, and kept for the next request alone in memory", async (t) => {
  const { usage } = await api();
  const sent = [];
  const page = await visitWith(t, async (route) => {
    const { authorization } = await route.request().allHeaders();
    sent.push(authorization);
    return route.fulfill(authorization === `Bearer ${KEY}` ? { json: { usage } } : UNAUTHORIZED);
  }, { state: FAILED });
  const printed = [];
  page.on("console", (message) => printed.push(message.text()));

  await page.getByLabel("Viewer key").fill(KEY);
  await page.getByRole("button", { name: "Use this key" }).click();
  await page.waitForSelector(LOADED);
  assert.equal(await page.locator(".meter").count(), Object.keys(METERS).length - 1);
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.waitForSelector(LOADED);
  assert.deepEqual(sent, [undefined, `Bearer ${KEY}`, `Bearer ${KEY}`]);
  assert.ok(await page.locator("#sample").isHidden(), "not sample data");
  assert.ok(await page.locator("#sample-badge").isHidden());

  const places = {
    ...(await page.context().storageState({ indexedDB: true })),
    printed,
    ...(await page.evaluate(() => ({
      sessionStorage: { ...sessionStorage },
      history: history.state,
      url: location.href,
      dom: document.documentElement.outerHTML,
      resources: performance.getEntries().map(({ name }) => name),
    }))),
  };
  for (const [place, content] of Object.entries(places)) assert.ok(!JSON.stringify(content).includes(KEY), place);
  await page.reload();
  await page.waitForSelector(FAILED);
  assert.equal(sent.at(-1), undefined);
  assert.equal(await page.getByLabel("Viewer key").inputValue(), "");
});

test("a redirect to a login is an ended session, and reloading is what helps", async (t) => {
  const { usage } = await api();
  let loggedIn = false;
  const page = await visitWith(t, (route) => route.fulfill(loggedIn
    ? { json: { usage } }
    : { status: 302, headers: { location: "https://login.example.com/" } }), { state: FAILED });
  assert.deepEqual(await text(page, "#error-title"), ["Your session has ended UnexpectedResponseError"]);
  assert.ok(await page.locator("#viewer-key").count() === 0);
  loggedIn = true;
  await page.getByRole("button", { name: "Reload to log in" }).click();
  await page.waitForSelector(LOADED);
});

test("an answer out of the cache says how old it is, and an overdue one that the API could not be reached", async (t) => {
  const { usage } = await api();
  const headers = { age: "720", "cache-status": "thousandeyes-usage; hit; ttl=-420; detail=rate-limit" };
  const page = await visitWith(t, (route) => route.fulfill({ json: { usage }, headers }));
  assert.match((await text(page, "#age"))[0], /^Data of \d\d:\d\d \(12 minutes old\)$|^Data of .*, \d\d:\d\d \(12 minutes old\)$/);
  assert.match((await text(page, "#stale"))[0], /^Older data\. The API could not be reached, since its rate limit is used up: .* \d\d:\d\d\.$/);

  headers["cache-status"] = "thousandeyes-usage; hit; ttl=200";
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.waitForSelector(LOADED);
  assert.deepEqual(await text(page, "#stale"), []);
});

test("a 429 counts down to the time of the next try; then the button works, which is said once", async (t) => {
  const { usage } = await api();
  let limited = true;
  const page = await newPage(t);
  await page.clock.install();
  await page.route(USAGE, (route) => route.fulfill(limited ? RATE_LIMITED : { json: { usage } }));
  await page.goto(url());
  await page.waitForSelector(FAILED);
  const retry = page.getByRole("button", { name: "Try again" });
  const secondsLeft = async () => Number(/^in (\d+) seconds$/.exec(await page.locator("#retry-countdown").innerText())[1]);

  const first = await secondsLeft();
  assert.ok(first > 50 && first <= 60, `${first} s`);
  assert.ok(await retry.isDisabled());
  assert.equal(await page.locator("#error-request-id").innerText(), "quote-me-7");
  const announced = await observeStatus(page);
  await page.clock.fastForward(30_000);
  assert.ok((await secondsLeft()) <= first - 30);
  assert.deepEqual(await announced(), []);
  await page.clock.fastForward(31_000);
  await page.clock.runFor(2_000);
  assert.equal(await page.locator("#retry-countdown").innerText(), "now");
  assert.deepEqual(await announced(), ["You can try again now."]);

  limited = false;
  await retry.focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector("#results[data-state=result]");
});

test("when a refresh fails, the numbers of the answer before it stay, below the error", async (t) => {
  const { usage } = await api();
  let limited = false;
  const page = await visitWith(t, (route) => route.fulfill(limited ? RATE_LIMITED : { json: { usage } }));
  const meters = await text(page, ".meter");
  limited = true;
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.waitForSelector(FAILED);
  assert.deepEqual(await text(page, ".meter"), meters);
  assert.match((await text(page, "#status"))[0], /still shown/);

  await page.getByLabel("Account group ID").fill("2068");
  await page.keyboard.press("Enter");
  await page.waitForSelector(`${FAILED} #error`);
  assert.deepEqual(await text(page, ".meter"), [], "but not below another organisation's error");
});

test("loading is announced, keeps the answer before it dimmed, and can be cancelled", async (t) => {
  const page = await visit(t);
  const failed = page.waitForEvent("requestfailed");
  await page.click('#sample [data-aid="slow"]');
  await page.waitForSelector('#results[data-state="loading"]');
  assert.equal(await page.getByRole("main").getAttribute("aria-busy"), "true");
  assert.deepEqual(await text(page, "#status"), ["Loading anew …"]);
  assert.equal(await page.locator("#output").evaluate((node) => getComputedStyle(node).opacity < 1), true);
  assert.notEqual(await page.locator(".meter").count(), 0);

  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForSelector(FAILED);
  assert.deepEqual(await text(page, "#error-name"), ["AbortError"]);
  assert.match((await failed).url(), /\/api\/v7\/usage\?aid=slow&/);
  assert.ok(await page.getByRole("button", { name: "Cancel" }).isHidden());
});

test("each failed attempt is announced, with the wait until the next", async (t) => {
  const page = await visit(t);
  const announced = await observeStatus(page);
  await page.click('#sample [data-aid="500"]');
  await page.waitForSelector(FAILED);
  const attempts = (await announced()).filter((words) => words.startsWith("Attempt"));
  assert.deepEqual(attempts, [1, 2].map((n) => `Attempt ${n} failed (500), the next in 1 second …`));
});

test("what the answer leaves out is a dash, and a 0 is 0", async (t) => {
  const usage = { quota: { endpointAgentsIncluded: 0 }, cloudUnitsUsed: 0, cloudUnitsProjected: 5, tests: [{ testName: "new", cloudUnitsUsed: 0 }] };
  const page = await visitWith(t, (route) => route.fulfill({ json: { usage } }));
  assert.deepEqual(await text(page, '[data-meter="cloudUnits"] dd'), ["0", "5", "—", "—"]);
  assert.deepEqual(await text(page, ".rows tbody tr > *"), ["new", "0", "—", "—", "—", "—", "—"]);
  assert.deepEqual(await text(page, "#period"), ["—"]);
});

test("an answer without anything in it says so, and breaks nothing", async (t) => {
  const page = await visitWith(t, (route) => route.fulfill({ json: {} }));
  assert.equal((await text(page, "#meters .empty")).length, 1);
  await axe(page);
});

test("where a part of the page does not load, the others are there", async (t) => {
  const page = await newPage(t);
  await page.route("**/charts-*.js", (route) => route.abort());
  await page.goto(url());
  await page.waitForSelector(LOADED);
  assert.match((await text(page, "#usage > .notice"))[0], /^This part is missing\. Reload the page\./);
  assert.notEqual(await page.locator(".meter").count(), 0);
  assert.notEqual(await page.locator(".rows tbody tr").count(), 0);
});

test("opening the page leaves the focus where it was, and an action keeps it in the answer", async (t) => {
  const page = await visit(t);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), "BODY");
  await page.locator("#refresh").focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(LOADED);
  assert.equal(await page.evaluate(() => document.activeElement.id), "results");
});

test("names that look like markup, formulas or CSV are shown and saved as they are", async (t) => {
  const names = ['<img src=x onerror="alert(1)">', "=1+1", 'a "quoted", name', "two\nlines", "@x", "-1", "x".repeat(300)];
  const tests = names.map((testName, i) => ({ aid: "1", accountGroupName: "<b>G</b>", testId: String(i), testName, testType: "api", cloudUnitsUsed: 9 - i, cloudUnitsProjected: 9 - i }));
  const page = await visitWith(t, (route) => route.fulfill({ json: { usage: { tests } } }));
  assert.deepEqual(await page.locator(".rows tbody th").allTextContents(), names);
  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const file = await readFile(await (await saving).path(), "utf8");
  const guarded = tests.map((row) => ({ ...row, testName: /^[=+\-@\t\r]/.test(row.testName) ? `'${row.testName}` : row.testName }));
  assertRecords(parseCsv(file), asCsv(guarded));
  await assertFits(page, "the long name");
});

test("a click on a bar shows the tests behind it", async (t) => {
  const page = await visit(t);
  await catchDownloads(page);
  const { tests } = (await api()).usage;
  const [most] = await text(page, "#by-account-group tbody th");
  await page.locator("#by-account-group canvas").click({ position: { x: 250, y: 14 } });
  await page.waitForSelector(".chip");
  assert.equal(await page.evaluate(() => document.activeElement.id), "breakdowns-title");
  assertRecords(await savedRows(page), asCsv(mostFirst(tests.filter((row) => row.accountGroupName === most), "cloudUnitsProjected")));
});

for (const width of [360, 768, 1280, 1600]) {
  test(`at ${width} px nothing overflows, and axe-core finds nothing`, async (t) => {
    const page = await newPage(t, { viewport: { width, height: 900 } });
    await page.goto(url("?aid=large&group=type"));
    await page.waitForSelector(LOADED);
    await assertFits(page, "the answer");
    const cut = await page.locator(".meter dd .amount, .meter .headline, .rows td.amount, #top-tests .amount-cell").evaluateAll((nodes) => (
      nodes.filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth > 0).map((node) => node.textContent)
    ));
    assert.deepEqual(cut, [], "numbers that are cut off");
    await page.click("#expand-menu summary");
    await assertFits(page, "the menu");
    await page.keyboard.press("Escape");
    await axe(page);
    await page.click('#sample [data-aid="400"]');
    await page.waitForSelector(FAILED);
    await assertFits(page, "the error");
  });
}

test("in the dark, axe-core finds nothing, and the charts are drawn anew when the light changes", async (t) => {
  const page = await newPage(t, { colorScheme: "dark" });
  await page.goto(url());
  await page.waitForSelector(LOADED);
  const dark = await picture(page);
  for (const tab of Object.keys(TABS).slice(0, 2)) {
    await page.click(`#tab-${tab}`);
    await axe(page);
  }
  await page.emulateMedia({ colorScheme: "light" });
  assert.notEqual(await picture(page), dark);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.click('#sample [data-aid="429"]');
  await page.waitForSelector(FAILED);
  await axe(page);
});

test("paper has the meters, the charts and the top tests in light colours, and says which rows it leaves out", async (t) => {
  const page = await newPage(t, { colorScheme: "dark" });
  await page.goto(url());
  await page.waitForSelector(LOADED);
  const { tests, enterpriseAgents } = (await api()).usage;
  const dark = await picture(page);
  await page.emulateMedia({ media: "print" });
  assert.notEqual(await picture(page), dark);
  const isSeen = (selector) => page.locator(selector).first().isVisible();
  for (const selector of [".meter", "#by-account-group canvas", "#top-tests"]) assert.ok(await isSeen(selector), selector);
  for (const selector of ["#request", "#sample", ".buttons", "#search", ".scroll"]) assert.ok(!(await isSeen(selector)), selector);
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  assert.ok(await page.getByText(`The ${shown(tests.length)} tests of this table are not printed`).isVisible());

  await page.emulateMedia({ media: "screen" });
  await page.click("#tab-enterprise-agents");
  await page.emulateMedia({ media: "print" });
  assert.equal(await page.locator(".rows tbody tr:visible").count(), enterpriseAgents.length, "few rows are printed all");
  const pages = (await page.pdf()).toString("latin1").match(/\/Type\s*\/Page\b/g).length;
  assert.ok(pages <= 4, `${pages} pages`);
});

test("who prefers less motion sees none", async (t) => {
  const page = await newPage(t, { reducedMotion: "reduce" });
  let answer;
  const asked = new Promise((resolve) => (answer = resolve));
  await page.route(USAGE, (route) => asked.then(() => route.continue()));
  await page.goto(url());
  await page.waitForSelector("#skeleton i");
  assert.equal(await page.evaluate(() => document.getAnimations().filter(({ animationName }) => animationName === "shimmer").length), 0);
  answer();
  await page.waitForSelector(LOADED);
});

test("the page breaks no policy, prints no error and asks nobody but its own origin", async (t) => {
  const page = await newPage(t);
  const errors = [];
  const origins = new Set();
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => !request.url().startsWith("blob:") && origins.add(new URL(request.url()).origin));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective}`));
  });
  await page.goto(url());
  await page.waitForSelector(LOADED);

  const directives = (await page.request.get(url())).headers()["content-security-policy"].split("; ");
  assert.ok(directives.includes("default-src 'self'"));
  assert.ok(directives.includes("script-src 'self' 'wasm-unsafe-eval'"));
  assert.deepEqual(directives.filter((directive) => /^(connect|style|img)-src/.test(directive)), []);

  for (const tab of await page.locator("[role=tab]").all()) await tab.click();
  await page.click("#tab-tests");
  await page.locator("#group").selectOption("account");
  await page.click("#expand-all");
  const saving = page.waitForEvent("download");
  await page.click("#download-csv");
  await saving;
  await page.mouse.move(400, 700);
  for (const aid of ["400", "401", "403", "404", "429", "500", "large"]) {
    await page.click(`#sample [data-aid="${aid}"]`);
    await page.waitForSelector(aid === "large" ? LOADED : FAILED);
  }
  // The browser's own line for each answer of 400 and above.
  assert.deepEqual(errors.filter((line) => !line.startsWith("Failed to load resource")), []);
  assert.deepEqual([...origins], [new URL(url()).origin]);
});
