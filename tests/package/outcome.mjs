// Runs in each host, as a module of the consumer: makes one call and tells its outcome as JSON.
import * as te from "thousandeyes-usage";

export async function outcome({ aid, expand, options }) {
  try {
    return { data: await te.getUsage(aid, expand, options) };
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
