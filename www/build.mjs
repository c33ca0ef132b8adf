/**
 * Builds the page into `out`: the bundle, its wasm, and the static files.
 * As a command, `node www/build.mjs [pkg] [out]` builds the Worker too.
 */
import { copyFile, mkdir, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

import { buildWorker, packageFrom } from "./build-worker.mjs";

const STATIC_FILES = ["index.html", "style.css", "favicon.svg"];
const here = dirname(fileURLToPath(import.meta.url));

/** @param {{ pkg?: string, out?: string }} [options] the folders of the built package and of the built page */
export async function build({ pkg = join(here, "../pkg"), out = join(here, "dist") } = {}) {
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  await esbuild.build({
    entryPoints: [join(here, "app.js")],
    outdir: out,
    bundle: true,
    format: "esm",
    // Code that the page may not need, such as the package's fallback, is in separate files.
    splitting: true,
    target: "es2022",
    conditions: ["browser"],
    minify: true,
    sourcemap: true,
    logLevel: "warning",
    plugins: [packageFrom(resolve(pkg))],
  });
  await copyFile(join(pkg, "usage.wasm"), join(out, "usage.wasm"));
  for (const file of STATIC_FILES) await copyFile(join(here, file), join(out, file));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [pkg, out] = process.argv.slice(2);
  await build({ pkg, out });
  await buildWorker({ pkg });
}
