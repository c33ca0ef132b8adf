//! `cargo xtask build`: the npm package, written to pkg/.
//!
//! Cargo compiles the crate, wasm-bindgen makes the glue, wasm-opt makes the module smaller, and package.mjs puts pkg/
//! together.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Result;
use xshell::cmd;

use crate::workspace::{CRATE, WASM, Workspace, say};
use crate::{licences, setup};

/// Each import and export gets a name of one or two letters, which `RENAME`'s output lists.
const RENAME: [&str; 3] =
    ["--minify-imports-and-exports-and-modules", "--enable-reference-types", "--enable-multivalue"];

/// Functions of one caller are not inlined: an engine compiles a function when it is first called, and a call does not need
/// all of them. The passes beside `-Oz` save 600 bytes. With `--all-features` wasm-opt would write a module that Node 20
/// rejects.
const OPTIMIZE: [&str; 16] = [
    "--flatten",
    "--rereloop",
    "-Oz",
    "--generate-global-effects",
    "-Oz",
    "--converge",
    "--one-caller-inline-max-function-size=20",
    "--coalesce-locals-learning",
    "--strip-producers",
    "--strip-target-features",
    "--enable-bulk-memory",
    "--enable-reference-types",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-multivalue",
];

/// Installs what it needs, builds, and writes pkg/.
pub(crate) fn run(ws: &Workspace) -> Result<()> {
    setup::wasm_target(ws)?;
    setup::node(ws)?;
    setup::npm_packages(ws)?;

    let wasm = compile(ws)?;
    let out = ws.target("xtask/package");
    ws.sh.remove_path(&out)?;
    bind(ws, &wasm, &out)?;
    ws.sh.write_file(out.join("model.d.cts"), thousandeyes_usage::typescript())?;
    ws.sh.write_file(out.join(licences::NOTICE), licences::notice(ws)?)?;
    Ok(cmd!(ws.sh, "node xtask/src/package.mjs {out}").run()?)
}

/// Fails if what a page loads is over the budget.
pub(crate) fn check_size(ws: &Workspace) -> Result<()> {
    Ok(cmd!(ws.sh, "node xtask/src/sizes.mjs").run()?)
}

/// Bundles the demo page and the gateway from pkg/.
pub(crate) fn demo(ws: &Workspace) -> Result<()> {
    Ok(cmd!(ws.sh, "node www/build.mjs").run()?)
}

/// Compiles the crate, and returns the path of its .wasm.
fn compile(ws: &Workspace) -> Result<PathBuf> {
    cmd!(ws.sh, "cargo build --release --package {CRATE} --lib --target {WASM}")
        .env("CARGO_ENCODED_RUSTFLAGS", compiler_flags(ws)?)
        .run()?;
    Ok(ws.target(WASM).join("release/thousandeyes_usage.wasm"))
}

/// At opt-level z LLVM inlines what costs less than 5, which leaves a call for each byte that the decoder looks at.
/// docs/decisions.md has the figures.
const INLINING: &str = "-Cllvm-args=-inline-threshold=40";

/// Compiler flags that set the inlining, and keep the folders of this machine out of the published .wasm. A panic names its
/// source file, which for a dependency is below the home folder, and for std below the toolchain.
fn compiler_flags(ws: &Workspace) -> Result<OsString> {
    let cargo_home =
        env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| env::home_dir().map(|home| home.join(".cargo")));
    let registries = cargo_home.and_then(|home| fs::read_dir(home.join("registry/src")).ok());
    let sysroot = cmd!(ws.sh, "rustc --print sysroot").quiet().read()?;
    let mut flags = OsString::from(INLINING);
    flags.push("\x1f--remap-path-prefix=");
    flags.push(Path::new(&sysroot).join("lib/rustlib/src/rust"));
    flags.push("=rust");
    for registry in registries.into_iter().flatten().flatten() {
        flags.push("\x1f--remap-path-prefix=");
        flags.push(registry.path());
        flags.push("=crates");
    }
    Ok(flags)
}

/// Runs wasm-bindgen and wasm-opt. They write usage.js, usage.wasm and names.json.
fn bind(ws: &Workspace, wasm: &Path, out: &Path) -> Result<()> {
    cmd!(ws.sh, "cargo run --package wasm-tools -- {wasm} {out}").run()?;
    let bound = out.join("usage_bg.wasm");
    let names = out.join("names.json");
    let module = out.join("usage.wasm");
    let cached = cached(ws, &bound)?;
    if !cached.exists() {
        say("optimizing the module (some seconds)");
        let wasm_opt = ws.path("node_modules/.bin/wasm-opt");
        // A run of its own: with --converge wasm-opt would print the names of each round.
        let renamed = out.join("renamed.wasm");
        let printed = cmd!(ws.sh, "{wasm_opt} {bound} {RENAME...} -o {renamed}").read()?;
        ws.sh.write_file(cached.with_extension("json"), printed)?;
        cmd!(ws.sh, "{wasm_opt} {renamed} {OPTIMIZE...} -o {module}").run()?;
        ws.sh.copy_file(&module, &cached)?;
    }
    ws.sh.copy_file(cached.with_extension("json"), names)?;
    Ok(ws.sh.copy_file(cached, module)?)
}

/// The cache of wasm-opt's result, by a hash of what it was made from: wasm-opt takes ten seconds.
fn cached(ws: &Workspace, bound: &Path) -> Result<PathBuf> {
    let mut hasher = DefaultHasher::new();
    ws.sh.read_binary_file(bound)?.hash(&mut hasher);
    (RENAME, OPTIMIZE, setup::npm_version(ws, "node_modules/binaryen")?).hash(&mut hasher);
    Ok(ws.target(&format!("xtask/wasm-opt-{:016x}.wasm", hasher.finish())))
}
