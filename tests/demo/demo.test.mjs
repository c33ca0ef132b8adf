/**
 * The demo page in Chromium, clicked and read as a visitor would, on the sample API that it is served with.
 *
 * What the page shows is compared with what that API answers, so no number of the sample is written down here.
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { chromium } from "playwright-core";

import { serve } from "../../www/serve.mjs";
import { CHROMIUM } from "../browsers.mjs";

const ABSENT = "—";
const TOKEN = "demo-test-token-5e1f";

/** The fields behind each meter's lines, by what the page calls them. */
const METERS = {
  "Cloud units": { Used: "cloudUnitsUsed", Projected: "cloudUnitsProjected", Included: "quota.cloudUnitsIncluded", "Next period": "cloudUnitsNextBillingPeriod" },
  "Enterprise units": { Used: "enterpriseUnitsUsed", Projected: "enterpriseUnitsProjected", "Next period": "enterpriseUnitsNextBillingPeriod" },
  "Connected devices units": {
    Used: "connectedDevicesUnitsUsed", Projected: "connectedDevicesUnitsProjected", "Next period": "connectedDevicesUnitsNextBillingPeriod",
    "Device agents included": "quota.deviceAgentsIncluded",
  },
  "Endpoint agents": { Used: "endpointAgentsUsed", Included: "quota.endpointAgentsIncluded" },
  "Endpoint agents Essentials": { Used: "endpointAgentsEssentialsUsed", Included: "quota.endpointAgentsEssentialsIncluded" },
  "Endpoint agents Embedded": { Used: "endpointAgentsEmbeddedUsed", Included: "quota.endpointAgentsEmbeddedIncluded" },
  "Enterprise agents": { Used: "enterpriseAgentsUsed", Included: "quota.enterpriseAgentsIncluded" },
};

/** The checkboxes: what each asks the API for, and the field that comes back. */
const BREAKDOWNS = {
  "Tests": { expand: "test", field: "tests" },
  "Enterprise agents": { expand: "enterprise-agent", field: "enterpriseAgents" },
  "Enterprise agent units": { expand: "enterprise-agent-unit", field: "enterpriseAgentUnits" },
  "Endpoint agents": { expand: "endpoint-agent", field: "endpointAgents" },
  "Endpoint agents Essentials": { expand: "endpoint-agent-essential", field: "endpointAgentsEssentials" },
  "Endpoint agents Embedded": { expand: "endpoint-agent-embedded", field: "endpointAgentsEmbedded" },
};

const ERRORS = [
  { aid: "400", name: "BadRequestError", code: "bad-request", sentence: /refused the request \(400\)/, remedy: /^Correct the parameter/ },
  { aid: "401", name: "UnauthorizedError", code: "unauthorized", sentence: /asks for a token \(401\) and none was sent/, remedy: /^Paste a valid token/ },
  { aid: "403", name: "ForbiddenError", code: "forbidden", sentence: /may not read this usage \(403\)/, remedy: /“View organization usage”/ },
  { aid: "404", name: "NotFoundError", code: "not-found", sentence: /Nothing was found at http:\/\/\S+\/api\/v7\/usage \(404\)/, remedy: /^Check the base URL/ },
  { aid: "429", name: "RateLimitError", code: "rate-limit", sentence: /rate limit is used up \(429\)/, remedy: /^Wait until the time/ },
  { aid: "500", name: "ServerError", code: "server", sentence: /failed to answer \(500\)/, remedy: /^Nothing is wrong on your side/ },
];

let server;
let browser;

before(async () => {
  [server, browser] = await Promise.all([serve({ port: 0 }), chromium.launch(CHROMIUM)]);
});

after(async () => {
  await browser?.close();
  await server?.close();
});

/** The page in a context of its own, before it is opened. */
async function newPage(t, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  t.after(() => context.close());
  context.setDefaultTimeout(20_000);
  return context.newPage();
}

/** The page, opened and with its first answer shown. */
async function visit(t, options) {
  const page = await newPage(t, options);
  await open(page);
  return page;
}

async function open(page) {
  await page.goto(server.url);
  await state(page, "result");
}

const state = (page, name) => page.locator(`#results[data-state="${name}"]`).waitFor();
const settled = (page) => page.locator('#results:not([data-state="loading"])').waitFor();
const button = (page, name) => page.getByRole("button", { name, exact: true });

async function submit(page) {
  await button(page, "Load usage").click();
  await settled(page);
}

async function tryError(page, aid) {
  await button(page, aid).click();
  await state(page, "error");
}

async function check(page, ...labels) {
  for (const label of Object.keys(BREAKDOWNS)) {
    await page.getByRole("checkbox", { name: label, exact: true }).setChecked(labels.includes(label));
  }
}

