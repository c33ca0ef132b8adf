// What a call takes against plain fetch, as of an answer in memory. Alone:
// PKG=FOLDER node --expose-gc tests/bench/main.mjs decode
import { CASES } from "./decode/cases.mjs";
import { script } from "./project.mjs";
import { count, goal, ratio } from "./table.mjs";

const CONTENDERS = ["zod", "valibot", "ajv", "arktype", "typescript-fetch"];

/** How much worse than at 20,000 tests the largest answer may be, against plain fetch. */
const LINEAR = 1.15;

const length = (bytes) => (bytes < 1e6 ? `${(bytes / 1e3).toPrecision(2)} KB` : `${(bytes / 1e6).toPrecision(2)} MB`);

const name = ({ tests, bytes, foreign }) =>
  `${count(tests)} ${tests === 1 ? "test" : "tests"}, ${length(bytes)}${foreign ? ", some names not ASCII" : ""}`;

export default async function decode(project) {
  const ours = await script("decode/time.mjs", await project.adopt("decode/ours.mjs"));
  const others = [];
  for (const contender of ["plain", ...CONTENDERS]) {
    others.push(await script("decode/time.mjs", import.meta.resolve(`./decode/${contender}.mjs`)));
  }
  const rows = CASES.map((one, i) => {
    const columns = [ours, ...others].map((times) => ratio(times[i].ratio));
    const { plain, bytes } = ours[i];
    return [name({ ...one, bytes }), plain.toPrecision(3), ...columns, one.goal ? goal(ours[i].ratio, one.goal, ratio) : ""];
  });
  const growth = (times) => times[CASES.length - 1].ratio / times[0].ratio;
  rows.push([
    "200,000 tests against 20,000",
    "",
    ...[ours, ...others].map((times) => ratio(growth(times))),
    goal(growth(ours), LINEAR, ratio),
  ]);
  return {
    title: "Decode",
    head: ["answer", "plain fetch, ms", "**thousandeyes-usage**", "plain fetch again", ...CONTENDERS, "goal"],
    rows,
    notes: [
      "Plain fetch is `await (await fetch()).json()`, and what the ratios are to, each to that of its own process. " +
        "“Again” is it against itself: how far a ratio is to be trusted.",
    ],
  };
}
