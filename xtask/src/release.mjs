// Packs pkg/, lists and checks what would be published, and publishes it with `--publish`. The first argument is a
// folder for the tarball.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { checkChangelog, checkFiles, checkManifest, checkRelease } from "./checks.mjs";

const [, , folder, publish] = process.argv;
const run = (program, ...args) => execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] }).trim();

const [packed] = JSON.parse(run("npm", "pack", "./pkg", "--json", "--ignore-scripts", "--pack-destination", folder));
const tarball = join(folder, packed.filename);
console.log(tarball);
for (const { path, size } of packed.files) console.log(`${size}`.padStart(9), path);
console.log(`${packed.unpackedSize}`.padStart(9), `in ${packed.files.length} files, packed into ${packed.size}`);

const files = new Map(packed.files.map(({ path }) => [path, readFileSync(join("pkg", path))]));
const manifest = JSON.parse(files.get("package.json"));
const changelog = `${files.get("CHANGELOG.md")}`;
const { CARGO_HOME, RUSTUP_HOME, GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env;
const folders = [homedir(), process.cwd(), folder, CARGO_HOME, RUSTUP_HOME].filter((path) => path && path !== "/");
const { messages } = await publint({ strict: true, pack: { tarball: readFileSync(tarball) } });

const wrong = [
  ...checkFiles(files, folders),
  ...checkManifest(manifest),
  ...checkChangelog(changelog, manifest.version),
  ...messages.map((message) => `publint: ${formatMessage(message, manifest, { color: false })}`),
];
const notYet = checkRelease({
  manifest,
  changelog,
  repository: GITHUB_REPOSITORY && `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`,
  git: publish && { changed: run("git", "status", "--porcelain"), tags: run("git", "tag", "--points-at", "HEAD") },
});
for (const text of wrong) console.log(`wrong: ${text}`);
for (const text of notYet) console.log(`${publish ? "wrong" : "not yet"}: ${text}`);
if (wrong.length || (publish && notYet.length)) process.exit(1);
console.log("ok: files, package.json, CHANGELOG.md, publint");

if (publish) {
  // npm would give a preview to users who ask for no version, and rejects that.
  const tag = manifest.version.includes("-") ? ["--tag", "next"] : [];
  execFileSync("npm", ["publish", tarball, "--access", "public", "--provenance", ...tag], { stdio: "inherit" });
}
