// 10,000 requests on 100 connections: how many of them reach the API. The durations are printed.
import assert from "node:assert/strict";
import { test } from "node:test";

import autocannon from "autocannon";

import { KEY, start, USAGE } from "./gateway.mjs";

const LOAD = { amount: 10_000, connections: 100 };

for (const [what, query, status] of [["", "", "200"], [" with the current entity tag", "?expand=test", "304"]]) {
  test(`${LOAD.amount} requests${what} on ${LOAD.connections} connections cost the API one request`, async (t) => {
    const { gateway, upstream } = await start(t);
    const headers = { authorization: `Bearer ${KEY}` };
    if (status === "304") headers["if-none-match"] = (await gateway.get(USAGE + query)).headers.get("etag");
    const result = await autocannon({ url: gateway.url + USAGE + query, headers, ...LOAD });
    assert.deepEqual([result.errors, result.timeouts, Object.keys(result.statusCodeStats)], [0, 0, [status]]);
    // A request is not counted if its kept-alive connection is closed as it arrives: autocannon only connects again.
    assert.ok(result.statusCodeStats[status].count > 0.99 * LOAD.amount);
    assert.equal(upstream.requests.length, 1);
    const { requests, latency, duration } = result;
    t.diagnostic(`${Math.round(requests.total / duration)} req/s, p50 ${latency.p50} ms, p99 ${latency.p99} ms`);
  });
}
