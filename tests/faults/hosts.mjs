// Runs jobs of runner.mjs in a runtime: in a program, in a page or in a Worker.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { startWorker } from "../package/worker.mjs";

/** Starts a program that reads jobs from its input, one in a line. */
export const inProgram = (file, args = []) => async ({ folder }) => {
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

export const inPage = (launch) => async ({ server }) => {
  const browser = await launch();
  const page = await browser.newPage();
  await page.goto(`${server.url}/`);
  await page.waitForFunction(() => globalThis.run);
  // As JSON, because the arguments of a page make null of undefined.
  const run = (job) => page.evaluate(async (job) => JSON.stringify(await globalThis.run(JSON.parse(job))), JSON.stringify(job));
  return { run: async (job) => JSON.parse(await run(job)), close: () => browser.close() };
};

export async function inWorker({ folder }) {
  const worker = await startWorker(folder, "runner.mjs", "run");
  return { run: worker.call, close: worker.close };
}
