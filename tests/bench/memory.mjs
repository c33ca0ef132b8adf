// The memory that calls use and keep. To run only this part: PKG=FOLDER node --expose-gc tests/bench/main.mjs memory
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { responseBody } from "./data.mjs";
import { alternate, median } from "./pairs.mjs";
import { script } from "./project.mjs";
import { count, goal } from "./table.mjs";

const ROUNDS = 5;

export default async function memory(project) {
  const file = join(project.folder, "response.json");
  await writeFile(file, responseBody(20_000));
  const clients = [import.meta.resolve("./decode/plain.mjs"), await project.adopt("decode/ours.mjs")];
  const measures = clients.map((client) => (measure) => script("memory/measure.mjs", measure, client, file));
  const once = await alternate(ROUNDS, ...measures.map((measure) => () => measure("once")));
  // These two count bytes, so they may run at the same time.
  const growth = await Promise.all(measures.map((measure) => measure("growth")));
  const rows = await Promise.all(measures.map((measure) => measure("row")));

  const row = (name, [plain, ours], limit) => [name, count(plain), count(ours), limit === undefined ? "" : goal(ours, limit)];
  const ofOne = (key) => once.map((samples) => median(samples.map((sample) => sample[key])));
  const ofAll = (key) => growth.map((sample) => sample[key]);
  return {
    title: "Memory",
    head: ["bytes", "plain fetch", "**thousandeyes-usage**", "goal"],
    rows: [
      row("20,000 tests: what the call adds to the process at its peak", ofOne("peak")),
      row("what stays on the heap while the result is held", ofOne("held")),
      row("what stays there after it is dropped", ofOne("dropped")),
      row("WebAssembly memory after it", ofOne("wasm")),
      row("calls 1,001 to 100,000: growth of the WebAssembly memory", ofAll("wasm"), 0),
      row("growth of the heap, the code compiled meanwhile included", ofAll("heap")),
      row("one row of 20,000 kept, the others dropped", rows.map((sample) => sample.row), 1_000),
    ],
    notes: [
      "The peak is that of the resident set. The heap is measured after a collection, with its buffers and without the " +
        "WebAssembly memory, which never shrinks: a later call uses it again.",
    ],
  };
}
