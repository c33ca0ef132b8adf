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

  test("a response with every field is returned unchanged", async () => {
    const data = await dataOf(call(null, null, { baseUrl: `${api().url}/every-field` }));
    assert.deepEqual(data, await (await fetch(`${api().url}/every-field/v7/usage`)).json());
  });

  test("an error is an instance of its class, and its stack begins with its message", async () => {
    const { error } = await call("403");
    assert.equal(error?.name, "ForbiddenError", error?.message);
    assert.deepEqual([error.isUsageError, error.isOfItsClass, error.isError], [true, true, true]);
    if (stackHasMessage) assert.equal(error.firstLineOfStack, `${error.name}: ${error.message}`);
  });

  test("summarize, byAccountGroup, topTests and compareUnits compute in the WebAssembly", async () => {
    const usage = await dataOf(call(null, ["test", "endpoint-agent"]));
    const { quota, tests, cloudUnitsUsed } = usage.usage;
    const [start, end] = [quota.monthStart, quota.monthEnd].map(Date.parse);
    const { period, meters } = await dataOf(outcome({ name: "summarize", args: [usage], at: start + (end - start) / 4 }));
    assert.deepEqual(period, { start: quota.monthStart, end: quota.monthEnd, elapsed: 0.25 });
    assert.equal(meters.find(({ meter }) => meter === "cloudUnits").used, cloudUnitsUsed);

    const sum = (rows, field) => rows.reduce((sum, row) => sum + (row[field] ?? 0), 0);
    const groups = await dataOf(outcome({ name: "byAccountGroup", args: [usage] }));
    assert.equal(sum(groups, "tests"), tests.length);
    assert.equal(sum(groups, "cloudUnitsUsed"), sum(tests, "cloudUnitsUsed"));

    const units = ({ cloudUnitsProjected, cloudUnitsUsed }) => cloudUnitsProjected ?? cloudUnitsUsed ?? -1;
    const most = tests.map(units).sort((one, other) => other - one);
    const top = await dataOf(outcome({ name: "topTests", args: [usage, 25] }));
    assert.deepEqual(top.map(units), most.slice(0, 25));

    const { total, tests: grown } = await dataOf(outcome({ name: "compareUnits", args: [[], tests, 5] }));
    assert.deepEqual(total.after, { tests: tests.length, cloudUnitsUsed: sum(tests, "cloudUnitsUsed") });
    assert.equal(grown.length, 5);
  });
}
