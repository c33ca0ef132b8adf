// Writes pkg/: the files of pkg-template/, what `cargo xtask build` has written to a folder, and forms of these for other runtimes.

import { execFileSync } from "node:child_process";
import { constants, copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { rename } from "./rename.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const input = resolve(process.argv[2]);
const pkg = join(root, "pkg");

// "wx" and COPYFILE_EXCL: a file of pkg-template/ must not have the name of one that the build writes.
const write = (name, contents) => writeFileSync(join(pkg, name), contents, { flag: "wx" });
const copy = (from, name) => copyFileSync(from, join(pkg, name), constants.COPYFILE_EXCL);

rmSync(pkg, { recursive: true, force: true });
cpSync(join(root, "pkg-template"), pkg, { recursive: true });
for (const name of ["LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"]) copy(join(root, name), name);
for (const name of ["THIRD-PARTY.md", "model.d.cts", "usage.wasm"]) copy(join(input, name), name);
copy(join(root, "src/transport/call.js"), "call.js");

const template = JSON.parse(readFileSync(join(pkg, "package.json"), "utf8"));
const metadata = execFileSync("cargo", ["metadata", "--no-deps", "--format-version", "1"], { cwd: root });
const { version, description, repository } = JSON.parse(metadata).packages.find(({ name }) => name === template.name);
const manifest = { ...template, version, description, ...(repository && { repository: `git+${repository}.git` }) };
writeFileSync(join(pkg, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);

// The package does not have the repository's other files, so a link to one of them needs the repository's URL.
for (const name of ["FAULTS.md", "README.md", "RUNTIMES.md"]) {
  const link = repository ? `[$1](${repository}/blob/v${version}/$2)` : "$1";
  writeFileSync(join(pkg, name), readFileSync(join(pkg, name), "utf8").replace(/\[([^\]]+)\]\(\.\.\/([^)]+)\)/g, link));
}

const shared = { absWorkingDir: pkg, bundle: true, target: "es2022", legalComments: "none", logLevel: "warning" };

async function writeBundle(options) {
  const { outputFiles } = await build({ ...shared, ...options, write: false });
  for (const { path, contents } of outputFiles) write(relative(pkg, path), contents);
}

// The package has call.js as a module. The glue gets its exports from the caller, so it does not contain them again.
const callExports = Object.keys(await import(pathToFileURL(join(pkg, "call.js")))).join();
const callFromCaller = {
  name: "call-from-caller",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/call\.js$/ }, () => ({ path: "call", namespace: "caller" }));
    onLoad({ filter: /^/, namespace: "caller" }, () => ({ contents: `export const { ${callExports} } = call;` }));
  },
};

// wasm-bindgen's glue has one instance for good. As a function it makes one at each call, so that a new instance can replace
// one that trapped. Its parameters stand in for the globals of those names.
const names = JSON.parse(readFileSync(join(input, "names.json"), "utf8"));
const glue = rename(readFileSync(join(input, "usage.js"), "utf8"), names);
writeFileSync(join(input, "glue.js"), glue.code);
const functions = ["initSync", ...glue.functions].join();
await writeBundle({
  absWorkingDir: input,
  stdin: { contents: `import { ${functions} } from "./glue.js"; glue = { ${functions} };`, resolveDir: input },
  format: "iife",
  plugins: [callFromCaller],
  banner: { js: "export default function ({ call, queueMicrotask, FinalizationRegistry, WebAssembly }) {\nlet glue;" },
  footer: { js: "return glue;\n}" },
  outfile: join(pkg, "glue.js"),
});

write("usage.wasm.js", `export default "${readFileSync(join(input, "usage.wasm"), "base64")}";\n`);

// The CommonJS files share these, so that each class is there once.
const COMMON_JS = { "./errors.js": "./errors.cjs", "./client.js": "./client.cjs", "./usage.wasm.js": "./usage.wasm.js" };
const sharing = {
  name: "sharing",
  setup({ onResolve }) {
    onResolve({ filter: /^\./ }, ({ path, kind }) =>
      kind !== "entry-point" && path in COMMON_JS ? { path: COMMON_JS[path], external: true } : undefined);
  },
};
const commonJs = { format: "cjs", platform: "node", plugins: [sharing], outExtension: { ".js": ".cjs" }, outdir: "." };
await writeBundle({ ...commonJs, entryPoints: ["./errors.js", "./client.js"] });
await writeBundle({
  ...commonJs,
  entryPoints: ["./node.js"],
  define: { "import.meta.url": "importMetaUrl" },
  banner: { js: 'const importMetaUrl = require("node:url").pathToFileURL(__filename).href;' },
});
// Outside of Node a CommonJS module does not know its URL, so this entry loads the inlined bytes.
await writeBundle({
  ...commonJs,
  entryPoints: [{ in: "./browser.js", out: "inline" }],
  define: { "import.meta.url": "undefined" },
});
