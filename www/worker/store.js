/**
 * The organisation's one store of answers: a Durable Object, so that all isolates of all data centres together ask the API
 * once per key and period, and all heed its rate limit. A cache for each isolate or data centre would be less to deploy, but
 * each would ask for itself, and none outlives its isolate where the Cache API is not given (see usage.js).
 */
import { DurableObject } from "cloudflare:workers";
import { UsageClient, UsageError } from "thousandeyes-usage";

import { readConfig } from "./config.js";
import { failureOf } from "./problem.js";
import { digest, FRESH_MS, HOLD_MS, instead, keyOf, STALE_MS } from "./usage.js";

/**
 * How long the API may take, as options of a call.
 * @typedef {{ alone: import("thousandeyes-usage").CallOptions, withStale: import("thousandeyes-usage").CallOptions }} Patience
 */

/** @type {Patience} */
const PATIENCE = {
  // Less than the 30 s that a client in a page waits for all of its own call.
  alone: { timeout: 20_000, maxRetries: 2 },
  // Who has older data to show need not wait for a second try.
  withStale: { timeout: 8_000, maxRetries: 0 },
};
// A time that the API gave is taken within this and HOLD_MS: a crowd that reloads must not storm an API that is down, nor use
// up the rate limit with an aid that it refuses; and a slip of the API's must not shut the gateway for a day.
const MAX_HOLD_MS = 15 * 60_000;
const MAX_HOLDS = 1000;
// The API counts by the minute.
const RESERVE_MS = { least: 1000, most: 60_000 };
// The share of the rate limit that viewers leave to the organisation's other programs, however much they ask for.
const RESERVE = 0.1;
const RATE_LIMITED = {
  code: "rate-limit", retryable: true, status: 429, members: {}, staleMayServe: true,
  detail: "The organisation's rate limit is used up, or nearly so.",
};
const MAX_CALLS = 6;
const BUSY = {
  code: "busy", retryable: true, status: 503, members: {}, staleMayServe: true,
  detail: "The gateway is asking the API for others.",
};
// Of 128 MB in all, an answer is there as the package read it, as JSON, and in each reply.
const MAX_BODY_BYTES = 16 * 2 ** 20;
// A row holds 2 MB at most.
const PART_BYTES = 2 ** 20;
// Whatever else is asked would fail alike.
const OF_ALL = ["rate-limit", "unauthorized"];
const RATE_LIMIT_HEADERS = ["limit", "remaining", "reset"].map((name) => `x-organization-rate-limit-${name}`);

