/**
 * The organisation's one store of responses: a Durable Object. All isolates in all data centres share it, so the API gets one
 * request per key and period, and its rate limit holds for all of them.
 */
import { DurableObject } from "cloudflare:workers";
import { summarize, UsageClient, UsageError } from "thousandeyes-usage";

import { alertsOf, postText } from "./alerts.js";
import { readConfig } from "./config.js";
import { failureOf } from "./problem.js";
import { digest, FRESH_MS, HOLD_MS, keyOf, STALE_MS, storedOrFailure } from "./usage.js";

/**
 * How long a call to the API may take, with and without an older response to serve in its place, and how long a post of alerts.
 * @typedef {import("thousandeyes-usage").CallOptions} CallOptions
 * @typedef {{ withStored: CallOptions, withoutStored: CallOptions, postMs: number }} Limits
 */

/** @type {Limits} */
const LIMITS = {
  // Shorter than the 30 s that a client in a page allows for its whole call.
  withoutStored: { timeout: 20_000, maxRetries: 2 },
  // Older data is better than a long wait.
  withStored: { timeout: 8_000, maxRetries: 0 },
  postMs: 10_000,
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
    /** Recent failures by key. Until its time is over, a failure is the response to its key. */
    #holds = new Map();
    /** The failure that applies to all keys. It is stored, because an idle object is soon evicted. */
    #globalHold = this.ctx.storage.kv.get("hold");
    #sql = this.ctx.storage.sql;
    #config;
    #client;
    #alerts;

    constructor(ctx, env) {
      super(ctx, env);
      this.#config = readConfig(env);
      const { token, baseUrl } = this.#config;
      this.#client = new UsageClient({ token, baseUrl, maxBodyBytes: MAX_BODY_BYTES });
      this.#sql.exec(`CREATE TABLE IF NOT EXISTS responses (
        key TEXT, part INTEGER, body BLOB, etag TEXT, storedAt INTEGER, requestId TEXT, PRIMARY KEY (key, part))`);
    }

    /** @param {import("./query.js").Query} query @returns {Promise<import("./usage.js").Outcome>} */
    async read(query) {
      const key = keyOf(query);
      const stored = this.#load(key);
      if (stored && now() - stored.storedAt < FRESH_MS) return { stored, hit: true };
      const hold = [this.#globalHold, this.#holds.get(key)].find((each) => now() < each?.until);
      if (hold) return storedOrFailure(stored, hold);

      const running = this.#calls.get(key);
      if (running) return { ...(await running), collapsed: true };
      if (this.#calls.size >= MAX_CALLS) return storedOrFailure(stored, { failure: BUSY, until: now() + 1000 });
      const call = this.#call(key, query, stored).finally(() => this.#calls.delete(key));
      this.#calls.set(key, call);
      return call;
    }

    async #call(key, { aid, expand }, stored) {
      const fwd = stored ? "stale" : "miss";
      const startedAt = Date.now();
      const report = (fields) => log("log", { event: "upstream", key, ...fields, ms: Date.now() - startedAt });
      try {
        const response = await this.#client.getUsageWithResponse(aid, expand, {
          ...(stored ? limits.withStored : limits.withoutStored),
          // While the client waits to retry, no other call may start.
          onAttempt: ({ status, waitMs }) => {
            if (status === RATE_LIMITED.status && waitMs !== undefined) this.#holdAll(RATE_LIMITED, untilAfter(waitMs));
          },
        });
        report({ status: response.status, attempts: response.attempts });
        const body = new TextEncoder().encode(JSON.stringify(response.data));
        const fresh = { body, etag: `"${(await digest(body)).slice(0, 32)}"`, storedAt: now(), requestId: response.requestId };
        this.#save(key, fresh);
        this.#keepReserve(response.rateLimit);
        return { stored: fresh, fwd, fwdStatus: response.status, rateLimit: rateLimitOf(response.headers) };
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        report({ status: error.status, code: error.code, attempts: error.attempts });
        const failure = { ...failureOf(error), requestId: error.requestId };
        if (!failure.staleMayServe) this.#delete(error.code, key, aid);
        // `retryAt` uses the machine's clock, not the clock that tests set.
        const until = untilAfter(error.retryAt - Date.now());
        if (error.code !== RATE_LIMITED.code) this.#keepReserve(error.rateLimit);
        const hold = GLOBAL_CODES.includes(error.code) ? this.#holdAll(failure, until) : this.#hold(key, failure, until);
        const stale = failure.staleMayServe ? stored : undefined;
        return { ...storedOrFailure(stale, hold), fwd, fwdStatus: error.status, rateLimit: rateLimitOf(error.headers) };
      }
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

    /** If the storage is full or fails, viewers still get their responses. */
    #write(change) {
      try {
        this.ctx.storage.transactionSync(change);
      } catch (error) {
        log("error", { event: "storage", stack: error.stack });
      }
    }

    /** The stored response, unless it is too old to serve. */
    #load(key) {
      const select = "SELECT * FROM responses WHERE key = ? AND storedAt > ? ORDER BY part";
      const rows = this.#sql.exec(select, key, now() - STALE_MS).toArray();
      if (rows.length === 0) return undefined;
      const [{ etag, storedAt, requestId }] = rows;
      const body = new Uint8Array(rows.reduce((length, row) => length + row.body.byteLength, 0));
      let end = 0;
      for (const row of rows) {
        body.set(new Uint8Array(row.body), end);
        end += row.body.byteLength;
      }
      return { body, etag, storedAt, requestId: requestId ?? undefined };
    }

    // No response is kept for longer than it may be served. Each save deletes those that are too old, and sets the alarm that
    // deletes the last one.
    #save(key, { body, etag, storedAt, requestId }) {
      this.#write(() => {
        this.#sql.exec("DELETE FROM responses WHERE key = ? OR storedAt <= ?", key, now() - STALE_MS);
        for (let part = 0; part * PART_BYTES < body.byteLength; part++) {
          const bytes = body.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
          this.#sql.exec("INSERT INTO responses VALUES (?, ?, ?, ?, ?, ?)", key, part, bytes, etag, storedAt, requestId ?? null);
        }
      });
      this.ctx.storage.setAlarm(Date.now() + STALE_MS);
    }

    // A rejected token affects every key; a rejected account group affects its key with each set of breakdowns.
    #delete(code, key, aid) {
      if (code === "unauthorized") this.#sql.exec("DELETE FROM responses");
      else if (code === "bad-request") this.#sql.exec("DELETE FROM responses WHERE key = ?", key);
      else this.#sql.exec("DELETE FROM responses WHERE json_extract(key, '$[0]') IS ?", aid ?? null);
    }

    /** Posts the alerts. Two runs at once are one, so they post once. */
    postAlerts() {
      this.#alerts ??= this.#postAlerts().finally(() => (this.#alerts = undefined));
      return this.#alerts;
    }

    async #postAlerts() {
      const { alertWebhookUrl, allowedAids } = this.#config;
      const report = (level, fields) => log(level, { event: "alerts", ...fields });
      const [aid] = allowedAids ?? [];
      const { stored, detail } = await this.read({ aid, expand: [] });
      // Older data might tell a danger that is over.
      if (detail) return report("error", { code: detail, message: "The API has sent no current usage. The next run tries again." });
      const summary = await summarize(JSON.parse(new TextDecoder().decode(stored.body)), new Date(stored.storedAt));
      const { text, told } = alertsOf(summary, stored.storedAt, this.ctx.storage.kv.get("alerts"));
      // One post for all meters: either everything in it was told, or nothing. Slack accepts one post per second.
      const message = text && (await postText(alertWebhookUrl, text, limits.postMs));
      if (message) return report("error", { message });
      if (text) this.#write(() => this.ctx.storage.kv.put("alerts", told));
      report("log", { posted: text !== undefined });
    }

    alarm() {
      this.#sql.exec("DELETE FROM responses");
    }
  };
}

function rateLimitOf(headers) {
  const values = RATE_LIMIT_HEADERS.map((name) => [name, headers?.get(name)]);
  // Only numbers are passed on to viewers.
  return Object.fromEntries(values.filter(([, value]) => /^\d+$/.test(value ?? "")));
}
