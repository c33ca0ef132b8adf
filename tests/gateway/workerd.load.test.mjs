import assert from "node:assert/strict";
import { test } from "node:test";

import { start, USAGE } from "./gateway.mjs";

const CLIENTS = 100;
const REQUESTS_EACH = 100;

for (const [what, query, status] of [["", "", 200], [" with the current entity tag", "?expand=test", 304]]) {
  test(`${CLIENTS * REQUESTS_EACH} requests${what} of ${CLIENTS} clients cost the API one request`, async (t) => {
    const { gateway, upstream } = await start(t);
    const headers = {};
    if (status === 304) headers["if-none-match"] = (await gateway.get(USAGE + query)).headers.get("etag");
    const statuses = {};
    const client = async () => {
      for (let i = 0; i < REQUESTS_EACH; i++) {
        const response = await gateway.get(USAGE + query, { headers });
        await response.arrayBuffer();
        statuses[response.status] = (statuses[response.status] ?? 0) + 1;
      }
    };
    await Promise.all(Array.from({ length: CLIENTS }, client));
    assert.deepEqual(statuses, { [status]: CLIENTS * REQUESTS_EACH });
    assert.equal(upstream.requests.length, 1);
  });
}
