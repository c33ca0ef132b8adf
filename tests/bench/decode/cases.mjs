/** The responses that are decoded: `calls` in each sample, in `pairs` pairs of samples. `goal` is the highest ratio.
 * `list` is the function of a list, whose page has `tests` rows. */
export const CASES = [
  { tests: 20_000, foreign: false, pairs: 60, calls: 1, goal: 1 },
  { tests: 20_000, foreign: true, pairs: 60, calls: 1, goal: 0.8 },
  { tests: 100, foreign: false, pairs: 150, calls: 20, goal: 1.5 },
  { tests: 1, foreign: false, pairs: 150, calls: 100, goal: 2.8 },
  { tests: 20_000, list: "getTestUnits", foreign: false, pairs: 60, calls: 1, goal: 1.1 },
  { tests: 20_000, list: "getEnterpriseAgentUnits", foreign: false, pairs: 60, calls: 1, goal: 1.1 },
  { tests: 200_000, foreign: false, pairs: 6, calls: 1 },
];
