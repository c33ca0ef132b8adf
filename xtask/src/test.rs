//! `cargo xtask check` and `cargo xtask test`: the lints, the build, and every suite on every host that it has.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, ExitCode};
use std::time::Duration;

use anyhow::{Result, bail};
use serde::Deserialize;
use serde_json::json;
use xshell::{Cmd, cmd};

use crate::setup::{self, npm_version};
use crate::summary::{Counts, Summary};
use crate::workspace::{CRATE, WASM, Workspace, say, tee};
use crate::{build, fuzz, release};

/// How long each fuzz target runs: enough for its corpus, and to find what a change broke near it.
const FUZZ_SECONDS: u32 = 15;

/// How many hosts, and files of a host, are tested at once. Tests mostly wait: for timeouts, browsers and bundlers.
const AT_ONCE: usize = 2;

/// Where everything runs that is not compiled to wasm.
const NATIVE: &str = "native";

/// wasm-bindgen's test runner, at the version of Cargo.lock. Cargo knows whether it is up to date.
const TEST_RUNNER: &str = "cargo run --package wasm-tools --features test-runner --bin wasm-bindgen-test-runner --";

/// Variables by which wasm-bindgen's test runner would prefer another driver to our chromedriver.
const OTHER_DRIVERS: &str = "GECKODRIVER SAFARIDRIVER GECKODRIVER_REMOTE SAFARIDRIVER_REMOTE CHROMEDRIVER_REMOTE \
                             MSEDGEDRIVER_REMOTE";

/// Runs what needs neither npm nor a browser, in under a minute.
pub(crate) fn check(ws: &Workspace) -> Result<ExitCode> {
    setup::components(ws)?;
    setup::wasm_target(ws)?;
    let mut summary = Summary::default();
    checks(ws, &mut summary);
    Ok(summary.finish())
}

/// Installs everything before anything runs, and runs all of it.
pub(crate) fn run(ws: &Workspace) -> Result<ExitCode> {
    setup::components(ws)?;
    setup::wasm_target(ws)?;
    let node = format!("Node {}", setup::node(ws)?);
    setup::npm_packages(ws)?;
    setup::consumer_tools(ws)?;
    setup::programs(ws)?;
    let hosts = hosts(ws)?;

    let mut summary = Summary::default();
    checks(ws, &mut summary);
    fuzz::suites(ws, &mut summary, None, FUZZ_SECONDS);
    // Every later suite tests what is built here.
    if summary.check("build", NATIVE, || build::run(ws)) {
        let mut suites = Suites { ws, summary: &mut summary, node, hosts };
        if let Err(error) = suites.run() {
            summary.check("later suites", NATIVE, || Err(error));
        }
    }
    Ok(summary.finish())
}

/// Runs every check, also when an early one fails.
fn checks(ws: &Workspace, summary: &mut Summary) {
    let sh = &ws.sh;
    let deny = ["--", "-D", "warnings"];
    // wasm-tools takes half a minute to compile. The fuzz targets are linted by themselves, with flags of their own.
    let native = ["--workspace", "--exclude", "wasm-tools", "--exclude", "fuzz", "--all-targets"];
    let wasm = ["--package", CRATE, "--target", WASM];
    // As a Rust app uses the crate.
    let library = ["--lib", "--no-default-features"];
    let lints = [
        ("rustfmt", NATIVE, cmd!(sh, "cargo fmt --all --check")),
        ("clippy", NATIVE, cmd!(sh, "cargo clippy {native...} {deny...}")),
        ("clippy", "wasm32", cmd!(sh, "cargo clippy {wasm...} --all-targets {deny...}")),
        ("clippy, library", NATIVE, cmd!(sh, "cargo clippy --package {CRATE} {library...} --tests {deny...}")),
        ("clippy, library", "wasm32", cmd!(sh, "cargo clippy {wasm...} {library...} {deny...}")),
        ("rustdoc", NATIVE, cmd!(sh, "cargo doc --no-deps").env("RUSTDOCFLAGS", "-D warnings")),
    ];
    for (name, host, command) in lints {
        summary.check(name, host, || Ok(command.run()?));
    }
    summary.check("clippy, fuzz targets", NATIVE, || fuzz::clippy(ws));
    summary.tests("Rust", NATIVE, || cargo_tests(cmd!(sh, "cargo test --no-fail-fast")));
}

