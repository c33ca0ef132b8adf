//! THIRD-PARTY.md of the package: what is linked into usage.wasm, and what its licences ask for.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use xshell::cmd;

use crate::workspace::{CRATE, WASM, Workspace};

/// The notice's name in the package.
pub(crate) const NOTICE: &str = "THIRD-PARTY.md";

/// By these words the text of a licence is known.
const MIT: &str = "to any person obtaining a copy of this software and associated documentation files";
const UNICODE: &str = "UNICODE LICENSE V3";

/// The licence expressions that may be bundled, the licences of each that the package uses, and the texts that have to go
/// with compiled code. Apache-2.0 asks for its own text, which the package has, and the Unlicense for none.
const ALLOWED: [(&str, &str, &[&str]); 6] = [
    ("MIT OR Apache-2.0", "Apache-2.0", &[]),
    ("Apache-2.0 OR MIT", "Apache-2.0", &[]),
    ("Unlicense OR MIT", "Unlicense", &[]),
    ("MIT", "MIT", &[MIT]),
    ("(MIT OR Apache-2.0) AND Unicode-3.0", "Apache-2.0, Unicode-3.0", &[UNICODE]),
    ("MIT AND Apache-2.0 WITH LLVM-exception AND (MIT OR Apache-2.0)", "Apache-2.0 WITH LLVM-exception, MIT", &[MIT]),
];

/// The parts of Rust's standard library that are linked, each with its licence and text. Their sources are seldom installed,
/// so the texts are those of a toolchain's COPYRIGHT-library.html and of the parts' own files.
const LIBRARY: [(&str, &str, &str); 4] = [
    ("Rust's standard library", "(MIT OR Apache-2.0) AND Unicode-3.0", include_str!("licences/unicode.txt")),
    (
        "compiler_builtins of Rust's standard library",
        "MIT AND Apache-2.0 WITH LLVM-exception AND (MIT OR Apache-2.0)",
        include_str!("licences/compiler_builtins.txt"),
    ),
    ("dlmalloc of Rust's standard library", "MIT OR Apache-2.0", ""),
    ("hashbrown of Rust's standard library", "MIT OR Apache-2.0", ""),
];

/// Something that is linked into usage.wasm.
struct Part {
    name: String,
    licence: String,
    source: String,
    /// The texts of its licence files.
    texts: Vec<String>,
    /// The texts of its NOTICE files, which Apache-2.0 wants passed on.
    notices: Vec<String>,
}

/// Writes the notice.
pub(crate) fn notice(ws: &Workspace) -> Result<String> {
    let metadata = cmd!(ws.sh, "cargo metadata --format-version 1 --filter-platform {WASM}").quiet().read()?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let packages = metadata["packages"].as_array().context("cargo metadata has no packages")?;
    let crates = linked_crates(ws)?.into_iter().map(|name| {
        let package = packages.iter().find(|package| name_of(package) == name);
        part(ws, package.with_context(|| format!("cargo metadata has no {name}"))?)
    });
    let mut parts = crates.collect::<Result<Vec<_>>>()?;
    parts.extend(LIBRARY.map(|(name, licence, text)| Part {
        name: name.to_owned(),
        licence: licence.to_owned(),
        source: "https://github.com/rust-lang/rust".to_owned(),
        texts: vec![text.to_owned()],
        notices: Vec::new(),
    }));
    render(&parts)
}

/// Compares the notice in pkg/ with the dependencies of the build and with the source paths in usage.wasm.
pub(crate) fn check(ws: &Workspace) -> Result<()> {
    let notice = ws.sh.read_file(format!("pkg/{NOTICE}"))?;
    let wasm = ws.sh.read_binary_file("pkg/usage.wasm")?;
    compare(&notice, &linked_crates(ws)?, &String::from_utf8_lossy(&wasm))
}

