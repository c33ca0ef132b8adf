//! What usage.wasm holds of others: by which of its licences each part is used, and the notice that says so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;
use spdx::{Expression, Licensee, ParseMode};

use super::Finding::{self, Wrong};
use crate::sh;
use crate::workspace::{CRATE, WASM, Workspace};

/// The notice's name in the package.
pub(crate) const NOTICE: &str = "THIRD-PARTY.md";

/// Licences that ask for nothing to go with compiled code but Apache-2.0's text, which is the package's own. The
/// first that is offered is used.
const FREE: [&str; 7] =
    ["Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unlicense", "0BSD", "Zlib", "MIT-0", "BSL-1.0"];

/// Licences that ask for their text, copyright line included, and words by which that text is known.
const WITH_TEXT: [(&str, &str); 5] = [
    ("MIT", "to any person obtaining a copy of this software and associated documentation files"),
    ("ISC", "Permission to use, copy, modify, and"),
    ("BSD-2-Clause", "Redistributions in binary form must reproduce"),
    ("BSD-3-Clause", "Redistributions in binary form must reproduce"),
    ("Unicode-3.0", "UNICODE LICENSE V3"),
];

/// What starts the name of a file with a licence, or with what Apache-2.0 wants passed on.
const FILES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "UNLICENSE", "NOTICE"];

/// Rust's standard library and those of its parts that the .wasm has code of. Their sources are seldom installed, so
/// what they say is written down here: from the COPYRIGHT-library.html of a toolchain, and the parts' own files.
const LIBRARY: [(&str, &str, &str); 4] = [
    ("Rust's standard library", "(MIT OR Apache-2.0) AND Unicode-3.0", include_str!("unicode.txt")),
    (
        "compiler_builtins of Rust's standard library",
        "MIT AND Apache-2.0 WITH LLVM-exception AND (MIT OR Apache-2.0)",
        include_str!("compiler_builtins.txt"),
    ),
    ("dlmalloc of Rust's standard library", "MIT OR Apache-2.0", ""),
    ("hashbrown of Rust's standard library", "MIT OR Apache-2.0", ""),
];

/// Something that is compiled into usage.wasm.
struct Part {
    name: String,
    /// The SPDX expression of its author.
    licence: String,
    source: String,
    /// Name and text of its files about licences.
    files: Vec<(String, String)>,
}

/// What Cargo knows of each package that a build for wasm might need.
pub(crate) fn metadata(ws: &Workspace) -> Result<Value> {
    let mut cargo = ws.cargo(["metadata", "--format-version", "1", "--filter-platform", WASM]);
    serde_json::from_str(&sh::output(&mut cargo)?).context("`cargo metadata` printed no JSON")
}

/// The notice about all that is compiled into usage.wasm.
pub(crate) fn notice(ws: &Workspace, metadata: &Value) -> Result<String> {
    let mut parts = crates(ws, metadata)?;
    parts.extend(LIBRARY.map(|(name, licence, text)| Part {
        name: name.to_owned(),
        licence: licence.to_owned(),
        source: "https://github.com/rust-lang/rust".to_owned(),
        files: vec![("LICENSE".to_owned(), text.to_owned())],
    }));
    render(&parts)
}

/// The crates that are linked into the .wasm, by name.
///
/// `cargo tree` says which: unlike `cargo metadata` it leaves out what only another member of the workspace asks for.
fn crates(ws: &Workspace, metadata: &Value) -> Result<Vec<Part>> {
    let edges = ["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"];
    let mut tree = ws.cargo(["tree", "--package", CRATE, "--target", WASM].into_iter().chain(edges));
    let linked: BTreeSet<String> = sh::output(&mut tree)?
        .lines()
        .filter_map(|line| {
            let (name, rest) = line.split_once(" v")?;
            Some(format!("{name} {}", rest.split(' ').next()?))
        })
        .filter(|name| name.split(' ').next() != Some(CRATE))
        .collect();

    let packages = metadata["packages"].as_array().context("`cargo metadata` gave no packages")?;
    linked
        .into_iter()
        .map(|name| {
            let package = packages.iter().find(|package| title(package) == name);
            part(package.with_context(|| format!("`cargo metadata` does not know {name}"))?)
        })
        .collect()
}

fn title(package: &Value) -> String {
    let text = |key: &str| package[key].as_str().unwrap_or_default();
    format!("{} {}", text("name"), text("version"))
}

fn part(package: &Value) -> Result<Part> {
    let name = title(package);
    let licence = package["license"].as_str().with_context(|| {
        format!("{name} has no `license` in its Cargo.toml: ask its author, or do without it")
    })?;
    let manifest = package["manifest_path"].as_str().unwrap_or_default();
    let folder = Path::new(manifest).parent().with_context(|| format!("{name} has no folder"))?;
    Ok(Part {
        licence: licence.to_owned(),
        source: package["repository"].as_str().unwrap_or_default().to_owned(),
        files: licence_files(folder).with_context(|| format!("the sources of {name} cannot be read"))?,
        name,
    })
}