fn cargo_tests(command: Cmd) -> Result<(bool, Counts)> {
    let (success, output) = tee(command)?;
    Ok((success, Counts::from_cargo(&output)?))
}

/// How the file names of a host's tests start, and the host as the table of results shows it. All others run in Node.
type Hosts = [(&'static str, String); 5];

fn hosts(ws: &Workspace) -> Result<Hosts> {
    Ok([
        ("chromium", setup::browser(ws, "Chromium", "CHROMIUM")?),
        ("firefox", setup::browser(ws, "Firefox", "FIREFOX")?),
        ("workerd", format!("workerd {}", npm_version(ws, "node_modules/workerd")?)),
        ("deno", format!("Deno {}", npm_version(ws, "tests/consumers/node_modules/deno")?)),
        ("bun", format!("Bun {}", npm_version(ws, "tests/consumers/node_modules/bun")?)),
    ])
}

/// The suites that test pkg/.
struct Suites<'a> {
    ws: &'a Workspace,
    summary: &'a mut Summary,
    /// Node as the table of results shows it.
    node: String,
    hosts: Hosts,
}

impl Suites<'_> {
    fn run(&mut self) -> Result<()> {
        let ws = self.ws;
        self.summary.check("size budget", NATIVE, || build::check_size(ws));
        self.summary.check("release, dry run", NATIVE, || release::check(ws, None));
        self.summary
            .check("TypeDoc", NATIVE, || Ok(cmd!(ws.sh, "npm run check --silent --workspace docs/typedoc").run()?));
        self.package("xtask", "xtask/src")?;
        self.wasm()?;
        self.types()?;
        self.package("package", "tests/package")?;
        self.package("faults", "tests/faults")?;
        // The dashboard in browsers, and the gateway behind it in workerd.
        if self.summary.check("demo build", NATIVE, || build::demo(ws)) {
            self.package("gateway", "tests/gateway")?;
            self.package("demo", "tests/demo")?;
        }
        // Projects of users, each with its own tools. These tests print their list at their end.
        let files = test_files(ws, "tests/consumers")?;
        self.node_tests("consumers", [("as listed".to_owned(), files)])
    }

    /// The wasm-bindgen-test cases, on both their hosts.
    fn wasm(&mut self) -> Result<()> {
        let ws = self.ws;
        let webdriver = ws.target("xtask/webdriver.json");
        // Chromium, with its sandbox, does not start as root.
        let args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"];
        let options = json!({ "binary": ws.sh.var("CHROMIUM")?, "args": args });
        ws.sh.write_file(&webdriver, json!({ "goog:chromeOptions": options }).to_string())?;

        // With `ONLY_…` the runner skips a test that is configured for the other host.
        for (test, host, only) in [
            ("wasm_node", &self.node, "WASM_BINDGEN_TEST_ONLY_NODE"),
            ("wasm_browser", &self.hosts[0].1, "WASM_BINDGEN_TEST_ONLY_WEB"),
        ] {
            let command = cmd!(ws.sh, "cargo test --package {CRATE} --target {WASM} --test {test}")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", TEST_RUNNER)
                .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &webdriver)
                // In seconds. The defaults, 20 and 5, are short for a busy machine.
                .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
                .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30")
                .env(only, "1");
            let command = OTHER_DRIVERS.split(' ').fold(command, Cmd::env_remove);
            self.summary.tests(test, host, || cargo_tests(command));
        }
        Ok(())
    }

    /// Each tests/types/tsconfig*.json is a project of its own, checked by each TypeScript that users may have.
    fn types(&mut self) -> Result<()> {
        let ws = self.ws;
        let projects = files(ws, "tests/types", |name| name.starts_with("tsconfig."))?;
        // The projects import the package by its name. Windows links a folder by a junction.
        let link = "require('node:fs').symlinkSync(require('node:path').resolve('pkg'), process.argv[1], 'junction')";
        let linked = "tests/types/node_modules/thousandeyes-usage";
        ws.sh.remove_path(linked)?;
        ws.sh.create_dir("tests/types/node_modules")?;
        cmd!(ws.sh, "node -e {link} {linked}").quiet().run()?;
        for package in ["typescript-5.0", "typescript-5", "typescript"] {
            let host = format!("TypeScript {}", npm_version(ws, &format!("node_modules/{package}"))?);
            for project in &projects {
                let kind = project.trim_start_matches("tests/types/tsconfig.").trim_end_matches(".json");
                // Not `.bin/tsc`, of which there is one for all versions. It fails if a project has no files.
                let tsc = format!("node_modules/{package}/bin/tsc");
                let check = cmd!(ws.sh, "node {tsc} -p {project}");
                self.summary.check(&format!("types, {kind}"), &host, || Ok(check.run()?));
            }
        }
        Ok(())
    }

    /// The tests of a folder, by their host.
    fn package(&mut self, suite: &str, folder: &str) -> Result<()> {
        let mut by_host: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for file in test_files(self.ws, folder)? {
            let name = file.rsplit('/').next().unwrap_or_default();
            let host = self.hosts.iter().find(|(start, _)| name.starts_with(start));
            by_host.entry(host.map_or(&self.node, |(_, host)| host).clone()).or_default().push(file);
        }
        self.node_tests(suite, by_host)
    }

    /// Runs the tests of each host, some hosts at once.
    fn node_tests(&mut self, suite: &str, by_host: impl IntoIterator<Item = (String, Vec<String>)>) -> Result<()> {
        let mut waiting = by_host.into_iter();
        let mut running = VecDeque::new();
        loop {
            for (host, files) in waiting.by_ref().take(AT_ONCE - running.len()) {
                let tests = NodeTests::start(self.ws, &format!("{suite} ({host})"), &files)?;
                running.push_back((host, tests));
            }
            let Some((host, tests)) = running.pop_front() else { return Ok(()) };
            say(format!("{suite} ({host})"));
            let result = tests.finish();
            let seconds = result.as_ref().map_or(0.0, |(_, report)| report.seconds);
            let result = result.map(|(success, report)| (success, report.counts));
            self.summary.add(suite, &host, result, Duration::from_secs_f64(seconds));
        }
    }
}

