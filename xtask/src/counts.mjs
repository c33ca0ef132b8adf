// A reporter of `node --test`: one line of JSON with how many tests passed, failed, and were not run, and the seconds of all.

import { resolve } from "node:path";

export default async function* counts(events) {
  const sum = { passed: 0, failed: 0, skipped: 0 };
  for await (const { type, data } of events) {
    if ((type !== "test:pass" && type !== "test:fail") || data.details.type === "suite") continue;
    const isSkipped = data.skip !== undefined || data.todo !== undefined;
    // Node reports a file without tests as a test of the file's name that passed.
    const isFile = data.nesting === 0 && resolve(data.name) === data.file;
    if (isSkipped) sum.skipped++;
    else if (type === "test:fail") sum.failed++;
    else if (!isFile) sum.passed++;
  }
  yield `${JSON.stringify({ ...sum, seconds: performance.now() / 1000 })}\n`;
}
