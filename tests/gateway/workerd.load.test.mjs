// 10,000 requests from 100 connections: how many of them reach the API. Their times are printed.
import assert from "node:assert/strict";
import { test } from "node:test";

import autocannon from "autocannon";

import { KEY, start, startGateway, USAGE } from "./gateway.mjs";

const AMOUNT = 10_000;
const CONNECTIONS = 100;

/** Sends them all, and gives the statistics. */
async function fire(url, headers = {}) {
  const result = await autocannon({ url, headers, amount: AMOUNT, connections: CONNECTIONS });
  assert.deepEqual([result.errors, result.timeouts, result.non2xx], [0, 0, 0]);
  assert.equal(result["2xx"], AMOUNT);
  return result;
}

const line = (name, { requests, latency, duration }) =>
  `${name}: ${Math.round(requests.total / duration)} req/s, p50 ${latency.p50} ms, p99 ${latency.p99} ms`;

test(`${AMOUNT} requests from ${CONNECTIONS} connections cost the API 1`, async (t) => {
  const { gateway, upstream } = await start(t);
  const loaded = await fire(gateway.url + USAGE, { authorization: `Bearer ${KEY}` });
  assert.equal(upstream.requests.length, 1);

  t.diagnostic(line("gateway", loaded));
});

test("as many requests with the entity tag of the response cost the API 1, and have no body", async (t) => {
  const { gateway, upstream } = await start(t);
  const etag = (await gateway.get(`${USAGE}?expand=test`)).headers.get("etag");
  const result = await autocannon({
    url: `${gateway.url}${USAGE}?expand=test`,
    headers: { authorization: `Bearer ${KEY}`, "if-none-match": etag },
    amount: AMOUNT,
    connections: CONNECTIONS,
  });
  assert.deepEqual([result.errors, result["3xx"]], [0, AMOUNT]);
  assert.equal(upstream.requests.length, 1);
  t.diagnostic(line("304", result));
});
