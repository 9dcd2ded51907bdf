//! `cargo xtask bench`: the load test against a server of its own.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{cmd, metadata, serve, setup};

/// Starts on a folder that has everything, of which the one in the middle is told.
const STARTS: usize = 5;

/// Builds both, starts the server, runs `loadtest args…` and stops the server again.
pub fn run(args: &[String]) -> Result<()> {
    setup::for_building()?;
    let [program, load] = serve::build(["chatalk", "loadtest"])?;
    let target = metadata::target_dir()?;
    // not in the system's temporary folder: that may lie in memory, where syncing costs nothing
    let folder = Folder::new(&target)?;
    let cores = Cores::split();
    let (first, again, server) = starts(&program, &folder.0, &cores)?;
    let mut command = load_test(&load, &server, &cores)?;
    command.arg("--disk").arg(&folder.0);
    command.args(["--figure", &figure("first start until listening, s", first)]);
    command.args([
        "--figure",
        &figure("later starts until listening, s", again),
    ]);
    if !args.iter().any(|arg| arg.starts_with("--json")) {
        command.arg("--json").arg(target.join("bench.json"));
    }
    cmd::run(command.args(args))
}

fn figure(name: &str, took: Duration) -> String {
    format!("{name}={:.4}", took.as_secs_f64())
}

/// How long the first start takes, which makes everything, and how long later ones; the last one goes on running.
fn starts(program: &Path, folder: &Path, cores: &Cores) -> Result<(Duration, Duration, Server)> {
    let mut server = Server::start(program, folder, cores)?;
    let first = server.took;
    let mut later = Vec::new();
    for _ in 0..STARTS {
        // the one before lets go of the folder first
        drop(server);
        server = Server::start(program, folder, cores)?;
        later.push(server.took);
    }
    later.sort_unstable();
    Ok((first, later[STARTS / 2], server))
}

/// Which cores the server has, and which the load test: none of them the same, so that neither takes time of the other.
#[derive(Debug, PartialEq, Eq)]
struct Cores {
    server: String,
    load: String,
}

impl Cores {
    /// The first core for the server, the others for the load test; empty where there is one core or no `taskset`.
    fn split() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        let allowed = status
            .lines()
            .find_map(|line| line.strip_prefix("Cpus_allowed_list:"))
            .filter(|_| cmd::quiet("taskset", &["--version"]));
        Self::of(allowed.unwrap_or_default())
    }

    /// Splits a list such as `0-3,8`.
    fn of(list: &str) -> Self {
        let (mut server, mut load) = (String::new(), String::new());
        let list = list.trim();
        let first: String = list.chars().take_while(char::is_ascii_digit).collect();
        match list[first.len()..].split_at_checked(1) {
            Some(("-", rest)) => {
                let end: String = rest.chars().take_while(char::is_ascii_digit).collect();
                let next = first.parse().map_or(0, |n: usize| n + 1);
                load = format!("{next}-{end}{}", &rest[end.len()..]);
                server = first;
            }
            Some((",", rest)) => {
                rest.clone_into(&mut load);
                server = first;
            }
            _ => {}
        }
        Self { server, load }
    }

    /// The program on those cores.
    fn program(program: &Path, cores: &str) -> Command {
        if cores.is_empty() {
            return Command::new(program);
        }
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", cores]).arg(program);
        command
    }

    /// What stands with the figures.
    fn note(&self) -> String {
        if self.server.is_empty() {
            return "server and load test share all cores of this machine".to_owned();
        }
        format!(
            "server and load test share this machine: the server has core {} alone, the load test core {}",
            self.server, self.load
        )
    }
}

/// The command line of the load test, from the line of JSON that the server told of itself.
fn load_test(program: &Path, server: &Server, cores: &Cores) -> Result<Command> {
    let told = &server.told;
    let port = told["port"].as_u64().context("the server told no port")?;
    let mut command = Cores::program(program, &cores.load);
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
    command.args(["--server-pid", &server.child.id().to_string()]);
    command.args(["--note", &cores.note()]);
    Ok(command)
}

