import { accessSync, constants } from "node:fs";
import { delimiter, join, sep } from "node:path";
import { chromium } from "playwright-core";

/**
 * Starts the Chromium of this machine: `CHROMIUM` holds its name or path, "chromium" by default.
 * @returns {Promise<import("playwright-core").Browser>}
 */
export function launchChromium() {
  const args = ["--disable-gpu", "--disable-background-networking"];
  // Root has no sandbox.
  if (process.getuid?.() === 0) args.push("--no-sandbox");
  return chromium.launch({ executablePath: which(process.env.CHROMIUM ?? "chromium"), args });
}

/** Playwright wants a path where others take a name. */
function which(command) {
  if (command.includes(sep)) return command;
  const found = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, command)).find(isExecutable);
  if (found === undefined) throw new Error(`There is no ${command} on PATH: install it, or set CHROMIUM to a browser's path.`);
  return found;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
