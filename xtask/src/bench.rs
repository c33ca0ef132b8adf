//! `cargo xtask bench`: the package, measured against plain `fetch` and against other packages.

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{build, setup, sh};

/// Builds the package, and measures all parts or those that are named.
pub(crate) fn run(ws: &Workspace, parts: &[String]) -> Result<()> {
    build::run(ws)?;
    setup::bench_packages(ws)?;
    let mut node = ws.command("node");
    node.args(["--expose-gc", "tests/bench/main.mjs"]).args(parts);
    // Which would name another package than the one that was built.
    sh::run(node.env_remove("PKG"))
}
