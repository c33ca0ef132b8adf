// The tools that package.json names, and running them as a person would in a terminal.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify, stripVTControlCharacters } from "node:util";

const here = fileURLToPath(new URL(".", import.meta.url));

/** The major version of a tool. */
export function version(name) {
  const manifest = JSON.parse(readFileSync(join(here, "node_modules", name, "package.json"), "utf8"));
  return manifest.version.replace(/^(0\.\d+|\d+).*/, "$1");
}

/** The program of Node of a major version: of 20, the oldest that the package takes. */
export const nodeProgram = (major) => join(here, `node_modules/node-${major}/bin/node`);

/** The program of another tool. */
export const toolProgram = (name) => join(here, "node_modules/.bin", name);

// They are to ask nobody out there: for updates, for their makers, or where on earth this machine is.
const quiet = {
  CI: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  DENO_NO_UPDATE_CHECK: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  NO_COLOR: "1",
  WRANGLER_SEND_METRICS: "false",
};
// Tools that are scripts run in this Node: some want one that is newer than the project's own.
const PATH = [dirname(nodeProgram(22)), join(here, "node_modules/.bin"), process.env.PATH].join(delimiter);
const settings = (cwd, env) => ({ cwd, env: { ...process.env, ...quiet, PATH, ...env }, maxBuffer: 2 ** 26 });

/** Runs a program to its end, and returns what it printed to stdout. */
export async function run(cwd, [file, ...args], env) {
  try {
    return (await promisify(execFile)(file, args, { ...settings(cwd, env), timeout: 180_000 })).stdout;
  } catch (error) {
    throw new Error(`${[file, ...args].join(" ")} failed:\n${error.stdout}\n${error.stderr}`);
  }
}

/** Starts a server, and returns the address that it prints. */
export async function start(cwd, [file, ...args], env) {
  // A group of its own, since these tools start others.
  const child = spawn(file, args, { ...settings(cwd, env), detached: true, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const address = new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface(stream).on("line", (line) => {
        printed += `${line}\n`;
        const url = /http:\/\/(?:localhost|127\.0\.0\.1):\d+/.exec(stripVTControlCharacters(line));
        if (url) resolve(url[0].replace("localhost", "127.0.0.1"));
      });
    }
  });
  const ended = once(child, "exit").then(() => undefined);
  const close = () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid, "SIGKILL");
  };
  // It would outlive a test run that is interrupted.
  process.once("exit", close);
  const url = await Promise.race([address, ended]);
  if (url === undefined) throw new Error(`${[file, ...args].join(" ")} ended:\n${printed}`);
  return { url, close };
}
