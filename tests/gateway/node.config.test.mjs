// Which settings are errors. What the gateway then does is in workerd.settings.test.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";

import { readConfig } from "../../www/worker/config.js";
import { assertNoSecret, KEY, KEYS, OTHER_KEY, TOKEN } from "./gateway.mjs";

const LIVE = { THOUSANDEYES_TOKEN: TOKEN, VIEWER_KEYS: KEYS };
const TEAM = "example-team.cloudflareaccess.com";
const ACCESS = { ACCESS_TEAM_DOMAIN: TEAM, ACCESS_AUD: "4714c1358e65fe4b" };

for (const [what, settings, fields, message = /./] of [
  ["no viewers", { VIEWER_KEYS: undefined }, ["VIEWER_KEYS"], /ACCESS_TEAM_DOMAIN and ACCESS_AUD, or VIEWER_KEYS/],
  ["an empty string of keys", { VIEWER_KEYS: "" }, ["VIEWER_KEYS"]],
  ["an empty list of keys", { VIEWER_KEYS: " ,\n" }, ["VIEWER_KEYS"]],
  ["a key without a name", { VIEWER_KEYS: KEY }, ["VIEWER_KEYS"]],
  ["a short key", { VIEWER_KEYS: `${KEYS},bob:0123456789abcdef` }, ["VIEWER_KEYS"], /^Entry 3 .*32/],
  ["a key before its name", { VIEWER_KEYS: `${KEY}:alice` }, ["VIEWER_KEYS"], /^Entry 1 /],
  ["a key with a comma", { VIEWER_KEYS: `${KEYS},b:hunter2,${OTHER_KEY}:hunter2` }, ["VIEWER_KEYS", "VIEWER_KEYS"], /^Entry 3 /],
  ["a key that a header cannot contain", { VIEWER_KEYS: `bob:${"é".repeat(32)}` }, ["VIEWER_KEYS"]],
  ["two keys with the same name", { VIEWER_KEYS: `${KEYS}\nalice:${OTHER_KEY}` }, ["VIEWER_KEYS"], /^Entry 3 /],
  ["keys that are not a string", { VIEWER_KEYS: [KEYS] }, ["VIEWER_KEYS"]],
  ["a team without an application", { ACCESS_TEAM_DOMAIN: TEAM }, ["ACCESS_AUD"]],
  ["an application without a team", { ACCESS_AUD: ACCESS.ACCESS_AUD }, ["ACCESS_TEAM_DOMAIN"]],
  ["a team outside Access", { ...ACCESS, ACCESS_TEAM_DOMAIN: "cloudflareaccess.com.evil.example" }, ["ACCESS_TEAM_DOMAIN"]],
  ["a team with a path", { ...ACCESS, ACCESS_TEAM_DOMAIN: `https://${TEAM}/x` }, ["ACCESS_TEAM_DOMAIN"]],
  ["a team with plain http", { ...ACCESS, ACCESS_TEAM_DOMAIN: `http://${TEAM}` }, ["ACCESS_TEAM_DOMAIN"]],
  ["a team without its domain", { ...ACCESS, ACCESS_TEAM_DOMAIN: "example-team" }, ["ACCESS_TEAM_DOMAIN"]],
  ["two applications", { ...ACCESS, ACCESS_AUD: "4714c1358e65fe4b 5714c1358e65fe4b" }, ["ACCESS_AUD"]],
  ["an empty token", { THOUSANDEYES_TOKEN: "" }, ["THOUSANDEYES_TOKEN"]],
  ["a token that a header cannot contain", { THOUSANDEYES_TOKEN: "a\nb" }, ["THOUSANDEYES_TOKEN"]],
  ["an API without a scheme", { THOUSANDEYES_BASE_URL: "api.example.com" }, ["THOUSANDEYES_BASE_URL"]],
  ["an API with plain http", { THOUSANDEYES_BASE_URL: "http://api.example.com" }, ["THOUSANDEYES_BASE_URL"]],
  ["an API with a password", { THOUSANDEYES_BASE_URL: "https://user:hunter2@api.example.com" }, ["THOUSANDEYES_BASE_URL"]],
  ["an API with a query", { THOUSANDEYES_BASE_URL: "https://api.example.com/?key=hunter2" }, ["THOUSANDEYES_BASE_URL"]],
  ["an empty list of account groups", { ALLOWED_AIDS: "," }, ["ALLOWED_AIDS"]],
  ["account groups that are a number", { ALLOWED_AIDS: 2067 }, ["ALLOWED_AIDS"]],
  ["any origin", { ALLOWED_ORIGINS: "*" }, ["ALLOWED_ORIGINS"]],
  ["the origin null", { ALLOWED_ORIGINS: "null" }, ["ALLOWED_ORIGINS"]],
  ["an origin with a path", { ALLOWED_ORIGINS: "https://example.com/" }, ["ALLOWED_ORIGINS"]],
  ["an origin with plain http", { ALLOWED_ORIGINS: "http://example.com" }, ["ALLOWED_ORIGINS"]],
  ["a webhook without a scheme", { ALERT_WEBHOOK_URL: "hooks.example.com/hunter2" }, ["ALERT_WEBHOOK_URL"], /https URL/],
  ["a webhook with plain http", { ALERT_WEBHOOK_URL: "http://hooks.example.com/hunter2" }, ["ALERT_WEBHOOK_URL"]],
  ["a webhook with a password", { ALERT_WEBHOOK_URL: "https://user:hunter2@hooks.example.com" }, ["ALERT_WEBHOOK_URL"]],
  ["two webhooks", { ALERT_WEBHOOK_URL: "https://hooks.example.com/hunter2\nhttps://hooks.example.com" }, ["ALERT_WEBHOOK_URL"]],
  ["a webhook that is not a string", { ALERT_WEBHOOK_URL: 1 }, ["ALERT_WEBHOOK_URL"]],
  ["a webhook without a token", { THOUSANDEYES_TOKEN: undefined, ALERT_WEBHOOK_URL: "https://hooks.example.com/hunter2" },
    ["ALERT_WEBHOOK_URL"], /requires THOUSANDEYES_TOKEN/],
  ["two errors", { ACCESS_AUD: ACCESS.ACCESS_AUD, ALLOWED_ORIGINS: "*" }, ["ACCESS_TEAM_DOMAIN", "ALLOWED_ORIGINS"]],
]) {
  test(`a gateway with ${what} has an error in ${fields}`, () => {
    const { errors } = readConfig({ ...LIVE, ...settings });
    assert.deepEqual(errors.map(({ field }) => field), fields);
    assert.match(errors[0].message, message);
    assertNoSecret(JSON.stringify(errors));
  });
}

test("settings without an error are read, without the white space of a pasted line", () => {
  const { errors, token, keys, access, allowedAids, allowedOrigins, alertWebhookUrl } = readConfig({
    THOUSANDEYES_TOKEN: `${TOKEN}\n`,
    VIEWER_KEYS: `\n alice:${KEY} ,\r\n grafana:${OTHER_KEY}\n`,
    ACCESS_TEAM_DOMAIN: `https://${TEAM}/ `,
    ACCESS_AUD: ` ${ACCESS.ACCESS_AUD}`,
    ALLOWED_AIDS: "",
    ALLOWED_ORIGINS: " ",
    ALERT_WEBHOOK_URL: "https://hooks.example.com/a?b=c\n",
  });
  assert.deepEqual({ errors, token, keys, access, allowedAids, allowedOrigins, alertWebhookUrl }, {
    errors: [],
    token: TOKEN,
    keys: [KEY, OTHER_KEY],
    access: { issuer: `https://${TEAM}`, audience: ACCESS.ACCESS_AUD },
    allowedAids: undefined,
    allowedOrigins: undefined,
    alertWebhookUrl: "https://hooks.example.com/a?b=c",
  });
});
