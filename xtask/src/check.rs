//! `cargo xtask check`: what needs neither npm nor a browser, in under a minute.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

use anyhow::Result;

use crate::suite::{self, NATIVE};
use crate::summary::{self, Summary};
use crate::workspace::{CRATE, WASM, Workspace};
use crate::{fuzz, setup, sh};

/// Runs every check, and prints the table.
pub(crate) fn run(ws: &Workspace) -> Result<ExitCode> {
    set_up(ws)?;
    let mut summary = Summary::default();
    checks(ws, &mut summary);
    Ok(suite::finish(&summary))
}

/// Installs what the checks need.
pub(crate) fn set_up(ws: &Workspace) -> Result<()> {
    setup::components(ws)?;
    setup::wasm_target(ws)
}

/// Runs every check, the later ones even when an early one fails.
pub(crate) fn checks(ws: &Workspace, summary: &mut Summary) {
    let lint = ["--all-targets", "--", "-D", "warnings"];
    let alone = ["--lib", "--", "-D", "warnings"];
    // wasm-tools is two calls into wasm-bindgen's own crate, which takes minutes to compile. The fuzz targets are linted
    // by themselves, with what the crate has for them alone.
    let native = ["clippy", "--workspace", "--exclude", "wasm-tools", "--exclude", "fuzz"];
    let wasm = ["clippy", "--package", CRATE, "--target", WASM];
    let checks = [
        ("rustfmt", NATIVE, {
            let mut fmt = ws.cargo(["fmt", "--all", "--check"]);
            // Left to itself, rustfmt colours its diff even in a file.
            if !io::stdout().is_terminal() {
                fmt.args(["--", "--color", "never"]);
            }
            fmt
        }),
        ("clippy", NATIVE, ws.cargo(native.into_iter().chain(lint))),
        ("clippy", "wasm32", ws.cargo(wasm.into_iter().chain(lint))),
        // As a Rust app uses the crate.
        (
            "clippy, library",
            "wasm32",
            ws.cargo(wasm.into_iter().chain(["--no-default-features"]).chain(alone)),
        ),
        ("rustdoc", NATIVE, {
            let mut doc = ws.cargo(["doc", "--no-deps"]);
            doc.env("RUSTDOCFLAGS", "-D warnings");
            doc
        }),
    ];
    for (name, host, mut command) in checks {
        suite::check(summary, name, host, || sh::run(&mut command));
    }
    suite::check(summary, "clippy, fuzz targets", NATIVE, || fuzz::clippy(ws));
    suite::tests(summary, "Rust", NATIVE, &mut ws.cargo(["test", "--no-fail-fast"]), summary::cargo_counts);
}
