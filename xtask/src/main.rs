//! The project's own commands: `cargo xtask build | demo | check | test | fuzz | bench | release`.
//!
//! Each one starts from a machine that has only Rust, Node and npm, sets up what it needs, and installs
//! nothing that is already there.

mod bench;
mod build;
mod check;
mod demo;
mod fuzz;
mod release;
mod setup;
mod sh;
mod suite;
mod summary;
mod test;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::workspace::Workspace;

/// Builds, shows and tests the thousandeyes-usage package.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Cli {
    /// Write the whole npm package to pkg/
    Build,
    /// Build the package and serve the demo page until Ctrl-C
    Demo {
        /// The port to listen on [default: the server's own choice]
        #[arg(long)]
        port: Option<u16>,
    },
    /// Formatting, lints, native tests and docs: no npm, no browser
    Check,
    /// Everything: check, build, and each suite on each host
    Test,
    /// Feed the decoder and the header parsers what libFuzzer makes up, for longer than the tests do
    Fuzz {
        /// Only this target
        #[arg(value_parser = fuzz::TARGETS)]
        target: Option<String>,
        /// Only this input, such as one that failed
        input: Option<PathBuf>,
        /// How long to run each target
        #[arg(long, default_value_t = 300)]
        seconds: u32,
    },
    /// Measure the package against others in some minutes; `UPDATE_DOCS=1` writes docs/BENCHMARKS.md
    Bench {
        /// Only these parts: decode, start, size, memory
        parts: Vec<String>,
    },
    /// Check what would be published, and publish it, which only the release workflow can
    Release {
        /// Stop before publishing; a date, a repository and a tag need not be there yet
        #[arg(long)]
        dry_run: bool,
    },
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> Result<ExitCode> {
    let ws = Workspace::load()?;
    match cli {
        Cli::Build => build::run(&ws).map(|()| ExitCode::SUCCESS),
        Cli::Demo { port } => demo::run(&ws, *port),
        Cli::Check => check::run(&ws),
        Cli::Test => test::run(&ws),
        Cli::Fuzz { target, input, seconds } => fuzz::run(&ws, target.as_deref(), input.as_deref(), *seconds),
        Cli::Bench { parts } => bench::run(&ws, parts).map(|()| ExitCode::SUCCESS),
        Cli::Release { dry_run: true } => release::dry_run(&ws).map(|()| ExitCode::SUCCESS),
        Cli::Release { dry_run: false } => release::run(&ws).map(|()| ExitCode::SUCCESS),
    }
}
