import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";

import { createConsumer } from "./consumer.mjs";

let consumer, left;

before(async () => {
  consumer = await createConsumer([new URL("instances.mjs", import.meta.url)]);
  const source = await readFile(new URL("memory.mjs", import.meta.url));
  const env = { FIXTURES: String(new URL("../fixtures/", import.meta.url)) };
  left = JSON.parse(await consumer.script(source, { env }));
});

after(() => consumer?.remove());

test("100,000 calls of every outcome leave the memory as large as the first 1,000, and run on one instance", () => {
  assert.equal(left.last, left.first);
  assert.equal(left.instances, 1);
});

test("100,000 calls leave no listener on their signal", () => {
  const { added } = left.listeners;
  assert.ok(added > 0);
  assert.deepEqual(left.listeners, { added, removed: added, left: 0 });
});
