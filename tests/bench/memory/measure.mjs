// A script: what calls leave behind, in a process of its own. It is given which measure to take, and a client's address.
import { readFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";

import { memories } from "../../package/instances.mjs";
import { answer } from "../data.mjs";

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

/** The bytes of objects and buffers that are still reachable, without WebAssembly's memories. */
async function heap() {
  body = undefined;
  let least = Infinity;
  // What waits for a finalizer goes with a later collection, and what is counted swings by 100 KB from one to the next.
  for (let i = 0; i < 20; i += 1) {
    gc();
    await setImmediate();
    const { heapUsed, external } = process.memoryUsage();
    least = Math.min(least, heapUsed + external - wasm());
  }
  return least;
}

const MEASURES = {
  /** One call with a large answer, of a file: to make it here would raise the peak. */
  async once(file) {
    const large = await readFile(file);
    await call(answer(1));
    const before = await heap();
    const { rss } = process.memoryUsage();
    let usage = await call(large);
    const peak = process.resourceUsage().maxRSS * 1024 - rss;
    const held = (await heap()) - before;
    usage = undefined;
    return { peak, held, dropped: (await heap()) - before, wasm: wasm() };
  },

  /** What is more after 100,000 calls than it was after 1,000. */
  async growth() {
    const bodies = [answer(100), ...Array(19).fill(answer(1))];
    async function calls(from, to) {
      for (let i = from; i < to; i += 1) await call(bodies[i % bodies.length]);
      return { wasm: wasm(), heap: await heap() };
    }
    const first = await calls(0, 1_000);
    const last = await calls(1_000, 100_000);
    return { wasm: last.wasm - first.wasm, heap: last.heap - first.heap };
  },

  /** What a row of each of many answers costs that is kept, when the rest is dropped: what goes when it is dropped too. */
  async row() {
    const ANSWERS = 60;
    const tests = 20_000;
    const kept = [];
    for (let i = 0; i < ANSWERS; i += 1) {
      // Every second answer has characters of two bytes: its text is another kind of string.
      const { usage } = await call(answer(tests, { first: tests * i, foreign: i % 2 === 1 }));
      kept.push(usage.tests[tests / 2]);
    }
    // The first look at the heap leaves things behind itself.
    await heap();
    const held = await heap();
    kept.length = 0;
    return { row: (held - (await heap())) / ANSWERS };
  },
};

console.log(JSON.stringify(await MEASURES[measure](...args)));
