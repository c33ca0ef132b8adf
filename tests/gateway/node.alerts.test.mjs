// Which alerts there are, when, and their text. Their posts are tested in workerd.alerts.test.mjs.
import assert from "node:assert/strict";
import { test } from "node:test";

import { summarize } from "../../pkg/node.js";
import { alertsOf } from "../../www/worker/alerts.js";

const NOVEMBER = { monthStart: "2026-11-01T00:00:00Z", monthEnd: "2026-11-30T23:59:59Z" };
const DECEMBER = { monthStart: "2026-12-01T00:00:00Z", monthEnd: "2026-12-31T23:59:59Z" };
const WITHIN = { used: 100, projected: 900 };
const PROJECTED = { used: 100, projected: 1100 };
const SOON = { used: 950, projected: 1300 };
const OVER = { used: 1010, projected: 1400 };

/** Runs on one day of November, or on a later day counted from its start, with the memory of the run before. */
async function run(usage, day, before) {
  const at = Date.UTC(2026, 10, day);
  return alertsOf(await summarize({ usage }, new Date(at)), at, before);
}

const cloudUnits = ({ used, projected, included = 1000, period = NOVEMBER }) => ({
  quota: { ...period, cloudUnitsIncluded: included }, cloudUnitsUsed: used, cloudUnitsProjected: projected,
});

/** The runtimes write a range of dates with different spaces. */
const withoutThinSpaces = (text) => text.replace(/\u2009/g, "");

/** The words after each meter's name. */
const wordsOf = (text = "") => [...text.matchAll(/\*.+?: (.+)\.\*/g)].map(([, words]) => words).join();

const ALERT_PROJECTED = [10, PROJECTED, "projected to go over the quota"];
const ALERT_OVER = [20, OVER, "over the quota"];

/** The name of a test, and its runs: the day, the numbers, and the alert. */
const RUNS = [
  ["a meter within its quota has no alert", [[10, WITHIN, ""], [20, { used: 600, projected: 1000 }, ""]]],
  ["each kind is posted once", [
    ALERT_PROJECTED, [11, PROJECTED, ""], [18, SOON, "will be used up within three days"], [19, SOON, ""],
    ALERT_OVER, [21, OVER, ""],
  ]],
  ["of several kinds at once, the most urgent is posted, and the others are not posted later", [
    [18, SOON, "will be used up within three days"], [19, PROJECTED, ""],
  ]],
  ["while one of several kinds remains, the danger is not over", [
    ALERT_PROJECTED, [18, SOON, "will be used up within three days"], [19, PROJECTED, ""], [20, WITHIN, "no longer in danger"],
  ]],
  ["an estimate that goes over the quota and back several times is posted once, and so is the end of the danger", [
    ALERT_PROJECTED, [11, WITHIN, "no longer in danger"], [12, WITHIN, ""], [13, PROJECTED, ""], [14, WITHIN, ""],
    [15, PROJECTED, ""],
  ]],
  ["after the end of a danger, another kind is posted, and its end", [
    ALERT_PROJECTED, [11, WITHIN, "no longer in danger"],
    [18, SOON, "will be used up within three days"], [19, WITHIN, "no longer in danger"],
  ]],
  ["a larger quota that is enough ends the danger", [ALERT_OVER, [21, { ...OVER, included: 2000 }, "no longer in danger"]]],
  ["a larger quota that is not enough is posted again", [
    ALERT_OVER, [21, { ...OVER, included: 1200 }, "projected to go over the quota"], [22, { ...OVER, included: 1200 }, ""],
  ]],
  ["a new billing period has no memory of the old one", [
    ALERT_OVER, [32, { ...PROJECTED, period: DECEMBER }, "projected to go over the quota"],
  ]],
  ["the end of a danger is not posted if the period has ended", [ALERT_OVER, [32, { ...WITHIN, period: DECEMBER }, ""]]],
  ["without a period, each calendar month is one", [
    [10, { ...PROJECTED, period: {} }, "projected to go over the quota"], [11, { ...PROJECTED, period: {} }, ""],
    [31, { ...PROJECTED, period: {} }, "projected to go over the quota"],
  ]],
  ["units that are used up in exactly three days are not posted yet", [
    [16, { used: 750, projected: 900, included: 900 }, ""],
    [17, { used: 800, projected: 900, included: 900 }, "will be used up within three days"],
  ]],
  ["exactly the quota is not over it, but used up", [[20, { used: 1000, projected: 1000 }, "will be used up within three days"]]],
  ["a meter without a quota has no alert", [[10, { ...OVER, included: null }, ""], [11, { ...OVER, included: 0 }, ""]]],
  ["a quota that is missing once does not end the danger", [ALERT_OVER, [21, { ...OVER, included: null }, ""], [22, OVER, ""]]],
  ["numbers that are missing once do not end the danger", [
    ALERT_PROJECTED, [18, SOON, "will be used up within three days"], [19, {}, ""], [20, { used: 100 }, ""],
    [21, { projected: 900 }, ""], [22, WITHIN, "no longer in danger"],
  ]],
];

