//! `cargo xtask build`: the whole npm package, written to pkg/.
//!
//! crate -> .wasm -> wasm-bindgen -> wasm-opt, put together with the files of pkg-template/, and from these
//! what is the same in another form. When no input has changed since pkg/ was written, only Cargo's own check is run.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::release::{self, licences};
use crate::setup;
use crate::sh::{self, say};
use crate::workspace::{CRATE, WASM, Workspace};

/// `--omit-default-module-path`: each loader of pkg-template/ finds the .wasm in its runtime's own way.
const BINDGEN_ARGS: [&str; 6] =
    ["--target", "web", "--omit-default-module-path", "--no-typescript", "--out-name", "usage"];

/// Features one by one: with `--all-features` wasm-opt writes a module that Node 20 refuses.
///
/// A function of one caller stays by itself: engines compile each when it is first called, and a call needs but a part.
/// The names of imports and exports, each with a hash, are 2 KB of what a page loads, in both of the files.
const OPT_ARGS: [&str; 11] = [
    "-Oz",
    "--one-caller-inline-max-function-size=40",
    "--minify-imports-and-exports-and-modules",
    "--strip-producers",
    "--strip-target-features",
    "--enable-bulk-memory",
    "--enable-reference-types",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-multivalue",
];

/// Makes of pkg/'s files those that are the same in another form, such as `CommonJS`.
const DERIVE: &str = "xtask/src/derive.mjs";

/// Which name wasm-opt gave to what, for `DERIVE`, which leaves it out of the package.
const NAMES: &str = "names.json";

/// Files by their path in the package, with `/` between folders.
type Files = BTreeMap<String, Vec<u8>>;

/// Sets up, builds, and writes pkg/.
pub(crate) fn run(ws: &Workspace) -> Result<()> {
    setup::wasm_target(ws)?;
    setup::node(ws)?;
    setup::npm_packages(ws)?;
    setup::wasm_tools(ws)?;

    let wasm = compile(ws)?;
    let mut files = hand_written(ws)?;
    let pkg = ws.path("pkg");
    let stamp_file = ws.scratch("pkg-stamp")?;
    let inputs = inputs(ws, &wasm, &files)?;
    let old_stamp = fs::read_to_string(&stamp_file).unwrap_or_default();
    if old_stamp == stamp(&inputs, &tree(&pkg)?) {
        say("pkg/ is up to date");
    } else {
        for (name, bytes) in bind(ws, &wasm)? {
            insert(&mut files, name, bytes)?;
        }
        write_tree(&pkg, &files)?;
        sh::run(ws.command("node").arg(DERIVE))?;
        let files = tree(&pkg)?;
        fs::write(&stamp_file, stamp(&inputs, &files))?;
        say(format!("wrote pkg/ ({} files)", files.len()));
    }
    sh::run(ws.command("node").arg("xtask/src/sizes.mjs"))
}

/// Compiles the crate, and returns the path of its .wasm.
fn compile(ws: &Workspace) -> Result<PathBuf> {
    let mut cargo = ws.cargo(["build", "--release", "--package", CRATE, "--lib"]);
    sh::run(cargo.args(["--target", WASM]).env("CARGO_ENCODED_RUSTFLAGS", remapped_paths(ws)?))?;
    let file = format!("{}.wasm", CRATE.replace('-', "_"));
    Ok(ws.target(WASM).join("release").join(file))
}

/// Compiler flags that keep this machine's folders out of the published .wasm: a panic's location names
/// its source file, which for a dependency is a path below the home folder, and so for std where rust-src is installed.
fn remapped_paths(ws: &Workspace) -> Result<OsString> {
    let cargo_home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let registries = cargo_home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    let sysroot = sh::output(ws.command("rustc").args(["--print", "sysroot"]))?;
    let mut flags = OsString::from("--remap-path-prefix=");
    flags.push(Path::new(sysroot.trim()).join("lib/rustlib/src/rust"));
    flags.push("=rust");
    for registry in registries.into_iter().flatten().flatten() {
        flags.push("\x1f--remap-path-prefix=");
        flags.push(registry.path());
        flags.push("=crates");
    }
    Ok(flags)
}

