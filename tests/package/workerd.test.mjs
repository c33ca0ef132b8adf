import { after } from "node:test";

import { startApi } from "./api.mjs";
import { cases } from "./cases.mjs";
import { createConsumer } from "./consumer.mjs";
import { startWorker } from "./worker.mjs";

const [api, consumer] = await Promise.all([startApi(), createConsumer()]);
const worker = await startWorker(consumer.folder, "outcome.mjs", "outcome");

after(async () => {
  await worker.close();
  await consumer.remove();
  api.close();
});

cases({ api: () => api, outcome: (call) => worker.call(call) });
