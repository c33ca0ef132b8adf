/**
 * Builds the page into `out`: the bundle, its wasm, and the static files.
 * As a command: `node www/build.mjs [pkg] [out]`.
 */
import { copyFile, mkdir, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const PACKAGE = "thousandeyes-usage";
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
    // What the page may never need, such as the package's fallback, is a file of its own.
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

/** Resolves the package's name through the `exports` of the folder itself, as an install would. */
function packageFrom(resolveDir) {
  return {
    name: "package-from-folder",
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${PACKAGE}($|/)`) }, ({ path, kind, resolveDir: from }) =>
        // From inside the folder the name is a self-reference, which esbuild knows how to resolve.
        from === resolveDir ? undefined : build.resolve(path, { kind, resolveDir }));
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [pkg, out] = process.argv.slice(2);
  await build({ pkg, out });
}
