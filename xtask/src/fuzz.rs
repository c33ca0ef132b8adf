//! `cargo xtask fuzz`: the targets of tests/fuzz, which `cargo fuzz` finds there too.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::suite::{self, NATIVE};
use crate::summary::Summary;
use crate::workspace::Workspace;
use crate::{setup, sh};

/// Each is a binary of tests/fuzz, and has a folder in its corpus.
pub(crate) const TARGETS: [&str; 3] = ["decode", "headers", "problem"];

/// What `cargo fuzz --sanitizer none` tells rustc; itself it was rejected, as a minute's build for these lines alone.
/// A sanitizer would need a nightly Rust, and finds nothing where there is no `unsafe`.
const RUSTFLAGS: [&str; 8] = [
    "--cfg",
    "fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
];

/// Runs each target, or only one, or that one on a single input.
pub(crate) fn run(
    ws: &Workspace,
    only: Option<&str>,
    input: Option<&Path>,
    seconds: u32,
) -> Result<ExitCode> {
    setup::cxx(ws)?;
    if let (Some(target), Some(input)) = (only, input) {
        sh::run(cargo(ws, &["run", "--bin", target])?.arg(input))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut summary = Summary::default();
    suites(ws, &mut summary, only, seconds);
    Ok(suite::finish(&summary))
}

/// Runs each target, or only one: on its corpus, then on what libFuzzer makes of that.
pub(crate) fn suites(ws: &Workspace, summary: &mut Summary, only: Option<&str>, seconds: u32) {
    if suite::check(summary, "fuzz build", NATIVE, || sh::run(&mut cargo(ws, &["build"])?)) {
        for target in TARGETS.into_iter().filter(|target| only.is_none_or(|only| only == *target)) {
            suite::check(summary, &format!("fuzz {target}"), "libFuzzer", || fuzz(ws, target, seconds));
        }
    }
}

fn fuzz(ws: &Workspace, target: &str, seconds: u32) -> Result<()> {
    let found = ws.scratch(&format!("fuzz-{target}"))?;
    fs::create_dir_all(&found)?;
    let failed = found.with_extension("failed");
    let log = found.with_extension("log");

    let mut fuzz = cargo(ws, &["run", "--quiet", "--bin", target])?;
    fuzz.args(["--", "-verbosity=0", "-timeout=10"])
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-exact_artifact_path={}", failed.display()))
        // The first folder is the one that libFuzzer adds to.
        .arg(found)
        .args([&format!("tests/fuzz/corpus/{target}"), "tests/fixtures"])
        // Even without a failure it ends with a hundred lines of a dictionary.
        .stderr(File::create(&log)?);
    let mut again = ws.cargo(["xtask", "fuzz", target]);
    again.arg(failed);
    sh::run(&mut fuzz).with_context(|| {
        eprint!("{}", fs::read_to_string(&log).unwrap_or_default());
        format!("`{}` runs what failed again", sh::describe(&again))
    })
}

/// Lints the targets, and what the crate has for them alone.
pub(crate) fn clippy(ws: &Workspace) -> Result<()> {
    // The default feature compiles C++.
    let args = ["clippy", "--no-default-features", "--all-targets"];
    sh::run(cargo(ws, &args)?.args(["--", "-D", "warnings"]))
}

fn cargo(ws: &Workspace, args: &[&str]) -> Result<Command> {
    // With a target named, Cargo keeps the flags from build scripts.
    let host = sh::output(ws.command("rustc").args(["--print", "host-tuple"]))?;
    let mut cargo = ws.cargo(args.iter().copied());
    cargo
        .args(["--package", "fuzz", "--target", host.trim()])
        .env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.join("\x1f"))
        // Level 3 compiles for a third longer and runs no faster.
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
    Ok(cargo)
}
