//! The checkout, and how to run commands in it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, io};

use anyhow::{Context, Result, bail};
use serde_json::Value;
use xshell::{Cmd, Shell, cmd};

/// The crate that becomes the npm package.
pub(crate) const CRATE: &str = "thousandeyes-usage";
/// The target that it is compiled to.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// The checkout that `cargo xtask` runs in.
pub(crate) struct Workspace {
    /// Runs commands and resolves relative paths in the root of the checkout.
    pub(crate) sh: Shell,
    target: PathBuf,
}

impl Workspace {
    /// Finds the checkout, from whatever folder the command was typed in.
    pub(crate) fn load() -> Result<Self> {
        let xtask = env::var_os("CARGO_MANIFEST_DIR").context("start this as `cargo xtask`")?;
        let sh = Shell::new()?;
        sh.change_dir(Path::new(&xtask).parent().context("xtask/ has no parent folder")?);
        let metadata = cmd!(sh, "cargo metadata --no-deps --format-version 1").quiet().read()?;
        let metadata: Value = serde_json::from_str(&metadata)?;
        let target = metadata["target_directory"].as_str().context("cargo metadata has no target_directory")?;
        let target = PathBuf::from(target);
        sh.create_dir(target.join("xtask"))?;
        Ok(Self { sh, target })
    }

    /// A path inside the checkout.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.sh.current_dir().join(relative)
    }

    /// A path inside Cargo's target folder, which need not be inside the checkout.
    pub(crate) fn target(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }
}

/// Tells what is being done. Like Cargo's, this goes to stderr.
pub(crate) fn say(what: impl std::fmt::Display) {
    eprintln!("==> {what}");
}

/// Runs a command, shows its stdout line by line, and returns it with whether the command succeeded.
pub(crate) fn tee(command: Cmd) -> Result<(bool, String)> {
    eprintln!("$ {command}");
    let shown = command.to_string();
    let mut child = Command::from(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{shown}` could not be started"))?;
    let Some(stdout) = child.stdout.take() else { bail!("`{shown}` has no stdout") };
    let mut output = String::new();
    for line in io::BufRead::split(io::BufReader::new(stdout), b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        output.push_str(&line);
        output.push('\n');
    }
    Ok((child.wait()?.success(), output))
}
