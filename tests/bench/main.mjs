// Runs all benchmarks, or the named parts, and prints their tables:
// node --expose-gc tests/bench/main.mjs [PART...]
// The measured package is pkg/, or the folder in PKG. UPDATE_DOCS also writes the tables to docs/BENCHMARKS.md.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { cpus } from "node:os";
import { join } from "node:path";

import decode from "./decode.mjs";
import memory from "./memory.mjs";
import { createProject, PKG } from "./project.mjs";
import size from "./size.mjs";
import start from "./start.mjs";
import { render } from "./table.mjs";

const PARTS = { decode, start, size, memory };
const DOCS = new URL("../../docs/BENCHMARKS.md", import.meta.url);
const MARKERS = ["<!-- cargo xtask bench -->", "<!-- to here -->"];

const require = createRequire(import.meta.url);
const version = (name) => `${name} ${require(`${name}/package.json`).version}`;

/** The date, the kind of machine, and the versions. Nothing identifies the machine itself. */
async function circumstances() {
  const { dependencies } = require("./package.json");
  const hash = createHash("sha256").update(await readFile(join(PKG, "usage.wasm"))).digest("hex").slice(0, 12);
  const manifest = require(join(PKG, "package.json"));
  const all = cpus();
  return [
    `${new Date().toISOString().slice(0, 10)}, ${all.length} × ${all[0].model}, ${process.platform} ${process.arch}.`,
    `${manifest.name} ${manifest.version}, whose usage.wasm has the SHA-256 ${hash}….`,
    `Node ${process.versions.node}, ${version("workerd")}, ${version("esbuild")}.`,
    `${Object.entries(dependencies).map((pair) => pair.join(" ")).join(", ")}.`,
  ].join("\n");
}

async function updateDocs(tables) {
  const old = await readFile(DOCS, "utf8");
  const [begin, end] = MARKERS.map((marker) => old.indexOf(marker));
  if (begin < 0 || end < begin) throw new Error(`docs/BENCHMARKS.md lacks the lines ${MARKERS.join(" and ")}`);
  await writeFile(DOCS, `${old.slice(0, begin)}${MARKERS[0]}\n\n${tables}\n\n${old.slice(end)}`);
}

const named = process.argv.slice(2);
const unknown = named.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) throw new Error(`there is no ${unknown.join(", ")}: the parts are ${Object.keys(PARTS).join(", ")}`);
if (process.env.UPDATE_DOCS && named.length > 0) throw new Error("the docs take all parts of one run");

const project = await createProject();
try {
  const tables = [await circumstances()];
  console.log(tables[0]);
  for (const [name, part] of Object.entries(PARTS)) {
    if (named.length > 0 && !named.includes(name)) continue;
    tables.push(render(await part(project)));
    console.log(`\n${tables.at(-1)}`);
  }
  if (process.env.UPDATE_DOCS) await updateDocs(tables.join("\n\n"));
} finally {
  await project.remove();
}
