// 10,000 requests from 100 connections: what they cost the API, and how long they take beside a Worker that does nothing.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

/** A Worker in the gateway's place that answers with these bytes at once. */
async function startBare(t, body) {
  const folder = await mkdtemp(join(tmpdir(), "bare-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "index.js"), `
    const body = new TextEncoder().encode(${JSON.stringify(body)});
    export default { fetch: () => new Response(body, { headers: { "content-type": "application/hal+json" } }) };
    export class UsageStore {}
  `);
  return startGateway(t, { worker: folder });
}

test(`${AMOUNT} requests from ${CONNECTIONS} connections cost the API 1`, async (t) => {
  const { gateway, upstream } = await start(t);
  const loaded = await fire(gateway.url + USAGE, { authorization: `Bearer ${KEY}` });
  assert.equal(upstream.requests.length, 1);

  const body = await (await gateway.get(USAGE)).text();
  const bare = await fire((await startBare(t, body)).url + USAGE);
  t.diagnostic(line("gateway", loaded));
  t.diagnostic(line("bare Worker", bare));
});

test("as many questions that each name what the viewer has already cost the API 1, and no body", async (t) => {
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
