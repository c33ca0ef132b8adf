/**
 * Serves the built page and the gateway in real workerd, only on loopback. By default there is no token, so the gateway serves
 * the sample API.
 * As a command: `node www/serve.mjs [--port N]` prints the URL, and runs until SIGINT or SIGTERM.
 */
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Miniflare } from "miniflare";

import { WORKER } from "./build-worker.mjs";

const HOST = "127.0.0.1";
const DEFAULT_PORT = 8787;
const here = dirname(fileURLToPath(import.meta.url));

/**
 * @param {object} [options]
 * @param {number} [options.port] 0 means any free port
 * @param {string} [options.worker] the folder of the bundled Worker
 * @param {Record<string, import("miniflare").Json>} [options.bindings] the Worker's settings (see worker/config.js)
 * @param {Partial<import("miniflare").MiniflareOptions>} [options.runtime] options of the runtime, such as `outboundService`
 * @returns {Promise<{ url: string, runSchedule(): Promise<string>, close(): Promise<void> }>} `runSchedule` does what the Cron
 *   Trigger does, and returns the outcome
 */
export async function serve({ port = 0, worker = WORKER, bindings = {}, runtime = {} } = {}) {
  const dist = join(here, "dist");
  for (const file of [join(dist, "index.html"), join(worker, "index.js")]) {
    if (!existsSync(file)) throw new Error(`${file} is missing: build the page first (node www/build.mjs)`);
  }

  const miniflare = new Miniflare({
    host: HOST,
    port,
    // Otherwise Miniflare looks up the location of this machine over the network.
    cf: false,
    modules: true,
    modulesRoot: worker,
    modulesRules: [{ type: "CompiledWasm", include: ["**/*.wasm"] }],
    scriptPath: join(worker, "index.js"),
    // The settings below are those of wrangler.jsonc.
    compatibilityDate: "2026-04-01",
    bindings,
    durableObjects: { USAGE_STORE: { className: "UsageStore", useSQLite: true } },
    assets: {
      directory: dist,
      binding: "ASSETS",
      // The Worker runs first, because it adds the security headers to the static files.
      routerConfig: { has_user_worker: true, invoke_user_worker_ahead_of_assets: true },
      assetConfig: { html_handling: "auto-trailing-slash", not_found_handling: "none" },
    },
    ...runtime,
  });
  const url = await miniflare.ready;
  return {
    url: url.href,
    // Miniflare's own path for it does not reach a Worker with static files.
    runSchedule: async () => (await (await miniflare.getWorker()).scheduled()).outcome,
    close: () => miniflare.dispose(),
  };
}

/** @param {number} port @returns {Promise<number>} the first free port, starting with this one */
async function firstFreePort(port) {
  const free = await new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, HOST, () => probe.close(() => resolve(true)));
  });
  return free ? port : firstFreePort(port + 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { port: { type: "string", default: String(DEFAULT_PORT) } } });
  const { url, close } = await serve({ port: await firstFreePort(Number(values.port)) });
  console.log(url);
  for (const signal of ["SIGINT", "SIGTERM"]) {
    // Miniflare's own handlers end the process with an error before the runtime has stopped.
    process.removeAllListeners(signal);
    process.once(signal, () => close().then(() => process.exit(0)));
  }
}
