import assert from "node:assert/strict";
import { test } from "node:test";

import { checkChangelog, checkFiles, checkManifest, checkRelease } from "./checks.mjs";
import counts from "./counts.mjs";
import { rename } from "./rename.mjs";

const MANIFEST = { name: "a", version: "1.2.3", description: "d", license: "MIT" };

test("the package has each file of the list, once, and no other", () => {
  const wrong = checkFiles(new Map([["package.json", Buffer.from("1")], ["node.js", Buffer.from("1")], ["x.js", Buffer.from("2")]]), []);
  assert.ok(wrong.includes("usage.wasm is missing"));
  assert.ok(wrong.includes("node.js has the same bytes as package.json"));
  assert.ok(wrong.includes("x.js is not in the list of xtask/src/checks.mjs"));
});

test("no file contains a path of the machine", () => {
  const paths = (text) => checkFiles(new Map([["usage.wasm", Buffer.from(text)]]), ["/home/me"]).filter((message) => message.includes("contains"));
  assert.deepEqual(paths("\0/home/mercury/x"), []);
  assert.deepEqual(paths("\0/home/me/x"), ["usage.wasm contains the path /home/me of this machine"]);
});

test("a link of the docs leads to a file of the package, or is absolute", () => {
  const text = "[a](README.md#a) [b](#b) [c](https://host.example/c) [d](../docs/d.md#d)";
  const wrong = checkFiles(new Map([["README.md", Buffer.from(text)]]), []).filter((message) => message.includes("link"));
  assert.deepEqual(wrong, ["README.md has a link to ../docs/d.md, which is not in the package"]);
});

test("package.json has what npm shows, and nothing that npm runs or installs", () => {
  assert.deepEqual(checkManifest(MANIFEST), []);
  assert.deepEqual(checkManifest({ ...MANIFEST, description: "" }), ["package.json has no description"]);
  assert.match(checkManifest({ ...MANIFEST, scripts: {} })[0], /has scripts/);
});

test("the newest section of the CHANGELOG is of the version, with a date", () => {
  const check = (heading, body = "- Something.") => checkChangelog(`# Changelog\n\n## ${heading}\n\n${body}\n\n## [1.2.2] - soon\n`, "1.2.3");
  assert.deepEqual(check("[1.2.3] - 2026-11-23"), []);
  assert.deepEqual(check("[1.2.3] - unreleased"), []);
  for (const heading of ["[1.2.4] - 2026-11-23", "1.2.3 - 2026-11-23", "[Unreleased]"]) assert.match(check(heading)[0], /not of \[1\.2\.3\]/);
  for (const date of ["2026-13-23", "26-11-23", "2026-02-30"]) assert.match(check(`[1.2.3] - ${date}`)[0], /has the date/);
  assert.match(check("[1.2.3] - 2026-11-23", "")[0], /lists nothing/);
});

test("a release has a date, its repository, a tag, and no changes", () => {
  const release = {
    manifest: { ...MANIFEST, repository: "git+https://host.example/o/r.git" },
    changelog: "\n## [1.2.3] - 2026-11-23\n",
    repository: "https://host.example/o/r",
    git: { changed: "", tags: "latest\nv1.2.3" },
  };
  assert.deepEqual(checkRelease(release), []);
  for (const [change, message] of [
    [{ changelog: "\n## [1.2.3] - unreleased\n" }, /has no date/],
    [{ manifest: MANIFEST }, /has no repository/],
    [{ repository: "https://host.example/fork/r" }, /npm would reject it/],
    [{ git: { changed: " M a", tags: "v1.2.3" } }, /not committed/],
    [{ git: { changed: "", tags: "v1.2.30" } }, /no tag v1\.2\.3/],
  ]) assert.match(checkRelease({ ...release, ...change }).join(), message);
});

test("the glue gets the names of the module", () => {
  const glue = `import * as import1 from "./call.js"
export function add(a) { return wasm.add(a) + other.add; }
function __wbg_get_imports() {
  const import0 = { __wbg_now_1: function() { return add(); } };
  return { "./usage_bg.js": import0, "./call.js": import1 };
}`;
  const names = { imports: [["./usage_bg.js", "__wbg_now_1", "A"], ["./call.js", "cancel", "B"]], exports: [["add", "C"]] };
  const { code, functions } = rename(glue, names);
  assert.deepEqual(functions, ["add"]);
  assert.match(code, /wasm\.C\(a\) \+ other\.add/);
  assert.match(code, /\{ "A": function\(\) \{ return add\(\); \} \}/);
  assert.match(code, /return \{ a: \{ \.\.\.import0, "B": import1\.cancel \} \}/);
});

test("the counts are those of tests, without suites and files", async () => {
  const event = (kind, data) => ({ type: `test:${kind}`, data: { name: "a", nesting: 0, file: "/x.test.mjs", details: {}, ...data } });
  const events = [
    event("pass"),
    event("pass", { name: "/x.test.mjs" }),
    event("pass", { details: { type: "suite" } }),
    event("pass", { skip: true }),
    event("fail", { todo: "later" }),
    event("fail", { name: "/x.test.mjs" }),
    event("start"),
  ];
  const { seconds, ...sum } = JSON.parse((await counts(events).next()).value);
  assert.deepEqual(sum, { passed: 1, failed: 1, skipped: 2 });
  assert.ok(seconds > 0);
});
