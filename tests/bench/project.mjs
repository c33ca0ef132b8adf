// A user's project outside the checkout, with the packed package installed.
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
    /** Copies a module of this folder into the project, and returns its URL there. */
    async adopt(module) {
      const file = join(folder, basename(module));
      await copyFile(join(here, module), file);
      return pathToFileURL(file).href;
    },
    remove,
  };
}

/** Runs a script of this folder in a new process, and parses the JSON that it prints. */
export async function script(file, ...args) {
  const { stdout } = await run(process.execPath, ["--expose-gc", join(here, file), ...args]);
  return JSON.parse(stdout);
}
