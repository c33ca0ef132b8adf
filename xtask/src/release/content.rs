//! Whether the tarball holds what is meant, all of it of use, and none of it twice.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value;

use super::Finding::{self, Wrong};

/// Files by their path in the tarball.
pub(super) type Files = BTreeMap<String, Vec<u8>>;

/// What people and npm read.
pub(super) const DOCUMENTS: [&str; 7] = [
    "CHANGELOG.md",
    "FAULTS.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "THIRD-PARTY.md",
    "package.json",
];

/// What programs and compilers read, each to be reached from an entry of package.json.
pub(super) const CODE: [&str; 25] = [
    "browser.js",
    "call.js",
    "client.cjs",
    "client.js",
    "create-error.js",
    "edge-light.js",
    "errors.cjs",
    "errors.js",
    "glue.js",
    "index.d.cts",
    "index.d.ts",
    "inline.cjs",
    "inline.d.ts",
    "inline.js",
    "inlined.js",
    "instance.js",
    "load.js",
    "model.d.cts",
    "node.cjs",
    "node.js",
    "usage.wasm",
    "usage.wasm.d.cts",
    "usage.wasm.d.ts",
    "usage.wasm.js",
    "workerd.js",
];

/// Checks a tarball of which `manifest` is the package.json, and `folders` are those of the machine it was made on.
pub(super) fn check(files: &Files, manifest: &Value, folders: &[PathBuf]) -> Vec<Finding> {
    let meant: BTreeSet<&str> = DOCUMENTS.into_iter().chain(CODE).collect();
    let findings =
        [unlike(files, &meant), twice(files), unreached(files, manifest), machine_folders(files, folders)];
    findings.into_iter().flatten().map(Wrong).collect()
}

fn unlike(files: &Files, meant: &BTreeSet<&str>) -> Vec<String> {
    let missing = meant.iter().filter(|name| !files.contains_key(**name)).map(|name| {
        format!("{name} is missing: have it built, or take it off the list in xtask/src/release/content.rs")
    });
    let more = files.keys().filter(|name| !meant.contains(name.as_str())).map(|name| {
        format!("{name} is not meant to be there: leave it out, or list it in xtask/src/release/content.rs")
    });
    missing.chain(more).collect()
}

fn twice(files: &Files) -> Vec<String> {
    let mut seen: BTreeMap<&[u8], &str> = BTreeMap::new();
    let mut problems = Vec::new();
    for (name, bytes) in files {
        match seen.get(bytes.as_slice()) {
            Some(first) => problems.push(format!("{name} has the bytes of {first}: ship one of them")),
            None => drop(seen.insert(bytes, name)),
        }
    }
    problems
}

/// Entries and imports that lead nowhere, and code that nothing leads to.
fn unreached(files: &Files, manifest: &Value) -> Vec<String> {
    let mut entries = Vec::new();
    for key in ["exports", "main", "types"] {
        texts(&manifest[key], &mut entries);
    }
    let mut left: Vec<(&str, String)> =
        entries.into_iter().map(|entry| ("package.json", entry.to_owned())).collect();
    let mut reached = BTreeSet::new();
    let mut problems = Vec::new();
    while let Some((from, specifier)) = left.pop() {
        let name = resolve(from, &specifier);
        let Some((name, bytes)) = files.get_key_value(&name) else {
            problems.push(format!("{from} names {specifier}, and there is no {name}"));
            continue;
        };
        if reached.insert(name.as_str()) && is_code(name) {
            let text = String::from_utf8_lossy(bytes);
            left.extend(specifiers(&text).into_iter().map(|it| (name.as_str(), it.to_owned())));
        }
    }
    let idle = files.keys().map(String::as_str);
    let idle = idle.filter(|name| !DOCUMENTS.contains(name) && !reached.contains(name));
    problems.extend(idle.map(|name| format!("{name} is of no use: no entry of package.json leads to it")));
    problems
}

/// Every text in a value, however deep.
fn texts<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

fn is_code(name: &str) -> bool {
    ["js", "cjs", "mjs", "ts", "cts", "mts"].iter().any(|end| name.ends_with(&format!(".{end}")))
}

/// The relative specifiers of a module: no parser, but each is a literal in the place where one stands.
fn specifiers(module: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for quote in ['"', '\''] {
        let mut before = "";
        for text in module.split(quote) {
            let relative = text.starts_with("./") || text.starts_with("../");
            let place = ["from", "import", "import(", "require(", "new URL("];
            if relative && place.iter().any(|it| before.trim_end().ends_with(it)) {
                found.push(text);
            }
            before = text;
        }
    }
    found
}

