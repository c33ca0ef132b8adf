// The package in a Worker. It is compiled and never run.
import { init, UsageClient, UsageError } from "thousandeyes-usage";
import wasm from "thousandeyes-usage/usage.wasm";

interface Env {
  THOUSANDEYES_TOKEN: string;
  UPSTREAM: Fetcher;
}

export default {
  async fetch(request, env) {
    await init(wasm);
    const client = new UsageClient({ token: env.THOUSANDEYES_TOKEN, fetch: (...call) => env.UPSTREAM.fetch(...call) });
    try {
      const usage = await client.getUsage("2067", ["test"], { signal: request.signal, headers: request.headers });
      return Response.json(usage);
    } catch (error) {
      const status = error instanceof UsageError && "status" in error ? error.status : 502;
      return new Response(null, { status });
    }
  },
} satisfies ExportedHandler<Env>;
