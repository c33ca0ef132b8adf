/**
 * The organisation's one store of responses: a Durable Object. All isolates in all data centres share it, so the API gets one
 * request per key and period, and its rate limit holds for all of them.
 */
import { DurableObject } from "cloudflare:workers";
import { summarize, UsageClient, UsageError } from "thousandeyes-usage";

import { alertsOf, postText } from "./alerts.js";
import { readConfig } from "./config.js";
import { failureOf } from "./problem.js";
import { ENTERPRISE_AGENT_UNITS, QUOTAS, TEST_UNITS, UNITS } from "./resources.js";
import { digest, FRESH_MS, freshUntil, HOLD_MS, keyOf, STALE_MS, storedOrFailure, within } from "./usage.js";

/**
 * @typedef {import("thousandeyes-usage").CallOptions} CallOptions
 * @typedef {object} Limits
 * @property {CallOptions} call for a call to the API
 * @property {number} postMs how long a post of alerts may take
 * @property {number} readMs how long a viewer waits for all pages of a period, or while an older response can be served
 * @property {number} storedBytes how much is stored
 */

/** @type {Limits} */
const LIMITS = {
  // Shorter than the 30 s that a client in a page allows for its whole call.
  call: { timeout: 20_000, maxRetries: 2 },
  postMs: 10_000,
  // With two retries, this fits into the 30 s of a client.
  readMs: 8_000,
  // Viewers choose the periods, and each is another list.
  storedBytes: 256 * 2 ** 20,
};
// The API's time to retry is clamped between HOLD_MS and this. Reloading pages must not flood an API that is down, and a wrong
// header must not stop the gateway for a day.
const MAX_HOLD_MS = 15 * 60_000;
const MAX_HOLDS = 1000;
// The rate limit starts anew each minute.
const RESERVE_MS = { least: 1000, most: 60_000 };
// The share of the rate limit that is left to the organisation's other programs.
const RESERVE = 0.1;
const RATE_LIMITED = {
  code: "rate-limit", retryable: true, status: 429, members: {}, staleMayServe: true,
  detail: "The organisation's rate limit is used up, or almost.",
};
const MAX_CALLS = 6;
const BUSY = {
  code: "busy", retryable: true, status: 503, members: {}, staleMayServe: true,
  detail: "The gateway has too many requests to the API in progress.",
};
// All pages of a period are read at once (docs/decisions.md). They take at most half of the rate limit of 240 requests a minute.
const UNITS_PER_MINUTE = 120;
const MINUTE_MS = 60_000;
/** Periods that are read at the same time, and periods that are read or wait for that. */
const READERS = 3;
const MAX_READS = 24;
const READING = {
  code: "reading", retryable: true, status: 503, members: {}, staleMayServe: true,
  detail: "The gateway is still reading this from the API.",
};
const READING_RETRY_MS = 2000;
const PAGE_ROWS = 1000;
const TOO_LONG = {
  code: "too-long", retryable: false, status: 502, members: {}, staleMayServe: true,
  detail: "The period has more rows than the gateway can hold. Request a shorter period.",
};
const NOT_STORED = {
  code: "store", retryable: true, status: 503, members: {}, staleMayServe: true,
  detail: "The gateway could not store the pages of this period.",
};
const CURSOR_EXPIRED = {
  code: "server", retryable: true, status: 503, members: {}, staleMayServe: true,
  detail: "The API did not send all pages of this period.",
};
const UNKNOWN_CURSOR = {
  code: "bad-request", retryable: false, status: 400, staleMayServe: false,
  members: {
    errors: [{ code: "INVALID_CURSOR", field: "cursor", message: "It is unknown or has expired. Start with the first page." }],
  },
  detail: "The request has an invalid parameter.",
};
// An isolate has 128 MB, and holds a response several times: parsed, as JSON, and in each reply.
const MAX_BODY_BYTES = 16 * 2 ** 20;
// A row of the database holds at most 2 MB.
const PART_BYTES = 2 ** 20;
/** Errors that any other request would get too. */
const GLOBAL_CODES = ["rate-limit", "unauthorized"];
const RATE_LIMIT_HEADERS = ["limit", "remaining", "reset"].map((name) => `x-organization-rate-limit-${name}`);

