// Runs in each runtime: calls `getUsage`, or the function `name` with `args` and the date `at`. Returns the outcome as JSON.
import * as te from "thousandeyes-usage";

export async function outcome({ aid, expand, options, name = "getUsage", args = [aid, expand, options], at }) {
  try {
    return { data: await te[name](...args, ...(at === undefined ? [] : [new Date(at)])) };
  } catch (error) {
    return { error: { ...error.toJSON(), firstLineOfStack: error.stack.split("\n", 1)[0] } };
  }
}