fn compare(notice: &str, linked: &BTreeSet<String>, wasm: &str) -> Result<()> {
    let listed: BTreeSet<&str> = rows(notice).collect();
    let library = LIBRARY.map(|(name, _, _)| name);
    let expected: BTreeSet<&str> = linked.iter().map(String::as_str).chain(library).collect();
    let different: Vec<_> = expected.symmetric_difference(&listed).collect();
    ensure!(different.is_empty(), "{NOTICE} and `cargo tree` differ in {different:?}");

    // `build` writes the first prefix, the Rust project the second.
    let crates = sources(wasm, "crates/").map(|(name, version)| format!("{name} {version}"));
    let of_library = sources(wasm, "/rust/deps/").map(|(name, _)| format!("{name} of Rust's standard library"));
    let unlisted: Vec<_> = crates.chain(of_library).filter(|name| !listed.contains(name.as_str())).collect();
    ensure!(unlisted.is_empty(), "usage.wasm has code of {unlisted:?}, which {NOTICE} does not list");
    Ok(())
}

/// The first column of the notice's table.
fn rows(notice: &str) -> impl Iterator<Item = &str> {
    let cells = notice.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    cells.filter(|cell| *cell != "software")
}

/// The crates that the package's build links, as "name version".
fn linked_crates(ws: &Workspace) -> Result<BTreeSet<String>> {
    let args = ["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"];
    let tree = cmd!(ws.sh, "cargo tree --package {CRATE} --target {WASM} {args...}").quiet().read()?;
    let crates = tree.lines().filter_map(|line| {
        let mut words = line.split(' ');
        Some(format!("{} {}", words.next()?, words.next()?.strip_prefix('v')?))
    });
    Ok(crates.filter(|name| name.split(' ').next() != Some(CRATE)).collect())
}

fn name_of(package: &Value) -> String {
    let text = |key: &str| package[key].as_str().unwrap_or_default();
    format!("{} {}", text("name"), text("version"))
}

fn part(ws: &Workspace, package: &Value) -> Result<Part> {
    let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
    let manifest = text("manifest_path");
    let folder = Path::new(&manifest).parent().context("a package has no folder")?;
    Ok(Part {
        name: name_of(package),
        licence: text("license"),
        source: text("repository"),
        texts: texts(ws, folder, &["LICENSE", "LICENCE", "COPYING"])?,
        notices: texts(ws, folder, &["NOTICE"])?,
    })
}

/// The texts of the files whose names start so.
fn texts(ws: &Workspace, folder: &Path, starts: &[&str]) -> Result<Vec<String>> {
    let mut paths = ws.sh.read_dir(folder)?;
    paths.retain(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        path.is_file() && starts.iter().any(|start| name.starts_with(start))
    });
    // The line ends may differ between checkouts.
    paths.iter().map(|path| Ok(ws.sh.read_file(path)?.replace("\r\n", "\n"))).collect()
}

