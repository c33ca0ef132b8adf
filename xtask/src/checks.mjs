// What has to be true of the package before it is published. Each check returns what is wrong, as sentences.

/** Every file of the package. A file that is not here is not meant to be published. */
const FILES = `
  CHANGELOG.md FAULTS.md LICENSE-APACHE LICENSE-MIT README.md REFERENCE.md RUNTIMES.md THIRD-PARTY.md package.json
  browser.js edge-light.js inline.js node.js workerd.js inline.cjs node.cjs
  call.js cli.js client.cjs client.js create-error.js errors.cjs errors.js glue.js inlined.js instance.js load.js pages.js report.js
  usage.wasm usage.wasm.js
  index.d.cts index.d.ts inline.d.ts model.d.cts usage.wasm.d.cts usage.wasm.d.ts
`.trim().split(/\s+/);

/** `files` has the bytes of each file by its name, `folders` those of this machine. */
export function checkFiles(files, folders) {
  const wrong = [];
  for (const name of FILES) if (!files.has(name)) wrong.push(`${name} is missing`);
  const seen = new Map();
  for (const [name, bytes] of files) {
    if (!FILES.includes(name)) wrong.push(`${name} is not in the list of xtask/src/checks.mjs`);
    const text = bytes.toString("latin1");
    if (seen.has(text)) wrong.push(`${name} has the same bytes as ${seen.get(text)}`);
    seen.set(text, name);
    const folder = folders.find((folder) => text.includes(Buffer.from(`${folder}/`).toString("latin1")));
    if (folder) wrong.push(`${name} contains the path ${folder} of this machine`);
    for (const [, target] of name.endsWith(".md") ? text.matchAll(/\]\((?!https:|#)([^)#]+)/g) : []) {
      if (!files.has(target)) wrong.push(`${name} has a link to ${target}, which is not in the package`);
    }
  }
  return wrong;
}

/** npm shows the first fields to users, and a user's npm would act on the others. */
export function checkManifest(manifest) {
  const wrong = ["name", "version", "description", "license"]
    .filter((field) => !manifest[field])
    .map((field) => `package.json has no ${field}`);
  const extra = ["private", "scripts", "dependencies", "devDependencies"].filter((field) => field in manifest);
  return [...wrong, ...extra.map((field) => `package.json has ${field}: remove it from pkg-template/package.json`)];
}

/** Whether the newest section is of this version. */
export function checkChangelog(changelog, version) {
  const [, section = ""] = changelog.split("\n## ");
  const [heading] = section.split("\n");
  const [, name, date] = /^\[(.+)\] - (.+)$/.exec(heading) ?? [];
  const wrong = [];
  if (name !== version) wrong.push(`the newest section of CHANGELOG.md is "${heading}", not of [${version}]`);
  else if (date !== "unreleased" && !isDate(date)) wrong.push(`the newest section of CHANGELOG.md has the date ${date}: write it as 2026-01-31`);
  if (!/^- /m.test(section)) wrong.push("the newest section of CHANGELOG.md lists nothing");
  return wrong;
}

const isDate = (text) => /^\d{4}-\d\d-\d\d$/.test(text) && new Date(text).toJSON()?.startsWith(text) === true;

/** What may be missing until the release. `repository` is the one that publishes, `git` has what git prints. */
export function checkRelease({ manifest, changelog, repository, git }) {
  const wrong = [];
  if (changelog.split("\n## ")[1]?.split("\n")[0].endsWith("unreleased")) wrong.push("the newest section of CHANGELOG.md has no date");
  if (!manifest.repository) wrong.push("package.json has no repository, which npm's provenance needs: add it to Cargo.toml");
  else if (repository && manifest.repository !== `git+${repository}.git`) {
    wrong.push(`package.json has the repository ${manifest.repository}, and this is ${repository}: npm would reject it`);
  }
  if (git?.changed) wrong.push(`git has changes that are not committed:\n${git.changed}`);
  if (git && !git.tags.split("\n").includes(`v${manifest.version}`)) wrong.push(`HEAD has no tag v${manifest.version}`);
  return wrong;
}
