// Times a user's Worker in workerd. Each measurement has its own process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, readFile, writeFile } from "node:fs/promises";
import { get } from "node:http";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";
import workerd from "workerd";

/** Only the Worker: the runtime creates its isolate before it listens. */
const EAGER = `modules = [(name = "worker.js", esModule = embed "worker.js")WASM]`;
const EAGER_WASM = `, (name = "usage.wasm", wasm = embed "usage.wasm")`;

/** The Worker behind another one: the first request creates its isolate. */
const LAZY = `modules = [
    (name = "host.js", esModule = embed "host.js"),
    (name = "worker.txt", text = embed "worker.js"),
    (name = "wasm.data", data = embed "usage.wasm"),
  ]`;

const config = (modules, bindings, api) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  ${modules},
  bindings = [(name = "API", text = "${api}")${bindings}],
  compatibilityDate = "2026-04-01",
);`;

/** Bundles a Worker that calls the API with a client, as wrangler does, and writes its configurations. */
export async function bundleWorker(folder, client, api) {
  await build({
    stdin: {
      contents: `
        import call from "./${basename(client)}";
        export default { fetch: async (request, { API }) => new Response(await call(API)) };`,
      resolveDir: fileURLToPath(new URL(".", client)),
    },
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "browser"],
    loader: { ".wasm": "copy" },
    assetNames: "[name]",
  });
  const wasm = join(folder, "usage.wasm");
  // The configuration embeds the file, so it has to exist.
  const has = await readFile(wasm).catch(() => writeFile(wasm, ""));
  await copyFile(new URL("host.js", import.meta.url), join(folder, "host.js"));
  await writeFile(join(folder, "eager.capnp"), config(EAGER.replace("WASM", has ? EAGER_WASM : ""), "", api));
  await writeFile(join(folder, "lazy.capnp"), config(LAZY, `, (name = "LOADER", workerLoader = ())`, api));
}

/** Requests a URL, and returns the milliseconds until the body has arrived. */
async function time(url) {
  const started = performance.now();
  const [response] = await once(get(url), "response");
  const body = await text(response);
  if (response.statusCode !== 200) throw new Error(`${url} has the status ${response.statusCode}: ${body}`);
  return performance.now() - started;
}

/** Times the first and the second response of a Worker in a new runtime that listens already. */
export async function timeWorker(folder, kind) {
  const args = ["serve", "--experimental", "--control-fd=3", join(folder, `${kind}.capnp`)];
  const child = spawn(workerd.default, args, { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  try {
    const [line] = await once(createInterface(child.stdio[3]), "line");
    const url = `http://127.0.0.1:${JSON.parse(line).port}`;
    if (kind === "lazy") await time(`${url}/ready`);
    return { first: await time(url), second: await time(url) };
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}
