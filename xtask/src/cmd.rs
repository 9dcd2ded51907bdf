//! Running other programs.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

/// The folder of the workspace.
pub fn root() -> PathBuf {
    // cargo sets it at run time too: a moved clone needs no rebuild
    let own = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    own.parent().map_or_else(|| own.clone(), Path::to_path_buf)
}

/// A program with its arguments, to be run in the folder of the workspace.
pub fn program(name: &str, args: &[&str]) -> Command {
    let mut command = Command::new(name);
    command.args(args).current_dir(root()).env("PATH", path());
    command
}

/// The PATH of all that is run here: what `cargo install` installs is found first.
pub fn path() -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let bin = home.map(|home| home.join("bin"));
    let all = bin.into_iter().chain(std::env::split_paths(&path));
    std::env::join_paths(all).unwrap_or(path)
}

/// Cargo, the one that started this program.
pub fn cargo(args: &[&str]) -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    program(&cargo, args)
}

/// How the command would be typed.
fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let mut line = name.to_string_lossy().into_owned();
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    line
}

/// Runs to the end with the terminal's streams; fails if the program does.
pub fn run(command: &mut Command) -> Result<()> {
    let line = shown(command);
    eprintln!("$ {line}");
    let status = command
        .status()
        .with_context(|| format!("cannot start `{line}`"))?;
    check(status, &line)
}

/// Runs and returns standard output; standard error goes to the terminal.
pub fn capture(command: &mut Command) -> Result<String> {
    let line = shown(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{line}`"))?;
    check(output.status, &line)?;
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed no UTF-8"))
}

/// Runs silently; `None` if the program is missing or fails, else its standard output.
pub fn probe(name: &str, args: &[&str]) -> Option<String> {
    probed(&mut program(name, args))
}

/// As [`probe`].
pub fn probed(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    output.status.success().then_some(text)
}

/// Runs without a word; whether it went well.
pub fn quiet(name: &str, args: &[&str]) -> bool {
    let mut command = program(name, args);
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn check(status: ExitStatus, line: &str) -> Result<()> {
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs with its output shown as it comes and returned as plain text (both streams, without colours).
pub fn tee(command: &mut Command) -> Result<(ExitStatus, String)> {
    let line = shown(command);
    eprintln!("$ {line}");
    if std::io::stderr().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{line}`"))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let text = thread::scope(|scope| {
        let out = scope.spawn(|| stdout.map_or(Ok(String::new()), |s| copy(s, std::io::stdout())));
        let err = scope.spawn(|| stderr.map_or(Ok(String::new()), |s| copy(s, std::io::stderr())));
        let mut text = String::new();
        for stream in [out, err] {
            // a reader only panics on a bug of its own
            text += &stream
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        }
        Ok::<_, std::io::Error>(text)
    })
    .with_context(|| format!("cannot read what `{line}` prints"))?;
    Ok((child.wait()?, without_colours(&text)))
}

fn copy(from: impl Read, mut to: impl Write) -> std::io::Result<String> {
    let mut from = BufReader::new(from);
    let (mut all, mut line) = (String::new(), Vec::new());
    while from.read_until(b'\n', &mut line)? > 0 {
        to.write_all(&line)?;
        to.flush()?;
        all += &String::from_utf8_lossy(&line);
        line.clear();
    }
    Ok(all)
}

/// Drops terminal escapes of the form `ESC [ … letter` (ECMA-48, 5.4).
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            plain.push(c);
        } else if chars.next() == Some('[') {
            chars.find(|c| ('\u{40}'..='\u{7e}').contains(c));
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_dropped() {
        assert_eq!(
            without_colours("\u{1b}[32;1m3 passed\u{1b}[0m, 0"),
            "3 passed, 0"
        );
    }

    #[test]
    fn both_streams_are_kept_and_the_status_told() {
        let (status, text) = tee(&mut program(
            "sh",
            &["-c", "echo one; echo two >&2; exit 3"],
        ))
        .unwrap();
        assert_eq!(status.code(), Some(3));
        assert!(text.contains("one\n") && text.contains("two\n"));
    }

    #[test]
    fn failures_are_errors() {
        assert!(run(&mut program("false", &[])).is_err());
        assert!(capture(&mut program("no-such-program-here", &[])).is_err());
        assert_eq!(probe("no-such-program-here", &[]), None);
    }
}