/** What the API itself answers. */
async function api(query, status = 200) {
  const response = await fetch(new URL(`/api/v7/usage${query}`, server.url));
  assert.equal(response.status, status);
  return response.json();
}

/** The query of the request that the page has sent last, as it stood on the wire. */
const lastQuery = (sent) => new URL(sent.at(-1).url()).search;

/** The requests to the API, from now on. */
function apiRequests(page) {
  const requests = [];
  page.on("request", (request) => {
    if (new URL(request.url()).pathname.endsWith("/v7/usage")) requests.push(request);
  });
  return requests;
}

const meter = (page, title) =>
  page.getByRole("article").filter({ has: page.getByRole("heading", { name: title, exact: true }) });

/** A meter's lines as they are read: `{ Used: "1,234", … }`. */
async function readMeter(page, title) {
  const terms = await meter(page, title).getByRole("term").allInnerTexts();
  const values = await meter(page, title).getByRole("definition").allInnerTexts();
  return Object.fromEntries(terms.map((term, i) => [term, values[i]]));
}

const shown = (value) => (value === undefined ? ABSENT : value.toLocaleString("en-GB"));
const at = (object, path) => path.split(".").reduce((value, key) => value?.[key], object);

test("opening the page shows the sample organisation's meters without a click", async (t) => {
  const page = await newPage(t);
  const sent = apiRequests(page);
  await open(page);

  const { usage } = await api(lastQuery(sent));
  assert.deepEqual(await page.getByRole("article").getByRole("heading").allInnerTexts(), Object.keys(METERS));
  for (const [title, fields] of Object.entries(METERS)) {
    const expected = Object.fromEntries(Object.entries(fields).map(([line, path]) => [line, shown(at(usage, path))]));
    assert.deepEqual(await readMeter(page, title), expected, title);
  }
  assert.equal((await readMeter(page, "Cloud units")).Included, "4,320,000,000");
  assert.ok(await page.getByText("Sample data", { exact: true }).isVisible());
});

test("a projected overage is said in words", async (t) => {
  const page = await visit(t);
  const { usage } = await api("");
  const percent = Math.round((usage.cloudUnitsProjected / usage.quota.cloudUnitsIncluded - 1) * 100);
  const words = `${percent}% over at the end of the period`;
  assert.ok(await meter(page, "Cloud units").getByText(words).isVisible());
  assert.match(await page.getByRole("status").innerText(), new RegExp(`Cloud units: ${words}`));
});

test("what the answer leaves out shows as a dash, and a 0 as 0", async (t) => {
  const page = await newPage(t);
  const usage = { quota: { endpointAgentsIncluded: 0 }, cloudUnitsUsed: 0, tests: [{ testName: "new", cloudUnitsUsed: 0 }] };
  await page.route("**/v7/usage*", (route) => route.fulfill({ json: { usage } }));
  await open(page);

  const cloudUnits = { Used: "0", Projected: ABSENT, Included: ABSENT, "Next period": ABSENT };
  assert.deepEqual(await readMeter(page, "Cloud units"), cloudUnits);
  assert.deepEqual(await readMeter(page, "Endpoint agents"), { Used: ABSENT, Included: "0" });
  const row = page.getByRole("region", { name: /^Tests/ }).locator("tbody tr > *");
  assert.deepEqual(await row.allInnerTexts(), ["new", "0", ABSENT, ABSENT, ABSENT, ABSENT, ABSENT]);
});

for (const [label, { expand, field }] of Object.entries(BREAKDOWNS)) {
  test(`the checkbox “${label}” adds its table with all of its rows`, async (t) => {
    const page = await visit(t);
    await check(page, label);
    const answer = page.waitForResponse("**/v7/usage*");
    await submit(page);

    assert.equal(new URL((await answer).url()).search, `?expand=${expand}`);
    const rows = (await api(`?expand=${expand}`)).usage[field];
    assert.notEqual(rows.length, 0);
    const tables = page.locator("#breakdowns").getByRole("table");
    assert.equal(await tables.count(), 2, "this one and the allocations");
    const count = `${rows.length.toLocaleString("en-GB")} rows`;
    const table = page.getByRole("region", { name: `${label} ${count}`, exact: true });
    assert.equal(await table.locator("tbody tr").count(), rows.length);
    const cells = (await table.locator("tbody tr:first-child > *").allInnerTexts()).sort();
    assert.deepEqual(cells, Object.values(rows[0]).map((value) => (typeof value === "number" ? shown(value) : value)).sort());
  });
}

