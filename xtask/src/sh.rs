//! Running other programs: what is about to run is shown, and a failure says which command it was.
//!
//! Progress goes to stderr as Cargo's does, so that stdout ends with a command's result. No child gets a
//! stdin: nothing can stop to ask a question.

use std::ffi::OsStr;
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, anyhow, bail};

/// Tells what is being done.
pub(crate) fn say(what: impl std::fmt::Display) {
    eprintln!("==> {what}");
}

/// Runs a command that talks to the terminal itself.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    echo(command);
    let status = command.stdin(Stdio::null()).status().map_err(|error| start_error(command, &error))?;
    require(command, status)
}

/// Runs a command silently and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| start_error(command, &error))?;
    require(command, output.status)?;
    String::from_utf8(output.stdout).with_context(|| format!("`{}` printed no UTF-8", describe(command)))
}

/// Runs a command, shows its stdout as it comes, and returns it too.
pub(crate) fn tee(command: &mut Command) -> Result<(ExitStatus, String)> {
    echo(command);
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| start_error(command, &error))?;
    let mut seen = Vec::new();
    if let Some(mut pipe) = child.stdout.take() {
        // By chunks, not by lines: a test runner's half line is shown while the test still runs.
        let mut chunk = [0; 4096];
        loop {
            let length = pipe.read(&mut chunk)?;
            if length == 0 {
                break;
            }
            let mut stdout = io::stdout().lock();
            stdout.write_all(&chunk[..length])?;
            stdout.flush()?;
            seen.extend_from_slice(&chunk[..length]);
        }
    }
    let status = child.wait()?;
    Ok((status, String::from_utf8_lossy(&seen).into_owned()))
}

/// Whether a command can be started and succeeds; it prints nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Shows the command that is about to run.
pub(crate) fn echo(command: &Command) {
    eprintln!("$ {}", describe(command));
}

/// A command as a person would type it in the checkout's root.
pub(crate) fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let mut words = vec![lossy(program.file_name().unwrap_or(program.as_os_str()))];
    for arg in command.get_args() {
        let path = Path::new(arg);
        let shown = command.get_current_dir().and_then(|dir| path.strip_prefix(dir).ok()).unwrap_or(path);
        let word = lossy(shown.as_os_str());
        // A script passed on the command line says nothing that its first line does not.
        words.push(match word.split_once('\n') {
            Some(_) => "'…'".to_owned(),
            None if word.contains(' ') => format!("'{word}'"),
            None => word,
        });
    }
    words.join(" ")
}

/// The error of a command that could not be started.
pub(crate) fn start_error(command: &Command, error: &io::Error) -> anyhow::Error {
    let program = lossy(command.get_program());
    if error.kind() == ErrorKind::NotFound {
        anyhow!("`{program}` was not found: is it installed, and on the PATH?")
    } else {
        anyhow!("`{program}` could not be started: {error}")
    }
}

fn require(command: &Command, status: ExitStatus) -> Result<()> {
    if !status.success() {
        bail!("`{}` failed ({status})", describe(command));
    }
    Ok(())
}

fn lossy(text: &OsStr) -> String {
    text.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_a_command_as_typed_in_the_root() {
        let mut command = Command::new("/usr/lib/cargo");
        command.current_dir("/repo").args(["doc", "/repo/src/lib.rs", "a b", "one\ntwo"]);
        assert_eq!(describe(&command), "cargo doc src/lib.rs 'a b' '…'");
    }

    #[test]
    fn a_missing_program_is_named() {
        let error = run(&mut Command::new("no-such-program")).unwrap_err();
        assert_eq!(error.to_string(), "`no-such-program` was not found: is it installed, and on the PATH?");
    }

    #[test]
    fn a_failure_names_the_command() {
        let error = output(Command::new("false").arg("-x")).unwrap_err();
        assert_eq!(error.to_string(), "`false -x` failed (exit status: 1)");
    }
}