for (const [what, runs] of RUNS) {
  test(what, async () => {
    let postedAlerts;
    for (const [day, numbers, words] of runs) {
      const result = await run(cloudUnits(numbers), day, postedAlerts);
      assert.equal(wordsOf(result.text), words, `on day ${day}`);
      // The gateway stores them, so they must be plain data.
      postedAlerts = JSON.parse(JSON.stringify(result.postedAlerts));
      // Until a post succeeds, they must not change.
      Object.freeze(postedAlerts.meters);
    }
  });
}

test("a text has a line for each alert, the most urgent first, with the name, numbers, quota and date of its meter", async () => {
  const quota = {
    ...NOVEMBER, cloudUnitsIncluded: 4_320_000_000, endpointAgentsIncluded: 500, endpointAgentsEssentialsIncluded: 200,
    enterpriseAgentsIncluded: 25,
  };
  const usage = {
    quota, cloudUnitsUsed: 2_700_000_000, cloudUnitsProjected: 4_600_000_000, endpointAgentsUsed: 512,
    endpointAgentsEssentialsUsed: 0, enterpriseAgentsUsed: 7, enterpriseUnitsUsed: 11, enterpriseUnitsProjected: 12,
  };
  const first = await run(usage, 19);
  assert.equal(withoutThinSpaces(first.text), [
    "ThousandEyes usage, 1–30 November 2026",
    "• *Endpoint agents: over the quota.* 512 of 500 agents used. 12 agents over already (2%). " +
      "The busiest hour of the period counts, so it can only rise.",
    "• *Cloud units: projected to go over the quota.* 2,700,000,000 of 4,320,000,000 units used. " +
      "On course for 4,600,000,000, 6% over. At this rate the included units are used up on 29 November.",
  ].join("\n"));

  const relieved = { ...usage, cloudUnitsProjected: 4_300_000_000, quota: { ...quota, endpointAgentsIncluded: 600 } };
  assert.equal(withoutThinSpaces((await run(relieved, 20, first.postedAlerts)).text), [
    "ThousandEyes usage, 1–30 November 2026",
    "• *Cloud units: no longer in danger.* 2,700,000,000 of 4,320,000,000 units used. " +
      "On course for 4,300,000,000, 100% of what is included.",
    "• *Endpoint agents: no longer in danger.* 512 of 600 agents used. 88 agents left. " +
      "The busiest hour of the period counts, so it can only rise.",
  ].join("\n"));
});

test("a text from the API is escaped, so Slack does not read it as markup", async () => {
  const period = { monthStart: "<!channel> & <https://evil.example>", monthEnd: "&lt;" };
  const { text } = await run(cloudUnits({ ...PROJECTED, period }), 10);
  const [heading] = text.split("\n");
  assert.equal(heading, "ThousandEyes usage, &lt;!channel&gt; &amp; &lt;https://evil.example&gt; to &amp;lt;");
});
