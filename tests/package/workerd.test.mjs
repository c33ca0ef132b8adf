import { join } from "node:path";
import { after, before } from "node:test";
import { writeFile } from "node:fs/promises";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

import { startApi } from "./api.mjs";
import { cases } from "./cases.mjs";
import { createConsumer } from "./consumer.mjs";

let api, consumer, miniflare;

before(async () => {
  [api, consumer] = await Promise.all([startApi(), createConsumer()]);
  const worker = join(consumer.folder, "worker.mjs");
  await writeFile(worker, `
    import { outcome } from "./outcome.mjs";
    export default { fetch: async (request) => Response.json(await outcome(await request.json())) };
  `);
  const modulesRoot = join(consumer.folder, "dist");
  await build({
    entryPoints: [worker],
    outdir: modulesRoot,
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
  });
  miniflare = new Miniflare({
    modules: true,
    modulesRoot,
    modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
    scriptPath: join(modulesRoot, "worker.js"),
    cf: false,
  });
  await miniflare.ready;
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
  redirectStatus: 302,
});