/// Everything in the package that wasm-bindgen does not make.
fn hand_written(ws: &Workspace) -> Result<Files> {
    let mut files = tree(&ws.path("pkg-template"))?;
    let template = files.get("package.json").context("pkg-template/package.json is missing")?;
    let template = str::from_utf8(template).context("pkg-template/package.json is no UTF-8")?;
    let metadata = licences::metadata(ws)?;
    let repository = release::npm_repository(&metadata);
    let mut fields = vec![("version", ws.version.as_str()), ("description", &ws.description)];
    fields.extend(repository.as_deref().map(|address| ("repository", address)));
    let manifest = fill_manifest(template, &fields).context("pkg-template/package.json")?;
    files.insert("package.json".to_owned(), manifest.into_bytes());

    insert(&mut files, licences::NOTICE.to_owned(), licences::notice(ws, &metadata)?.into_bytes())?;
    let model = thousandeyes_usage::typescript().as_bytes().to_vec();
    insert(&mut files, "model.d.cts".to_owned(), model)?;
    for name in ["LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md"] {
        let bytes = fs::read(ws.path(name))
            .with_context(|| format!("the package needs {name} from the root of the checkout"))?;
        insert(&mut files, name.to_owned(), bytes)?;
    }
    Ok(files)
}

/// Runs wasm-bindgen and wasm-opt, and returns what they made under the names it has in the package.
fn bind(ws: &Workspace, wasm: &Path) -> Result<Files> {
    let out = ws.scratch("bindgen")?;
    remove_tree(&out)?;
    let mut bindgen = ws.command(ws.tool("wasm-bindgen"));
    bindgen.args(BINDGEN_ARGS).arg("--out-dir").arg(&out);
    sh::run(bindgen.arg(wasm))?;

    let bound = out.join("usage_bg.wasm");
    let mut opt = ws.npm_tool("wasm-opt");
    let names = sh::output(opt.args(OPT_ARGS).arg(&bound).arg("-o").arg(&bound))?;
    fs::write(out.join(NAMES), names)?;

    let mut files = Files::new();
    for (name, bytes) in tree(&out)? {
        let name = match name.as_str() {
            "usage.js" => "glue.js".to_owned(),
            "usage_bg.wasm" => "usage.wasm".to_owned(),
            _ => name,
        };
        files.insert(name, bytes);
    }
    Ok(files)
}

/// A hash of all that pkg/ is made from.
fn inputs(ws: &Workspace, wasm: &Path, hand_written: &Files) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    hand_written.hash(&mut hasher);
    fs::read(wasm)?.hash(&mut hasher);
    sh::output(ws.command(ws.tool("wasm-bindgen")).arg("--version"))?.hash(&mut hasher);
    // Names the version of binaryen.
    fs::read(ws.path("package-lock.json"))?.hash(&mut hasher);
    fs::read(ws.path(DERIVE))?.hash(&mut hasher);
    (BINDGEN_ARGS, OPT_ARGS).hash(&mut hasher);
    Ok(format!("{:016x}", hasher.finish()))
}

/// What is remembered about a written pkg/: what it was made from, and what it then held.
fn stamp(inputs: &str, pkg: &Files) -> String {
    let mut hasher = DefaultHasher::new();
    pkg.hash(&mut hasher);
    format!("{inputs} {:016x}\n", hasher.finish())
}

fn insert(files: &mut Files, name: String, bytes: Vec<u8>) -> Result<()> {
    ensure!(!files.contains_key(&name), "pkg-template/{name} has the name of a file that the build makes");
    files.insert(name, bytes);
    Ok(())
}