test("a column's header sorts its rows, with what is absent last in either direction", async (t) => {
  const page = await visit(t);
  const { usage } = await api("?expand=test");
  const present = usage.tests.map((row) => row.cloudUnitsProjected).filter((value) => value !== undefined).sort((a, b) => a - b);
  const absent = Array(usage.tests.length - present.length).fill(ABSENT);
  assert.notEqual(absent.length, 0);

  const table = page.getByRole("region", { name: /^Tests/ });
  const header = table.getByRole("button", { name: "Projected" });
  const column = () => table.locator("tbody td:nth-child(3)").allInnerTexts();
  await header.click();
  assert.deepEqual(await column(), [...present.toReversed().map(shown), ...absent]);
  await header.click();
  assert.deepEqual(await column(), [...present.map(shown), ...absent]);
});

test("the raw JSON is the API's answer", async (t) => {
  const page = await newPage(t);
  const sent = apiRequests(page);
  await open(page);
  await page.getByText("Raw JSON", { exact: true }).click();
  const text = await page.getByRole("region", { name: "Raw JSON" }).innerText();
  assert.deepEqual(JSON.parse(text), await api(lastQuery(sent)));
});

test("what is typed and checked is what is sent, with Authorization only when there is a token", async (t) => {
  const page = await visit(t);
  const sent = apiRequests(page);
  await page.getByLabel("Account group ID").fill("2067");
  await check(page, "Tests", "Endpoint agents");
  await submit(page);
  await page.getByLabel("Token").fill(TOKEN);
  await submit(page);

  const url = new URL("/api/v7/usage?aid=2067&expand=test,endpoint-agent", server.url).href;
  const requests = await Promise.all(sent.map(async (request) => (
    { line: `${request.method()} ${request.url()}`, authorization: (await request.allHeaders()).authorization }
  )));
  assert.deepEqual(requests, [
    { line: `GET ${url}`, authorization: undefined },
    { line: `GET ${url}`, authorization: `Bearer ${TOKEN}` },
  ]);
});

for (const { aid, name, code, sentence, remedy } of ERRORS) {
  test(`the button ${aid} shows the ${name}, and what to do about it`, async (t) => {
    const page = await visit(t);
    await tryError(page, aid);
    assert.equal(await page.locator("#error").getByRole("heading", { level: 2 }).innerText(), `${name}\n${code}`);
    assert.match(await page.locator("#error-message").innerText(), sentence);
    assert.match(await page.locator("#error-remedy").innerText(), remedy);
    assert.match(await page.getByRole("status").textContent(), new RegExp(`^${name}: `));
    assert.equal(await page.getByRole("article").count(), 0, "no meters of the answer before");
  });
}

test("the faults that the server names are listed", async (t) => {
  const page = await visit(t);
  await tryError(page, "400");
  const { errors } = await api("?aid=400", 400);
  assert.notEqual(errors.length, 0);
  const faults = errors.map(({ code, field, message }) => `${message} ${field} ${code}`);
  assert.deepEqual(await page.locator("#error").getByRole("listitem").allInnerTexts(), faults);
});

test("a 429 counts down to the time of the next try", async (t) => {
  const page = await newPage(t);
  await page.clock.install();
  await open(page);
  const answer = page.waitForResponse("**/v7/usage*");
  await tryError(page, "429");

  const wait = Number((await answer).headers()["retry-after"]);
  const secondsLeft = async () => Number(/^in (\d+) seconds$/.exec(await page.locator("#retry-countdown").innerText())[1]);
  const retryAt = Date.parse(await page.locator("#retry-at").getAttribute("datetime"));
  const fromNow = (retryAt - (await page.evaluate(() => Date.now()))) / 1000;
  assert.ok(fromNow > wait - 10 && fromNow <= wait, `${fromNow} s`);
  const first = await secondsLeft();
  assert.ok(first > wait - 10 && first <= wait, `${first} s`);
  await page.clock.fastForward(30_000);
  const second = await secondsLeft();
  assert.ok(second > wait - 40 && second <= wait - 30, `${second} s`);
  await page.clock.fastForward(30_000);
  assert.equal(await page.locator("#retry-countdown").innerText(), "now");
});

test("“Back to the sample” leaves an error for what the page opened with", async (t) => {
  const page = await visit(t);
  const usage = await page.locator("#meters").innerText();
  await tryError(page, "403");
  await button(page, "Back to the sample").click();
  await state(page, "result");
  assert.equal(await page.locator("#meters").innerText(), usage);
  assert.equal(await page.getByLabel("Account group ID").inputValue(), "");
});

test("loading is announced, and Cancel aborts the request", async (t) => {
  const page = await visit(t);
  const failed = page.waitForEvent("requestfailed");
  await button(page, "Slow answer").click();
  await state(page, "loading");
  assert.equal(await page.getByRole("status").innerText(), "Loading from /api …");
  assert.equal(await page.getByRole("main").getAttribute("aria-busy"), "true");

  await button(page, "Cancel").click();
  await state(page, "error");
  assert.equal(await page.locator("#error-code").innerText(), "aborted");
  assert.equal(await page.getByRole("main").getAttribute("aria-busy"), "false");
  assert.ok(!(await button(page, "Cancel").isVisible()));
  assert.match((await failed).url(), /\/api\/v7\/usage\?aid=slow&/);
});

