// The time of a call compared with plain fetch, for a response in memory. To run only this part:
// PKG=FOLDER node --expose-gc tests/bench/main.mjs decode
import { CASES } from "./decode/cases.mjs";
import { script } from "./project.mjs";
import { count, goal, ratio } from "./table.mjs";

const CONTENDERS = ["zod", "ajv", "arktype", "typescript-fetch"];

/** The largest response may have this ratio to plain fetch, relative to that of 20,000 tests. */
const LINEAR = 1.15;

const length = (bytes) => (bytes < 1e6 ? `${(bytes / 1e3).toPrecision(2)} KB` : `${(bytes / 1e6).toPrecision(2)} MB`);

const name = ({ tests, list, bytes, foreign }) =>
  `${count(tests)} ${list ? `rows of ${list}` : tests === 1 ? "test" : "tests"}, ${length(bytes)}${foreign ? ", some names not ASCII" : ""}`;

export default async function decode(project) {
  const all = [await script("decode/time.mjs", await project.adopt("decode/ours.mjs"))];
  for (const contender of ["plain", ...CONTENDERS]) {
    all.push(await script("decode/time.mjs", import.meta.resolve(`./decode/${contender}.mjs`)));
  }
  const [ours] = all;
  const rows = CASES.map((one, i) => {
    const { plain, bytes } = ours[i];
    const verdict = one.goal ? goal(ours[i].ratio, one.goal, ratio) : "";
    return [name({ ...one, bytes }), plain.toPrecision(3), ...all.map((times) => (times[i] ? ratio(times[i].ratio) : "")), verdict];
  });
  const growth = (times) => times[CASES.length - 1].ratio / times[0].ratio;
  const growths = all.map((times) => ratio(growth(times)));
  rows.push(["200,000 tests against 20,000", "", ...growths, goal(growth(ours), LINEAR, ratio)]);
  return {
    title: "Decode",
    head: ["response", "plain fetch, ms", "**thousandeyes-usage**", "plain fetch again", ...CONTENDERS, "goal"],
    rows,
    notes: [
      "The ratios are to plain fetch, `await (await fetch()).json()`, in the same process. “Again” is plain fetch against " +
        "itself, which shows the error of a ratio.",
    ],
  };
}
