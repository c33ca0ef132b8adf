// A script that times a contender against plain fetch. Its argument is the contender's URL. Each contender has its own process,
// so that no other one influences the engine.
import assert from "node:assert/strict";

import { responseBody } from "../data.mjs";
import { alternate, median, ratioTo } from "../pairs.mjs";
import { CASES } from "./cases.mjs";
import plain from "./plain.mjs";

const { default: contender, hasLists } = await import(process.argv[2]);

/** Measures the mean milliseconds of some calls. */
const timer = (call, fetch, list, calls) => async () => {
  // Small responses leave little garbage, and collecting it would take longer than the calls.
  if (calls === 1) gc();
  const started = performance.now();
  for (let i = 0; i < calls; i += 1) await call(fetch, list);
  return (performance.now() - started) / calls;
};

/** The time of a case, or `null` if the contender has no lists. */
async function time({ tests, list, foreign, pairs, calls }) {
  if (list && !hasLists) return null;
  const body = responseBody(tests, { list, foreign });
  const fetch = async () => new Response(body, { headers: { "content-type": "application/json" } });
  // As JSON, because typescript-fetch adds fields that are undefined.
  assert.deepEqual(JSON.parse(JSON.stringify(await contender(fetch, list))), await plain(fetch, list));
  const measures = [timer(plain, fetch, list, calls), timer(contender, fetch, list, calls)];
  await alternate(Math.ceil(pairs / 4), ...measures);
  const [base, samples] = await alternate(pairs, ...measures);
  return { bytes: body.length, plain: median(base), ratio: ratioTo(base, samples) };
}

const times = [];
for (const one of CASES) times.push(await time(one));
console.log(JSON.stringify(times));
