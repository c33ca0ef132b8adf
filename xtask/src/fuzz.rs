//! `cargo xtask fuzz`: the targets of tests/fuzz, which `cargo fuzz` finds there too.

use std::path::Path;
use std::process::ExitCode;

use anyhow::{Result, bail};
use xshell::{Cmd, cmd};

use crate::setup;
use crate::summary::Summary;
use crate::workspace::Workspace;

/// Each is a binary of tests/fuzz, and has a folder in its corpus.
pub(crate) const TARGETS: [&str; 3] = ["decode", "headers", "problem"];

/// What `cargo fuzz --sanitizer none` passes to rustc. A sanitizer would need a nightly Rust, and finds nothing in code
/// without `unsafe`.
const RUSTFLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
                         -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                         -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
                         -Cllvm-args=-simplifycfg-branch-fold-threshold=0";

/// Runs each target, or only one, or that one on a single input.
pub(crate) fn run(ws: &Workspace, only: Option<&str>, input: Option<&Path>, seconds: u32) -> Result<ExitCode> {
    setup::cxx(ws)?;
    if let (Some(target), Some(input)) = (only, input) {
        cargo(ws, &["run", "--bin", target])?.arg("--").arg(input).run()?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut summary = Summary::default();
    suites(ws, &mut summary, only, seconds);
    Ok(summary.finish())
}

/// Runs each target, or only one: on its corpus, then on what libFuzzer makes of that.
pub(crate) fn suites(ws: &Workspace, summary: &mut Summary, only: Option<&str>, seconds: u32) {
    if summary.check("fuzz build", "native", || Ok(cargo(ws, &["build"])?.run()?)) {
        for target in TARGETS.into_iter().filter(|target| only.is_none_or(|only| only == *target)) {
            summary.check(&format!("fuzz {target}"), "libFuzzer", || fuzz(ws, target, seconds));
        }
    }
}

fn fuzz(ws: &Workspace, target: &str, seconds: u32) -> Result<()> {
    let found = ws.target(&format!("xtask/fuzz-{target}"));
    ws.sh.create_dir(&found)?;
    let failed = found.with_extension("failed");
    let output = cargo(ws, &["run", "--quiet", "--bin", target, "--", "-verbosity=0", "-timeout=10"])?
        .arg(format!("-max_total_time={seconds}"))
        .arg(format!("-exact_artifact_path={}", failed.display()))
        // libFuzzer adds to the first folder.
        .arg(found)
        .args([&format!("tests/fuzz/corpus/{target}"), "tests/fixtures"])
        // Without a failure it is only a hundred lines of a dictionary.
        .ignore_status()
        .output()?;
    if !output.status.success() {
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        bail!("`cargo xtask fuzz {target} {}` runs the input that failed again", failed.display());
    }
    Ok(())
}

/// Lints the targets, and the code of the crate that is only for them.
pub(crate) fn clippy(ws: &Workspace) -> Result<()> {
    // The default feature compiles C++.
    let args = ["clippy", "--no-default-features", "--all-targets"];
    Ok(cargo(ws, &args)?.args(["--", "-D", "warnings"]).run()?)
}

fn cargo<'a>(ws: &'a Workspace, args: &[&str]) -> Result<Cmd<'a>> {
    // With a target, Cargo does not pass the flags to build scripts.
    let host = cmd!(ws.sh, "rustc --print host-tuple").quiet().read()?;
    let (command, args) = args.split_first().unwrap_or((&"build", &[]));
    let cargo = cmd!(ws.sh, "cargo {command} --package fuzz --target {host} {args...}")
        .env("CARGO_ENCODED_RUSTFLAGS", RUSTFLAGS.replace(' ', "\x1f"))
        // Level 3 compiles for a third longer and runs no faster.
        .env("CARGO_PROFILE_DEV_OPT_LEVEL", "1");
    Ok(cargo)
}
