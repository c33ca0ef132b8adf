/**
 * The sample API: `GET {base}/v7/usage` as docs/CONTRACT.md describes the real one, without an account or a token.
 *
 * | request                                     | answer                                                               |
 * |---------------------------------------------|----------------------------------------------------------------------|
 * | no `aid`, or that of a known account group  | 200: always the whole organisation (2067 is one of its 40 groups)     |
 * | `aid=large`                                 | 200: an organisation ten times as large, with 20,000 tests           |
 * | `aid=slow`                                  | 200 after 3 s                                                        |
 * | `aid=400`, or an unknown `expand` value     | 400 `application/problem+json` with `errors[]`                       |
 * | `aid=401`, or the token `expired`           | 401 `{ error, error_description }` and `WWW-Authenticate`            |
 * | `aid=403`, or any other `aid`               | 403 `application/problem+json`                                       |
 * | `aid=404`, or another path                  | 404 `{ timestamp, httpStatus, errors: ["text"], path }`              |
 * | another method                              | 405 `application/problem+json` and `Allow`                           |
 * | `aid=429`                                   | 429 `application/problem+json`, `Retry-After: 60`, nothing remaining |
 * | `aid=500`                                   | 500 `{ errorMessage }`, `Retry-After: 1`                             |
 *
 * Each response has the three rate-limit headers, `x-request-id`, and `x-usage-source: sample`, which tells a page that the
 * numbers are not real. The 500 has its own time to retry. Otherwise a client may use the reset of the rate limit, which is up
 * to a minute away.
 */
import { FIELD_OF_EXPAND } from "./expand.js";
import { sampleOrganization } from "./sample-org.js";

const LARGE = 10;
const DAY_MS = 86_400_000;

/** @type {Map<number, { day: number, organization: ReturnType<typeof sampleOrganization> }>} by size */
const organizations = new Map();

/** Creates the organisation at its first request, and again each day, because its billing period follows the clock. */
function organizationOf(size) {
  const day = Math.floor(Date.now() / DAY_MS);
  if (organizations.get(size)?.day !== day) organizations.set(size, { day, organization: sampleOrganization({ size }) });
  return organizations.get(size).organization;
}

const RATE_LIMIT = 240;
const RETRY_AFTER_S = 60;
const SLOW_MS = 3000;

/**
 * @param {Request} request
 * @param {string} [base] the path under which the API is mounted
 * @returns {Response | Promise<Response>}
 */
export function sampleApi(request, base = "/api") {
  const { pathname, search, searchParams } = new URL(request.url);
  if (pathname !== `${base}/v7/usage`) return notFound(pathname);
  if (request.method !== "GET") {
    return problem(405, "Method Not Allowed", `${request.method} is not supported here.`, pathname, {}, { allow: "GET" });
  }

  const aid = searchParams.get("aid");
  const token = request.headers.get("authorization")?.replace(/^bearer\s+/i, "");
  const expand = searchParams.getAll("expand").flatMap((values) => values.split(",")).filter(Boolean);
  const unknown = expand.filter((value) => !Object.hasOwn(FIELD_OF_EXPAND, value));

  if (aid === "401" || token === "expired") return unauthorized();
  if (aid === "400") return badRequest(pathname, [{ code: "INVALID_AID", field: "aid", message: "aid must be the ID of an account group." }]);
  if (unknown.length > 0) {
    const known = Object.keys(FIELD_OF_EXPAND).join(", ");
    return badRequest(pathname, unknown.map((value) => (
      { code: "INVALID_EXPAND", field: "expand", message: `"${value}" is not one of ${known}.` }
    )));
  }
  if (aid === "404") return notFound(pathname);
  if (aid === "429") return rateLimited(pathname);
  if (aid === "500") return reply(500, { errorMessage: "Internal server error" }, "application/json", { "retry-after": "1" });

  const organization = organizationOf(aid === "large" ? LARGE : 1);
  const usage = () => reply(200, usageDocument(organization, expand, pathname + search), "application/hal+json");
  if (aid === "slow") return new Promise((resolve) => setTimeout(() => resolve(usage()), SLOW_MS));
  // `aid` selects the organisation, so every known group gets the same response.
  if (aid === null || aid === "large" || organization.aids.has(aid)) return usage();
  return problem(403, "Forbidden", "You are not assigned to this account group, or lack the permission “View organization usage”.", pathname);
}

function usageDocument(organization, expand, href) {
  const usage = { ...organization.totals };
  for (const value of expand) usage[FIELD_OF_EXPAND[value]] = organization.breakdowns[FIELD_OF_EXPAND[value]];
  return { usage, _links: { self: { href } } };
}

function badRequest(instance, errors) {
  return problem(400, "Bad Request", "The request has a parameter that is not valid.", instance, { errors });
}

function unauthorized() {
  const body = { error: "invalid_token", error_description: "A valid access token is required." };
  return reply(401, body, "application/json", { "www-authenticate": 'Bearer error="invalid_token"' });
}

function notFound(path) {
  const body = { timestamp: new Date().toISOString(), httpStatus: 404, errors: ["There is nothing at this address."], path };
  return reply(404, body, "application/json");
}

function rateLimited(instance) {
  return problem(429, "Too Many Requests", `The organisation has used its ${RATE_LIMIT} requests of this minute.`, instance, {}, {
    "retry-after": String(RETRY_AFTER_S),
    "x-organization-rate-limit-remaining": "0",
    "x-organization-rate-limit-reset": String(epochSeconds() + RETRY_AFTER_S),
  });
}

/** An RFC 9457 response. */
function problem(status, title, detail, instance, members = {}, headers = {}) {
  return reply(status, { type: "about:blank", title, status, detail, instance, ...members }, "application/problem+json", headers);
}

function reply(status, body, contentType, headers = {}) {
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": contentType,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-usage-source": "sample",
      "x-request-id": crypto.randomUUID(),
      "x-organization-rate-limit-limit": String(RATE_LIMIT),
      "x-organization-rate-limit-remaining": String(RATE_LIMIT - 1),
      "x-organization-rate-limit-reset": String(Math.ceil((epochSeconds() + 1) / 60) * 60),
      ...headers,
    },
  });
}

const epochSeconds = () => Math.floor(Date.now() / 1000);