fn licence_files(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if FILES.iter().any(|start| name.to_uppercase().starts_with(start)) && entry.path().is_file() {
            // The author's line ends say nothing, and a checkout may change them.
            let text = fs::read_to_string(entry.path())?.replace("\r\n", "\n");
            files.push((name, text));
        }
    }
    files.sort();
    Ok(files)
}

fn render(parts: &[Part]) -> Result<String> {
    let mut rows = Vec::new();
    // Some parts share one text to the letter.
    let mut texts: Vec<(&str, Vec<&str>)> = Vec::new();
    for part in parts {
        let used = choose(&part.licence).with_context(|| part.name.clone())?;
        let cells = [&part.name, &part.source, &part.licence, &used.join(", ")];
        rows.push(format!("| {} |", cells.map(String::as_str).join(" | ")));
        for text in demanded(part, &used)? {
            match texts.iter_mut().find(|(known, _)| *known == text) {
                Some((_, names)) => names.push(&part.name),
                None => texts.push((text, vec![&part.name])),
            }
        }
    }
    let rows = rows.join("\n");
    let texts =
        texts.into_iter().map(|(text, names)| format!("## {}\n\n```text\n{text}\n```\n", names.join(", ")));
    let texts = texts.collect::<Vec<_>>().join("\n");
    Ok(format!(
        "# Third-party software

`usage.wasm`, and the JavaScript that is made with it, hold code of the following besides their own. Where there is a
choice of licences, the last column has those by which it is used here.

| software | source | licence | used under |
|---|---|---|---|
{rows}

The text of Apache-2.0 is in [LICENSE-APACHE](LICENSE-APACHE). MIT, ISC, BSD and Unicode-3.0 ask that their own go with
each copy: they follow. The others ask for nothing in compiled code.

{texts}"
    ))
}

/// The fewest licences that satisfy an expression, those that ask for the least before others.
fn choose(expression: &str) -> Result<Vec<String>> {
    let accepted = FREE
        .into_iter()
        .chain(WITH_TEXT.map(|(id, _)| id))
        .map(|id| Licensee::parse(id).map_err(|error| anyhow!("{id}: {}", error.reason)))
        .collect::<Result<Vec<_>>>()?;
    let parsed = Expression::parse_mode(expression, ParseMode::LAX)
        .map_err(|error| anyhow!("its licence {expression:?} cannot be read: {}", error.reason))?;
    let Ok(used) = parsed.minimized_requirements(&accepted) else {
        bail!(
            "its licence {expression:?} is not among those that may be bundled: do without it, or add the licence to \
             xtask/src/release/licences.rs with what it asks for"
        );
    };
    Ok(used.iter().map(ToString::to_string).collect())
}

/// The texts that have to go with a part that is used under these licences.
fn demanded<'a>(part: &'a Part, used: &[String]) -> Result<Vec<&'a str>> {
    let mut texts = Vec::new();
    for (id, words) in WITH_TEXT.iter().filter(|(id, _)| used.iter().any(|it| it == id)) {
        let before = texts.len();
        texts.extend(part.files.iter().filter(|(_, text)| one_line(text).contains(words)));
        ensure!(
            texts.len() > before,
            "{} is used under {id}, and no file of its sources has that text: do without it",
            part.name
        );
    }
    texts.extend(part.files.iter().filter(|(name, _)| name.to_uppercase().starts_with("NOTICE")));
    Ok(texts.into_iter().map(|(_, text)| text.trim()).collect())
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// That the notice has each crate whose sources the .wasm names, as it does in the places of its panics.
pub(super) fn check(wasm: &[u8], notice: &str) -> Vec<Finding> {
    let wasm = String::from_utf8_lossy(wasm);
    // The first as `build` has it written, the second as the Rust project does.
    let crates = sources(&wasm, "crates/").map(|(name, version)| format!("{name} {version}"));
    let library = sources(&wasm, "/rust/deps/").map(|(name, _)| format!("{name} of Rust's standard library"));
    let named: BTreeSet<String> = crates.chain(library).collect();
    let unlisted = named.into_iter().filter(|name| !notice.contains(&format!("| {name} |")));
    unlisted
        .map(|name| {
            Wrong(format!(
                "{name} is in usage.wasm but not in {NOTICE}: see in xtask/src/release/licences.rs why not"
            ))
        })
        .collect()
}

