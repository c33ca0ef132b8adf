// What the gateway does with its settings, and that it does not reveal its secrets. node.config.test.mjs has each error.
import assert from "node:assert/strict";
import { test } from "node:test";

import {
  assertNoSecret, assertProblem, assertResponse, KEY, KEYS, parseLog, start, startGateway, TOKEN, USAGE,
} from "./gateway.mjs";

test("with an error in the settings, only the page is served; the response and the log name the setting", async (t) => {
  const bindings = { VIEWER_KEYS: `${KEYS},bob:0123456789abcdef`, ALLOWED_ORIGINS: "*" };
  const { gateway, upstream } = await start(t, { bindings });
  for (const path of [USAGE, "/metrics", USAGE]) {
    const { errors } = await assertProblem(await gateway.get(path), 500);
    assert.deepEqual(errors.map(({ code, field }) => `${code} ${field}`), ["SETTING VIEWER_KEYS", "SETTING ALLOWED_ORIGINS"]);
    assert.match(errors[0].message, /^Entry 3 /);
  }
  assert.deepEqual(upstream.requests, []);
  assertResponse(await gateway.get("/"), 200);
  const log = await gateway.stop();
  const lines = parseLog(log).map(({ event, field }) => `${event} ${field}`);
  assert.deepEqual(lines, ["setting VIEWER_KEYS", "setting ALLOWED_ORIGINS"]);
  assertNoSecret(log);
});

test("without a token, the sample API responds to everyone, and is marked", async (t) => {
  const gateway = await startGateway(t);
  for (const [path, status, init] of [
    [USAGE, 200],
    [`${USAGE}?aid=401`, 401],
    ["/api/v7/tests", 404],
    [USAGE, 405, { method: "POST" }],
  ]) {
    const response = await gateway.getWithoutKey(path, init);
    assertResponse(response, status, { "x-usage-source": "sample", "allow": status === 405 ? "GET" : null });
    assert.ok(response.headers.get("x-request-id"));
  }
});

test("no response and no line of the log has a secret, even if the API echoes it", async (t) => {
  const { gateway, upstream } = await start(t);
  const echo = `Invalid token Bearer ${TOKEN}`;
  const seen = [];
  let aid = 0;
  for (const [status, body] of [
    [400, JSON.stringify({ detail: echo, errors: [{ code: TOKEN, field: "authorization", message: echo }] })],
    [401, JSON.stringify({ error: "invalid_token", error_description: echo })],
    [403, JSON.stringify({ title: TOKEN, instance: `/${TOKEN}` })],
    [404, echo],
    [500, JSON.stringify({ errorMessage: echo })],
    [302, ""],
    [200, `{"usage":"${TOKEN}"}`],
    [200, TOKEN],
    [429, JSON.stringify({ detail: echo })],
  ]) {
    // After a 401, no request is sent for ten seconds.
    await gateway.advance(11_000);
    upstream.respond(status, body, {
      "location": `https://evil.example/?${TOKEN}`,
      "set-cookie": `t=${TOKEN}`,
      "x-debug": TOKEN,
      "x-organization-rate-limit-limit": TOKEN,
      "x-request-id": TOKEN,
    });
    for (const authorization of [`Bearer ${KEY}`, "Bearer wrong", `Bearer ${KEY}x`]) {
      const response = await gateway.get(`${USAGE}?aid=${++aid}`, { headers: { authorization }, redirect: "manual" });
      seen.push(JSON.stringify([...response.headers]), await response.text());
    }
  }
  assert.equal(upstream.requests.length, 9);
  assertNoSecret([...seen, await gateway.stop()].join("\n"));
});
