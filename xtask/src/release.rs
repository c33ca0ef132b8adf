//! `cargo xtask release`: checks what would be published, and publishes it.

use std::env;

use anyhow::{Result, ensure};
use xshell::cmd;

use crate::workspace::Workspace;
use crate::{build, licences};

/// Builds and checks the package. Publishes it, unless this is a dry run.
pub(crate) fn run(ws: &Workspace, dry_run: bool) -> Result<()> {
    ensure!(
        dry_run || env::var_os("ACTIONS_ID_TOKEN_REQUEST_URL").is_some(),
        "only .github/workflows/release.yml publishes, when a tag is pushed: npm knows it by GitHub's OIDC token; \
         `cargo xtask release --dry-run` checks what can be checked here"
    );
    build::run(ws)?;
    check(ws, (!dry_run).then_some("--publish"))
}

/// Checks pkg/, as `cargo xtask test` does too.
pub(crate) fn check(ws: &Workspace, publish: Option<&str>) -> Result<()> {
    licences::check(ws)?;
    let folder = ws.target("xtask");
    Ok(cmd!(ws.sh, "node xtask/src/release.mjs {folder} {publish...}").run()?)
}
