import { after, before } from "node:test";

import { startApi } from "./api.mjs";
import { cases } from "./cases.mjs";
import { createConsumer } from "./consumer.mjs";
import { startWorker } from "./worker.mjs";

let api, consumer, miniflare;

before(async () => {
  [api, consumer] = await Promise.all([startApi(), createConsumer()]);
  miniflare = await startWorker(consumer.folder, `
    import { outcome } from "./outcome.mjs";
    export default { fetch: async (request) => Response.json(await outcome(await request.json())) };
  `);
});

after(async () => {
  await miniflare?.dispose();
  await consumer?.remove();
  api?.close();
});

cases({
  api: () => api,
  async outcome(call) {
    const response = await miniflare.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify(call) });
    return response.json();
  },
});
