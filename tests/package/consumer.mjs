// A project of a user's: it has installed the packed package, and imports it by name.
import { execFile } from "node:child_process";
import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const PKG = fileURLToPath(new URL("../../pkg/", import.meta.url));

/** Makes the project, with these files in it, in Node and with npm. It has the package of a folder. */
export async function createConsumer(files = [new URL("outcome.mjs", import.meta.url)], pkg = PKG) {
  const folder = await mkdtemp(join(tmpdir(), "consumer-"));
  const { stdout } = await run("npm", ["pack", pkg, "--pack-destination", folder, "--json"]);
  const [{ filename }] = JSON.parse(stdout);
  await writeFile(join(folder, "package.json"), '{ "private": true }');
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${filename}`], { cwd: folder });
  await Promise.all(files.map((file) => copyFile(file, join(folder, basename(file.pathname)))));

  /** What a script of the project prints, in a process of its own. */
  async function script(source, { env = {}, timeout, file = "script.mjs" } = {}) {
    await writeFile(join(folder, file), source);
    const { stdout } = await run(process.execPath, [file], { cwd: folder, env: { ...process.env, ...env }, timeout });
    return stdout.trim();
  }

  return { folder, script, remove: () => rm(folder, { recursive: true }) };
}

/** A page of the project's, served below `base`: it names the package by an import map, and has a function of a module. */
export const pageOf = (base, module, name) => `<!doctype html>
<link rel="icon" href="data:,">
<script type="importmap">
  { "imports": { "thousandeyes-usage": "${base}node_modules/thousandeyes-usage/browser.js" } }
</script>
<script type="module">
  import { ${name} } from "${base}${module}";
  globalThis.${name} = ${name};
</script>`;