fn render(parts: &[Part]) -> Result<String> {
    let mut table = Vec::new();
    // Some parts have the same text.
    let mut texts: Vec<(&str, Vec<&str>)> = Vec::new();
    for part in parts {
        let Part { name, licence, source, .. } = part;
        let (_, used, required) = ALLOWED.iter().find(|(allowed, ..)| allowed == licence).with_context(|| {
            format!("{name} has the licence {licence:?}: do without it, or add the licence to xtask/src/licences.rs")
        })?;
        table.push(format!("| {name} | {source} | {licence} | {used} |"));
        let mut needed: Vec<&String> = part.notices.iter().collect();
        for words in *required {
            let text = part.texts.iter().find(|text| one_line(text).contains(words));
            needed.push(text.with_context(|| format!("{name} has no file with the text of {used}"))?);
        }
        for text in needed.into_iter().map(|text| text.trim()) {
            match texts.iter_mut().find(|(known, _)| *known == text) {
                Some((_, names)) => names.push(name),
                None => texts.push((text, vec![name])),
            }
        }
    }
    let texts: Vec<String> =
        texts.iter().map(|(text, names)| format!("## {}\n\n```text\n{text}\n```\n", names.join(", "))).collect();
    let (table, texts) = (table.join("\n"), texts.join("\n"));
    Ok(format!(
        "# Third-party software

`usage.wasm`, and the JavaScript that is made with it, contain code of the following software. Where there is a choice of
licences, the last column has those by which it is used here.

| software | source | licence | used under |
|---|---|---|---|
{table}

The text of Apache-2.0 is in [LICENSE-APACHE](LICENSE-APACHE). MIT and Unicode-3.0 ask that their text goes with each copy:
the texts follow. The others ask for nothing in compiled code.

{texts}"
    ))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Name and version from each `{prefix}{name}-{version}/`.
fn sources<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    text.split(prefix).skip(1).filter_map(|rest| {
        let (folder, _) = rest.split_once('/')?;
        let (at, _) =
            folder.match_indices('-').find(|(at, _)| folder[at + 1..].starts_with(|c: char| c.is_ascii_digit()))?;
        Some((&folder[..at], &folder[at + 1..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIT_FILE: &str = "Copyright (c) 2020 A\n\nto any person obtaining a copy of\n  this software and associated \
                            documentation files";

    fn sample(licence: &str, text: &str) -> Part {
        Part {
            name: "a 1.2.3".to_owned(),
            licence: licence.to_owned(),
            source: "https://example.com/a".to_owned(),
            texts: vec!["Apache License".to_owned(), text.to_owned()],
            notices: vec!["made by A".to_owned()],
        }
    }

    #[track_caller]
    fn error<T>(result: Result<T>) -> String {
        result.err().unwrap().to_string()
    }

    #[test]
    fn a_text_is_there_once_if_the_licence_asks_for_it() {
        let notice = render(&[sample("MIT", MIT_FILE), sample("MIT", MIT_FILE)]).unwrap();
        assert_eq!(notice.matches("Copyright (c) 2020 A").count(), 1);
        assert!(notice.contains("| a 1.2.3 | https://example.com/a | MIT | MIT |"), "{notice}");
        assert!(notice.contains("## a 1.2.3, a 1.2.3\n"), "{notice}");
        let apache = render(&[sample("MIT OR Apache-2.0", MIT_FILE)]).unwrap();
        assert!(!apache.contains("2020 A") && apache.contains("\n```text\nmade by A\n```\n"), "{apache}");
    }

    #[test]
    fn a_licence_that_is_not_allowed_or_has_no_text_is_an_error() {
        let gpl = error(render(&[sample("GPL-3.0-only", MIT_FILE)]));
        assert!(gpl.starts_with("a 1.2.3 has the licence \"GPL-3.0-only\": do without it"), "{gpl}");
        assert_eq!(error(render(&[sample("MIT", "")])), "a 1.2.3 has no file with the text of MIT");
    }

    #[test]
    fn the_notice_lists_what_is_linked_and_no_more() {
        let library = LIBRARY.map(|(name, ..)| format!("| {name} | x |\n")).concat();
        let notice = format!("| software | source |\n|---|---|\n| a-b 1.2.3 | x |\n{library}");
        let linked = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let same = linked(&["a-b 1.2.3"]);
        let wasm = "crates/a-b-1.2.3/src/lib.rssrc/x.rs/rust/deps/dlmalloc-0.2.11/src/e.rs";
        assert!(compare(&notice, &same, wasm).is_ok());

        for (names, different) in [(&["a-b 1.2.3", "c 1.0.0"][..], "c 1.0.0"), (&[], "a-b 1.2.3")] {
            let message = error(compare(&notice, &linked(names), wasm));
            assert_eq!(message, format!("THIRD-PARTY.md and `cargo tree` differ in [\"{different}\"]"));
        }
        let unlisted = error(compare(&notice, &same, "/rust/deps/miniz-0.8.0/src/e.rs"));
        assert!(unlisted.starts_with("usage.wasm has code of [\"miniz of Rust's standard library\"]"), "{unlisted}");
    }
}
