// The posts of the alerts, with a webhook on a real socket of this machine. Which alerts there are is in node.alerts.test.mjs.
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json } from "node:stream/consumers";
import { test } from "node:test";

import { listen } from "../package/api.mjs";
import {
  assertNoSecret, assertProblem, assertResponse, MINUTE, parseLog, start, startGateway, startUpstream, TOKEN, USAGE,
} from "./gateway.mjs";

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
// The path and the query of a webhook's URL are its secret.
const SECRET = "/services/T000/B000/hunter2?sig=hunter2";
const WITHIN = { used: 1_000, projected: 9_000 };
const PROJECTED = { used: 1_000, projected: 11_000 };

/** A period of 30 days. The clock of the gateway is set to its eleventh day. */
const START = Date.UTC(2030, 5, 1);
const dates = (start) => ({ monthStart: new Date(start).toISOString(), monthEnd: new Date(start + 30 * DAY - 1000).toISOString() });

/** Starts a webhook. `posts` are those that it received, in order. */
async function startWebhook(t) {
  const posts = [];
  const arrivals = new EventEmitter();
  let respond = (response) => response.end("ok");
  const server = await listen(async (request, response) => {
    const { method, url, headers } = request;
    posts.push({ method, url, headers, body: await json(request) });
    arrivals.emit("post");
    respond(response);
  });
  t.after(() => server.close());
  return {
    url: server.url + SECRET,
    posts,
    play: (next) => void (respond = next),
    respond: (status, headers = {}) => void (respond = (response) => response.writeHead(status, headers).end(`for ${SECRET}`)),
    /** Delays each response until the returned function is called. */
    hold() {
      let release;
      const released = new Promise((resolve) => (release = resolve));
      respond = (response) => released.then(() => response.end("ok"));
      return release;
    },
    /** Resolves after this many posts. */
    async received(count) {
      while (posts.length < count) await once(arrivals, "post");
    },
  };
}

/** Starts the gateway with a webhook, on the eleventh day of the period. */
async function startAlerts(t, { bindings, ...options } = {}) {
  const webhook = await startWebhook(t);
  const { upstream, gateway } = await start(t, { bindings: { ALERT_WEBHOOK_URL: webhook.url, ...bindings }, ...options });
  await gateway.advance(START + 10 * DAY - Date.now());
  return { webhook, upstream, gateway, setUsage: (numbers) => setUsage(upstream, numbers) };
}

function setUsage(upstream, { used, projected, included = 10_000, start = START }) {
  const quota = { ...dates(start), cloudUnitsIncluded: included };
  upstream.respond(200, JSON.stringify({ usage: { quota, cloudUnitsUsed: used, cloudUnitsProjected: projected } }));
}

/** The lines of the log about alerts, without what all of them have. */
const alertLines = (log) => parseLog(log).filter(({ event }) => event === "alerts").map(({ event, ...fields }) => fields);

const headline = ({ body }) => /\*(.+)\.\*/.exec(body.text)[1];

test("an alert is one post in the form of Slack's webhooks", async (t) => {
  const { webhook, gateway, setUsage } = await startAlerts(t);
  setUsage(PROJECTED);
  await gateway.runSchedule();
  const [{ method, url, headers, body }] = webhook.posts;
  assert.deepEqual([webhook.posts.length, method, url, headers["content-type"]], [1, "POST", SECRET, "application/json"]);
  // The runtimes write a range of dates with different spaces.
  assert.deepEqual({ ...body, text: body.text.replace(/\u2009/g, "") }, {
    text: "ThousandEyes usage, 1–30 June 2030\n" +
      "• *Cloud units: projected to go over the quota.* 1,000 of 10,000 units used. On course for 11,000, 10% over.",
  });
  assert.ok(!JSON.stringify(headers).includes(TOKEN));
});

test("as the days pass, each kind of a meter is posted once, then the end of the danger; the next period starts anew", async (t) => {
  const { webhook, gateway, setUsage } = await startAlerts(t);
  for (const [days, numbers, expected] of [
    [0, WITHIN, []],
    [1, PROJECTED, ["Cloud units: projected to go over the quota"]],
    [1, PROJECTED, []],
    // After 20 days, the units last for five more. After 22 days, they last for two and a half.
    [8, { used: 8_000, projected: 12_000 }, []],
    [2, { used: 9_000, projected: 12_000 }, ["Cloud units: will be used up within three days"]],
    [1, { used: 9_100, projected: 12_000 }, []],
    [3, { used: 10_100, projected: 12_000 }, ["Cloud units: over the quota"]],
    [1, { used: 10_200, projected: 12_000 }, []],
    [1, { used: 10_300, projected: 12_000, included: 20_000 }, ["Cloud units: no longer in danger"]],
    [1, { used: 10_300, projected: 12_000, included: 20_000 }, []],
    [5, { ...PROJECTED, start: START + 30 * DAY }, ["Cloud units: projected to go over the quota"]],
  ]) {
    await gateway.advance(days * DAY);
    setUsage(numbers);
    const before = webhook.posts.length;
    await gateway.runSchedule();
    assert.deepEqual(webhook.posts.slice(before).map(headline), expected, JSON.stringify(numbers));
  }
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
  assert.equal(webhook.posts.length, 1);
});

