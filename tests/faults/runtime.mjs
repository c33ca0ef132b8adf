// Makes a test of each row of the table, in one runtime.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { after, before, describe, test } from "node:test";

import { respond, TYPES } from "../package/api.mjs";
import { createConsumer, pageOf } from "../package/consumer.mjs";
import { casesOf, classOf, outcomeOf } from "./outcome.mjs";
import { startServer } from "./server.mjs";
import { TABLE } from "./table.mjs";

const FILES = ["runner.mjs", "callers.mjs", "lines.mjs"].map((name) => new URL(name, import.meta.url));

/** How runner.mjs sends the token. */
const SENDERS = ["token", "provider", "header"];

/** The error of a clock, in milliseconds. */
const TICK = 5;

function assertWithin(value, expected, what) {
  const [least, most] = [expected].flat().length === 2 ? expected : [expected, expected];
  assert.ok(value >= least && value <= most, `${what}: ${value}, not ${expected}`);
}

/** The same, with the error of a clock. */
const assertAbout = (value, [least, most], what) => assertWithin(value, [least - TICK, most + TICK], what);

/** Asserts that a report has the outcome. */
async function assertOutcome(report, outcome, one, call, baseUrl) {
  const { code, data, attempts = 1, earlier = 0, requests = earlier + attempts, within = [0, 25_000], ...rest } = outcome;
  const { waits = attempts > 1 ? undefined : [], retryIn, afterPage, ...fields } = rest;
  const { error, reports, elapsed } = report;
  const { path = "/v7/usage" } = one;
  assert.equal(report.leak, undefined, "the token shows");
  assert.deepEqual(report.unhandled, []);
  if (code === undefined) {
    assert.equal(error, undefined);
    assert.deepEqual(report.data, JSON.parse(JSON.stringify(data)));
  } else {
    assert.ok([code].flat().includes(error?.code), `${error?.code}: ${error?.message}`);
    assert.deepEqual([error.name, error.isOfItsClasses, error.attempts], [classOf(error.code), true, attempts]);
    assert.match(error.message, /^[^\n]{20,}$/);
    for (const [name, value] of Object.entries(fields)) {
      if (value instanceof RegExp) assert.match(error[name], value, name);
      else assert.deepEqual(error[name], value, name);
    }
    const [least, most] = [retryIn, retryIn].flat();
    if (retryIn !== undefined) assertAbout(error.retryIn, [least - elapsed, most], "retryIn");
    reports.slice(earlier).forEach(({ attempt, url, durationMs }, index) => {
      assert.deepEqual([attempt, url.split("?")[0], durationMs >= 0], [index + 1, baseUrl + path, true]);
    });
    const last = reports.at(-1);
    // The error is that of the last attempt, unless the call ended in a wait.
    if (last && last.waitMs === undefined) {
      assert.deepEqual([last.code, last.status], [afterPage ? undefined : error.code, error.status ?? last.status]);
    }
  }
  assert.equal(reports.length, earlier + attempts, "the reports of onAttempt");
  assertWithin(call.requests.length, requests, "requests at the server");
  for (const request of call.requests) {
    const [pathname, query = ""] = request.path.split("?");
    assert.deepEqual([request.method, pathname], ["GET", path]);
    assert.match(query, /^((aid=\d+|cursor=\w+)|)$/);
  }
  if (waits) {
    const waited = reports.flatMap(({ waitMs }) => waitMs ?? []);
    assert.equal(waited.length, waits.length, "waits");
    waits.forEach((wait, index) => (Array.isArray(wait) ? assertAbout : assertWithin)(waited[index], wait, "a wait"));
  }
  assertAbout(elapsed, within, "the time of the call");
  if (one.written !== undefined) assertWithin(await call.written.happened, [0, one.written], "bytes written");
  if (one.memory !== undefined && report.memory !== undefined) assertWithin(report.memory, [-Infinity, one.memory], "memory");
}

/** Runs the table in a runtime, which `start` starts. `lanes` is how many calls run at a time. */
export function testTable(name, start, { lanes = 16 } = {}) {
  let consumer, server, host;
  // The origins that may get requests: those of the calls, and in a page that of its files.
  const origins = new Set();
  let free = lanes;
  const queue = [];

  async function inLane(act) {
    while (free === 0) await new Promise((resolve) => queue.push(resolve));
    free -= 1;
    try {
      return await act();
    } finally {
      free += 1;
      queue.shift()?.();
    }
  }

  before(async () => {
    consumer = await createConsumer(FILES);
    server = await startServer(async (url) => {
      if (url === "/") return respond(200, "text/html", pageOf("/", "runner.mjs", "run"));
      const body = await readFile(join(consumer.folder, url)).catch(() => undefined);
      return body && respond(200, TYPES[extname(url)], body);
    });
    host = await start({ folder: consumer.folder, server });
    origins.add(server.url);
  });

  after(async () => {
    await host?.close();
    server?.close();
    await consumer?.remove();
  });

  let count = 0;

  async function assertCase(row, one) {
    const call = server.expect(one.response ?? {});
    const address = new URL(one.refused ? await server.refused() : call.baseUrl);
    Object.assign(address, one.address);
    const baseUrl = address.href.replace(/\/$/, "");
    origins.add(address.origin);
    // The senders, both functions, and tokens of different lengths take turns.
    count += 1;
    const token = randomBytes(18 + (count % 7) * 30).toString(count % 2 ? "base64" : "base64url");
    const hasOwn = one.options?.token !== undefined || one.options?.headers !== undefined;
    const sender = hasOwn ? undefined : SENDERS[count % SENDERS.length];
    const job = { ...one, sender, withResponse: count % 4 === 0, options: { baseUrl, token, ...one.options } };
    const report = await inLane(() => host.run(job));
    for (const url of report.requested) assert.ok(origins.has(new URL(url).origin), `${url} was requested`);
    await assertOutcome(report, outcomeOf(row, one, name), one, call, baseUrl);
  }

  for (const { title, rows } of TABLE) {
    describe(title, { concurrency: true }, () => {
      for (const row of rows) {
        test(row.fault, { timeout: 60_000 }, async () => {
          const entries = casesOf(row);
          assert.ok(entries.length > 0);
          const results = await Promise.allSettled(entries.map(([, one]) => assertCase(row, one)));
          const failed = results.flatMap(({ reason }, index) => (reason ? [`${entries[index][0]}: ${reason.message}`] : []));
          assert.equal(failed.join("\n"), "");
        });
      }
    });
  }

  test("nothing was sent to another URL", () => assert.deepEqual(server.strays, []));
}
