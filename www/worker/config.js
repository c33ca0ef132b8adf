/**
 * The Worker's settings, checked: whatever is half set or malformed is a fault, and a gateway with a fault serves no data.
 *
 * | setting                              | kind   | meaning                                                            |
 * |--------------------------------------|--------|--------------------------------------------------------------------|
 * | `THOUSANDEYES_TOKEN`                 | secret | the organisation's token; without it there is the sample API alone |
 * | `THOUSANDEYES_BASE_URL`              | var    | where the API is, if elsewhere                                     |
 * | `ACCESS_TEAM_DOMAIN`, `ACCESS_AUD`   | var    | let in whom Cloudflare Access has let in to this application       |
 * | `VIEWER_KEYS`                        | secret | `name:key`, one a line or between commas: let in who has a key     |
 * | `ALLOWED_AIDS`                       | var    | the account groups that may be asked for; none means any           |
 * | `ALLOWED_ORIGINS`                    | var    | the other origins whose pages may ask; none means none             |
 *
 * Names are for the operator alone, who can so withdraw one key of many.
 */

// As long as 16 random bytes in hex: what cannot be guessed need not be slow to check.
const KEY_MIN_LENGTH = 32;
// What `Authorization: Bearer` can hold (RFC 6750).
const KEY = /^[\w.~+/-]+=*$/;
const TEAM_DOMAIN = /^(?:https:\/\/)?([a-z\d-]+\.cloudflareaccess\.com)\/?$/;
export const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * @typedef {{ field: string, message: string }} Fault
 * @typedef {object} Config
 * @property {"sample" | "live"} source
 * @property {Fault[]} faults
 * @property {string} [token]
 * @property {string} [baseUrl]
 * @property {{ issuer: string, audience: string }} [access]
 * @property {string[]} [keys]
 * @property {Set<string>} [allowedAids]
 * @property {Set<string>} [allowedOrigins]
 */

/** @param {Record<string, unknown>} env @returns {Config} */
export function readConfig(env) {
  /** @type {Fault[]} */
  const faults = [];
  const fault = (field, message) => void faults.push({ field, message });
  const text = (field) => {
    const value = env[field] ?? "";
    if (typeof value !== "string") return fault(field, "It has to be a text.");
    return value.trim() || undefined;
  };
  /** The items of a list; a list that holds nothing, such as ",", is a slip and must not count as no list. */
  const list = (field) => {
    const value = text(field);
    const items = value?.split(/[\n,]/).map((item) => item.trim()).filter(Boolean);
    if (items?.length === 0) return fault(field, "It names nothing.");
    return items;
  };

  const token = text("THOUSANDEYES_TOKEN");
  const baseUrl = text("THOUSANDEYES_BASE_URL");
  const team = text("ACCESS_TEAM_DOMAIN");
  const audience = text("ACCESS_AUD");
  const keys = readKeys(list("VIEWER_KEYS"), fault);
  const aids = list("ALLOWED_AIDS");
  const origins = list("ALLOWED_ORIGINS");

  const isLive = env.THOUSANDEYES_TOKEN !== undefined;
  if (isLive && !token) fault("THOUSANDEYES_TOKEN", "It is empty: set it, or delete it to see the sample.");
  if (token && !/^[\x21-\x7e]+$/.test(token)) fault("THOUSANDEYES_TOKEN", "It has characters that no header can hold.");
  if (baseUrl && !isBaseUrl(baseUrl)) {
    fault("THOUSANDEYES_BASE_URL", "It has to be an https URL (http on localhost alone), without user name, query or fragment.");
  }
  const domain = TEAM_DOMAIN.exec(team ?? "")?.[1];
  if (team && !domain) fault("ACCESS_TEAM_DOMAIN", "It has to be as my-team.cloudflareaccess.com.");
  if (team && !audience) fault("ACCESS_AUD", "ACCESS_TEAM_DOMAIN needs it: the application's audience tag.");
  if (audience && !team) fault("ACCESS_TEAM_DOMAIN", "ACCESS_AUD needs it, as my-team.cloudflareaccess.com.");
  if (audience && /\s/.test(audience)) fault("ACCESS_AUD", "It has to be one audience tag.");
  for (const origin of origins ?? []) {
    if (!isOrigin(origin)) fault("ALLOWED_ORIGINS", "Each has to be an origin as https://example.com, with no path and no *.");
  }
  if (isLive && faults.length === 0 && !team && !keys) {
    const ways = "set ACCESS_TEAM_DOMAIN and ACCESS_AUD, or VIEWER_KEYS.";
    fault("VIEWER_KEYS", `There is a token, and nothing that tells viewers apart: ${ways}`);
  }

  return {
    source: isLive ? "live" : "sample",
    faults,
    token,
    baseUrl,
    access: domain && audience ? { issuer: `https://${domain}`, audience } : undefined,
    keys,
    allowedAids: aids && new Set(aids),
    allowedOrigins: origins && new Set(origins),
  };
}

function readKeys(items, fault) {
  const keys = new Map();
  for (const [i, item] of (items ?? []).entries()) {
    const [, name, key] = /^([\w.-]+):(.*)$/.exec(item) ?? [];
    // By its place: whoever asks is told of a fault, and what stands where a name should may be a key.
    const refuse = (what) => fault("VIEWER_KEYS", `Entry ${i + 1} ${what}`);
    if (name === undefined) refuse("is not name:key.");
    else if (keys.has(name)) refuse("has the name of one before it.");
    else if (key.length < KEY_MIN_LENGTH) refuse(`has a key of fewer than ${KEY_MIN_LENGTH} characters.`);
    else if (!KEY.test(key)) refuse("has a key with characters that a bearer token cannot have.");
    else keys.set(name, key);
  }
  return keys.size > 0 ? [...keys.values()] : undefined;
}

function isBaseUrl(text) {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  const isPrivate = protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname));
  return isPrivate && !(username + password + search + hash);
}

function isOrigin(text) {
  return URL.canParse(text) && new URL(text).origin === text && isBaseUrl(text);
}
