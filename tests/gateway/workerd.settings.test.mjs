// What the gateway does with its settings: nothing, before they are right; and that it keeps its secrets.
import assert from "node:assert/strict";
import { test } from "node:test";

import { assertProblem, KEY, KEYS, OTHER_KEY, start, startGateway, startUpstream, TOKEN, USAGE } from "./gateway.mjs";

const ACCESS = { ACCESS_TEAM_DOMAIN: "example-team.cloudflareaccess.com", ACCESS_AUD: "4714c1358e65fe4b" };

/** Bindings, beside a token and viewer keys, and the settings that are at fault. */
const FAULTS = {
  "a token and no viewers": [{ VIEWER_KEYS: undefined }, ["VIEWER_KEYS"], /ACCESS_TEAM_DOMAIN and ACCESS_AUD, or VIEWER_KEYS/],
  "an empty list of keys": [{ VIEWER_KEYS: "" }, ["VIEWER_KEYS"]],
  "a list of keys with nothing in it": [{ VIEWER_KEYS: " ,\n" }, ["VIEWER_KEYS"]],
  "a key without a name": [{ VIEWER_KEYS: KEY }, ["VIEWER_KEYS"]],
  "a short key": [{ VIEWER_KEYS: `${KEYS},bob:0123456789abcdef` }, ["VIEWER_KEYS"], /^Entry 3 .*32/],
  "a key before its name": [{ VIEWER_KEYS: `${KEY}:alice` }, ["VIEWER_KEYS"], /^Entry 1 /],
  "a key with a comma": [{ VIEWER_KEYS: `${KEYS},bob:hunter2,${OTHER_KEY}:hunter2` }, ["VIEWER_KEYS", "VIEWER_KEYS"], /^Entry 3 /],
  "a key that no header can hold": [{ VIEWER_KEYS: `bob:${"é".repeat(32)}` }, ["VIEWER_KEYS"]],
  "two keys of one name": [{ VIEWER_KEYS: `${KEYS}\nalice:${OTHER_KEY}` }, ["VIEWER_KEYS"], /^Entry 3 /],
  "keys that are no text": [{ VIEWER_KEYS: [KEYS] }, ["VIEWER_KEYS"]],
  "a team without an application": [{ ACCESS_TEAM_DOMAIN: ACCESS.ACCESS_TEAM_DOMAIN }, ["ACCESS_AUD"]],
  "an application without a team": [{ ACCESS_AUD: ACCESS.ACCESS_AUD }, ["ACCESS_TEAM_DOMAIN"]],
  "a team that is none of Access's": [{ ...ACCESS, ACCESS_TEAM_DOMAIN: "cloudflareaccess.com.evil.example" }, ["ACCESS_TEAM_DOMAIN"]],
  "a team with a path": [{ ...ACCESS, ACCESS_TEAM_DOMAIN: "https://example-team.cloudflareaccess.com/x" }, ["ACCESS_TEAM_DOMAIN"]],
  "a team in clear": [{ ...ACCESS, ACCESS_TEAM_DOMAIN: "http://example-team.cloudflareaccess.com" }, ["ACCESS_TEAM_DOMAIN"]],
  "a team's name alone": [{ ...ACCESS, ACCESS_TEAM_DOMAIN: "example-team" }, ["ACCESS_TEAM_DOMAIN"]],
  "two applications": [{ ...ACCESS, ACCESS_AUD: "4714c1358e65fe4b 5714c1358e65fe4b" }, ["ACCESS_AUD"]],
  "an empty token": [{ THOUSANDEYES_TOKEN: "" }, ["THOUSANDEYES_TOKEN"]],
  "a token that no header can hold": [{ THOUSANDEYES_TOKEN: "a\nb" }, ["THOUSANDEYES_TOKEN"]],
  "an API at no URL": [{ THOUSANDEYES_BASE_URL: "api.example.com" }, ["THOUSANDEYES_BASE_URL"]],
  "an API in clear": [{ THOUSANDEYES_BASE_URL: "http://api.example.com" }, ["THOUSANDEYES_BASE_URL"]],
  "an API with a password": [{ THOUSANDEYES_BASE_URL: "https://user:hunter2@api.example.com" }, ["THOUSANDEYES_BASE_URL"]],
  "a list of account groups with nothing in it": [{ ALLOWED_AIDS: "," }, ["ALLOWED_AIDS"]],
  "account groups as a number": [{ ALLOWED_AIDS: 2067 }, ["ALLOWED_AIDS"]],
  "any origin": [{ ALLOWED_ORIGINS: "*" }, ["ALLOWED_ORIGINS"]],
  "no origin": [{ ALLOWED_ORIGINS: "null" }, ["ALLOWED_ORIGINS"]],
  "an origin with a path": [{ ALLOWED_ORIGINS: "https://example.com/" }, ["ALLOWED_ORIGINS"]],
  "an origin in clear": [{ ALLOWED_ORIGINS: "http://example.com" }, ["ALLOWED_ORIGINS"]],
  "more than one fault": [{ ACCESS_AUD: ACCESS.ACCESS_AUD, ALLOWED_ORIGINS: "*" }, ["ACCESS_TEAM_DOMAIN", "ALLOWED_ORIGINS"]],
};

