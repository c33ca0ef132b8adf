// A Worker of a user's in workerd, bundled as wrangler does.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

/** Starts a Worker in the folder of a consumer, which has a function of a module there; `call` calls it from afar. */
export async function startWorker(folder, module, name) {
  const worker = join(folder, "worker.mjs");
  await writeFile(worker, `
    import { ${name} } from "./${module}";
    export default { fetch: async (request) => Response.json(await ${name}(await request.json())) };
  `);
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
  return {
    async call(argument) {
      const response = await miniflare.dispatchFetch("http://worker/", { method: "POST", body: JSON.stringify(argument) });
      return response.json();
    },
    close: () => miniflare.dispose(),
  };
}