/// The command line of the server: any free port, no limits that would be measured instead of the server, and cheap
/// passphrases, so that thousands of members are registered in seconds. (The server does not stretch: clients do.)
fn server(program: &Path, data: &Path, cores: &Cores) -> Command {
    let mut command = Cores::program(program, &cores.server);
    command.args([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--local",
        "off",
        "--print-json",
        "--test-stretching",
        "--log",
        "warn",
    ]);
    for limit in [
        "--connections-per-address",
        "--requests-per-second",
        "--messages-per-second",
        "--changes-per-second",
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
    fn new(parent: &Path) -> Result<Self> {
        let path = parent.join(format!("bench-{}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // nothing to be done about a failure here: it lies where builds lie
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running server, stopped at the end.
struct Server {
    child: Child,
    /// What it told of itself when it began to listen.
    told: Value,
    /// How long it took until then.
    took: Duration,
    /// Kept open, so that the server can go on printing.
    output: Option<BufReader<ChildStdout>>,
}

impl Server {
    /// Starts it and waits until it listens.
    #[allow(
        clippy::disallowed_methods,
        reason = "the time it takes is what is measured"
    )]
    fn start(program: &Path, folder: &Path, cores: &Cores) -> Result<Self> {
        let log = folder.join("server.log");
        let mut command = server(program, &folder.join("data"), cores);
        command.stdout(Stdio::piped()).stderr(File::create(&log)?);
        let begun = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        // from here on it is stopped whatever happens
        let mut server = Self {
            child,
            told: Value::Null,
            took: Duration::ZERO,
            output: None,
        };
        let mut output = BufReader::new(server.child.stdout.take().context("no output")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let Ok(told) = serde_json::from_str(&line) else {
            let log = fs::read_to_string(&log).unwrap_or_default();
            bail!("the server did not start: {line}{log}");
        };
        server.took = begun.elapsed();
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
        let child = Command::new("true").spawn().unwrap();
        let id = child.id().to_string();
        let mut server = Server {
            child,
            told: serde_json::json!({"port": 4711, "fingerprint": "ab", "set_up_code": "x-y"}),
            took: Duration::ZERO,
            output: None,
        };
        let cores = Cores::of("0-2");
        let command = load_test(Path::new("load"), &server, &cores).unwrap();
        let args: Vec<_> = command.get_args().filter_map(|arg| arg.to_str()).collect();
        let expected = "--cpu-list 1-2 load --server 127.0.0.1:4711 --fingerprint ab --set-up-code x-y --server-pid";
        let (first, rest) = args.split_at(10);
        assert_eq!(first.join(" "), expected);
        assert_eq!(rest[0], id);
        assert!(rest[2].contains("core 0 alone"));
        server.told = Value::Null;
        assert!(load_test(Path::new("load"), &server, &cores).is_err());
    }

    #[test]
    fn a_server_that_ends_at_once_is_told() {
        let folder = Folder::new(&std::env::temp_dir()).unwrap();
        let alone = Cores::of("0");
        let error = Server::start(Path::new("false"), &folder.0, &alone).err();
        assert!(error.unwrap().to_string().contains("did not start"));
    }

    #[test]
    fn cores_are_shared_out() {
        for (list, server, load) in [
            ("\t0-1", "0", "1-1"),
            ("0-15", "0", "1-15"),
            ("2-3,8", "2", "3-3,8"),
            ("4,6-7", "4", "6-7"),
            ("0", "", ""),
            ("", "", ""),
        ] {
            let split = Cores::of(list);
            assert_eq!(
                (split.server.as_str(), split.load.as_str()),
                (server, load),
                "{list}"
            );
        }
        assert!(Cores::of("0").note().contains("all cores"));
    }
}
