/**
 * The edge gateway between an organisation's pages and the API. It holds the organisation's token.
 *
 * | request                                                                 | response                                         |
 * |-------------------------------------------------------------------------|--------------------------------------------------|
 * | `GET /api/v7/usage?aid=&expand=`                                        | like the API's own, so a page needs only         |
 * |                                                                         | `baseUrl: "/api"`                                |
 * | `GET /api/v7/usage/units/tests?aid=&startDate=&endDate=&cursor=`        | the same, with pages and cursors of the gateway  |
 * | `GET /api/v7/usage/units/enterprise-agents?startDate=&endDate=&cursor=` | the same                                         |
 * | `GET /api/v7/quotas`                                                    | like the API's own                               |
 * | `GET /metrics?aid=`                                                     | the summary, in OpenMetrics                      |
 * | any other path below `/api/`                                            | 404                                              |
 * | any other path                                                          | the page's files                                 |
 *
 * A Cron Trigger makes it post alerts (alerts.js). Without a token, the sample API responds. With a token, the settings must say
 * how viewers are identified.
 */
import { sampleApi } from "../sample-api.js";
import { LOOPBACK, readConfig } from "./config.js";
import { allowOrigin, matches, preflight, SECURITY_HEADERS, withHeaders } from "./headers.js";
import { metricsOf } from "./metrics.js";
import { problem } from "./problem.js";
import { readQuery } from "./query.js";
import { ENTERPRISE_AGENT_UNITS, QUOTAS, TEST_UNITS } from "./resources.js";
import { storeClass } from "./store.js";
import { createMemory, headersOf, storeName } from "./usage.js";
import { createViewerCheck } from "./viewers.js";

const USAGE_PATH = "/api/v7/usage";
const METRICS_PATH = "/metrics";
/** What each path requests from the API, if not the usage, and its parameters. */
const PATHS = {
  [USAGE_PATH]: { parameters: ["aid", "expand"] },
  [METRICS_PATH]: { parameters: ["aid"] },
  [`/api/v7/${TEST_UNITS}`]: { resource: TEST_UNITS, parameters: ["aid", "startDate", "endDate", "cursor"] },
  [`/api/v7/${ENTERPRISE_AGENT_UNITS}`]: { resource: ENTERPRISE_AGENT_UNITS, parameters: ["startDate", "endDate", "cursor"] },
  [`/api/v7/${QUOTAS}`]: { resource: QUOTAS, parameters: [] },
};
const SAMPLE = { "x-usage-source": "sample" };

/**
 * Creates the Worker's handler and the class of its Durable Object. Only tests set the options.
 *
 * @param {{ now?: () => number, limits?: import("./store.js").Limits }} [options] the clock; how long calls and posts may take
 */
