//! What a fresh machine lacks. Each step does nothing when it is already satisfied, and when it cannot
//! install something says so in one sentence, with the command that would.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::sh::{self, say};
use crate::workspace::{WASM, Workspace};

const NODE_NEEDED: (u32, u32) = (20, 3);

/// Rust's standard library for wasm.
pub(crate) fn wasm_target(ws: &Workspace) -> Result<()> {
    let sysroot = sh::output(ws.command("rustc").args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(WASM);
    if library.is_dir() {
        return Ok(());
    }
    say(format!("adding Rust's {WASM} target"));
    rustup(ws, &["target", "add", WASM])
}

/// rustfmt and clippy.
pub(crate) fn components(ws: &Workspace) -> Result<()> {
    let missing: Vec<_> = [("fmt", "rustfmt"), ("clippy", "clippy")]
        .into_iter()
        .filter(|(command, _)| !sh::succeeds(&mut ws.cargo([*command, "--version"])))
        .map(|(_, component)| component)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    say(format!("adding {}", missing.join(" and ")));
    rustup(ws, &[&["component", "add"], missing.as_slice()].concat())
}

fn rustup(ws: &Workspace, args: &[&str]) -> Result<()> {
    ensure!(
        sh::succeeds(ws.command("rustup").arg("--version")),
        "this Rust did not come from rustup, so xtask cannot add to it: install rustup, then run \
         `rustup {}`",
        args.join(" ")
    );
    sh::run(ws.command("rustup").args(args))
}

/// Checks that Node is new enough, and returns its version.
pub(crate) fn node(ws: &Workspace) -> Result<String> {
    let (major, minor) = NODE_NEEDED;
    let Ok(printed) = sh::output(ws.command("node").arg("--version")) else {
        bail!(
            "Node {major}.{minor} or newer is needed and `node` was not found: run \
             `sudo apt-get install nodejs npm`, or see nodejs.org where that one is older"
        );
    };
    let version = printed.trim().trim_start_matches('v');
    ensure!(
        at_least(version, NODE_NEEDED),
        "Node {major}.{minor} or newer is needed and this is {version}: run `sudo npx --yes n 22`"
    );
    Ok(version.to_owned())
}

fn at_least(version: &str, needed: (u32, u32)) -> bool {
    let mut parts = version.split('.').map(str::parse);
    match (parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor))) => (major, minor) >= needed,
        _ => false,
    }
}

/// What the package is built with, by `npm ci`.
pub(crate) fn npm_packages(ws: &Workspace) -> Result<()> {
    install(ws, ".", &[&["ci", "--ignore-scripts"]])
}

/// What the consumers are built and run with.
///
/// `npm ci` was rejected: it refuses a lock file without the optional packages of other platforms, of which npm leaves
/// out those that its registry lacks. Three packages have their program by their own script alone.
pub(crate) fn consumer_tools(ws: &Workspace) -> Result<()> {
    let steps: &[&[&str]] =
        &[&["install", "--no-save", "--ignore-scripts"], &["rebuild", "node-20", "node-22", "bun"]];
    install(ws, "tests/consumers", steps)
}

/// What the package is measured against. Some say that they want a newer Node, of which npm warns, but run in this one.
pub(crate) fn bench_packages(ws: &Workspace) -> Result<()> {
    install(ws, "tests/bench", &[&["ci", "--ignore-scripts"]])
}

/// Runs npm in a folder, unless that was done for the folder's lock file as it is.
fn install(ws: &Workspace, folder: &str, steps: &[&[&str]]) -> Result<()> {
    let folder = ws.path(folder);
    let stamp_file = folder.join("node_modules/.xtask-stamp");
    let mut hasher = DefaultHasher::new();
    steps.hash(&mut hasher);
    for input in ["package.json", "package-lock.json"] {
        let path = folder.join(input);
        fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?.hash(&mut hasher);
    }
    let stamp = format!("{:016x}\n", hasher.finish());
    let installed = folder.join("node_modules/.package-lock.json").is_file();
    if installed && fs::read_to_string(&stamp_file).is_ok_and(|old| old == stamp) {
        return Ok(());
    }
    ensure!(
        sh::succeeds(ws.command("npm").arg("--version")),
        "npm is needed to install the build tools and was not found: run `sudo apt-get install npm`"
    );
    say(format!("installing the npm packages of {} (once)", folder.join("package-lock.json").display()));
    for step in steps {
        let mut npm = ws.command("npm");
        sh::run(npm.current_dir(&folder).args(*step).args(["--no-audit", "--no-fund"]))?;
    }
    fs::write(&stamp_file, stamp).context("node_modules/ cannot be written to")
}

