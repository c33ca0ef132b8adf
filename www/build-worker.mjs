/**
 * Bundles the Worker (worker/index.js) for deployment: one module, and the WebAssembly beside it, because a Worker cannot compile
 * it at run time. The bundle is not in the page's folder, where it would be served as a file.
 */
import { rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const PACKAGE = "thousandeyes-usage";
const here = dirname(fileURLToPath(import.meta.url));

/** The folder of the bundle. Its main module is `index.js`. */
export const WORKER = join(here, "worker/dist");

/** @param {{ pkg?: string, out?: string, entry?: string }} [options] the built package, the output folder, and the entry */
export async function buildWorker({ pkg = join(here, "../pkg"), out = WORKER, entry = join(here, "worker/index.js") } = {}) {
  await rm(out, { recursive: true, force: true });
  await esbuild.build({
    entryPoints: { index: entry },
    outdir: out,
    bundle: true,
    format: "esm",
    target: "es2022",
    conditions: ["workerd", "worker"],
    external: ["cloudflare:*"],
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
    logLevel: "warning",
    plugins: [packageFrom(resolve(pkg))],
  });
}

/** Resolves the package's name through the `exports` of its folder, as if it were installed. */
export function packageFrom(resolveDir) {
  return {
    name: "package-from-folder",
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${PACKAGE}($|/)`) }, ({ path, kind, resolveDir: from }) =>
        // Within the folder, the name is a self-reference, which esbuild resolves.
        from === resolveDir ? undefined : build.resolve(path, { kind, resolveDir }));
    },
  };
}
