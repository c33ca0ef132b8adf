// A program that runs each line of its input as a job.
import process from "node:process";
import { createInterface } from "node:readline";
import { inspect } from "node:util";

import { run } from "./runner.mjs";

createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, job } = JSON.parse(line);
  const report = await run(job, (value) => inspect(value, { depth: 10 }));
  process.stdout.write(`${JSON.stringify({ id, report })}\n`);
});