/// The wasm-bindgen command and test runner, built by Cargo at the version that Cargo.lock names.
///
/// Cargo itself decides whether they are fresh: it takes a third of a second, and cannot be wrong.
pub(crate) fn wasm_tools(ws: &Workspace) -> Result<()> {
    let built = ["wasm-bindgen", "wasm-bindgen-test-runner"].into_iter().all(|tool| ws.tool(tool).is_file());
    if !built {
        say("building the wasm-bindgen tools (a few minutes, once)");
    }
    let args = ["build", "--package", "wasm-tools", "--profile", "tools"];
    let quiet = built.then_some("--quiet");
    sh::run(&mut ws.cargo(args.into_iter().chain(quiet)))
}

/// A browser of this machine.
pub(crate) struct Browser {
    /// Its executable.
    pub(crate) program: PathBuf,
    name: &'static str,
    version: String,
}

impl Browser {
    fn new(ws: &Workspace, name: &'static str, program: PathBuf) -> Result<Self> {
        let printed = sh::output(ws.command(&program).arg("--version"))?;
        let version = printed
            .split_whitespace()
            .find(|word| word.starts_with(|first: char| first.is_ascii_digit()))
            .with_context(|| format!("`{} --version` printed {printed:?}", program.display()))?
            .to_owned();
        Ok(Self { program, name, version })
    }

    /// The browser as the table of results shows it.
    pub(crate) fn host(&self) -> String {
        format!("{} {}", self.name, self.version)
    }
}

/// The programs of this machine that the tests run.
pub(crate) struct Programs {
    pub(crate) chromium: Browser,
    /// Chromium's, by which wasm-bindgen's test runner starts it.
    pub(crate) chromedriver: PathBuf,
    pub(crate) firefox: Browser,
    /// Prometheus's own reader of what the gateway gives it.
    pub(crate) promtool: PathBuf,
}

/// Finds the programs (by $CHROMIUM, $CHROMEDRIVER, $FIREFOX and $PROMTOOL, else on the PATH), and installs Debian's when
/// one is missing.
pub(crate) fn programs(ws: &Workspace) -> Result<Programs> {
    let find = || {
        let chromium = which("CHROMIUM", &["chromium"])?;
        let chromedriver = which("CHROMEDRIVER", &["chromedriver"])?;
        let firefox = which("FIREFOX", &["firefox-esr", "firefox"])?;
        let promtool = which("PROMTOOL", &["promtool"])?;
        Some((chromium, chromedriver, firefox, promtool))
    };
    let (chromium, chromedriver, firefox, promtool) = if let Some(found) = find() {
        found
    } else {
        install_by_apt(
            ws,
            "the tests need Chromium, its driver, Firefox and Prometheus's promtool",
            &["chromium", "chromium-driver", "firefox-esr", "prometheus"],
            "set CHROMIUM, CHROMEDRIVER, FIREFOX and PROMTOOL to the executables",
        )?;
        find().context(
            "the programs were installed but are not on the PATH: set CHROMIUM, CHROMEDRIVER, FIREFOX and PROMTOOL to \
             the executables",
        )?
    };
    Ok(Programs {
        chromium: Browser::new(ws, "Chromium", chromium)?,
        chromedriver,
        firefox: Browser::new(ws, "Firefox", firefox)?,
        promtool,
    })
}

/// A C++ compiler, which libFuzzer's crate compiles it with ($CXX, else on the PATH).
pub(crate) fn cxx(ws: &Workspace) -> Result<()> {
    if which("CXX", &["c++"]).is_some() {
        return Ok(());
    }
    install_by_apt(ws, "the fuzz targets need a C++ compiler", &["g++"], "set CXX to the executable")
}

/// `otherwise` is what helps where it cannot.
fn install_by_apt(ws: &Workspace, need: &str, packages: &[&str], otherwise: &str) -> Result<()> {
    ensure!(on_path("apt-get").is_some(), "{need}, and there is no apt-get to install it: {otherwise}");
    let user = sh::output(ws.command("id").arg("-u"))?;
    let list = packages.join(" ");
    ensure!(
        user.trim() == "0",
        "{need}, which only root can install: run \
         `sudo apt-get update && sudo apt-get install -y --no-install-recommends {list}`"
    );
    say(format!("installing {list} with apt-get (once)"));
    let apt = |args: &[&str]| -> Result<()> {
        let mut command: Command = ws.command("apt-get");
        sh::run(command.args(args).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
}

fn which(variable: &str, programs: &[&str]) -> Option<PathBuf> {
    match env::var_os(variable) {
        Some(path) if !path.is_empty() => Some(path.into()),
        _ => programs.iter().find_map(on_path),
    }
}

fn on_path(program: impl AsRef<OsStr>) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(program.as_ref()))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::at_least;

    #[test]
    fn compares_versions_by_number() {
        assert!(at_least("20.3.0", (20, 3)));
        assert!(at_least("20.20.2", (20, 3)));
        assert!(at_least("22.0.0-nightly", (20, 3)));
        assert!(!at_least("20.2.9", (20, 3)));
        assert!(!at_least("18.20.4", (20, 3)));
        assert!(!at_least("", (20, 3)));
    }
}