/** @param {{ now: () => number, limits?: Limits, log: (level: "log" | "error", fields: object) => void }} options */
export function storeClass({ now, limits = LIMITS, log }) {
  /** The time of the next request. @param {number} waitMs what the API asked for, or NaN */
  const untilAfter = (waitMs, { least, most } = { least: HOLD_MS, most: MAX_HOLD_MS }) =>
    now() + Math.min(Math.max(waitMs || 0, least), most);

  return class UsageStore extends DurableObject {
    /** @type {Map<string, Promise<import("./usage.js").Outcome>>} */
    #calls = new Map();
    /** The same for the units. They must not take the places of the other calls. */
    #reads = new Map();
    #freeReaders = READERS;
    /** Starts each read that waits for a free reader, in order of arrival. */
    #waiting = [];
    /** When the latest requests for units were sent. */
    #sentAt = [];
    /** Recent failures by key. Until its time is over, a failure is the response to its key. */
    #holds = new Map();
    /** The failure that applies to all keys. It is stored, because an idle object is soon evicted. */
    #globalHold = this.ctx.storage.kv.get("hold");
    #sql = this.ctx.storage.sql;
    #config;
    #client;
    #alertRun;

    constructor(ctx, env) {
      super(ctx, env);
      this.#config = readConfig(env);
      const { token, baseUrl } = this.#config;
      this.#client = new UsageClient({ token, baseUrl, maxBodyBytes: MAX_BODY_BYTES });
      this.#sql.exec(`CREATE TABLE IF NOT EXISTS bodies (
        key TEXT, scope TEXT, part INTEGER, body BLOB, etag TEXT, storedAt INTEGER, freshUntil INTEGER, requestId TEXT,
        PRIMARY KEY (key, part))`);
    }

    /**
     * @param {import("./query.js").Query} query
     * @param {boolean} [isPatient] whether new data is worth any wait
     * @returns {Promise<import("./usage.js").Outcome>}
     */
    async read(query, isPatient) {
      const key = keyOf(query);
      const stored = this.#load(key);
      // A page after the first is that of the first page's time, so it never changes.
      if (query.cursor) return stored ? { stored, hit: true } : storedOrFailure(undefined, { failure: UNKNOWN_CURSOR });
      if (stored && now() < stored.freshUntil) return { stored, hit: true };
      const hold = this.#holdOf(key);
      if (hold) return storedOrFailure(stored, hold);

      const isList = UNITS.includes(query.resource);
      const [calls, most] = isList ? [this.#reads, MAX_READS] : [this.#calls, MAX_CALLS];
      const running = calls.get(key);
      if (!running && calls.size >= most) return storedOrFailure(stored, { failure: BUSY, until: now() + 1000 });
      const start = () => this.#call(key, query, stored ? "stale" : "miss");
      const call = running ?? (isList ? this.#inTurn(key, start) : start()).finally(() => calls.delete(key));
      calls.set(key, call);
      const isShort = isList || (stored && !isPatient);
      const outcome = await (isShort ? within(limits.readMs, call) : call);
      if (!outcome) {
        const until = now() + Math.max(READING_RETRY_MS, this.#paceMs());
        return this.#storedOrFailure(key, { failure: READING, until });
      }
      return running ? { ...outcome, collapsed: true } : outcome;
    }

    /** Starts a read once a reader is free, unless no request may be sent by then. */
    async #inTurn(key, start) {
      if (this.#freeReaders > 0) this.#freeReaders -= 1;
      else await new Promise((resolve) => this.#waiting.push(resolve));
      try {
        const hold = this.#holdOf(key);
        return hold ? this.#storedOrFailure(key, hold) : await start();
      } finally {
        if (this.#waiting.length > 0) this.#waiting.shift()();
        else this.#freeReaders += 1;
      }
    }

    #holdOf(key) {
      return [this.#globalHold, this.#holds.get(key)].find((each) => now() < each?.until);
    }

    /** What is stored by now. While a call was in progress, it may have expired, or the API may have rejected the token. */
    #storedOrFailure(key, hold) {
      return storedOrFailure(this.#load(key), hold);
    }

    async #call(key, query, fwd) {
      const startedAt = Date.now();
      let attempts = 0;
      const report = (fields) => log("log", { event: "upstream", key, ...fields, attempts, ms: Date.now() - startedAt });
      const options = {
        ...limits.call,
        // Older data is better than a long wait.
        ...(fwd === "stale" && !UNITS.includes(query.resource) && { maxRetries: 0 }),
        onAttempt: ({ status, waitMs }) => {
          attempts += 1;
          // While the client waits to retry, no other call may start.
          if (status === RATE_LIMITED.status && waitMs !== undefined) this.#holdAll(RATE_LIMITED, untilAfter(waitMs));
        },
      };
      try {
        const response = await this.#request(query, options);
        this.#keepReserve(response.rateLimit);
        const fresh = response.pages && (await this.#saveAll(response));
        const failure = response.failure ?? NOT_STORED;
        const holdMs = failure === TOO_LONG ? MAX_HOLD_MS : HOLD_MS;
        report({ status: 200, code: fresh ? undefined : failure.code });
        const outcome = fresh ? { stored: fresh } : this.#storedOrFailure(key, this.#hold(key, failure, now() + holdMs));
        return { ...outcome, fwd, fwdStatus: 200, rateLimit: rateLimitOf(response.headers) };
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        report({ status: error.status, code: error.code });
        const failure = { ...failureOf(error, query), requestId: error.requestId };
        // `retryAt` uses the machine's clock, not the clock that tests set.
        const until = untilAfter(error.retryAt - Date.now());
        const hold = GLOBAL_CODES.includes(error.code) ? this.#holdAll(failure, until) : this.#hold(key, failure, until);
        if (error.code !== RATE_LIMITED.code) this.#keepReserve(error.rateLimit);
        if (!failure.staleMayServe) this.#write(() => this.#delete(error.code, key, scopeOf(query)));
        const outcome = this.#storedOrFailure(key, { failure, until: hold.until });
        return { ...outcome, fwd, fwdStatus: error.status, rateLimit: rateLimitOf(error.headers) };
      }
    }

    /** The API's response, as the pages that viewers get. */
    async #request(query, options) {
      const { resource, aid, expand, startDate, endDate } = query;
      const onePage = (data) => [{ query, body: encode(data) }];
      if (!resource) {
        const response = await this.#client.getUsageWithResponse(aid, expand, options);
        return { ...response, pages: onePage(response.data) };
      }
      if (resource === QUOTAS) return { pages: onePage(await this.#client.getQuotas(options)) };
      // The wait for the rate limit is a part of the call.
      const paced = { ...options, timeout: options.timeout + MINUTE_MS, maxPages: 1_000_000, fetch: this.#fetchPaced };
      const rows = resource === TEST_UNITS
        ? this.#client.getTestUnits({ aid, startDate, endDate }, paced)
        : this.#client.getEnterpriseAgentUnits({ startDate, endDate }, paced);
      return this.#readPages(query, rows);
    }

    /** Reads all rows, and divides them into pages anew. */
    async #readPages(query, rows) {
      const pages = [];
      // Pages of another time have other cursors.
      const snapshot = now().toString(36);
      const queryOf = (page) => ({ ...query, cursor: page > 0 ? `${snapshot}-${page}` : undefined });
      let rest = [];
      let bytes = 0;
      /** Moves rows to a new page, and returns whether all pages are within the limit. */
      const addPage = () => {
        const breakdowns = rest.splice(0, PAGE_ROWS);
        const [self, next] = [queryOf(pages.length), queryOf(pages.length + 1)];
        const _links = { self: { href: hrefOf(self) }, next: rest.length > 0 ? { href: hrefOf(next) } : undefined };
        const body = encode({ breakdowns, _links });
        pages.push({ query: self, body });
        bytes += body.byteLength;
        return bytes <= MAX_BODY_BYTES;
      };
      let response;
      try {
        for await (response of rows.pages()) {
          this.#keepReserve(response.rateLimit);
          rest = rest.concat(response.data);
          while (rest.length > PAGE_ROWS) if (!addPage()) return { failure: TOO_LONG };
        }
      } catch (error) {
        // The viewer sent no cursor. One of the API may expire while the next page waits for the rate limit.
        if (response && error.code === "bad-request") return { failure: CURSOR_EXPIRED };
        throw error;
      }
      return addPage() ? { ...response, pages } : { failure: TOO_LONG };
    }

    /** The `fetch` of the units. It waits until the rate limit has room. */
    #fetchPaced = async (url, init) => {
      for (let waitMs; (waitMs = this.#paceMs()) > 0; ) {
        await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, 1000)));
        init.signal?.throwIfAborted();
      }
      this.#sentAt.push(now());
      if (this.#sentAt.length > UNITS_PER_MINUTE) this.#sentAt.shift();
      return fetch(url, init);
    };

    /** The time until a request for units may be sent, or 0 or less. */
    #paceMs() {
      const until = this.#sentAt.length < UNITS_PER_MINUTE ? 0 : this.#sentAt[0] + MINUTE_MS;
      return Math.max(until, this.#globalHold?.until ?? 0) - now();
    }

    #hold(key, failure, until) {
      const hold = { failure, until };
      this.#holds.delete(key);
      this.#holds.set(key, hold);
      if (this.#holds.size > MAX_HOLDS) this.#holds.delete(this.#holds.keys().next().value);
      return hold;
    }

    /** Keeps the longer of two holds, because responses may arrive out of order. */
    #holdAll(failure, until) {
      if (until > (this.#globalHold?.until ?? 0)) {
        this.#globalHold = { failure, until };
        this.#write(() => this.ctx.storage.kv.put("hold", this.#globalHold));
      }
      return this.#globalHold;
    }

    #keepReserve(rateLimit) {
      if (!rateLimit || rateLimit.remaining >= rateLimit.limit * RESERVE) return;
      this.#holdAll(RATE_LIMITED, untilAfter(rateLimit.reset - Date.now(), RESERVE_MS));
    }

    /** Returns whether the change was written. The storage may be full or fail. */
    #write(change) {
      try {
        this.ctx.storage.transactionSync(change);
        return true;
      } catch (error) {
        log("error", { event: "storage", stack: error.stack });
        return false;
      }
    }

    /** The stored response, unless it is too old to serve. */
    #load(key) {
      const select = "SELECT * FROM bodies WHERE key = ? AND freshUntil > ? ORDER BY part";
      const rows = this.#sql.exec(select, key, now() - STALE_MS).toArray();
      if (rows.length === 0) return undefined;
      const [{ etag, storedAt, freshUntil, requestId }] = rows;
      const body = new Uint8Array(rows.reduce((length, row) => length + row.body.byteLength, 0));
      let end = 0;
      for (const row of rows) {
        body.set(new Uint8Array(row.body), end);
        end += row.body.byteLength;
      }
      return { body, etag, storedAt, freshUntil, requestId: requestId ?? undefined };
    }

    /** Saves each page under its own key, and returns the first, unless its next page could not be saved. */
    async #saveAll({ pages, requestId }) {
      const storedAt = now();
      const entries = [];
      for (const { query, body } of pages) {
        const etag = `"${(await digest(body)).slice(0, 32)}"`;
        entries.push([query, { body, etag, storedAt, freshUntil: freshUntil(query, storedAt), requestId }]);
      }
      this.#write(() => this.#deleteExpired());
      const isSaved = this.#write(() => {
        for (const [query, stored] of entries) this.#save(keyOf(query), scopeOf(query), stored);
        this.#deleteOldest();
      });
      this.ctx.storage.setAlarm(Date.now() + FRESH_MS + STALE_MS);
      return isSaved || entries.length === 1 ? entries[0][1] : undefined;
    }

    #save(key, scope, { body, etag, storedAt, freshUntil, requestId }) {
      this.#sql.exec("DELETE FROM bodies WHERE key = ?", key);
      for (let part = 0; part * PART_BYTES < body.byteLength; part++) {
        const bytes = body.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
        const insert = "INSERT INTO bodies VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        this.#sql.exec(insert, key, scope, part, bytes, etag, storedAt, freshUntil, requestId ?? null);
      }
    }

    #deleteExpired() {
      this.#sql.exec("DELETE FROM bodies WHERE freshUntil <= ?", now() - STALE_MS);
    }

    /** Deletes what was stored first, so that the rest is within the limit. */
    #deleteOldest() {
      const total = "sum(length(body)) OVER (ORDER BY storedAt DESC)";
      const tooOld = `SELECT storedAt FROM (SELECT storedAt, ${total} AS total FROM bodies) WHERE total > ?`;
      this.#sql.exec(`DELETE FROM bodies WHERE storedAt IN (${tooOld})`, limits.storedBytes);
    }

    // A rejected token affects every key; a rejected account group affects its key with each set of breakdowns or period.
    #delete(code, key, scope) {
      if (code === "unauthorized") this.#sql.exec("DELETE FROM bodies");
      else if (code === "bad-request") this.#sql.exec("DELETE FROM bodies WHERE key = ?", key);
      else this.#sql.exec("DELETE FROM bodies WHERE scope = ?", scope);
    }

    /** Posts the alerts. Two runs at once are one, so they post once. */
    postAlerts() {
      this.#alertRun ??= this.#postAlerts().finally(() => (this.#alertRun = undefined));
      return this.#alertRun;
    }

    async #postAlerts() {
      const { alertWebhookUrl, allowedAids } = this.#config;
      const report = (level, fields) => log(level, { event: "alerts", ...fields });
      const [aid] = allowedAids ?? [];
      const { stored, detail } = await this.read({ aid, expand: [] }, true);
      // Older data may show a danger that is over.
      if (detail) return report("error", { code: detail, message: "The API has sent no current usage. The next run tries again." });
      const summary = await summarize(JSON.parse(new TextDecoder().decode(stored.body)), new Date(stored.storedAt));
      const key = `alerts of ${aid ?? ""}`;
      const { text, postedAlerts } = alertsOf(summary, stored.storedAt, this.ctx.storage.kv.get(key));
      // One post for all meters: either all alerts are posted, or none. Slack accepts one post per second.
      const message = text && (await postText(alertWebhookUrl, text, limits.postMs));
      if (message) return report("error", { message });
      if (text) this.#write(() => this.ctx.storage.kv.put(key, postedAlerts));
      report("log", { posted: text !== undefined });
    }

    /** No response is kept for much longer than it may be served. Each save puts the alarm off, and deletes what is too old. */
    alarm() {
      this.#deleteExpired();
      const [{ count }] = this.#sql.exec("SELECT count(*) AS count FROM bodies").toArray();
      if (count > 0) this.ctx.storage.setAlarm(Date.now() + FRESH_MS + STALE_MS);
    }
  };
}

/** A value as JSON in UTF-8. */
const encode = (value) => new TextEncoder().encode(JSON.stringify(value));

/** What a 403 or 404 applies to. */
const scopeOf = ({ resource, aid }) => JSON.stringify([resource ?? null, aid ?? null]);

/** The gateway's own address of a page. */
function hrefOf({ resource, aid, startDate, endDate, cursor }) {
  const parameters = Object.entries({ aid, startDate, endDate, cursor }).filter(([, value]) => value !== undefined);
  return `/api/v7/${resource}${parameters.length > 0 ? `?${new URLSearchParams(parameters)}` : ""}`;
}

function rateLimitOf(headers) {
  const values = RATE_LIMIT_HEADERS.map((name) => [name, headers?.get(name)]);
  // Only numbers are passed on to viewers.
  return Object.fromEntries(values.filter(([, value]) => /^\d+$/.test(value ?? "")));
}
