// The tools of package.json, and functions that run them like a terminal.
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

/** The program of Node's major version. For 20 it is the oldest that the package supports. */
export const nodeProgram = (major) => join(here, `node_modules/node-${major}/bin/node`);

/** The program of another tool. */
export const toolProgram = (name) => join(here, "node_modules/.bin", name);

// The tools may not send requests to the internet: no update checks, no telemetry, no location.
const quiet = {
  CI: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  DENO_NO_UPDATE_CHECK: "1",
  NEXT_TELEMETRY_DISABLED: "1",
  NO_COLOR: "1",
  WRANGLER_SEND_METRICS: "false",
};
// Tools that are scripts run in this Node, because some need a newer one than the project.
const PATH = [dirname(nodeProgram(22)), join(here, "node_modules/.bin"), process.env.PATH].join(delimiter);
const settings = (cwd, env) => ({ cwd, env: { ...process.env, ...quiet, PATH, ...env }, maxBuffer: 2 ** 26 });

/** Runs a program, and returns its stdout. */
export async function run(cwd, [file, ...args], env) {
  try {
    return (await promisify(execFile)(file, args, { ...settings(cwd, env), timeout: 180_000 })).stdout;
  } catch (error) {
    throw new Error(`${[file, ...args].join(" ")} failed:\n${error.stdout}\n${error.stderr}`);
  }
}

/** Starts a server, and returns the URL that it prints. */
export async function start(cwd, [file, ...args], env) {
  // In a process group, because these tools start other processes.
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
  // Otherwise it would outlive an interrupted test run.
  process.once("exit", close);
  const url = await Promise.race([address, ended]);
  if (url === undefined) throw new Error(`${[file, ...args].join(" ")} ended:\n${printed}`);
  return { url, close };
}
