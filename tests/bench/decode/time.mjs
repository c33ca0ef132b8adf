// A script: times the contender at the address that it is given against plain fetch, in a process of its own, where no other
// has warmed, or spoilt, what the two share.
import assert from "node:assert/strict";

import { answer } from "../data.mjs";
import { alternate, median, ratioTo } from "../pairs.mjs";
import { CASES } from "./cases.mjs";
import plain from "./plain.mjs";

const { default: contender } = await import(process.argv[2]);

/** How long a call takes, in milliseconds: of a small answer, as the mean of many. */
const timer = (call, fetch, calls) => async () => {
  // Collecting costs more than the calls with a small answer, and what they leave behind hardly anything.
  if (calls === 1) gc();
  const started = performance.now();
  for (let i = 0; i < calls; i += 1) await call(fetch);
  return (performance.now() - started) / calls;
};

async function time({ tests, foreign, pairs, calls }) {
  const body = answer(tests, { foreign });
  const fetch = async () => new Response(body, { headers: { "content-type": "application/json" } });
  // As JSON, since a mapping adds fields that are undefined.
  assert.deepEqual(JSON.parse(JSON.stringify(await contender(fetch))), await plain(fetch));
  const measures = [timer(plain, fetch, calls), timer(contender, fetch, calls)];
  await alternate(Math.ceil(pairs / 4), ...measures);
  const [base, samples] = await alternate(pairs, ...measures);
  return { bytes: body.length, plain: median(base), ratio: ratioTo(base, samples) };
}

const times = [];
for (const one of CASES) times.push(await time(one));
console.log(JSON.stringify(times));
