// A user's project, with the packed package installed.
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const PKG = fileURLToPath(new URL("../../pkg/", import.meta.url));

/** Creates the project with npm: the files, and the package of a folder. */
export async function createConsumer(files = [new URL("outcome.mjs", import.meta.url)], pkg = PKG) {
  const folder = await mkdtemp(join(tmpdir(), "consumer-"));
  const { stdout } = await run("npm", ["pack", pkg, "--pack-destination", folder, "--json"]);
  const [{ filename }] = JSON.parse(stdout);
  await writeFile(join(folder, "package.json"), '{ "private": true }');
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${filename}`], { cwd: folder });
  await Promise.all(files.map((file) => copyFile(file, join(folder, basename(file.pathname)))));

  /** Runs a script in the project, and returns what it prints. */
  async function script(source, { env = {}, timeout, file = "script.mjs" } = {}) {
    await writeFile(join(folder, file), source);
    const { stdout } = await run(process.execPath, [file], { cwd: folder, env: { ...process.env, ...env }, timeout });
    return stdout.trim();
  }

  /** Loads a module of the installed package. */
  const load = (file) => import(pathToFileURL(join(folder, "node_modules/thousandeyes-usage", file)));

  return { folder, script, load, remove: () => rm(folder, { recursive: true }) };
}

/** A page of the project, served below `base`. Its import map names the package. A function of a module is global. */
export const pageOf = (base, module, name) => `<!doctype html>
<link rel="icon" href="data:,">
<script type="importmap">
  { "imports": { "thousandeyes-usage": "${base}node_modules/thousandeyes-usage/browser.js" } }
</script>
<script type="module">
  import { ${name} } from "${base}${module}";
  globalThis.${name} = ${name};
</script>`;
