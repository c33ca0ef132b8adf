// Workers of a user's in workerd, each in a process of its own.
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

/** The Worker by itself: the runtime makes its isolate before it listens. */
const EAGER = `modules = [(name = "worker.js", esModule = embed "worker.js")WASM]`;
const EAGER_WASM = `, (name = "usage.wasm", wasm = embed "usage.wasm")`;

/** The Worker behind another one, which has its isolate made by the first request. */
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

/** Bundles the Worker that calls an API with a client, as wrangler does, and writes its configurations. */
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
  // To embed, a file must be there.
  const has = await readFile(wasm).catch(() => writeFile(wasm, ""));
  await copyFile(new URL("host.js", import.meta.url), join(folder, "host.js"));
  await writeFile(join(folder, "eager.capnp"), config(EAGER.replace("WASM", has ? EAGER_WASM : ""), "", api));
  await writeFile(join(folder, "lazy.capnp"), config(LAZY, `, (name = "LOADER", workerLoader = ())`, api));
}

/** What a server answers. */
async function ask(url) {
  const [response] = await once(get(url), "response");
  const body = await text(response);
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}: ${body}`);
  return body;
}

async function timed(url) {
  const started = performance.now();
  const answer = await ask(url);
  return { answer, took: performance.now() - started };
}

/** How long a Worker's first answer takes in a new runtime that listens already, and then its second. */
export async function timeWorker(folder, kind) {
  const args = ["serve", "--experimental", "--control-fd=3", join(folder, `${kind}.capnp`)];
  const child = spawn(workerd.default, args, { stdio: ["ignore", "inherit", "inherit", "pipe"] });
  try {
    const [line] = await once(createInterface(child.stdio[3]), "line");
    const url = `http://127.0.0.1:${JSON.parse(line).port}`;
    if (kind === "lazy") await ask(`${url}/ready`);
    const first = await timed(url);
    const second = await timed(url);
    return { answer: first.answer, first: first.took, second: second.took };
  } finally {
    child.kill("SIGKILL");
    await once(child, "exit");
  }
}
