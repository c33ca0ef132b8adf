//! The project's own commands: `cargo xtask build | demo | check | test | fuzz | bench | release`.
//!
//! Each starts from a machine that has only Rust, Node and npm, and installs what it needs and does not find.

mod build;
mod fuzz;
mod licences;
mod release;
mod setup;
mod summary;
mod test;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use xshell::cmd;

use crate::workspace::Workspace;

/// Builds, shows and tests the thousandeyes-usage package.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Cli {
    /// Write the npm package to pkg/, and compare its size with the budget
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
    /// Run the fuzz targets, for longer than the tests do
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
    /// Compare the package with others in some minutes; `UPDATE_DOCS=1` writes docs/BENCHMARKS.md
    Bench {
        /// Only these parts: decode, start, size, memory
        parts: Vec<String>,
    },
    /// Check what would be published, and publish it, which only the release workflow can
    Release {
        /// Do not publish; the date, the repository and the tag may still be missing
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
        Cli::Build => build::run(&ws).and_then(|()| build::check_size(&ws))?,
        Cli::Demo { port } => demo(&ws, *port)?,
        Cli::Check => return test::check(&ws),
        Cli::Test => return test::run(&ws),
        Cli::Fuzz { target, input, seconds } => {
            return fuzz::run(&ws, target.as_deref(), input.as_deref(), *seconds);
        }
        Cli::Bench { parts } => bench(&ws, parts)?,
        Cli::Release { dry_run } => release::run(&ws, *dry_run)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Builds the package, the page and the gateway, and serves them until Ctrl-C.
fn demo(ws: &Workspace, port: Option<u16>) -> Result<()> {
    build::run(ws)?;
    build::demo(ws)?;
    let port = port.map(|port| format!("--port={port}"));
    replace_process(cmd!(ws.sh, "node www/serve.mjs {port...}"))
}

/// Becomes the server, so that any signal to `cargo xtask demo` reaches the server.
#[cfg(unix)]
fn replace_process(command: xshell::Cmd) -> Result<()> {
    use std::os::unix::process::CommandExt;
    eprintln!("$ {command}");
    Err(std::process::Command::from(command).exec().into())
}

#[cfg(not(unix))]
fn replace_process(command: xshell::Cmd) -> Result<()> {
    Ok(command.run()?)
}

/// Builds the package, and measures all parts or those that are named.
fn bench(ws: &Workspace, parts: &[String]) -> Result<()> {
    build::run(ws)?;
    setup::bench_packages(ws)?;
    // PKG would name another package than the one that was built.
    Ok(cmd!(ws.sh, "node --expose-gc tests/bench/main.mjs {parts...}").env_remove("PKG").run()?)
}
