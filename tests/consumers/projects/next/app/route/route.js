import { report } from "../../report.mjs";

export async function GET(request) {
  const api = new URL(request.url).searchParams.get("api");
  return Response.json(await report(api));
}
