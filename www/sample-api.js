/**
 * The sample API, as docs/CONTRACT.md describes the real one, without an account or a token:
 *
 * - `GET {base}/v7/usage`
 * - `GET {base}/v7/usage/units/tests` and `GET {base}/v7/usage/units/enterprise-agents`, in pages of 1,000 rows
 * - `GET {base}/v7/quotas`
 *
 * As in the real API, the enterprise agents and the quotas have no `aid`.
 *
 * | request                                     | answer                                                               |
 * |---------------------------------------------|----------------------------------------------------------------------|
 * | no `aid`, or that of a known account group  | 200: always the whole organisation (2067 is one of its 40 groups)     |
 * | `aid=large`                                 | 200: an organisation ten times as large, with 20,000 tests           |
 * | `aid=slow`                                  | 200 after 3 s                                                        |
 * | `aid=400`, or an unknown `expand` value     | 400 `application/problem+json` with `errors[]`                       |
 * | an invalid date, period or cursor           | the same                                                             |
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
import { DATE_TIME } from "./date-time.js";
import { FIELD_OF_EXPAND } from "./expand.js";
import { DAY_MS, sampleOrganization } from "./sample-org.js";
import { sampleUnits } from "./sample-units.js";

const LARGE = 10;
const PAGE_ROWS = 1000;

/**
 * @typedef {{ organization: ReturnType<typeof sampleOrganization>, units?: ReturnType<typeof sampleUnits> }} Sample
 * @type {Map<number, Sample & { day: number }>} by size
 */
const samples = new Map();

/** Creates the organisation at its first request, and again each day, because its billing period follows the clock. */
function sampleOf(size) {
  const day = Math.floor(Date.now() / DAY_MS);
  if (samples.get(size)?.day !== day) {
    samples.set(size, { day, organization: sampleOrganization({ size }) });
  }
  return samples.get(size);
}

const unitsOf = (sample) => (sample.units ??= sampleUnits(sample.organization));

const RATE_LIMIT = 240;
const RETRY_AFTER_S = 60;
const SLOW_MS = 3000;

const ENDPOINTS = {
  "/v7/usage": { hasAid: true, respond: respondUsage },
  "/v7/usage/units/tests": { hasAid: true, respond: (...request) => respondPage("byTest", ...request) },
  "/v7/usage/units/enterprise-agents": { respond: (...request) => respondPage("byEnterpriseAgent", ...request) },
  "/v7/quotas": { respond: (sample, { href }) => ok({ quotas: unitsOf(sample).quotas(), _links: { self: { href } } }) },
};

/**
 * @param {Request} request
 * @param {string} [base] the path under which the API is mounted
 * @returns {Response | Promise<Response>}
 */
export function sampleApi(request, base = "/api") {
  const { pathname, search, searchParams } = new URL(request.url);
  const path = pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : "";
  if (!Object.hasOwn(ENDPOINTS, path)) return notFound(pathname);
  if (request.method !== "GET") {
    return problem(405, "Method Not Allowed", `${request.method} is not supported here.`, pathname, {}, { allow: "GET" });
  }
  const token = request.headers.get("authorization")?.replace(/^bearer\s+/i, "");
  if (token === "expired") return unauthorized();

  const { hasAid, respond } = ENDPOINTS[path];
  const aid = hasAid ? searchParams.get("aid") : null;
  if (aid === "401") return unauthorized();
  if (aid === "400") return badRequest(pathname, [{ code: "INVALID_AID", field: "aid", message: "aid must be the ID of an account group." }]);
  if (aid === "404") return notFound(pathname);
  if (aid === "429") return rateLimited(pathname);
  if (aid === "500") return reply(500, { errorMessage: "Internal server error" }, "application/json", { "retry-after": "1" });

  const sample = sampleOf(aid === "large" ? LARGE : 1);
  const result = () => respond(sample, { pathname, href: pathname + search, searchParams });
  if (aid === "slow") return new Promise((resolve) => setTimeout(() => resolve(result()), SLOW_MS));
  // `aid` selects the organisation, so every known group gets the same response.
  if (aid === null || aid === "large" || sample.organization.aids.has(aid)) return result();
  return problem(403, "Forbidden", "You are not assigned to this account group, or lack the permission “View organization usage”.", pathname);
}

function respondUsage({ organization }, { pathname, href, searchParams }) {
  const expand = searchParams.getAll("expand").flatMap((values) => values.split(",")).filter(Boolean);
  const unknown = expand.filter((value) => !Object.hasOwn(FIELD_OF_EXPAND, value));
  if (unknown.length > 0) {
    const known = Object.keys(FIELD_OF_EXPAND).join(", ");
    return badRequest(pathname, unknown.map((value) => (
      { code: "INVALID_EXPAND", field: "expand", message: `"${value}" is not one of ${known}.` }
    )));
  }
  const usage = { ...organization.totals };
  for (const value of expand) usage[FIELD_OF_EXPAND[value]] = organization.breakdowns[FIELD_OF_EXPAND[value]];
  return ok({ usage, _links: { self: { href } } });
}

function respondPage(kind, sample, { pathname, href, searchParams }) {
  const units = unitsOf(sample);
  const period = { start: units.monthStart, end: Date.now() };
  const errors = [];
  for (const [field, name] of [["startDate", "start"], ["endDate", "end"]]) {
    const text = searchParams.get(field);
    if (text === null) continue;
    period[name] = DATE_TIME.test(text) ? Date.parse(text) : NaN;
    if (Number.isNaN(period[name])) {
      errors.push({ code: "INVALID_DATE", field, message: `${field} must look like 2026-10-01T00:00:00Z.` });
    }
  }
  if (period.end < period.start) errors.push({ code: "INVALID_PERIOD", field: "endDate", message: "endDate is before startDate." });
  if (errors.length > 0) return badRequest(pathname, errors);

  const query = new URLSearchParams(searchParams);
  query.delete("cursor");
  const rows = rowsOf(units, kind, `${query}`, period);
  const cursor = searchParams.get("cursor");
  const from = cursor === null ? 0 : readCursor(cursor);
  if (cursor !== null && !(from < rows.length)) {
    return badRequest(pathname, [{ code: "INVALID_CURSOR", field: "cursor", message: "The cursor is unknown or has expired." }]);
  }
  const next = from + PAGE_ROWS;
  const _links = { self: { href } };
  if (next < rows.length) {
    query.set("cursor", createCursor(next));
    _links.next = { href: `${pathname}?${query}` };
  }
  return ok({ breakdowns: rows.slice(from, next), _links });
}

/** The latest rows: the next page of the same request is a part of them. */
let latest = {};

function rowsOf(units, kind, query, period) {
  const isLatest = latest.units === units && latest.kind === kind && latest.query === query;
  if (!isLatest) latest = { units, kind, query, rows: units[kind](period) };
  return latest.rows;
}

const createCursor = (from) => btoa(`row ${from}`);

/** The row at which a page begins, or NaN. */
function readCursor(cursor) {
  try {
    return Number(/^row ([1-9]\d*000)$/.exec(atob(cursor))?.[1] ?? NaN);
  } catch {
    return NaN;
  }
}

const ok = (body) => reply(200, body, "application/hal+json");

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
