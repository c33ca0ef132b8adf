//! `cargo xtask test`: the checks, the build, and every suite on every host that it has.

use std::collections::BTreeMap;
use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::setup::{self, Programs};
use crate::suite::{self, NATIVE};
use crate::summary::{self, Summary};
use crate::workspace::{CRATE, WASM, Workspace};
use crate::{build, check, demo, fuzz, release, sh};

/// How long each fuzz target runs: enough for its corpus, and to find what a change broke near it.
const FUZZ_SECONDS: u32 = 15;

/// Sets everything up before anything runs, runs all of it, and prints the table.
pub(crate) fn run(ws: &Workspace) -> Result<ExitCode> {
    check::set_up(ws)?;
    let node = format!("Node {}", setup::node(ws)?);
    setup::npm_packages(ws)?;
    setup::consumer_tools(ws)?;
    let programs = setup::programs(ws)?;
    setup::wasm_tools(ws)?;
    setup::cxx(ws)?;

    let mut summary = Summary::default();
    check::checks(ws, &mut summary);
    fuzz::suites(ws, &mut summary, None, FUZZ_SECONDS);
    // Every later suite tests what is built here.
    if suite::check(&mut summary, "build", NATIVE, || build::run(ws)) {
        suite::check(&mut summary, "release, dry run", NATIVE, || release::dry_run(ws));
        wasm(ws, &mut summary, &node, &programs)?;
        types(ws, &mut summary)?;
        package(ws, &mut summary, "package", "tests/package", &node, &programs)?;
        package(ws, &mut summary, "faults", "tests/faults", &node, &programs)?;
        demo(ws, &mut summary, &node, &programs)?;
        consumers(ws, &mut summary, &programs)?;
    }
    Ok(suite::finish(&summary))
}

/// The wasm-bindgen-test cases, on both their hosts.
fn wasm(ws: &Workspace, summary: &mut Summary, node: &str, programs: &Programs) -> Result<()> {
    let webdriver = ws.scratch("webdriver.json")?;
    let capabilities = json!({
        "goog:chromeOptions": {
            "binary": programs.chromium.program,
            // Chromium, with its sandbox, does not start as root.
            "args": ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        }
    });
    fs::write(&webdriver, capabilities.to_string())?;

    // With `ONLY_…` the runner leaves out a test that is configured for the other host, and none is left.
    for (test, host, only) in [
        ("wasm_node", node, "WASM_BINDGEN_TEST_ONLY_NODE"),
        ("wasm_browser", &programs.chromium.host(), "WASM_BINDGEN_TEST_ONLY_WEB"),
    ] {
        let mut cargo = ws.cargo(["test", "--package", CRATE, "--target", WASM, "--test", test]);
        let runner = ws.tool("wasm-bindgen-test-runner");
        cargo
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner)
            .env("CHROMEDRIVER", &programs.chromedriver)
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &webdriver)
            // In seconds. The defaults, 20 and 5, are short for a busy machine.
            .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
            .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "30")
            .env(only, "1");
        // The runner would prefer any of these to our chromedriver.
        for driver in ["GECKODRIVER", "SAFARIDRIVER"] {
            cargo.env_remove(driver);
        }
        for driver in ["GECKODRIVER", "SAFARIDRIVER", "CHROMEDRIVER", "MSEDGEDRIVER"] {
            cargo.env_remove(format!("{driver}_REMOTE"));
        }
        suite::tests(summary, test, host, &mut cargo, summary::cargo_counts);
    }
    Ok(())
}

/// Lets the type tests import the package by its name, through its `exports`, as a user does.
///
/// A junction is what Windows links a folder by; elsewhere it is a symbolic link like any other.
const LINK: &str = "\
const { mkdirSync, rmSync, symlinkSync } = require('node:fs');
mkdirSync('tests/types/node_modules', { recursive: true });
rmSync('tests/types/node_modules/thousandeyes-usage', { force: true });
symlinkSync(require('node:path').resolve('pkg'), 'tests/types/node_modules/thousandeyes-usage', 'junction');
";