/// Puts top-level text fields into a package.json, leaving all else in it as it was written: in place of
/// a field of that name, else after "name".
fn fill_manifest(template: &str, fields: &[(&str, &str)]) -> Result<String> {
    let mut lines: Vec<String> = template.lines().map(str::to_owned).collect();
    let find = |lines: &[String], key: &str| {
        let start = format!("  \"{key}\":");
        lines.iter().position(|line| line.starts_with(&start))
    };
    // From the last to the first, since each is inserted above those before it.
    for (key, value) in fields.iter().rev() {
        let mut line = format!("  \"{key}\": {},", Value::from(*value));
        if let Some(at) = find(&lines, key) {
            if !lines[at].trim_end().ends_with(',') {
                line.pop();
            }
            lines[at] = line;
        } else {
            let name = find(&lines, "name").context("no line starts with `  \"name\":`")?;
            lines.insert(name + 1, line);
        }
    }
    let filled = lines.join("\n") + "\n";
    let read: Value = serde_json::from_str(&filled).context("it is no JSON")?;
    for (key, value) in fields {
        ensure!(
            read[key] == *value,
            "\"{key}\" could not be filled in: write one top-level field a line, indented by two spaces"
        );
    }
    Ok(filled)
}

/// Reads a folder; one that is missing counts as empty.
fn tree(folder: &Path) -> Result<Files> {
    let mut files = Files::new();
    let mut left = vec![(String::new(), folder.to_owned())];
    while let Some((prefix, folder)) = left.pop() {
        let entries = match fs::read_dir(&folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            entries => entries.with_context(|| folder.display().to_string())?,
        };
        for entry in entries {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                bail!("{} has no UTF-8 name", entry.path().display());
            };
            let name = format!("{prefix}{name}");
            // Follows links, as npm would not: what is published are files.
            if entry.path().is_dir() {
                left.push((name + "/", entry.path()));
            } else {
                let bytes = fs::read(entry.path()).with_context(|| entry.path().display().to_string())?;
                files.insert(name, bytes);
            }
        }
    }
    Ok(files)
}

/// Makes a folder hold these files and nothing else.
fn write_tree(folder: &Path, files: &Files) -> Result<()> {
    remove_tree(folder)?;
    for (name, bytes) in files {
        let path = folder.join(name);
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent)
            .and_then(|()| fs::write(&path, bytes))
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    Ok(())
}

fn remove_tree(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("{} cannot be removed", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [(&str, &str); 2] = [("version", "1.2.3"), ("description", "A \"b\"")];

    #[test]
    fn fields_go_after_the_name() {
        let template = "{\n  \"name\": \"x\",\n  \"type\": \"module\"\n}\n";
        assert_eq!(
            fill_manifest(template, &FIELDS).unwrap(),
            "{\n  \"name\": \"x\",\n  \"version\": \"1.2.3\",\n  \"description\": \"A \\\"b\\\"\",\n  \
             \"type\": \"module\"\n}\n"
        );
    }

    #[test]
    fn fields_replace_those_of_the_template() {
        let template = "{\n  \"version\": \"0.0.0\",\n  \"name\": \"x\",\n  \"description\": \"\"\n}\n";
        assert_eq!(
            fill_manifest(template, &FIELDS).unwrap(),
            "{\n  \"version\": \"1.2.3\",\n  \"name\": \"x\",\n  \"description\": \"A \\\"b\\\"\"\n}\n"
        );
    }

    #[test]
    fn a_template_it_cannot_fill_is_an_error() {
        let error = |template| fill_manifest(template, &FIELDS).unwrap_err().to_string();
        assert_eq!(error("{\"name\":\"x\"}"), "no line starts with `  \"name\":`");
        assert_eq!(error("{\n  \"name\": \"x\"\n}"), "it is no JSON");
        let nested = "{\n\"a\": {\n  \"name\": \"x\",\n  \"b\": 1\n}}";
        assert!(error(nested).starts_with("\"version\" could not be filled in"));
    }
}
