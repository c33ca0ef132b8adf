// The posts of the alerts, with a webhook on a real socket of this machine. Which alerts there are is in node.alerts.test.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  assertNoSecret, assertResponse, createFolder, HOUR, MINUTE, parseLog, start, startGateway, startServer, TOKEN, USAGE,
} from "./gateway.mjs";

const DAY = 24 * HOUR;
// The path and the query of a webhook's URL are its secret.
const SECRET = "/services/T000/B000/hunter2?sig=hunter2";
const WITHIN = { used: 1_000, projected: 9_000 };
const PROJECTED = { used: 1_000, projected: 11_000 };
const DANGER = "Cloud units: projected to go over the quota";
const DANGER_ENDED = "Cloud units: no longer in danger";

/** A period of 30 days. The clock of the gateway is set to its eleventh day. */
const START = Date.UTC(2030, 5, 1);
const PERIOD = { monthStart: new Date(START).toISOString(), monthEnd: new Date(START + 30 * DAY - 1000).toISOString() };

/** Starts a webhook. `requests` are its posts, in order. */
async function startWebhook(t) {
  const server = await startServer(t, (_, response) => response.end("ok"));
  return { ...server, url: server.url + SECRET };
}

/** Starts the gateway with a webhook, on the eleventh day of the period. */
async function startAlerts(t, { bindings } = {}) {
  const webhook = await startWebhook(t);
  const { upstream, gateway } = await start(t, { bindings: { ALERT_WEBHOOK_URL: webhook.url, ...bindings } });
  await gateway.advance(START + 10 * DAY - Date.now());
  return { webhook, upstream, gateway, setUsage: (numbers) => upstream.respond(200, usageOf(numbers)) };
}

function usageOf({ used, projected }) {
  const quota = { ...PERIOD, cloudUnitsIncluded: 10_000 };
  return JSON.stringify({ usage: { quota, cloudUnitsUsed: used, cloudUnitsProjected: projected } });
}

/** The lines of the log about alerts, without what all of them have. */
const alertLines = (log) => parseLog(log).filter(({ event }) => event === "alerts").map(({ event, ...fields }) => fields);

const textsOf = ({ requests }) => requests.map(({ body }) => JSON.parse(body).text);
const headlinesOf = (webhook) => textsOf(webhook).map((text) => /\*(.+)\.\*/.exec(text)[1]);

function assertNoUrl(text, { url }) {
  assertNoSecret(text);
  assert.ok(!text.includes(new URL(url).host) && !text.includes("/services/"), text);
}

test("an alert is one post in the form of Slack's webhooks, about the time of the response", async (t) => {
  const { webhook, gateway, setUsage } = await startAlerts(t);
  // After ten days, the rest of the units lasts for 27 hours.
  setUsage({ used: 9_000, projected: 12_000 });
  await gateway.runSchedule();
  const [{ method, url, headers, body }] = webhook.requests;
  assert.deepEqual([webhook.requests.length, method, url, headers["content-type"]], [1, "POST", SECRET, "application/json"]);
  assert.deepEqual(Object.keys(JSON.parse(body)), ["text"]);
  assert.deepEqual(headlinesOf(webhook), ["Cloud units: will be used up within three days"]);
  assert.ok(!JSON.stringify(headers).includes(TOKEN));
});

test("two runs at once post once", async (t) => {
  const { webhook, gateway, setUsage } = await startAlerts(t);
  setUsage(PROJECTED);
  const release = webhook.hold();
  const first = gateway.runSchedule();
  await webhook.received(1);
  const second = gateway.runSchedule();
  await gateway.counted("alertRuns", 2);
  release();
  await Promise.all([first, second]);
  await gateway.runSchedule();
  assert.equal(webhook.requests.length, 1);
});

test("an alert that was posted is not posted again after a restart", async (t) => {
  const [webhook, upstream] = await Promise.all([startWebhook(t), startServer(t)]);
  upstream.respond(200, usageOf(PROJECTED));
  const runtime = { durableObjectsPersist: await createFolder(t) };
  for (const days of [10, 11]) {
    const gateway = await startGateway(t, { upstream, bindings: { ALERT_WEBHOOK_URL: webhook.url }, runtime });
    await gateway.advance(START + days * DAY - Date.now());
    await gateway.runSchedule();
    await gateway.stop();
  }
  assert.deepEqual([webhook.requests.length, upstream.requests.length], [1, 2]);
});

test("a post that failed is tried again by each run until it is accepted; the log says why, without the URL", async (t) => {
  const { webhook, gateway, setUsage } = await startAlerts(t);
  setUsage(PROJECTED);
  const respond = (status, headers) => () => webhook.respond(status, `for ${SECRET}`, headers);
  const failures = [
    [respond(500), "The webhook's response has the status 500."],
    [respond(429, { "retry-after": "1" }), "The webhook's response has the status 429."],
    [respond(403), "The webhook's response has the status 403."],
    // A redirect that is followed would be a second request.
    [respond(307, { location: webhook.url }), "The webhook's response has the status 307."],
    [() => webhook.play((_, response) => response.destroy()), "The webhook could not be reached."],
    [() => webhook.hold(), "The webhook did not respond in time."],
  ];
  for (const [i, [play, message]] of failures.entries()) {
    if (/in time/.test(message)) await gateway.setLimits({ postMs: 1000 });
    play();
    await gateway.runSchedule();
    await gateway.advance(HOUR);
    assert.equal(webhook.requests.length, i + 1, message);
  }
  await gateway.setLimits({});
  respond(204)();
  await gateway.runSchedule();
  await gateway.advance(HOUR);
  await gateway.runSchedule();
  assert.equal(new Set(textsOf(webhook)).size, 1);
  assert.equal(webhook.requests.length, failures.length + 1);
  const log = await gateway.stop();
  const messages = failures.map(([, message]) => ({ message }));
  assert.deepEqual(alertLines(log), [...messages, { posted: true }, { posted: false }]);
  assertNoUrl(log, webhook);
});

