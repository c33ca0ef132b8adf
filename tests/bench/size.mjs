// The bytes that a page downloads for one call. To run only this part: PKG=FOLDER node --expose-gc tests/bench/main.mjs size
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

import { BUDGET } from "../../xtask/src/budget.mjs";
import { bundle } from "../../xtask/src/bundle.mjs";
import { count, goal, ratio } from "./table.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));

/** The smallest program that makes one call with each package. */
const PROGRAMS = {
  "openai": `
    import OpenAI from "openai";
    console.log(await new OpenAI({ apiKey: "abc", dangerouslyAllowBrowser: true }).models.list());`,
  "@anthropic-ai/sdk": `
    import Anthropic from "@anthropic-ai/sdk";
    console.log(await new Anthropic({ apiKey: "abc", dangerouslyAllowBrowser: true }).models.list());`,
  "cloudflare": `
    import Cloudflare from "cloudflare";
    console.log(await new Cloudflare({ apiToken: "abc" }).zones.list());`,
  "stripe": `
    import Stripe from "stripe";
    console.log(await new Stripe("abc").balance.retrieve());`,
  "@octokit/core + retry": `
    import { Octokit } from "@octokit/core";
    import { retry } from "@octokit/plugin-retry";
    const Client = Octokit.plugin(retry);
    console.log(await new Client({ auth: "abc" }).request("GET /user"));`,
  "ky": `
    import ky from "ky";
    console.log(await ky("https://api.example.com/usage", { headers: { authorization: "Bearer abc" } }).json());`,
  "openapi-fetch": `
    import createClient from "openapi-fetch";
    const client = createClient({ baseUrl: "https://api.example.com", headers: { authorization: "Bearer abc" } });
    console.log(await client.GET("/usage"));`,
};

const OURS = `
  import { configure, getUsage } from "thousandeyes-usage";
  configure({ token: "abc" });
  console.log(await getUsage("2067", ["test"]));`;

/** The bytes of files, and their bytes when each is compressed on its own, as servers do. */
function sizes(files) {
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
  return { raw: sum(files.map((file) => file.length)), brotli: sum(files.map((file) => brotliCompressSync(file).length)) };
}

export default async function size(project) {
  const wasm = createRequire(join(project.folder, "program.js")).resolve("thousandeyes-usage/usage.wasm");
  const ours = sizes([await readFile(wasm), ...(await bundle(OURS, project.folder))]);
  const rows = [["**thousandeyes-usage**", count(ours.raw), count(ours.brotli), "1.00", goal(ours.brotli, BUDGET)]];
  for (const [name, program] of Object.entries(PROGRAMS)) {
    const { raw, brotli } = sizes(await bundle(program, here));
    rows.push([name, count(raw), count(brotli), ratio(brotli / ours.brotli), ""]);
  }
  return {
    title: "Size",
    head: ["a page that makes one call", "minified, bytes", "brotli 11, bytes", "brotli, ours = 1", "goal"],
    rows,
    notes: [
      "Ours is usage.wasm and the JavaScript that loads at once. The same WebAssembly as JavaScript is not counted: it loads " +
        "only where a bundler did not copy usage.wasm.",
    ],
  };
}