for (const [what, [bindings, fields, message = /./]] of Object.entries(FAULTS)) {
  test(`with ${what} nothing is served, and what to put right is said, here and once in the log`, async (t) => {
    const { gateway, upstream } = await start(t, { bindings });
    for (const path of [USAGE, "/metrics", USAGE]) {
      const body = await assertProblem(await gateway.get(path), 500);
      assert.deepEqual(body.errors.map(({ field }) => field), fields);
      assert.match(body.errors[0].message, message);
      assertNoSecret(JSON.stringify(body));
    }
    assert.deepEqual(upstream.requests, []);
    assert.equal((await gateway.get("/")).status, 200, "the page is there, to say so");
    await gateway.close();
    const logged = gateway.printed().trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(logged.map(({ event, field }) => [event, field]), fields.map((field) => ["setting", field]));
    assertNoSecret(gateway.printed());
  });
}

function assertNoSecret(text) {
  for (const secret of [TOKEN, KEY, OTHER_KEY, "0123456789abcdef", "hunter2", "alice", "bob"]) assert.ok(!text.includes(secret), secret);
}

test("spaces around a setting, as of a pasted line, do not matter", async (t) => {
  const upstream = await startUpstream(t);
  const bindings = {
    THOUSANDEYES_TOKEN: `${TOKEN}\n`,
    VIEWER_KEYS: `\n alice:${KEY} ,\r\n grafana:${OTHER_KEY}\n`,
    ALLOWED_AIDS: "",
    ALLOWED_ORIGINS: "",
  };
  const gateway = await startGateway(t, { upstream, bindings });
  assert.equal((await gateway.get(USAGE)).status, 200);
  assert.equal((await gateway.get(USAGE, { headers: { authorization: `Bearer ${OTHER_KEY}` } })).status, 200);
  assert.equal(upstream.requests[0].headers.authorization, `Bearer ${TOKEN}`);
});

test("without a token the sample API answers as ever, but marked, and whoever asks", async (t) => {
  const gateway = await startGateway(t);
  const answers = { "": 200, "?aid=2067&expand=test": 200, "?aid=400": 400, "?aid=401": 401, "?aid=429": 429, "?aid=500": 500 };
  for (const [query, status] of Object.entries(answers)) {
    const response = await gateway.getBare(USAGE + query);
    assert.equal(response.status, status);
    assert.equal(response.headers.get("x-usage-source"), "sample");
    assert.ok(response.headers.get("x-request-id"));
  }
  const other = await gateway.getBare("/api/v7/tests");
  assert.deepEqual([other.status, other.headers.get("x-usage-source")], [404, "sample"]);
  const post = await gateway.getBare(USAGE, { method: "POST" });
  assert.deepEqual([post.status, post.headers.get("allow")], [405, "GET"]);
});

test("real data is never marked as the sample, nor the sample ever served with a token", async (t) => {
  const { gateway, upstream } = await start(t);
  upstream.respond(200, '{"usage":{"cloudUnitsUsed":7}}');
  const response = await gateway.get(`${USAGE}?aid=429`);
  assert.equal(response.headers.get("x-usage-source"), null);
  assert.deepEqual(await response.json(), { usage: { cloudUnitsUsed: 7 } });
});

test("no secret is in any answer or line of the log, even where the API echoes it", async (t) => {
  const { gateway, upstream } = await start(t);
  const echo = `Invalid token Bearer ${TOKEN}`;
  const answers = [
    [400, JSON.stringify({ detail: echo, errors: [{ code: TOKEN, field: "authorization", message: echo }] })],
    [401, JSON.stringify({ error: "invalid_token", error_description: echo })],
    [403, JSON.stringify({ title: TOKEN, instance: `/${TOKEN}` })],
    [404, echo],
    [500, JSON.stringify({ errorMessage: echo })],
    [302, ""],
    [200, `{"usage":"${TOKEN}"}`],
    [200, TOKEN],
    [429, JSON.stringify({ detail: echo })],
  ];
  const seen = [];
  let aid = 0;
  for (const [status, body] of answers) {
    // A refused token stands for a while.
    await gateway.advance(11_000);
    const location = `https://evil.example/?${TOKEN}`;
    upstream.respond(status, body, { location, "x-request-id": TOKEN, "set-cookie": `t=${TOKEN}`, "x-debug": TOKEN });
    for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: `Bearer ${KEY}x` }]) {
      const response = await gateway.get(`${USAGE}?aid=${++aid}`, { headers, redirect: "manual" });
      seen.push(JSON.stringify([...response.headers]), await response.text());
    }
  }
  await gateway.close();
  assertNoSecret([...seen, gateway.printed()].join("\n"));
  assert.equal(seen.length, answers.length * 6);
});