/// Name and version from each `{prefix}{name}-{version}/`.
fn sources<'a>(text: &'a str, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    text.split(prefix).skip(1).filter_map(|rest| {
        let (folder, _) = rest.split_once('/')?;
        folder.match_indices('-').find_map(|(at, _)| {
            let (name, version) = (folder.get(..at)?, folder.get(at + 1..)?);
            let (major, _) = version.split_once('.')?;
            major.parse::<u64>().is_ok().then_some((name, version))
        })
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const MIT: &str = "Copyright (c) 2020 A\n\nto any person obtaining a copy of\n  this software and associated \
                       documentation files";

    fn made_up(licence: &str, files: &[(&str, &str)]) -> Part {
        Part {
            name: "a 1.2.3".to_owned(),
            licence: licence.to_owned(),
            source: "https://example.com/a".to_owned(),
            files: files.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect(),
        }
    }

    #[test]
    fn the_licence_that_asks_for_least_is_chosen() {
        for (expression, used) in [
            ("MIT OR Apache-2.0", "Apache-2.0"),
            ("MIT/Apache-2.0", "Apache-2.0"),
            ("Unlicense OR MIT", "Unlicense"),
            ("MIT", "MIT"),
            ("(MIT OR Apache-2.0) AND Unicode-3.0", "Apache-2.0, Unicode-3.0"),
            ("Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT", "Apache-2.0"),
            (
                "MIT AND Apache-2.0 WITH LLVM-exception AND (MIT OR Apache-2.0)",
                "Apache-2.0 WITH LLVM-exception, MIT",
            ),
            ("MIT OR GPL-3.0-only", "MIT"),
        ] {
            assert_eq!(choose(expression).unwrap().join(", "), used, "{expression}");
        }
    }

    #[test]
    fn a_licence_that_is_not_allowed_names_the_crate() {
        for (licence, says) in [
            ("GPL-3.0-only", "a 1.2.3: its licence \"GPL-3.0-only\" is not among those"),
            ("MIT AND MPL-2.0", "a 1.2.3: its licence \"MIT AND MPL-2.0\" is not among those"),
            ("Free", "a 1.2.3: its licence \"Free\" cannot be read: unknown term"),
        ] {
            let error = format!("{:#}", render(&[made_up(licence, &[("LICENSE", MIT)])]).unwrap_err());
            assert!(error.starts_with(says), "{error}");
        }
    }

    #[test]
    fn a_crate_without_a_licence_is_named() {
        let error = part(&json!({ "name": "a", "version": "1.2.3", "license": null })).err().unwrap();
        assert!(error.to_string().starts_with("a 1.2.3 has no `license`"), "{error}");
    }

    #[test]
    fn a_text_that_is_asked_for_is_there_once_or_missed() {
        let apache = ("LICENSE-APACHE", "Apache License");
        let mit = made_up("MIT", &[apache, ("LICENSE-MIT", MIT)]);
        let notice = render(&[mit, made_up("MIT", &[("LICENSE", MIT)])]).unwrap();
        assert_eq!(notice.matches("Copyright (c) 2020 A").count(), 1);
        assert!(notice.contains("| a 1.2.3 | https://example.com/a | MIT | MIT |"), "{notice}");
        assert!(notice.contains("## a 1.2.3, a 1.2.3\n"), "{notice}");

        let error = render(&[made_up("MIT", &[apache])]).unwrap_err().to_string();
        assert!(error.starts_with("a 1.2.3 is used under MIT, and no file"), "{error}");
    }

    #[test]
    fn a_text_that_is_not_asked_for_is_left_out_but_for_a_notice() {
        let part = made_up("MIT OR Apache-2.0", &[("LICENSE-MIT", MIT), ("NOTICE", "made by A")]);
        let notice = render(&[part]).unwrap();
        assert!(!notice.contains("2020 A"), "{notice}");
        assert!(notice.contains("\n```text\nmade by A\n```\n"), "{notice}");
    }

    #[test]
    fn what_the_wasm_names_is_in_the_notice() {
        let wasm = b"\xff\0crates/a-1.2.3/src/lib.rscrates/b-c-0.1.0-rc.1/src/x.rs/rust/deps/d-2.0.0/src/e.rssrc/f.rs";
        let notice = "| a 1.2.3 | x |\n| d of Rust's standard library, or so | x |";
        let [Wrong(first), Wrong(second)] = &check(wasm, notice)[..] else { panic!() };
        assert!(
            first.starts_with("b-c 0.1.0-rc.1 is in")
                && second.starts_with("d of Rust's standard library is in")
        );
        let notice = "| a 1.2.3 | x |\n| b-c 0.1.0-rc.1 | x |\n| d of Rust's standard library | x |";
        assert_eq!(check(wasm, notice), []);
    }
}
