//! Installs what a machine lacks. Each step does nothing if it is done already. If a step cannot install something, its
//! error says which command would.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use xshell::cmd;

use crate::workspace::{WASM, Workspace};

const NODE_NEEDED: (u32, u32) = (20, 3);

/// Rust's standard library for wasm, for `build`.
pub(crate) fn wasm_target(ws: &Workspace) -> Result<()> {
    let sysroot = cmd!(ws.sh, "rustc --print sysroot").quiet().read()?;
    if Path::new(&sysroot).join("lib/rustlib").join(WASM).is_dir() {
        return Ok(());
    }
    cmd!(ws.sh, "rustup target add {WASM}")
        .run()
        .with_context(|| format!("this Rust has no target {WASM}: use a Rust that rustup installed"))
}

/// rustfmt and clippy, for `check`.
pub(crate) fn components(ws: &Workspace) -> Result<()> {
    for (command, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if cmd!(ws.sh, "cargo {command} --version").quiet().ignore_stderr().read().is_err() {
            cmd!(ws.sh, "rustup component add {component}")
                .run()
                .with_context(|| format!("this Rust has no {component}: use a Rust that rustup installed"))?;
        }
    }
    Ok(())
}

/// Checks that Node is new enough, and returns its version.
pub(crate) fn node(ws: &Workspace) -> Result<String> {
    let (major, minor) = NODE_NEEDED;
    let Ok(version) = cmd!(ws.sh, "node --version").quiet().read() else {
        bail!("`node` was not found: install Node {major}.{minor} or newer, see https://nodejs.org")
    };
    ensure!(
        at_least(&version, NODE_NEEDED),
        "Node {version} is too old: install {major}.{minor} or newer, such as by `sudo npx --yes n 22`"
    );
    Ok(version.trim_start_matches('v').to_owned())
}

fn at_least(version: &str, needed: (u32, u32)) -> bool {
    let mut numbers = version.trim_start_matches('v').split('.').map_while(|number| number.parse().ok());
    numbers.next().zip(numbers.next()) >= Some(needed)
}

/// The npm packages that the package is built and tested with.
pub(crate) fn npm_packages(ws: &Workspace) -> Result<()> {
    install(ws, ".", &[&["ci", "--ignore-scripts"]])
}

/// The npm packages that the consumers are built and run with.
///
/// `npm ci` rejects this lock file where npm has left out optional packages of other platforms. The programs of three
/// packages are installed only by the packages' own scripts.
pub(crate) fn consumer_tools(ws: &Workspace) -> Result<()> {
    let steps: &[&[&str]] = &[&["install", "--no-save", "--ignore-scripts"], &["rebuild", "node-20", "node-22", "bun"]];
    install(ws, "tests/consumers", steps)
}

/// The npm packages that the package is compared with.
pub(crate) fn bench_packages(ws: &Workspace) -> Result<()> {
    install(ws, "tests/bench", &[&["ci", "--ignore-scripts"]])
}

/// Runs npm in a folder, unless it was run since the folder's manifest and lock file changed.
fn install(ws: &Workspace, folder: &str, steps: &[&[&str]]) -> Result<()> {
    let time = |name: &str| -> Option<SystemTime> { fs::metadata(ws.path(folder).join(name)).ok()?.modified().ok() };
    let done = "node_modules/.xtask-installed";
    if time(done) >= time("package.json").max(time("package-lock.json")) {
        return Ok(());
    }
    let _folder = ws.sh.push_dir(folder);
    for step in steps.iter().copied() {
        cmd!(ws.sh, "npm {step...} --no-audit --no-fund").run().context("npm could not install packages")?;
    }
    Ok(ws.sh.write_file(done, "")?)
}

/// The version of an npm package that is installed in a folder.
pub(crate) fn npm_version(ws: &Workspace, folder: &str) -> Result<String> {
    let manifest: Value = serde_json::from_str(&ws.sh.read_file(format!("{folder}/package.json"))?)?;
    Ok(manifest["version"].as_str().unwrap_or_default().to_owned())
}

/// The programs that the tests run. The commands of the workspace find them by these variables.
pub(crate) fn programs(ws: &Workspace) -> Result<()> {
    program(ws, "CHROMIUM", &["chromium"], "chromium")?;
    program(ws, "CHROMEDRIVER", &["chromedriver"], "chromium-driver")?;
    program(ws, "FIREFOX", &["firefox-esr", "firefox"], "firefox-esr")?;
    program(ws, "PROMTOOL", &["promtool"], "prometheus")?;
    cxx(ws)
}

/// The C++ compiler that libFuzzer is compiled with.
pub(crate) fn cxx(ws: &Workspace) -> Result<()> {
    program(ws, "CXX", &["c++"], "g++")
}

/// Sets the variable, unless it is set, to one of the programs on the PATH. Installs Debian's package if there is none.
fn program(ws: &Workspace, variable: &str, names: &[&str], package: &str) -> Result<()> {
    if ws.sh.var_os(variable).is_some_and(|path| !path.is_empty()) {
        return Ok(());
    }
    if on_path(names).is_none() {
        let name = names[0];
        let otherwise = format!("install it, or set {variable} to the executable");
        ensure!(on_path(&["apt-get"]).is_some(), "`{name}` was not found: {otherwise}");
        let root = cmd!(ws.sh, "id -u").quiet().read()? == "0";
        ensure!(root, "`{name}` was not found: run `sudo apt-get install {package}`, or {otherwise}");
        let _env = ws.sh.push_env("DEBIAN_FRONTEND", "noninteractive");
        cmd!(ws.sh, "apt-get update").run()?;
        cmd!(ws.sh, "apt-get install -y --no-install-recommends {package}").run()?;
    }
    let path = on_path(names).with_context(|| format!("{package} has no `{}`", names[0]))?;
    ws.sh.set_var(variable, path);
    Ok(())
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    let find = |name: &&str| env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file());
    names.iter().find_map(find)
}

/// A browser's name in the table of results: its version is the first word of `--version` that starts with a digit.
pub(crate) fn browser(ws: &Workspace, name: &str, variable: &str) -> Result<String> {
    let program = ws.sh.var(variable)?;
    let printed = cmd!(ws.sh, "{program} --version").quiet().ignore_stderr().read()?;
    let version = printed.split(' ').find(|word| word.starts_with(|first: char| first.is_ascii_digit()));
    Ok(format!("{name} {}", version.with_context(|| format!("{program} --version printed {printed:?}"))?))
}

#[cfg(test)]
mod tests {
    use super::at_least;

    #[test]
    fn compares_versions_by_number() {
        assert!(at_least("v20.3.0", (20, 3)));
        assert!(at_least("v20.20.2", (20, 3)));
        assert!(at_least("v22.0.0-nightly", (20, 3)));
        assert!(!at_least("v20.2.9", (20, 3)));
        assert!(!at_least("v18.20.4", (20, 3)));
        assert!(!at_least("", (20, 3)));
    }
}
