// A program as a page's bundler ships it.

import { join } from "node:path";
import { build } from "esbuild";

/** The JavaScript that a page loads at once of a program, bundled in a folder that has its packages. */
export async function bundle(contents, resolveDir) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir, sourcefile: "program.js" },
    absWorkingDir: resolveDir,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    splitting: true,
    outdir: "out",
    metafile: true,
    write: false,
  });
  const { outputs } = metafile;
  const entry = Object.keys(outputs).find((name) => outputs[name].entryPoint === "program.js");
  const loaded = new Set([entry]);
  // Grows while it is walked.
  for (const name of loaded) {
    for (const { path, kind } of outputs[name].imports) if (kind === "import-statement") loaded.add(path);
  }
  return [...loaded].map((name) => outputFiles.find(({ path }) => path === join(resolveDir, name)).contents);
}
