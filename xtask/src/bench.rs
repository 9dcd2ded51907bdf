//! `cargo xtask bench`: the load test against a server of its own.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{cmd, serve, setup};

/// Builds both, starts the server, runs `loadtest args…` and stops the server again.
pub fn run(args: &[String]) -> Result<()> {
    setup::for_building()?;
    let (server, load) = (serve::build("chatalk")?, serve::build("loadtest")?);
    let folder = Folder::new()?;
    let server = Server::start(&server, &folder.0)?;
    cmd::run(load_test(&load, &server.told)?.args(args))
}

/// The command line of the load test, from the line of JSON that the server told of itself.
fn load_test(program: &Path, told: &Value) -> Result<Command> {
    let port = told["port"].as_u64().context("the server told no port")?;
    let mut command = Command::new(program);
    command.arg("--server").arg(format!("127.0.0.1:{port}"));
    for (option, key) in [
        ("--fingerprint", "fingerprint"),
        ("--set-up-code", "set_up_code"),
    ] {
        let value = told[key]
            .as_str()
            .with_context(|| format!("the server told no {key}"))?;
        command.arg(option).arg(value);
    }
    Ok(command)
}

/// The command line of the server: any free port, and no limits that would be measured instead of the server.
fn server(program: &Path, data: &Path) -> Command {
    let mut command = Command::new(program);
    command.args([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--print-json",
        "--log",
        "warn",
    ]);
    for limit in [
        "--connections-per-address",
        "--requests-per-second",
        "--messages-per-second",
        "--guest-requests-per-second",
    ] {
        command.args([limit, "1000000"]);
    }
    command.arg("--data").arg(data);
    command
}

/// A new folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let path = std::env::temp_dir().join(format!("chatalk-bench-{}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // nothing to be done about a failure here: it lies in the system's temporary folder
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running server, stopped at the end.
struct Server {
    child: Child,
    /// What it told of itself when it began to listen.
    told: Value,
    /// Kept open, so that the server can go on printing.
    output: Option<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts it and waits until it listens.
    fn start(program: &Path, folder: &Path) -> Result<Self> {
        let log = folder.join("server.log");
        let mut command = server(program, &folder.join("data"));
        command.stdout(Stdio::piped()).stderr(File::create(&log)?);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        // from here on it is stopped whatever happens
        let mut server = Self {
            child,
            told: Value::Null,
            output: None,
        };
        let mut output = BufReader::new(server.child.stdout.take().context("no output")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let Ok(told) = serde_json::from_str(&line) else {
            let log = fs::read_to_string(&log).unwrap_or_default();
            bail!("the server did not start: {line}{log}");
        };
        server.told = told;
        server.output = Some(output);
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let id = self.child.id();
        if !cmd::quiet("sh", &["-c", &format!("kill -TERM {id}")]) {
            // the blunt way: what the server acknowledged survives it
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_load_test_is_pointed_at_the_server() {
        let told = serde_json::json!({"port": 4711, "fingerprint": "ab", "set_up_code": "x-y"});
        let command = load_test(Path::new("load"), &told).unwrap();
        let args: Vec<_> = command.get_args().filter_map(|arg| arg.to_str()).collect();
        assert_eq!(
            args,
            [
                "--server",
                "127.0.0.1:4711",
                "--fingerprint",
                "ab",
                "--set-up-code",
                "x-y"
            ]
        );
        assert!(load_test(Path::new("load"), &Value::Null).is_err());
    }

    #[test]
    fn a_server_that_ends_at_once_is_told() {
        let folder = Folder::new().unwrap();
        let error = Server::start(Path::new("false"), &folder.0).err().unwrap();
        assert!(error.to_string().contains("did not start"));
    }
}
