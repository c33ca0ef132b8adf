// Runs in each host, as a module of the consumer: makes one call, of `getUsage` or of another function with its own
// arguments and perhaps a date, and returns its outcome as JSON.
import * as te from "thousandeyes-usage";

export async function outcome({ aid, expand, options, name = "getUsage", args = [aid, expand, options], at }) {
  try {
    return { data: await te[name](...args, ...(at === undefined ? [] : [new Date(at)])) };
  } catch (error) {
    return {
      error: {
        ...error.toJSON(),
        isUsageError: error instanceof te.UsageError,
        isOfItsClass: error instanceof te[error.name],
        isError: error instanceof Error,
        firstLineOfStack: error.stack.split("\n", 1)[0],
      },
    };
  }
}