/// The file that a specifier means. A declaration names the module that it declares.
fn resolve(from: &str, specifier: &str) -> String {
    let (path, _) = specifier.split_once('?').unwrap_or((specifier, ""));
    let mut folders: Vec<&str> = from.split('/').collect();
    folders.pop();
    for step in path.split('/') {
        match step {
            "." => {}
            ".." => drop(folders.pop()),
            _ => folders.push(step),
        }
    }
    let path = folders.join("/");
    let declaration = [".d.ts", ".d.cts", ".d.mts"].iter().any(|end| from.ends_with(end));
    match path.rsplit_once('.') {
        Some((stem, end @ ("js" | "cjs" | "mjs"))) if declaration => {
            format!("{stem}.d.{}", end.replace("js", "ts"))
        }
        _ => path,
    }
}

fn machine_folders(files: &Files, folders: &[PathBuf]) -> Vec<String> {
    // With the separator at its end; the root alone is in every text.
    let folders = folders.iter().filter(|folder| folder.components().count() > 1);
    let folders: Vec<String> = folders.map(|folder| folder.join("").to_string_lossy().into_owned()).collect();
    let mut problems = Vec::new();
    for (name, bytes) in files {
        let text = String::from_utf8_lossy(bytes);
        if let Some(folder) = folders.iter().find(|folder| text.contains(folder.as_str())) {
            problems.push(format!("{name} has a path of this machine, below {folder}: find what writes it"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn files<const N: usize>(files: [(&str, &str); N]) -> Files {
        files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into()
    }

    #[test]
    fn only_what_is_meant_and_all_of_it() {
        let files = files([("a.js", ""), ("b.js", "")]);
        assert_eq!(unlike(&files, &["a.js", "b.js"].into()), [""; 0]);
        assert!(unlike(&files, &["a.js"].into())[0].starts_with("b.js is not meant to be there"));
        assert!(unlike(&files, &["a.js", "b.js", "c.js"].into())[0].starts_with("c.js is missing"));
    }

    #[test]
    fn no_file_is_there_twice() {
        assert_eq!(twice(&files([("a.js", "1"), ("b.js", "2")])), [""; 0]);
        let same = twice(&files([("a.js", "1"), ("b.js", "2"), ("c.cjs", "1")]));
        assert_eq!(same, ["c.cjs has the bytes of a.js: ship one of them"]);
    }

    #[test]
    fn every_file_is_reached() {
        let manifest = json!({
            "main": "./main.cjs",
            "types": "./index.d.cts",
            "exports": {
                ".": { "node": { "import": "./a.js" }, "types": "./index.d.ts" },
                "./package.json": "./package.json",
            },
        });
        let mut files = files([
            ("package.json", "{}"),
            ("README.md", ""),
            ("main.cjs", "require('./deep/b.cjs'); require(\"node:fs\")"),
            ("deep/b.cjs", "import(\"../c.wasm?module\")"),
            ("c.wasm", "\"./no-module.js\""),
            (
                "a.js",
                "import x from \"./d.js\";\nexport * from './e.js';\nnew URL(\"./f.bin\", import.meta.url)",
            ),
            ("d.js", "import \"./a.js\"; const text = \"./not-a-specifier.js\";"),
            ("e.js", ""),
            ("f.bin", ""),
            ("index.d.ts", "export * from \"./index.cjs\";"),
            ("index.d.cts", "export type * from \"./model.cjs\";"),
            ("model.d.cts", ""),
        ]);
        assert_eq!(unreached(&files, &manifest), [""; 0]);

        files.insert("left.js".to_owned(), Vec::new());
        files.remove("model.d.cts");
        files.remove("a.js");
        assert_eq!(
            unreached(&files, &manifest),
            [
                "index.d.cts names ./model.cjs, and there is no model.d.cts",
                "package.json names ./a.js, and there is no a.js",
                "d.js is of no use: no entry of package.json leads to it",
                "e.js is of no use: no entry of package.json leads to it",
                "f.bin is of no use: no entry of package.json leads to it",
                "left.js is of no use: no entry of package.json leads to it",
            ]
        );
    }

    #[test]
    fn no_file_tells_of_the_machine() {
        let folders = ["/home/me", "/"].map(PathBuf::from);
        let clean = files([("a.js", "/home/mercury and /usr/lib")]);
        assert_eq!(machine_folders(&clean, &folders), [""; 0]);
        let mut found = clean;
        found.insert("a.wasm".to_owned(), b"\0\xff/home/me/.cargo/x.rs\xff".to_vec());
        assert_eq!(
            machine_folders(&found, &folders),
            ["a.wasm has a path of this machine, below /home/me/: find what writes it"]
        );
    }
}
