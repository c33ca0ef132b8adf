// A script that measures the memory of calls. Its arguments are the name of a measure and the URL of a client.
import { readFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";

import { memories } from "../../package/instances.mjs";
import { responseBody } from "../data.mjs";

const [measure, client, ...args] = process.argv.slice(2);

const { default: decode } = await import(client);

let body;
const fetch = async () => new Response(body, { headers: { "content-type": "application/json" } });

function call(next) {
  body = next;
  return decode(fetch);
}

/** The bytes of all WebAssembly memories. */
const wasm = () => memories().reduce((sum, { buffer }) => sum + buffer.byteLength, 0);

/** The bytes of reachable objects and buffers, without the WebAssembly memories. */
async function heap() {
  body = undefined;
  let least = Infinity;
  // An object with a finalizer needs a second collection, and the count varies by 100 KB between collections.
  for (let i = 0; i < 20; i += 1) {
    gc();
    await setImmediate();
    const { heapUsed, external } = process.memoryUsage();
    least = Math.min(least, heapUsed + external - wasm());
  }
  return least;
}

const MEASURES = {
  /** One call with a large response. It comes from a file, because making it here would raise the peak. */
  async once(file) {
    const large = await readFile(file);
    await call(responseBody(1));
    const before = await heap();
    const { rss } = process.memoryUsage();
    let usage = await call(large);
    const peak = process.resourceUsage().maxRSS * 1024 - rss;
    const held = (await heap()) - before;
    usage = undefined;
    return { peak, held, dropped: (await heap()) - before, wasm: wasm() };
  },

  /** The growth between 1,000 and 100,000 calls. */
  async growth() {
    const bodies = [responseBody(100), ...Array(19).fill(responseBody(1))];
    async function calls(from, to) {
      for (let i = from; i < to; i += 1) await call(bodies[i % bodies.length]);
      return { wasm: wasm(), heap: await heap() };
    }
    const first = await calls(0, 1_000);
    const last = await calls(1_000, 100_000);
    return { wasm: last.wasm - first.wasm, heap: last.heap - first.heap };
  },

  /** The bytes that are freed per row when one row of each of many responses was kept, and is dropped. */
  async row() {
    const responses = 60;
    const tests = 20_000;
    const kept = [];
    for (let i = 0; i < responses; i += 1) {
      // Every second response has characters of two bytes, which engines store as another kind of string.
      const { usage } = await call(responseBody(tests, { first: tests * i, foreign: i % 2 === 1 }));
      kept.push(usage.tests[tests / 2]);
    }
    // The first measurement itself adds to the heap.
    await heap();
    const held = await heap();
    kept.length = 0;
    return { row: (held - (await heap())) / responses };
  },
};

console.log(JSON.stringify(await MEASURES[measure](...args)));
