// A script that times a contender against plain fetch. Its argument is the contender's URL. Each contender has its own process,
// so that no other one influences the engine.
import assert from "node:assert/strict";

import { responseBody } from "../data.mjs";
import { alternate, median, ratioTo } from "../pairs.mjs";
import { CASES } from "./cases.mjs";
import plain from "./plain.mjs";

const { default: contender } = await import(process.argv[2]);

/** Measures the mean milliseconds of some calls. */
const timer = (call, fetch, calls) => async () => {
  // Small responses leave little garbage, and collecting it would take longer than the calls.
  if (calls === 1) gc();
  const started = performance.now();
  for (let i = 0; i < calls; i += 1) await call(fetch);
  return (performance.now() - started) / calls;
};

async function time({ tests, foreign, pairs, calls }) {
  const body = responseBody(tests, { foreign });
  const fetch = async () => new Response(body, { headers: { "content-type": "application/json" } });
  // As JSON, because typescript-fetch adds fields that are undefined.
  assert.deepEqual(JSON.parse(JSON.stringify(await contender(fetch))), await plain(fetch));
  const measures = [timer(plain, fetch, calls), timer(contender, fetch, calls)];
  await alternate(Math.ceil(pairs / 4), ...measures);
  const [base, samples] = await alternate(pairs, ...measures);
  return { bytes: body.length, plain: median(base), ratio: ratioTo(base, samples) };
}

const times = [];
for (const one of CASES) times.push(await time(one));
console.log(JSON.stringify(times));