/// The type tests: each tests/types/tsconfig*.json is a project of its own, checked by each TypeScript of a user's.
fn types(ws: &Workspace, summary: &mut Summary) -> Result<()> {
    const FOLDER: &str = "tests/types";
    let projects = files(ws, FOLDER, |name| {
        name.strip_suffix(".json").is_some_and(|stem| stem.starts_with("tsconfig"))
    })?;
    let projects = or_missing(projects, "tests/types/tsconfig.node.json");
    sh::run(ws.command("node").args(["-e", LINK]))?;
    for package in ["typescript-5.0", "typescript-5", "typescript"] {
        let host = format!("TypeScript {}", npm_version(ws, &format!("node_modules/{package}"))?);
        let tsc = |args: &[&str]| {
            let mut node = ws.command("node");
            // Not `.bin/tsc`, of which there is one for all versions.
            node.arg(format!("node_modules/{package}/bin/tsc")).args(args);
            node
        };
        for project in &projects {
            let kind = project.trim_start_matches("tests/types/tsconfig.").trim_end_matches(".json");
            // On failure the list stays empty, and a suite that is empty fails.
            let listed = sh::output(&mut tsc(&["--listFilesOnly", "-p", project])).unwrap_or_default();
            let mut check = tsc(&["--pretty", "false", "-p", project]);
            suite::tests(summary, &format!("types, {kind}"), &host, &mut check, |output| {
                Some(summary::tsc_counts(FOLDER, &listed, output))
            });
        }
    }
    Ok(())
}

/// The tests of what is built, in a folder: how a file's name starts tells what it runs in.
fn package(
    ws: &Workspace,
    summary: &mut Summary,
    suite: &str,
    folder: &str,
    node: &str,
    programs: &Programs,
) -> Result<()> {
    let hosts = [
        ("workerd", format!("workerd {}", npm_version(ws, "node_modules/workerd")?)),
        ("deno", format!("Deno {}", npm_version(ws, "tests/consumers/node_modules/deno")?)),
        ("bun", format!("Bun {}", npm_version(ws, "tests/consumers/node_modules/bun")?)),
        ("chromium", programs.chromium.host()),
        ("firefox", programs.firefox.host()),
    ];
    let mut by_host: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in or_missing(test_files(ws, folder)?, &format!("{folder}/node.test.mjs")) {
        let name = file.rsplit('/').next().unwrap_or_default();
        let host = hosts.iter().find(|(host, _)| name.starts_with(host)).map_or(node, |(_, host)| host);
        by_host.entry(host).or_default().push(file);
    }
    for (host, files) in by_host {
        node_tests(ws, summary, suite, host, &files, programs);
    }
    Ok(())
}

/// The dashboard in browsers, and the gateway behind it in workerd.
fn demo(ws: &Workspace, summary: &mut Summary, node: &str, programs: &Programs) -> Result<()> {
    if suite::check(summary, "demo build", NATIVE, || demo::build(ws)) {
        package(ws, summary, "gateway", "tests/gateway", node, programs)?;
        package(ws, summary, "demo", "tests/demo", node, programs)?;
    }
    Ok(())
}

/// Projects of users', each with its own tools. Their list is the end of what they print.
fn consumers(ws: &Workspace, summary: &mut Summary, programs: &Programs) -> Result<()> {
    let files = or_missing(test_files(ws, "tests/consumers")?, "tests/consumers/consumers.test.mjs");
    node_tests(ws, summary, "consumers", "as listed", &files, programs);
    Ok(())
}

fn node_tests(
    ws: &Workspace,
    summary: &mut Summary,
    suite: &str,
    host: &str,
    files: &[String],
    programs: &Programs,
) {
    let mut node = ws.command("node");
    // Files, not their folder: what Node makes of a folder has changed between its versions.
    node.args(["--test", "--test-reporter=spec"])
        .args(files)
        .env("CHROMIUM", &programs.chromium.program)
        .env("FIREFOX", &programs.firefox.program)
        .env("PROMTOOL", &programs.promtool);
    suite::tests(summary, suite, host, &mut node, summary::node_counts);
}

fn test_files(ws: &Workspace, folder: &str) -> Result<Vec<String>> {
    files(ws, folder, |name| name.ends_with(".test.mjs"))
}

/// The files of a folder whose names are wanted, in order, as paths from the root.
fn files(ws: &Workspace, folder: &str, wanted: fn(&str) -> bool) -> Result<Vec<String>> {
    let mut names = Vec::new();
    // No folder, no file: the suite then fails for having run nothing.
    for entry in fs::read_dir(ws.path(folder)).into_iter().flatten() {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if wanted(&name) {
            names.push(format!("{folder}/{name}"));
        }
    }
    names.sort();
    Ok(names)
}

/// `files`, or when there is none the one that ought to be there: the tool's own complaint names it.
fn or_missing(files: Vec<String>, expected: &str) -> Vec<String> {
    if files.is_empty() { vec![expected.to_owned()] } else { files }
}

/// The version of an npm package that is installed in a folder.
fn npm_version(ws: &Workspace, folder: &str) -> Result<String> {
    let path = ws.path(folder).join("package.json");
    let manifest = fs::read_to_string(&path).with_context(|| format!("npm did not install {folder}"))?;
    let manifest: Value = serde_json::from_str(&manifest)?;
    let version = manifest["version"].as_str();
    Ok(version.context("a package.json has no version")?.to_owned())
}
