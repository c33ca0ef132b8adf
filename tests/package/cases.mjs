// The built package over real loopback HTTP: the same cases in each runtime.
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

/**
 * @param api of `startApi`
 * @param outcome runs outcome.mjs in the runtime
 * @param stackHasMessage whether the stacks of the runtime begin with the error's name and message
 */
export function cases({ api, outcome, stackHasMessage = true }) {
  beforeEach(() => api().requests.splice(0));

  const call = (aid, expand, options) => outcome({ aid, expand, options: { baseUrl: api().url, ...options } });

  /** The data of an outcome that is a success. */
  async function dataOf(outcome) {
    const { data, error } = await outcome;
    assert.equal(error, undefined);
    return data;
  }

  test("aid, expand and token are in the request, and the result is the API's JSON", async () => {
    const data = await dataOf(call("2067", ["test", "endpoint-agent"], { token: "abc-123" }));
    await dataOf(call(null, null));
    const path = "/v7/usage?aid=2067&expand=test,endpoint-agent";
    const accept = "application/hal+json, application/problem+json";
    assert.deepEqual(
      api().requests.map(({ method, url, headers }) => [method, url, headers.accept, headers.authorization]),
      [["GET", path, accept, "Bearer abc-123"], ["GET", "/v7/usage", accept, undefined]],
    );
    assert.deepEqual(data, await (await fetch(api().url + path)).json());
    assert.ok(data.usage.tests.length >= 2000);
    assert.equal(data.usage.organizationName, "Example Corp", "an unknown field is kept");
  });

  test("the stack of an error begins with its message", async () => {
    const { error } = await call("403");
    assert.equal(error?.name, "ForbiddenError", error?.message);
    if (stackHasMessage) assert.equal(error.firstLineOfStack, `${error.name}: ${error.message}`);
  });

  test("summarize, byAccountGroup, topTests and compareUnits compute in the WebAssembly, and return JSON", async () => {
    const quota = { monthStart: "2026-11-01T00:00:00Z", monthEnd: "2026-12-01T00:00:00Z", cloudUnitsIncluded: 100 };
    const row = (testId, cloudUnitsUsed) => ({ aid: "1", testId, cloudUnitsUsed });
    const rows = [row("7", 2), row("8", 5)];
    const usage = { usage: { quota, cloudUnitsUsed: 60, tests: rows } };
    const period = { start: quota.monthStart, end: quota.monthEnd, elapsed: 1 / 3 };
    const exhaustsAt = "2026-11-17T16:00:00.000Z";
    const meter = { meter: "cloudUnits", used: 60, included: 100, utilisation: 0.6, overage: 0, runRatePerDay: 6, exhaustsAt };
    const group = { aid: "1", tests: 2, testsWithoutProjection: 2, cloudUnitsUsed: 7 };
    const [before, after] = [2, 5].map((cloudUnitsUsed) => ({ tests: 1, cloudUnitsUsed }));
    const total = { before, after, growth: { cloudUnits: 3, cloudUnitsRatio: 1.5 } };
    const change = { aid: "1", ...total };
    for (const [name, args, expected, at] of [
      ["summarize", [usage], { period, meters: [meter] }, Date.parse("2026-11-11T00:00:00Z")],
      ["summarize", [{}], { period: {}, meters: [] }],
      ["byAccountGroup", [usage], [group]],
      ["byAccountGroup", [rows], [group]],
      ["topTests", [usage, 1], [rows[1]]],
      ["compareUnits", [[row("7", 2)], [row("7", 5)]], { total, accountGroups: [change], tests: [{ ...change, testId: "7" }] }],
    ]) assert.deepEqual(await dataOf(outcome({ name, args, at })), expected, name);
  });
}
