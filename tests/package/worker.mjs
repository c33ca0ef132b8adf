// A Worker of a user's in workerd, bundled as wrangler does.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

/** Starts a Worker whose source is this, in the folder of a consumer. */
export async function startWorker(folder, source) {
  const worker = join(folder, "worker.mjs");
  await writeFile(worker, source);
  const modulesRoot = join(folder, "dist");
  await build({
    entryPoints: [worker],
    outdir: modulesRoot,
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
  });
  const miniflare = new Miniflare({
    modules: true,
    modulesRoot,
    modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
    scriptPath: join(modulesRoot, "worker.js"),
    cf: false,
    // As a new Worker has it: streams, brotli and URLs as elsewhere.
    compatibilityDate: "2026-04-01",
  });
  await miniflare.ready;
  return miniflare;
}
