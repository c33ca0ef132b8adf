// Which settings are errors. What the gateway then does is in workerd.settings.test.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";

import { readConfig } from "../../www/worker/config.js";
import { assertNoSecret, KEY, KEYS, OTHER_KEY, TOKEN } from "./gateway.mjs";

const LIVE = { THOUSANDEYES_TOKEN: TOKEN, VIEWER_KEYS: KEYS };
const TEAM = "example-team.cloudflareaccess.com";
const ACCESS = { ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: "4714c1358e65fe4b" };

/** Asserts which settings have an error. */
function assertErrors(settings, fields, message = /./) {
  const { errors } = readConfig({ ...LIVE, ...settings });
  assert.deepEqual(errors.map(({ field }) => field), fields);
  assert.match(errors[0].message, message);
  assertNoSecret(JSON.stringify(errors));
}

for (const [field, ...values] of [
  ["THOUSANDEYES_TOKEN", "", "a\nb"],
  ["THOUSANDEYES_BASE_URL", "api.example.com", "http://api.example.com", "https://user:hunter2@api.example.com",
    "https://api.example.com/?key=hunter2", "https://api.example.com/?"],
  ["ACCESS_TEAM_DOMAIN", "example-team", "cloudflareaccess.com.evil.example", `https://${TEAM}/x`, `http://${TEAM}`],
  ["ACCESS_AUD", undefined, "4714c1358e65fe4b 5714c1358e65fe4b"],
  ["VIEWER_KEYS", "", " ,\n", KEY, [KEYS], `bob:${"é".repeat(32)}`],
  ["ALLOWED_AIDS", ",", 2067],
  ["ALLOWED_ORIGINS", "*", "null", "https://example.com/", "http://example.com"],
  ["ALERT_WEBHOOK_URL", "hooks.example.com/hunter2", "http://hooks.example.com/hunter2", 1,
    "https://user:hunter2@hooks.example.com", "https://hooks.example.com/hunter2\nhttps://hooks.example.com"],
]) {
  for (const value of values) {
    test(`${field} must not be ${JSON.stringify(value)}`, () => {
      assertErrors({ ...(field.startsWith("ACCESS_") && ACCESS), [field]: value }, [field]);
    });
  }
}

for (const [what, settings, fields, message] of [
  ["no viewers", { VIEWER_KEYS: undefined }, ["VIEWER_KEYS"], /ACCESS_TEAM_DOMAIN and ACCESS_AUD, or VIEWER_KEYS/],
  ["a short key", { VIEWER_KEYS: `${KEYS},bob:0123456789abcdef` }, ["VIEWER_KEYS"], /^Entry 3 .*32/],
  ["a key before its name", { VIEWER_KEYS: `${KEY}:alice` }, ["VIEWER_KEYS"], /^Entry 1 /],
  ["a key with a comma", { VIEWER_KEYS: `${KEYS},b:hunter2,${OTHER_KEY}:hunter2` }, ["VIEWER_KEYS", "VIEWER_KEYS"], /^Entry 3 /],
  ["two keys with the same name", { VIEWER_KEYS: `${KEYS}\nalice:${OTHER_KEY}` }, ["VIEWER_KEYS"], /^Entry 3 /],
  ["an application without a team", { ACCESS_AUD: ACCESS.ACCESS_AUD }, ["ACCESS_TEAM_DOMAIN"], /ACCESS_AUD requires it/],
  ["a webhook without a token", { THOUSANDEYES_TOKEN: undefined, ALERT_WEBHOOK_URL: "https://hooks.example.com/hunter2" },
    ["ALERT_WEBHOOK_URL"], /requires THOUSANDEYES_TOKEN/],
  ["two errors", { ACCESS_AUD: ACCESS.ACCESS_AUD, ALLOWED_ORIGINS: "*" }, ["ACCESS_TEAM_DOMAIN", "ALLOWED_ORIGINS"]],
]) {
  test(`a gateway with ${what} has an error in ${fields}`, () => assertErrors(settings, fields, message));
}

test("settings without an error are read, without the white space of a pasted line", () => {
  const config = readConfig({
    THOUSANDEYES_TOKEN: `${TOKEN}\n`,
    VIEWER_KEYS: `\n alice:${KEY} ,\r\n grafana:${OTHER_KEY}\n`,
    ACCESS_TEAM_DOMAIN: `https://${TEAM}/ `,
    ACCESS_AUD: ` ${ACCESS.ACCESS_AUD}`,
    ALLOWED_AIDS: "",
    ALLOWED_ORIGINS: " ",
    ALERT_WEBHOOK_URL: "https://hooks.example.com/a?b=c\n",
  });
  assert.deepEqual(config, {
    source: "live",
    errors: [],
    token: TOKEN,
    baseUrl: undefined,
    keys: [KEY, OTHER_KEY],
    access: { issuer: `https://${TEAM}`, audience: ACCESS.ACCESS_AUD },
    allowedAids: undefined,
    allowedOrigins: undefined,
    alertWebhookUrl: "https://hooks.example.com/a?b=c",
  });
});
