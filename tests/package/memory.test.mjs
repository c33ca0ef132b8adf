import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { createConsumer } from "./consumer.mjs";

test("100,000 calls of every outcome run on one instance, do not grow its memory, and leave no listener", async () => {
  const consumer = await createConsumer([new URL("instances.mjs", import.meta.url)]);
  try {
    const source = await readFile(new URL("memory.mjs", import.meta.url));
    const env = { FIXTURES: String(new URL("../fixtures/", import.meta.url)) };
    const { first, last, instances, listeners } = JSON.parse(await consumer.script(source, { env }));
    assert.deepEqual([last, instances], [first, 1]);
    assert.ok(listeners.added > 0);
    assert.deepEqual([listeners.removed, listeners.left], [listeners.added, 0]);
  } finally {
    await consumer.remove();
  }
});