test("a base URL that is not https is an ArgumentError, and nothing is sent", async (t) => {
  const page = await visit(t);
  const sent = [];
  page.on("request", (request) => sent.push(request.url()));
  await page.getByLabel("Base URL").fill("http://api.example.com");
  await page.getByLabel("Token").fill(TOKEN);
  await submit(page);
  assert.equal(await page.locator("#error-name").innerText(), "ArgumentError");
  assert.match(await page.locator("#error-message").innerText(), /baseUrl.* https/);
  assert.deepEqual(sent, []);
});

for (const [outcome, aid] of [["successful", "2067"], ["failed", "401"]]) {
  test(`the token is nowhere after a ${outcome} call`, async (t) => {
    const page = await visit(t);
    const printed = [];
    page.on("console", (message) => printed.push(message.text()));
    await page.getByLabel("Token").fill(TOKEN);
    await page.getByLabel("Account group ID").fill(aid);
    const request = page.waitForRequest("**/v7/usage*");
    await submit(page);
    assert.equal((await (await request).allHeaders()).authorization, `Bearer ${TOKEN}`);
    await state(page, outcome === "successful" ? "result" : "error");

    const places = {
      ...(await page.context().storageState({ indexedDB: true })),
      printed,
      ...(await page.evaluate(() => ({
        sessionStorage: { ...sessionStorage },
        history: history.state,
        url: location.href,
        dom: document.documentElement.outerHTML,
      }))),
    };
    for (const [place, content] of Object.entries(places)) {
      assert.ok(!JSON.stringify(content).includes(TOKEN), place);
    }
    await page.reload();
    assert.equal(await page.getByLabel("Token").inputValue(), "");
  });
}

test("the keyboard alone is enough", async (t) => {
  const page = await visit(t);
  const sent = apiRequests(page);
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.value);
  const tabTo = async (wanted) => {
    for (let presses = 0; presses < 40; presses++) {
      await page.keyboard.press("Tab");
      if ((await focused()) === wanted) return;
    }
    assert.fail(`Tab never reaches ${wanted}`);
  };

  await tabTo("aid");
  await page.keyboard.type("2067");
  await tabTo("enterprise-agent-unit");
  await page.keyboard.press("Space");
  await tabTo("submit");
  await page.keyboard.press("Enter");
  await settled(page);
  assert.deepEqual(sent.map((request) => new URL(request.url()).search), ["?aid=2067&expand=test,endpoint-agent"]);
  await state(page, "result");
});

test("the page breaks no policy, prints no error and asks nobody but its own origin", async (t) => {
  const page = await newPage(t);
  const errors = [];
  const origins = new Set();
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("request", (request) => origins.add(new URL(request.url()).origin));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`CSP: ${event.violatedDirective}`));
  });

  await open(page);
  const policy = (await page.request.get(server.url)).headers()["content-security-policy"];
  assert.match(policy, /default-src 'self'/);
  await page.getByText("Raw JSON", { exact: true }).click();
  for (const { aid } of ERRORS) await tryError(page, aid);
  await button(page, "Slow answer").click();
  await button(page, "Cancel").click();
  await state(page, "error");

  // The browser's own line for each answer of 400 and above.
  assert.deepEqual(errors.filter((text) => !text.startsWith("Failed to load resource")), []);
  assert.deepEqual([...origins], [new URL(server.url).origin]);
});

for (const width of [360, 400, 1000, 1400]) {
  test(`at ${width} px nothing overflows, and no number is broken over two lines`, async (t) => {
    const page = await visit(t, { viewport: { width, height: 900 } });
    const request = page.getByText("Request", { exact: true });
    if (await request.isVisible()) await request.click();

    const fits = async (what) => {
      const [needed, given] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(needed <= given, `${what} is ${needed} px wide`);
      const broken = await page.locator("#meters dd span").evaluateAll((spans) => (
        spans.filter((span) => span.getClientRects().length > 1 || span.scrollWidth > span.closest("article").clientWidth).map((span) => span.textContent)
      ));
      assert.deepEqual(broken, [], what);
    };
    await check(page, ...Object.keys(BREAKDOWNS));
    await submit(page);
    await page.getByText("Raw JSON", { exact: true }).click();
    await fits("the result");
    await button(page, "Slow answer").click();
    await state(page, "loading");
    await fits("the loading state");
    await tryError(page, "400");
    await fits("the error");
  });
}
