// The browsers of this machine, which one driver speaks to.
import { accessSync, constants } from "node:fs";
import { delimiter, join, sep } from "node:path";
import puppeteer from "puppeteer-core";

// Root has no sandbox.
const ARGS = ["--disable-gpu", "--disable-background-networking", ...(process.getuid?.() === 0 ? ["--no-sandbox"] : [])];

/** By $CHROMIUM, a name or a path, else the `chromium` of the PATH. */
export const launchChromium = () =>
  puppeteer.launch({ browser: "chrome", executablePath: which(process.env.CHROMIUM ?? "chromium"), args: ARGS });

/** By $FIREFOX, a name or a path, else the `firefox-esr` of the PATH. */
export const launchFirefox = () =>
  puppeteer.launch({ browser: "firefox", executablePath: which(process.env.FIREFOX ?? "firefox-esr") });

// The driver wants a path where others take a name.
function which(command) {
  if (command.includes(sep)) return command;
  const found = (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, command)).find(isExecutable);
  if (found === undefined) throw new Error(`There is no ${command} on PATH: install it, or set CHROMIUM or FIREFOX to a browser's path.`);
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
