import { getUsage, NotFoundError, UsageError } from "thousandeyes-usage";

import { report } from "../../report.mjs";

export const runtime = "edge";

export async function GET(request) {
  const api = new URL(request.url).searchParams.get("api");
  return Response.json(await report({ getUsage, NotFoundError, UsageError }, api));
}
