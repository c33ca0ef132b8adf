// Each consumer makes a call that succeeds, and one that fails.
import { getUsage, NotFoundError, UsageError } from "thousandeyes-usage";

export async function report(baseUrl) {
  const data = await getUsage("2067", ["test"], { baseUrl });
  const error = await getUsage("404", null, { baseUrl }).catch((error) => error);
  return { data, error: [error.name, error.code, error instanceof NotFoundError, error instanceof UsageError] };
}