test("the end of a danger that could not be posted is tried again too", async (t) => {
  const { webhook, gateway, setUsage } = await startAlerts(t);
  setUsage(PROJECTED);
  await gateway.runSchedule();
  setUsage(WITHIN);
  for (const status of [500, 200, 200]) {
    webhook.respond(status);
    await gateway.advance(HOUR);
    await gateway.runSchedule();
  }
  assert.deepEqual(headlinesOf(webhook), [DANGER, DANGER_ENDED, DANGER_ENDED]);
});

test("if the API fails, nothing is posted, even if there is older data; the next run tries again", async (t) => {
  const { webhook, upstream, gateway, setUsage } = await startAlerts(t);
  upstream.respond(500, "{}");
  await gateway.runSchedule();
  await gateway.advance(MINUTE);
  setUsage(PROJECTED);
  assertResponse(await gateway.get(USAGE), 200);
  await gateway.advance(6 * MINUTE);
  upstream.respond(429, "{}");
  await gateway.runSchedule();
  assert.deepEqual(webhook.requests, []);

  await gateway.advance(HOUR);
  setUsage(PROJECTED);
  await gateway.runSchedule();
  assert.equal(webhook.requests.length, 1);
  const message = "The API has sent no current usage. The next run tries again.";
  assert.deepEqual(alertLines(await gateway.stop()), [
    { code: "server", message }, { code: "rate-limit", message }, { posted: true },
  ]);
});

test("a run shares the response, and the rate limit, of the viewers", async (t) => {
  const { webhook, upstream, gateway, setUsage } = await startAlerts(t);
  setUsage(PROJECTED);
  assertResponse(await gateway.get(USAGE), 200);
  await gateway.runSchedule();
  assert.deepEqual([webhook.requests.length, upstream.requests.length], [1, 1]);
});

test("no response has the URL, in the usage or in the metrics", async (t) => {
  const { webhook, gateway, setUsage } = await startAlerts(t);
  setUsage(PROJECTED);
  await gateway.runSchedule();
  for (const path of [USAGE, "/metrics", "/"]) {
    const response = await gateway.get(path);
    assertResponse(response, 200);
    assertNoUrl(JSON.stringify([...response.headers]) + (await response.text()), webhook);
  }
});

test("with ALLOWED_AIDS, the alerts are about the first of them", async (t) => {
  const { webhook, upstream, gateway, setUsage } = await startAlerts(t, { bindings: { ALLOWED_AIDS: "2283,2067" } });
  setUsage(PROJECTED);
  await gateway.runSchedule();
  assert.deepEqual([webhook.requests.length, ...upstream.requests.map(({ url }) => url)], [1, "/v7/usage?aid=2283"]);
});

test("a run waits longer for the API than a viewer does", async (t) => {
  const { webhook, upstream, gateway, setUsage } = await startAlerts(t);
  setUsage(WITHIN);
  assertResponse(await gateway.get(USAGE), 200);
  await gateway.advance(6 * MINUTE);
  await gateway.setLimits({ readMs: 50 });
  let response;
  upstream.play((_, pending) => (response = pending));
  const run = gateway.runSchedule();
  await upstream.received(2);
  assert.equal((await gateway.get(USAGE)).headers.get("age"), "360", "what a viewer gets");
  response.writeHead(200, { "content-type": "application/json" }).end(usageOf(PROJECTED));
  await run;
  assert.deepEqual(headlinesOf(webhook), [DANGER]);
});

const INVALID = ["setting ALERT_WEBHOOK_URL"];
for (const [what, bindings, status, lines] of [
  ["without a webhook", { ALERT_WEBHOOK_URL: undefined }, 200, []],
  ["with a webhook but no token", { THOUSANDEYES_TOKEN: undefined }, 200, INVALID],
  ["with an error in the settings", { ALERT_WEBHOOK_URL: `http://hooks.example.com${SECRET}` }, 500, INVALID],
]) {
  test(`${what}, a run does nothing, and the log says why without the URL`, async (t) => {
    const { webhook, gateway, upstream } = await startAlerts(t, { bindings });
    for (let run = 0; run < 2; run++) await gateway.runSchedule();
    assert.deepEqual([...webhook.requests, ...upstream.requests], []);
    const response = await gateway.get(USAGE);
    assertResponse(response, status);
    const body = await response.text();
    const log = await gateway.stop();
    const settings = parseLog(log).filter(({ event }) => event !== "upstream");
    assert.deepEqual(settings.map(({ event, field }) => `${event} ${field}`), lines);
    assertNoUrl(log + body, webhook);
  });
}

test("if the store fails, the log has the error, without the URL", async (t) => {
  const { webhook, gateway } = await startAlerts(t);
  await gateway.fail("store fails");
  await gateway.runSchedule();
  assert.deepEqual(webhook.requests, []);
  const log = await gateway.stop();
  assert.match(alertLines(log)[0].stack, /The store is broken\./);
  assertNoUrl(log, webhook);
});