/// A `node --test` that runs. What it prints is shown once it has ended.
struct NodeTests {
    process: Child,
    output: PathBuf,
    report: PathBuf,
}

/// What counts.mjs writes.
#[derive(Deserialize)]
struct Report {
    #[serde(flatten)]
    counts: Counts,
    seconds: f64,
}

impl NodeTests {
    fn start(ws: &Workspace, name: &str, files: &[String]) -> Result<Self> {
        let (output, report) = (ws.target(&format!("xtask/{name}.log")), ws.target(&format!("xtask/{name}.json")));
        ws.sh.remove_path(&report)?;
        let options = [
            "--test-reporter=spec",
            "--test-reporter-destination=stdout",
            "--test-reporter=./xtask/src/counts.mjs",
            &format!("--test-reporter-destination={}", report.display()),
            &format!("--test-concurrency={AT_ONCE}"),
        ];
        let command = cmd!(ws.sh, "node --test {options...} {files...}");
        eprintln!("$ {command}");
        let log = File::create(&output)?;
        let process = Command::from(command).stdout(log.try_clone()?).stderr(log).spawn()?;
        Ok(Self { process, output, report })
    }

    fn finish(mut self) -> Result<(bool, Report)> {
        let success = self.process.wait()?.success();
        io::copy(&mut File::open(self.output)?, &mut io::stdout())?;
        Ok((success, serde_json::from_reader(File::open(self.report)?)?))
    }
}

fn test_files(ws: &Workspace, folder: &str) -> Result<Vec<String>> {
    files(ws, folder, |name| name.ends_with(".test.mjs"))
}

/// The files of a folder whose names are wanted, in order, as paths from the root. It is an error if there is none.
fn files(ws: &Workspace, folder: &str, wanted: fn(&str) -> bool) -> Result<Vec<String>> {
    let mut files = Vec::new();
    for path in ws.sh.read_dir(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if wanted(&name) {
            files.push(format!("{folder}/{name}"));
        }
    }
    if files.is_empty() {
        bail!("{folder} has no tests");
    }
    files.sort();
    Ok(files)
}
