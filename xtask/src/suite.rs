//! Running one check or one suite, and noting in the summary how it went.

use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::Result;

use crate::sh::{self, say};
use crate::summary::{Counts, Summary};

/// Where everything that is not compiled to wasm runs.
pub(crate) const NATIVE: &str = "native";

/// Does something that only succeeds or fails, and tells whether it succeeded.
pub(crate) fn check(
    summary: &mut Summary,
    name: &str,
    host: &str,
    body: impl FnOnce() -> Result<()>,
) -> bool {
    say(name);
    let start = Instant::now();
    let problem = body().err().map(|error| format!("{error:#}"));
    let succeeded = problem.is_none();
    summary.check(name, host, problem, start.elapsed());
    succeeded
}

/// Runs a command that prints how many tests it ran, which `counts` reads.
pub(crate) fn tests(
    summary: &mut Summary,
    name: &str,
    host: &str,
    command: &mut Command,
    counts: impl FnOnce(&str) -> Option<Counts>,
) {
    say(format!("{name} ({host})"));
    let start = Instant::now();
    let (result, success) = match sh::tee(command) {
        Ok((status, output)) => (Ok(counts(&output)), status.success()),
        Err(error) => (Err(format!("{error:#}")), false),
    };
    summary.tests(name, host, result, success, start.elapsed());
}

/// Prints the table. Nothing is printed after it, so the sum is the last line.
pub(crate) fn finish(summary: &Summary) -> ExitCode {
    println!("\n{}", summary.render());
    if summary.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
