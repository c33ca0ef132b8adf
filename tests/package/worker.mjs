// A user's Worker in workerd, bundled as wrangler does.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { build } from "esbuild";
import { Miniflare } from "miniflare";

/** Starts a Worker with a function of a module in the folder. `call` runs that function in the Worker. */
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
    // That of a new Worker, in which streams, brotli and URLs follow the standards.
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
