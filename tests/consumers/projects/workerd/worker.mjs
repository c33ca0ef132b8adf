import { report } from "./report.mjs";

export default {
  async fetch(request) {
    const api = new URL(request.url).searchParams.get("api");
    return Response.json(await report(api));
  },
};