export function createGateway({ now = Date.now, limits } = {}) {
  /** What depends on the settings. It is created once per isolate. */
  let setup;

  function createSetup(env) {
    const config = readConfig(env);
    for (const { field, message } of config.errors) log("error", { event: "setting", field, message });
    return { env, config, rejectStranger: createViewerCheck(config, now), memory: createMemory(now, log) };
  }

  async function findStore() {
    setup.storeName ??= await storeName(setup.config);
    return setup.env.USAGE_STORE.getByName(setup.storeName);
  }

  async function live(request, url, ctx) {
    const { config, rejectStranger, memory } = setup;
    if (config.errors.length > 0) {
      const errors = config.errors.map((error) => ({ code: "SETTING", ...error }));
      return problem(500, "The gateway's settings have errors. It serves no data until they are corrected.", { errors });
    }
    const rejection = await rejectStranger(request, ctx);
    if (rejection) return rejection;
    const { resource, parameters } = PATHS[url.pathname];
    const { query, errors } = readQuery(url, parameters);
    if (errors) return problem(400, "The request has an invalid parameter.", { errors });
    query.resource = resource;
    if (config.allowedAids && !config.allowedAids.has(query.aid)) {
      // Without `aid`, nothing says whose rows the API sends.
      const cure = parameters.includes("aid") ? "Set `aid` to one of them." : "The API sends these for all of them only.";
      return problem(403, `This gateway serves only some account groups. ${cure}`);
    }

    const outcome = await memory.read(query, ctx, async () => (await findStore()).read(query));
    const headers = headersOf(outcome, now());
    if (outcome.failure) {
      const { status, detail, members } = outcome.failure;
      return problem(status, detail, members, headers);
    }
    const { body, etag, storedAt } = outcome.stored;
    if (url.pathname === METRICS_PATH) return metrics(JSON.parse(new TextDecoder().decode(body)), storedAt, headers);
    // A browser revalidates the response each time. A 304 is cheap, and new data or a withdrawn permission shows at once.
    Object.assign(headers, { etag, "cache-control": "private, no-cache" });
    return matches(request.headers.get("if-none-match"), etag)
      ? new Response(null, { status: 304, headers })
      : new Response(body, { headers: { ...headers, "content-type": "application/hal+json" } });
  }

  async function sampleMetrics(url) {
    const response = await sampleApi(new Request(new URL(USAGE_PATH + url.search, url)));
    return response.ok ? metrics(await response.json(), now(), SAMPLE) : response;
  }

  async function metrics(usage, storedAt, headers) {
    const text = await metricsOf(usage, storedAt, now());
    const type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    return new Response(text, { headers: { ...headers, "content-type": type, "cache-control": "no-store" } });
  }

  async function route(request, env, ctx) {
    if (setup?.env !== env) setup = createSetup(env);
    const { source, allowedOrigins } = setup.config;
    const url = new URL(request.url);
    if (url.protocol === "http:" && !LOOPBACK.includes(url.hostname)) return rejectHttp(url);
    const isSample = source === "sample";
    // Prometheus is not a page, so no other origin needs access.
    if (url.pathname === METRICS_PATH) return requireGet(request) ?? (isSample ? sampleMetrics(url) : live(request, url, ctx));
    if (Object.hasOwn(PATHS, url.pathname)) {
      const respond = async () => {
        if (isSample) return sampleApi(request);
        return requireGet(request) ?? live(request, url, ctx);
      };
      const response = preflight(request, allowedOrigins) ?? (await respond().catch(internalError));
      return allowOrigin(request, allowedOrigins, response);
    }
    if (!url.pathname.startsWith("/api/")) return env.ASSETS.fetch(request);
    return isSample ? sampleApi(request) : problem(404, "Nothing exists at this address.");
  }

  const handler = {
    /** @param {Request} request @param {object} env @param {ExecutionContext} ctx */
    async fetch(request, env, ctx) {
      return withHeaders(await route(request, env, ctx).catch(internalError), SECURITY_HEADERS);
    },

    /** Posts the alerts. The Cron Trigger calls it. @param {ScheduledController} _ @param {object} env */
    async scheduled(_, env) {
      if (setup?.env !== env) setup = createSetup(env);
      const { config } = setup;
      if (config.errors.length > 0 || !config.alertWebhookUrl) return;
      try {
        await (await findStore()).postAlerts();
      } catch (error) {
        log("error", { event: "alerts", stack: error.stack });
      }
    },
  };
  return { handler, UsageStore: storeClass({ now, limits, log }) };
}

/** Redirects a page to https. A program gets an error, because it has already sent its key unencrypted. */
function rejectHttp(url) {
  if (url.pathname.startsWith("/api/") || url.pathname === METRICS_PATH) return problem(403, "The gateway accepts only https.");
  return Response.redirect(Object.assign(new URL(url), { protocol: "https:", port: "" }), 308);
}

function internalError(error) {
  log("error", { event: "bug", stack: error.stack });
  return problem(500, "The gateway failed. Its log has the details.");
}

function requireGet(request) {
  if (request.method === "GET") return undefined;
  return problem(405, `${request.method} is not supported here.`, {}, { allow: "GET" });
}

/** Writes a line of JSON to the Worker's log. @param {"log" | "error"} level @param {object} fields */
function log(level, fields) {
  console[level](JSON.stringify(fields));
}
