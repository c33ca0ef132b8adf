/**
 * The edge gateway: it stands between an organisation's pages and the API, and holds the organisation's token.
 *
 * | request                          | answer                                                                          |
 * |----------------------------------|---------------------------------------------------------------------------------|
 * | `GET /api/v7/usage?aid=&expand=` | as the API's own, so that a page needs no more than `baseUrl: "/api"`           |
 * | `GET /metrics?aid=`              | the summary, in OpenMetrics                                                     |
 * | any other path below `/api/`     | 404                                                                             |
 * | all else                         | the page's files                                                                |
 *
 * Without a token the sample API answers. With one, nobody is let in before config.js finds a way to tell viewers apart.
 */
import { sampleApi } from "../sample-api.js";
import { LOOPBACK, readConfig } from "./config.js";
import { allowOrigin, matches, preflight, SECURITY_HEADERS, withHeaders } from "./headers.js";
import { metricsOf } from "./metrics.js";
import { problem } from "./problem.js";
import { readQuery } from "./query.js";
import { storeClass } from "./store.js";
import { createMemory, headersOf, storeName } from "./usage.js";
import { createDoor } from "./viewers.js";

const USAGE_PATH = "/api/v7/usage";
const METRICS_PATH = "/metrics";
const SAMPLE = { "x-usage-source": "sample" };

/**
 * The Worker's handler and its Durable Object's class. Both options are for tests.
 *
 * @param {{ now?: () => number, patience?: import("./store.js").Patience }} [options] the clock; how long the API may take
 */
export function createGateway({ now = Date.now, patience } = {}) {
  /** What is made of the settings, once per isolate. */
  let made;

  function setUp(env) {
    const config = readConfig(env);
    for (const { field, message } of config.faults) log("error", { event: "setting", field, message });
    return { env, config, door: createDoor(config, now), memory: createMemory(now, log) };
  }

  async function live(request, url, ctx) {
    const { env, config, door, memory } = made;
    if (config.faults.length > 0) {
      const errors = config.faults.map((fault) => ({ code: "SETTING", ...fault }));
      return problem(500, "The gateway serves nothing before its settings are put right.", { errors });
    }
    const refusal = await door(request, ctx);
    if (refusal) return refusal;
    const isUsage = url.pathname === USAGE_PATH;
    const { query, errors } = readQuery(url, isUsage ? ["aid", "expand"] : ["aid"]);
    if (errors) return problem(400, "The request has a parameter that is not valid.", { errors });
    if (config.allowedAids && !config.allowedAids.has(query.aid)) {
      return problem(403, "This gateway serves some account groups only: name one of them as `aid`.");
    }

    const outcome = await memory.read(query, ctx, async () => {
      made.storeName ??= await storeName(config);
      return env.USAGE_STORE.getByName(made.storeName).read(query);
    });
    const headers = headersOf(outcome, now());
    if (outcome.failure) {
      const { status, detail, members } = outcome.failure;
      return problem(status, detail, members, headers);
    }
    const { body, etag, storedAt } = outcome.answer;
    if (!isUsage) return metrics(JSON.parse(new TextDecoder().decode(body)), storedAt, headers);
    // A browser keeps it but asks each time: a 304 is cheap, and new data shows at once, as does a viewer's lost permission.
    Object.assign(headers, { etag, "cache-control": "private, no-cache" });
    return matches(request.headers.get("if-none-match"), etag)
      ? new Response(null, { status: 304, headers })
      : new Response(body, { headers: { ...headers, "content-type": "application/hal+json" } });
  }

  async function sampleMetrics(url) {
    const answer = await sampleApi(new Request(new URL(USAGE_PATH + url.search, url)));
    return answer.ok ? metrics(await answer.json(), now(), SAMPLE) : withHeaders(answer, SAMPLE);
  }

  async function metrics(usage, storedAt, headers) {
    const text = await metricsOf(usage, storedAt, now());
    const type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    return new Response(text, { headers: { ...headers, "content-type": type, "cache-control": "no-store" } });
  }

  async function route(request, env, ctx) {
    if (made?.env !== env) made = setUp(env);
    const { source, allowedOrigins } = made.config;
    const url = new URL(request.url);
    if (url.protocol === "http:" && !LOOPBACK.includes(url.hostname)) return inClear(url);
    const isSample = source === "sample";
    if (url.pathname === USAGE_PATH) {
      const respond = async () => {
        if (isSample) return withHeaders(await sampleApi(request), SAMPLE);
        return onlyGet(request) ?? live(request, url, ctx);
      };
      return allowOrigin(request, allowedOrigins, preflight(request, allowedOrigins) ?? (await respond().catch(failed)));
    }
    // Prometheus is no page: it needs no other origin's leave.
    if (url.pathname === METRICS_PATH) return onlyGet(request) ?? (isSample ? sampleMetrics(url) : live(request, url, ctx));
    if (!url.pathname.startsWith("/api/")) return env.ASSETS.fetch(request);
    return isSample ? withHeaders(await sampleApi(request), SAMPLE) : problem(404, "There is nothing at this address.");
  }

  const handler = {
    /** @param {Request} request @param {object} env @param {ExecutionContext} ctx */
    async fetch(request, env, ctx) {
      return withHeaders(await route(request, env, ctx).catch(failed), SECURITY_HEADERS);
    },
  };
  return { handler, UsageStore: storeClass({ now, patience, log }) };
}

/** A page moves on to https; a program has sent its key already, and is to be put right. */
function inClear(url) {
  if (url.pathname.startsWith("/api/") || url.pathname === METRICS_PATH) return problem(403, "This is served over https alone.");
  return Response.redirect(Object.assign(new URL(url), { protocol: "https:", port: "" }), 308);
}

function failed(error) {
  log("error", { event: "bug", stack: error.stack });
  return problem(500, "The gateway failed. Its log says more.");
}

function onlyGet(request) {
  if (request.method === "GET") return undefined;
  return problem(405, `${request.method} is not supported here.`, {}, { allow: "GET" });
}

/** A line of JSON in the Worker's log. @param {"log" | "error"} level @param {object} fields */
function log(level, fields) {
  console[level](JSON.stringify(fields));
}