test("an alert that was posted is not posted again after a restart", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "alerts-"));
  t.after(() => rm(folder, { recursive: true }));
  const [webhook, upstream] = await Promise.all([startWebhook(t), startUpstream(t)]);
  setUsage(upstream, PROJECTED);
  const options = { upstream, bindings: { ALERT_WEBHOOK_URL: webhook.url }, runtime: { durableObjectsPersist: folder } };
  for (const days of [10, 11]) {
    const gateway = await startGateway(t, options);
    await gateway.advance(START + days * DAY - Date.now());
    await gateway.runSchedule();
    await gateway.stop();
  }
  assert.deepEqual([webhook.posts.length, upstream.requests.length], [1, 2]);
});

test("a post that failed is tried again by each run until the webhook accepts it; the log says why, without the URL", async (t) => {
  const { webhook, gateway, setUsage } = await startAlerts(t);
  setUsage(PROJECTED);
  const failures = [
    [() => webhook.respond(500), "The webhook's response has the status 500."],
    [() => webhook.respond(429, { "retry-after": "1" }), "The webhook's response has the status 429."],
    [() => webhook.respond(403), "The webhook's response has the status 403."],
    // A redirect that is followed would be a second request.
    [() => webhook.respond(307, { location: webhook.url }), "The webhook's response has the status 307."],
    [() => webhook.play((response) => response.destroy()), "The webhook could not be reached."],
    [() => webhook.hold(), "The webhook did not respond in time."],
  ];
  for (const [i, [play, message]] of failures.entries()) {
    if (/in time/.test(message)) await gateway.setLimits({ postMs: 1000 });
    play();
    await gateway.runSchedule();
    await gateway.advance(HOUR);
    assert.equal(webhook.posts.length, i + 1, message);
  }
  await gateway.setLimits({});
  webhook.respond(204);
  await gateway.runSchedule();
  await gateway.advance(HOUR);
  await gateway.runSchedule();
  assert.equal(new Set(webhook.posts.map(({ body }) => body.text)).size, 1);
  assert.equal(webhook.posts.length, failures.length + 1);
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
  webhook.respond(500);
  for (const status of [500, 200, 200]) {
    webhook.respond(status);
    await gateway.advance(HOUR);
    await gateway.runSchedule();
  }
  const over = "Cloud units: no longer in danger";
  assert.deepEqual(webhook.posts.map(headline), ["Cloud units: projected to go over the quota", over, over]);
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
  assert.deepEqual(webhook.posts, []);

  await gateway.advance(HOUR);
  setUsage(PROJECTED);
  await gateway.runSchedule();
  assert.equal(webhook.posts.length, 1);
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
  assert.deepEqual([webhook.posts.length, upstream.requests.length], [1, 1]);
});

test("with ALLOWED_AIDS, the alerts are about the first of them", async (t) => {
  const { webhook, upstream, gateway, setUsage } = await startAlerts(t, { bindings: { ALLOWED_AIDS: "2283,2067" } });
  setUsage(PROJECTED);
  await gateway.runSchedule();
  assert.deepEqual([webhook.posts.length, ...upstream.requests.map(({ url }) => url)], [1, "/v7/usage?aid=2283"]);
});

test("without a webhook, a run does nothing", async (t) => {
  const { gateway, upstream } = await start(t);
  await gateway.runSchedule();
  assert.deepEqual(upstream.requests, []);
  assert.equal(await gateway.stop(), "");
});

test("with a webhook but no token, a run does nothing, and the log says why", async (t) => {
  const webhook = await startWebhook(t);
  const gateway = await startGateway(t, { bindings: { ALERT_WEBHOOK_URL: webhook.url } });
  await gateway.runSchedule();
  assertResponse(await gateway.getWithoutKey(USAGE), 200, { "x-usage-source": "sample" });
  assert.deepEqual(webhook.posts, []);
  const log = await gateway.stop();
  assert.deepEqual(parseLog(log), [{
    event: "setting", field: "ALERT_WEBHOOK_URL", message: "It requires THOUSANDEYES_TOKEN: the sample has no alerts.",
  }]);
});

test("with an error in the settings, a run does nothing, and the log says why without the URL", async (t) => {
  const { gateway, upstream } = await start(t, { bindings: { ALERT_WEBHOOK_URL: `http://hooks.example.com${SECRET}` } });
  await gateway.runSchedule();
  await gateway.runSchedule();
  const { errors } = await assertProblem(await gateway.get(USAGE), 500);
  assert.deepEqual(errors.map(({ field }) => field), ["ALERT_WEBHOOK_URL"]);
  assert.deepEqual(upstream.requests, []);
  const log = await gateway.stop();
  assert.deepEqual(parseLog(log).map(({ event, field }) => `${event} ${field}`), ["setting ALERT_WEBHOOK_URL"]);
  assertNoSecret(JSON.stringify(errors) + log);
});

test("if the store fails, the log has the error, without the URL", async (t) => {
  const { webhook, gateway } = await startAlerts(t);
  await gateway.fail("store fails");
  await gateway.runSchedule();
  assert.deepEqual(webhook.posts, []);
  const log = await gateway.stop();
  assert.match(alertLines(log)[0].stack, /The store is broken\./);
  assertNoUrl(log, webhook);
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

function assertNoUrl(text, { url }) {
  assertNoSecret(text);
  assert.ok(!text.includes(new URL(url).host) && !text.includes("/services/"), text);
}
