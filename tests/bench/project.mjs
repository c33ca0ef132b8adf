// A project of a user's, outside the checkout: it has installed the packed package, and imports it by name.
import { execFile } from "node:child_process";
import { copyFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";

import { createConsumer } from "../package/consumer.mjs";

const run = promisify(execFile);
const here = fileURLToPath(new URL(".", import.meta.url));

/** The folder of the package that is measured. */
export const PKG = process.env.PKG ?? fileURLToPath(new URL("../../pkg/", import.meta.url));

export async function createProject() {
  const { folder, remove } = await createConsumer([], PKG);
  return {
    folder,
    /** Puts a module of this folder into the project, and gives its address there. */
    async adopt(module) {
      const file = join(folder, basename(module));
      await copyFile(join(here, module), file);
      return pathToFileURL(file).href;
    },
    remove,
  };
}

/** What a script of this folder prints as JSON, in a new process. */
export async function script(file, ...args) {
  const { stdout } = await run(process.execPath, ["--expose-gc", join(here, file), ...args]);
  return JSON.parse(stdout);
}
