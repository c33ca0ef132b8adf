// The table's rows as tests, in one runtime.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, describe, test } from "node:test";

import { startHost } from "./hosts.mjs";
import { casesOf, NAMES, outcomeOf } from "./outcome.mjs";
import { TABLE } from "./table.mjs";

/** The ways of runner.mjs to send a token. */
const WAYS = ["token", "provider", "header"];

/** What a clock of milliseconds may be off at each end. */
const TICK = 5;

const isWithin = (value, [least, most]) => value >= least - TICK && value <= most + TICK;

function equal(actual, wanted, what) {
  if (wanted instanceof RegExp) assert.match(actual, wanted, what);
  else assert.deepEqual(actual, wanted, what);
}

/** Compares what became of a case with its outcome. */
async function compare(report, outcome, one, call, baseUrl) {
  const { code, data, attempts = 1, wire = attempts, within = [0, 25_000], waits, retryIn, ...wanted } = outcome;
  const { error, reports } = report;
  assert.equal(report.leak, undefined, "the token shows");
  assert.deepEqual(report.unhandled, []);
  if (code === undefined) {
    assert.equal(error, undefined);
    assert.deepEqual(report.data, JSON.parse(JSON.stringify(data)));
  } else {
    assert.ok([code].flat().includes(error?.code), `${error?.code}: ${error?.message}`);
    assert.deepEqual([error.name, error.isOfItsClasses, error.attempts], [NAMES[error.code], true, attempts]);
    assert.match(error.message, /^[^\n]{20,}$/);
    for (const [name, value] of Object.entries(wanted)) equal(error[name], value, name);
    if (retryIn !== undefined) {
      const range = Array.isArray(retryIn) ? [retryIn[0] - report.elapsed, retryIn[1]] : [retryIn - report.elapsed, retryIn];
      assert.ok(isWithin(error.retryIn, range), `retryIn is ${error.retryIn}`);
    }
  }
  assert.equal(reports.length, attempts, "what onAttempt was told");
  if (error) {
    reports.forEach(({ attempt, url, durationMs }, index) => {
      assert.deepEqual([attempt, url.split("?")[0], durationMs >= 0], [index + 1, `${baseUrl}/v7/usage`, true]);
    });
    const last = reports.at(-1);
    // An attempt that a wait followed had ended before.
    if (last && last.waitMs === undefined) assert.deepEqual([last.code, last.status], [error.code, error.status ?? last.status]);
  }
  const [least, most] = Array.isArray(wire) ? wire : [wire, wire];
  const { length } = call.requests;
  assert.ok(length >= least && length <= most, `${length} requests at the server`);
  for (const { method, path } of call.requests) assert.match(`${method} ${path}`, /^GET \/v7\/usage(\?aid=\d+)?$/);
  const waited = reports.flatMap(({ waitMs }) => waitMs ?? []);
  if (attempts <= 1) assert.deepEqual(waited, waits ?? []);
  else if (waits !== undefined) {
    assert.equal(waited.length, waits.length);
    waits.forEach((wait, index) =>
      assert.ok(Array.isArray(wait) ? isWithin(waited[index], wait) : waited[index] === wait, `waited ${waited}`),
    );
  }
  assert.ok(isWithin(report.elapsed, within), `it took ${report.elapsed} ms`);
  if (one.written !== undefined) assert.ok((await call.written.happened) <= one.written);
  if (one.memory !== undefined && report.memory !== undefined)
    assert.ok(report.memory < one.memory, `memory grew by ${report.memory}`);
}

/** Runs the table in the runtime of this name. */
export function matrix(name) {
  let host;
  // Where requests may go: to the calls, and in a page for its files.
  const origins = new Set();

  before(async () => {
    host = await startHost(name);
    origins.add(host.server.url);
  });

  after(async () => {
    await host?.close();
  });

  let count = 0;

  async function check(row, one) {
    const call = host.server.expect(one.answer ?? {});
    const address = new URL(one.refused ? await host.server.refused() : call.baseUrl);
    Object.assign(address, one.address);
    const baseUrl = address.href.replace(/\/$/, "");
    origins.add(address.origin);
    // Each way to send a token, each function, and tokens of all lengths take turns.
    count += 1;
    const token = randomBytes(18 + (count % 7) * 30).toString(count % 2 ? "base64" : "base64url");
    const { token: own, headers } = one.options ?? {};
    const way = own === undefined && headers === undefined ? WAYS[count % WAYS.length] : undefined;
    const job = { ...one, way, whole: count % 4 === 0, options: { baseUrl, token, ...one.options } };
    const report = await host.run(job);
    for (const url of report.asked) assert.ok(origins.has(new URL(url).origin), `${url} was asked`);
    await compare(report, outcomeOf(row, one, name), one, call, baseUrl);
  }

  for (const { title, rows } of TABLE) {
    describe(title, { concurrency: true }, () => {
      for (const row of rows) {
        test(row.fault, { timeout: 60_000 }, async () => {
          const entries = casesOf(row);
          assert.ok(entries.length > 0);
          const results = await Promise.allSettled(entries.map(([, one]) => check(row, one)));
          const failed = results.flatMap(({ reason }, index) => (reason ? [`${entries[index][0]}: ${reason.message}`] : []));
          assert.equal(failed.join("\n"), "");
        });
      }
    });
  }

  test("nothing was ever sent to another address", () => assert.deepEqual(host.server.strays, []));
}
