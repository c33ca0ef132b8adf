/**
 * Reads and checks the Worker's settings. If a setting is incomplete or malformed, the gateway serves no data.
 *
 * | setting                              | kind   | meaning                                                             |
 * |--------------------------------------|--------|---------------------------------------------------------------------|
 * | `THOUSANDEYES_TOKEN`                 | secret | the organisation's token; without it, only the sample API is served |
 * | `THOUSANDEYES_BASE_URL`              | var    | the URL of the API, if it is elsewhere                              |
 * | `ACCESS_TEAM_DOMAIN`, `ACCESS_AUD`   | var    | accept the viewers that Cloudflare Access has admitted              |
 * | `VIEWER_KEYS`                        | secret | `name:key`, one per line or separated by commas                     |
 * | `ALLOWED_AIDS`                       | var    | the account groups that viewers may request; the default is any     |
 * | `ALLOWED_ORIGINS`                    | var    | other origins whose pages may send requests; the default is none    |
 * | `ALERT_WEBHOOK_URL`                  | secret | URL of the webhook for alerts; without it, no alerts are sent       |
 *
 * The names of keys are only for the operator, who can withdraw a single key.
 */

// The length of 16 random bytes in hex. Such a key cannot be guessed, so a fast hash is enough to compare it.
const KEY_MIN_LENGTH = 32;
// The characters of a bearer token (RFC 6750).
const KEY = /^[\w.~+/-]+=*$/;
const TEAM_DOMAIN = /^(?:https:\/\/)?([a-z\d-]+\.cloudflareaccess\.com)\/?$/;
export const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * @typedef {{ field: string, message: string }} SettingError
 * @typedef {object} Config
 * @property {"sample" | "live"} source
 * @property {SettingError[]} errors
 * @property {string} [token]
 * @property {string} [baseUrl]
 * @property {{ issuer: string, audience: string }} [access]
 * @property {string[]} [keys]
 * @property {Set<string>} [allowedAids]
 * @property {Set<string>} [allowedOrigins]
 * @property {string} [alertWebhookUrl]
 */

/** @param {Record<string, unknown>} env @returns {Config} */
export function readConfig(env) {
  /** @type {SettingError[]} */
  const errors = [];
  const reject = (field, message) => void errors.push({ field, message });
  const text = (field) => {
    const value = env[field] ?? "";
    if (typeof value !== "string") return reject(field, "It must be a string.");
    return value.trim() || undefined;
  };
  /** The items of a list. A list without items, such as ",", is an error: it must not count as unset. */
  const list = (field) => {
    const value = text(field);
    const items = value?.split(/[\n,]/).map((item) => item.trim()).filter(Boolean);
    if (items?.length === 0) return reject(field, "The list is empty.");
    return items;
  };

  const token = text("THOUSANDEYES_TOKEN");
  const baseUrl = text("THOUSANDEYES_BASE_URL");
  const team = text("ACCESS_TEAM_DOMAIN");
  const audience = text("ACCESS_AUD");
  const keys = readKeys(list("VIEWER_KEYS"), reject);
  const aids = list("ALLOWED_AIDS");
  const origins = list("ALLOWED_ORIGINS");
  const alertWebhookUrl = text("ALERT_WEBHOOK_URL");

  const isLive = env.THOUSANDEYES_TOKEN !== undefined;
  if (isLive && !token) reject("THOUSANDEYES_TOKEN", "It is empty. Set it, or delete it to serve the sample data.");
  if (token && !/^[\x21-\x7e]+$/.test(token)) reject("THOUSANDEYES_TOKEN", "It has characters that a header cannot contain.");
  if (baseUrl && !isBaseUrl(baseUrl)) {
    const rule = "It must be an https URL without user name, query or fragment. Plain http is allowed only for localhost.";
    reject("THOUSANDEYES_BASE_URL", rule);
  }
  const domain = TEAM_DOMAIN.exec(team ?? "")?.[1];
  if (team && !domain) reject("ACCESS_TEAM_DOMAIN", "It must look like my-team.cloudflareaccess.com.");
  if (team && !audience) reject("ACCESS_AUD", "ACCESS_TEAM_DOMAIN requires it: the application's audience tag.");
  if (audience && !team) reject("ACCESS_TEAM_DOMAIN", "ACCESS_AUD requires it, such as my-team.cloudflareaccess.com.");
  if (audience && /\s/.test(audience)) reject("ACCESS_AUD", "It must be a single audience tag.");
  for (const origin of origins ?? []) {
    if (!isOrigin(origin)) reject("ALLOWED_ORIGINS", "Each origin must look like https://example.com, without a path or *.");
  }
  if (alertWebhookUrl && !isPrivateUrl(alertWebhookUrl)) {
    const rule = "It must be an https URL without user name or white space. Plain http is allowed only for localhost.";
    reject("ALERT_WEBHOOK_URL", rule);
  }
  if (alertWebhookUrl && !isLive) reject("ALERT_WEBHOOK_URL", "It requires THOUSANDEYES_TOKEN: the sample has no alerts.");
  if (isLive && errors.length === 0 && !team && !keys) {
    const settings = "ACCESS_TEAM_DOMAIN and ACCESS_AUD, or VIEWER_KEYS";
    reject("VIEWER_KEYS", `There is a token, but the gateway cannot identify viewers. Set ${settings}.`);
  }

  return {
    source: isLive ? "live" : "sample",
    errors,
    token,
    baseUrl,
    access: domain && audience ? { issuer: `https://${domain}`, audience } : undefined,
    keys,
    allowedAids: aids && new Set(aids),
    allowedOrigins: origins && new Set(origins),
    alertWebhookUrl,
  };
}

function readKeys(items, reject) {
  const keys = new Map();
  for (const [i, item] of (items ?? []).entries()) {
    const [, name, key] = /^([\w.-]+):(.*)$/.exec(item) ?? [];
    // The message has the entry's number, not its text: anyone can read it, and a misplaced key may be in the name's place.
    const rejectEntry = (problem) => reject("VIEWER_KEYS", `Entry ${i + 1} ${problem}`);
    if (name === undefined) rejectEntry("is not name:key.");
    else if (keys.has(name)) rejectEntry("has the name of an earlier entry.");
    else if (key.length < KEY_MIN_LENGTH) rejectEntry(`has a key of fewer than ${KEY_MIN_LENGTH} characters.`);
    else if (!KEY.test(key)) rejectEntry("has a key with characters that a bearer token cannot contain.");
    else keys.set(name, key);
  }
  return keys.size > 0 ? [...keys.values()] : undefined;
}

/** Whether what is sent to the URL stays private. */
function isPrivateUrl(text) {
  // The parser of URLs removes line breaks: two lines would become one URL.
  if (!URL.canParse(text) || /\s/.test(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  const isPrivate = protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname));
  return isPrivate && !(username + password);
}

function isBaseUrl(text) {
  return isPrivateUrl(text) && !/[?#]/.test(text);
}

function isOrigin(text) {
  return URL.canParse(text) && new URL(text).origin === text && isBaseUrl(text);
}
