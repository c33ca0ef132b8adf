//! Where things are, and how the package names itself: asked of Cargo, never guessed.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::sh;

/// The crate that becomes the npm package.
pub(crate) const CRATE: &str = "thousandeyes-usage";
/// The one target it is compiled to.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The checkout this xtask was started in.
pub(crate) struct Workspace {
    root: PathBuf,
    target: PathBuf,
    /// The crate's version, which is the npm package's.
    pub(crate) version: String,
    /// The crate's description, which is the npm package's.
    pub(crate) description: String,
}

impl Workspace {
    /// Reads the workspace that `cargo xtask` runs in, from whatever folder it was typed.
    pub(crate) fn load() -> Result<Self> {
        let manifest_dir = env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
        let root = Path::new(&manifest_dir).parent().context("xtask/ has no parent folder")?.to_owned();

        let mut command = Command::new(cargo_program());
        command.current_dir(&root).args(["metadata", "--no-deps", "--format-version", "1"]);
        let metadata: Value =
            serde_json::from_str(&sh::output(&mut command)?).context("`cargo metadata` printed no JSON")?;
        let package = metadata["packages"]
            .as_array()
            .and_then(|all| all.iter().find(|package| package["name"] == CRATE))
            .with_context(|| format!("the workspace has no package {CRATE}"))?;
        Ok(Self {
            target: text(&metadata, "target_directory")?.into(),
            version: text(package, "version")?,
            description: text(package, "description")?,
            root,
        })
    }

    /// A path inside the checkout.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path inside Cargo's target folder, which need not be inside the checkout.
    pub(crate) fn target(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// A path for what xtask itself keeps between its runs.
    pub(crate) fn scratch(&self, name: &str) -> Result<PathBuf> {
        let folder = self.target("xtask");
        fs::create_dir_all(&folder).with_context(|| format!("{} cannot be created", folder.display()))?;
        Ok(folder.join(name))
    }

    /// One of the tools built from xtask/wasm-tools.
    pub(crate) fn tool(&self, name: &str) -> PathBuf {
        self.target("tools").join(name)
    }

    /// A tool that npm installed.
    pub(crate) fn npm_tool(&self, name: &str) -> Command {
        self.command(self.path("node_modules/.bin").join(name))
    }

    /// `program`, to be run in the checkout's root.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// Cargo, to be run in the checkout's root.
    pub(crate) fn cargo<'a>(&self, args: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.command(cargo_program());
        command.args(args);
        command
    }
}

/// The very Cargo that runs this xtask.
fn cargo_program() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn text(value: &Value, key: &str) -> Result<String> {
    let text = value[key].as_str().with_context(|| format!("`cargo metadata` gave no {key}"))?;
    Ok(text.to_owned())
}
