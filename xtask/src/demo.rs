//! `cargo xtask demo`: the dashboard and its gateway, served until Ctrl-C.

use std::process::{Command, ExitCode};

use anyhow::Result;

use crate::sh;
use crate::workspace::Workspace;

/// Builds the package, the page and the gateway, then becomes the server.
pub(crate) fn run(ws: &Workspace, port: Option<u16>) -> Result<ExitCode> {
    crate::build::run(ws)?;
    build(ws)?;
    let mut serve = ws.command("node");
    serve.arg("www/serve.mjs");
    if let Some(port) = port {
        serve.args(["--port", &port.to_string()]);
    }
    sh::echo(&serve);
    replace_self(&mut serve)
}

/// Bundles the page and the gateway from pkg/.
pub(crate) fn build(ws: &Workspace) -> Result<()> {
    sh::run(ws.command("node").arg("www/build.mjs"))
}

/// Replaces this process (Cargo replaced itself by it just so): whoever stops `cargo xtask demo` by any
/// signal stops the server.
#[cfg(unix)]
fn replace_self(command: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(sh::start_error(command, &error))
}

#[cfg(not(unix))]
fn replace_self(command: &mut Command) -> Result<ExitCode> {
    let status = command.status().map_err(|error| sh::start_error(command, &error))?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