/** @param {{ now: () => number, patience?: Patience, log: (level: "log" | "error", fields: object) => void }} options */
export function storeClass({ now, patience = PATIENCE, log }) {
  /** When to ask again. @param {number} told after how many ms, or NaN */
  const untilAfter = (told, { least, most } = { least: HOLD_MS, most: MAX_HOLD_MS }) =>
    now() + Math.min(Math.max(told || 0, least), most);

  return class UsageStore extends DurableObject {
    /** @type {Map<string, Promise<import("./usage.js").Outcome>>} */
    #calls = new Map();
    /** Failures, by key, that stand until a time. */
    #holds = new Map();
    /** The one that stands for all keys. It is stored, since an idle object is soon evicted. */
    #holdOfAll = this.ctx.storage.kv.get("hold");
    #sql = this.ctx.storage.sql;
    #client;

    constructor(ctx, env) {
      super(ctx, env);
      const { token, baseUrl } = readConfig(env);
      this.#client = new UsageClient({ token, baseUrl, maxBodyBytes: MAX_BODY_BYTES });
      this.#sql.exec(`CREATE TABLE IF NOT EXISTS answers (
        key TEXT, part INTEGER, body BLOB, etag TEXT, storedAt INTEGER, requestId TEXT, PRIMARY KEY (key, part))`);
    }

    /** @param {import("./query.js").Query} query @returns {Promise<import("./usage.js").Outcome>} */
    async read(query) {
      const key = keyOf(query);
      const answer = this.#load(key);
      if (answer && now() - answer.storedAt < FRESH_MS) return { answer, hit: true };
      const hold = [this.#holdOfAll, this.#holds.get(key)].find((each) => now() < each?.until);
      if (hold) return instead(answer, hold);

      const running = this.#calls.get(key);
      if (running) return { ...(await running), collapsed: true };
      if (this.#calls.size >= MAX_CALLS) return instead(answer, { failure: BUSY, until: now() + 1000 });
      const call = this.#ask(key, query, answer).finally(() => this.#calls.delete(key));
      this.#calls.set(key, call);
      return call;
    }

    async #ask(key, { aid, expand }, answer) {
      const fwd = answer ? "stale" : "miss";
      const from = Date.now();
      const report = (fields) => log("log", { event: "upstream", key, ...fields, ms: Date.now() - from });
      try {
        const response = await this.#client.getUsageWithResponse(aid, expand, {
          ...(answer ? patience.withStale : patience.alone),
          // The client waits and tries again, and no other call may come in between.
          onAttempt: ({ status, waitMs }) => {
            if (status === RATE_LIMITED.status && waitMs !== undefined) this.#holdAll(RATE_LIMITED, untilAfter(waitMs));
          },
        });
        report({ status: response.status, attempts: response.attempts });
        const body = new TextEncoder().encode(JSON.stringify(response.data));
        const fresh = { body, etag: `"${(await digest(body)).slice(0, 32)}"`, storedAt: now(), requestId: response.requestId };
        this.#save(key, fresh);
        this.#heed(response.rateLimit);
        return { answer: fresh, fwd, fwdStatus: response.status, rateLimit: rateLimitOf(response.headers) };
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        report({ status: error.status, code: error.code, attempts: error.attempts });
        const failure = { ...failureOf(error), requestId: error.requestId };
        if (!failure.staleMayServe) this.#delete(error.code, key, aid);
        // `retryAt` is by the machine's clock, which is not the one that tests move.
        const until = untilAfter(error.retryAt - Date.now());
        if (error.code !== RATE_LIMITED.code) this.#heed(error.rateLimit);
        const hold = OF_ALL.includes(error.code) ? this.#holdAll(failure, until) : this.#hold(key, failure, until);
        const old = failure.staleMayServe ? answer : undefined;
        return { ...instead(old, hold), fwd, fwdStatus: error.status, rateLimit: rateLimitOf(error.headers) };
      }
    }

    #hold(key, failure, until) {
      const hold = { failure, until };
      this.#holds.delete(key);
      this.#holds.set(key, hold);
      if (this.#holds.size > MAX_HOLDS) this.#holds.delete(this.#holds.keys().next().value);
      return hold;
    }

    /** The longer one stands: answers may come in another order than they were sent. */
    #holdAll(failure, until) {
      if (until > (this.#holdOfAll?.until ?? 0)) {
        this.#holdOfAll = { failure, until };
        this.#write(() => this.ctx.storage.kv.put("hold", this.#holdOfAll));
      }
      return this.#holdOfAll;
    }

    #heed(rateLimit) {
      if (!rateLimit || rateLimit.remaining >= rateLimit.limit * RESERVE) return;
      this.#holdAll(RATE_LIMITED, untilAfter(rateLimit.reset - Date.now(), RESERVE_MS));
    }

    /** Storage that is full or out of order costs no viewer an answer. */
    #write(change) {
      try {
        this.ctx.storage.transactionSync(change);
      } catch (error) {
        log("error", { event: "storage", stack: error.stack });
      }
    }

    /** The answer that is kept, unless it is too old for anything. */
    #load(key) {
      const select = "SELECT * FROM answers WHERE key = ? AND storedAt > ? ORDER BY part";
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

    // Nothing is kept for longer than it may be served: what is too old goes with the next answer, and the last one by the
    // alarm, which each answer puts off.
    #save(key, { body, etag, storedAt, requestId }) {
      this.#write(() => {
        this.#sql.exec("DELETE FROM answers WHERE key = ? OR storedAt <= ?", key, now() - STALE_MS);
        for (let part = 0; part * PART_BYTES < body.byteLength; part++) {
          const bytes = body.slice(part * PART_BYTES, (part + 1) * PART_BYTES);
          this.#sql.exec("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)", key, part, bytes, etag, storedAt, requestId ?? null);
        }
      });
      this.ctx.storage.setAlarm(Date.now() + STALE_MS);
    }

    // An account group that is refused is so with each set of breakdowns; a token that is refused, for everything.
    #delete(code, key, aid) {
      if (code === "unauthorized") this.#sql.exec("DELETE FROM answers");
      else if (code === "bad-request") this.#sql.exec("DELETE FROM answers WHERE key = ?", key);
      else this.#sql.exec("DELETE FROM answers WHERE json_extract(key, '$[0]') IS ?", aid ?? null);
    }

    alarm() {
      this.#sql.exec("DELETE FROM answers");
    }
  };
}

function rateLimitOf(headers) {
  const values = RATE_LIMIT_HEADERS.map((name) => [name, headers?.get(name)]);
  // Whatever else stands there is none of the viewer's.
  return Object.fromEntries(values.filter(([, value]) => /^\d+$/.test(value ?? "")));
}
