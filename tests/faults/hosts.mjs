// The six runtimes: each takes calls from afar, and tells what became of them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { createInterface } from "node:readline";

import { launchChromium, launchFirefox } from "../browsers.mjs";
import { toolProgram } from "../consumers/tools.mjs";
import { answer, TYPES } from "../package/api.mjs";
import { createConsumer, pageOf } from "../package/consumer.mjs";
import { startWorker } from "../package/worker.mjs";
import { startFaults } from "./server.mjs";

const files = ["runner.mjs", "callers.mjs", "lines.mjs"].map((name) => new URL(name, import.meta.url));

/** A program that reads calls from its input, a line each. */
function program(file, args) {
  return async ({ folder }) => {
    const child = spawn(file, [...args, "lines.mjs"], { cwd: folder, stdio: ["pipe", "pipe", "inherit"] });
    const waiting = new Map();
    const lost = once(child, "exit").then(([status]) => {
      throw new Error(`the process ended with the status ${status}`);
    });
    lost.catch(() => {});
    createInterface(child.stdout).on("line", (line) => {
      if (!line.startsWith('{"id"')) return;
      const { id, report } = JSON.parse(line);
      waiting.get(id)(report);
    });
    let last = 0;
    return {
      run(job) {
        const id = (last += 1);
        child.stdin.write(`${JSON.stringify({ id, job })}\n`);
        return Promise.race([new Promise((resolve) => waiting.set(id, resolve)), lost]);
      },
      close: () => child.kill(),
    };
  };
}

function inBrowser(launch) {
  return async ({ server }) => {
    const browser = await launch();
    const page = await browser.newPage();
    await page.goto(`${server.url}/`);
    await page.waitForFunction(() => globalThis.run);
    return {
      // As JSON, since a page's arguments would not keep an undefined apart from a null.
      run: async (job) =>
        JSON.parse(
          await page.evaluate(async (job) => JSON.stringify(await globalThis.run(JSON.parse(job))), JSON.stringify(job)),
        ),
      close: () => browser.close(),
    };
  };
}

async function inWorker({ folder }) {
  const worker = await startWorker(folder, "runner.mjs", "run");
  return { run: worker.call, close: worker.close };
}

// A browser opens six connections at most to one server, and each call that stalls keeps one.
const HOSTS = {
  node: { start: program(process.execPath, []), lanes: 16 },
  deno: { start: program(toolProgram("deno"), ["run", "--quiet", "--allow-net=127.0.0.1,localhost,nobody.invalid"]), lanes: 16 },
  bun: { start: program(toolProgram("bun"), []), lanes: 16 },
  workerd: { start: inWorker, lanes: 16 },
  chromium: { start: inBrowser(launchChromium), lanes: 5 },
  firefox: { start: inBrowser(launchFirefox), lanes: 5 },
};

/** Starts a runtime and the server of its faults. */
export async function startHost(name) {
  const consumer = await createConsumer(files);
  const server = await startFaults(async (url) => {
    if (url === "/") return answer(200, "text/html", pageOf("/", "runner.mjs", "run"));
    const body = await readFile(join(consumer.folder, url)).catch(() => undefined);
    return body && answer(200, TYPES[extname(url)], body);
  });
  const host = await HOSTS[name].start({ folder: consumer.folder, server });
  let free = HOSTS[name].lanes;
  const queue = [];
  return {
    server,
    /** Runs a call, once there is a lane for it. */
    async run(job) {
      if (free > 0) free -= 1;
      else await new Promise((resolve) => queue.push(resolve));
      try {
        return await host.run(job);
      } finally {
        const next = queue.shift();
        if (next) next();
        else free += 1;
      }
    },
    async close() {
      await host.close();
      server.close();
      await consumer.remove();
    },
  };
}
