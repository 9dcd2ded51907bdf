//! The server as a process of its own.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
};

use rustix::process::{Pid, Signal, kill_process};

/// Limits out of the way, and cheap key stretching.
pub const FAST: &[&str] = &[
    "--test-stretching",
    "--messages-per-second=100000",
    "--requests-per-second=100000",
    "--changes-per-second=100000",
    "--guest-requests-per-second=100000",
    "--connections-per-address=1000",
];

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    command: Vec<String>,
    pub folder: PathBuf,
    pub port: u16,
    pub fingerprint: String,
    /// The same in six words.
    pub words: String,
    pub set_up_code: Option<String>,
    /// Why it says that nothing can be written.
    pub read_only: Option<String>,
}

/// Where a server is and how it is recognised.
#[derive(Clone)]
pub struct Endpoint {
    pub port: u16,
    pub authority: PathBuf,
}

/// A port below those that the system gives to outgoing connections: a client that dials while the server is away must
/// never meet itself there.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 18_000).unwrap();
    loop {
        let port = 12_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 18_000;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}

impl Server {
    /// Starts on a free port. The log goes to `server.log` beside the data folder.
    pub fn start(folder: &Path, options: &[&str]) -> Self {
        Self::start_by(&[env!("CARGO_BIN_EXE_chatalk")], folder, options)
    }

    /// The same behind a wrapper: `program` is what comes before the word `serve`.
    pub fn start_by(program: &[&str], folder: &Path, options: &[&str]) -> Self {
        Self::run(program, folder, &[&["--print-json"], options].concat())
    }

    /// Starts as people do, and reads what it prints as they read it.
    pub fn start_for_people(folder: &Path, options: &[&str]) -> Self {
        Self::run(&[env!("CARGO_BIN_EXE_chatalk")], folder, options)
    }

    fn run(program: &[&str], folder: &Path, options: &[&str]) -> Self {
        let port = free_port();
        let mut command: Vec<String> = program.iter().map(|&s| s.to_owned()).collect();
        command.push("serve".into());
        command.push(format!("--data={}", folder.display()));
        command.push(format!("--listen=127.0.0.1:{port}"));
        command.push("--local=off".into());
        command.extend(options.iter().map(|&s| s.to_owned()));
        let mut server = Self {
            child: spawn(&command, folder),
            command,
            folder: folder.to_owned(),
            port,
            fingerprint: String::new(),
            words: String::new(),
            set_up_code: None,
            read_only: None,
        };
        server.hear();
        server
    }

    /// Reads what it prints once it listens.
    fn hear(&mut self) {
        let mut out = BufReader::new(self.child.stdout.take().unwrap());
        if !self.command.iter().any(|word| word == "--print-json") {
            return self.read_words(out);
        }
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let told: serde_json::Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("{}", self.log()));
        assert_eq!(told["port"], self.port);
        let text = |key: &str| told[key].as_str().map(str::to_owned);
        self.fingerprint = text("fingerprint").unwrap();
        self.words = text("words").unwrap();
        self.set_up_code = text("set_up_code");
        self.read_only = text("read_only");
    }

    /// What people read, up to the line that says how to stop it.
    fn read_words(&mut self, out: impl BufRead) {
        let lines: Vec<String> = out
            .lines()
            .map_while(Result::ok)
            .take_while(|line| line != "Stop the server with Ctrl-C.")
            .collect();
        // What stands beside a label, and in the lines below it.
        let beside = |label: &str| -> Vec<String> {
            let is_label = |line: &String| line.trim_start().starts_with(label);
            let Some(at) = lines.iter().position(is_label) else {
                return Vec::new();
            };
            let first = lines[at].trim_start()[label.len()..].trim().to_owned();
            let below = lines[at + 1..]
                .iter()
                .take_while(|line| line.starts_with("               "));
            std::iter::once(first)
                .chain(below.map(|line| line.trim().to_owned()))
                .collect()
        };
        let address = format!("https://127.0.0.1:{}", self.port);
        assert!(beside("Addresses").contains(&address), "{lines:?}");
        self.fingerprint = beside("Fingerprint").concat();
        self.words = beside("in six words").concat();
        self.set_up_code = beside("Set-up code").pop();
        let command = format!("In another terminal: chatalk chat --server {address}");
        assert!(lines.contains(&command), "{lines:?}");
        assert_eq!(beside("Data"), [self.folder.display().to_string()]);
    }

    /// SIGKILL: no time for anything.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, as an operator ends it.
    pub fn stop(&mut self) {
        kill_process(self.pid(), Signal::TERM).unwrap();
        assert!(self.child.wait().unwrap().success());
    }

    /// Starts again, on the same folder and port.
    pub fn start_again(&mut self) {
        self.child = spawn(&self.command, &self.folder);
        self.hear();
    }

    /// The same behind a wrapper, this once.
    pub fn start_again_by(&mut self, program: &[&str]) {
        let serve = self.command.iter().position(|word| word == "serve");
        let program = program.iter().map(|&word| word.to_owned());
        let command: Vec<String> = program
            .chain(self.command[serve.unwrap()..].iter().cloned())
            .collect();
        self.child = spawn(&command, &self.folder);
        self.hear();
    }

    pub fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub fn log_file(&self) -> PathBuf {
        log_file(&self.folder)
    }

    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(self.log_file()).unwrap()).into_owned()
    }

    pub fn endpoint(&self) -> Endpoint {
        Endpoint {
            port: self.port,
            authority: self.folder.join("tls").join("authority.pem"),
        }
    }
}

fn log_file(folder: &Path) -> PathBuf {
    folder.with_extension("log")
}

fn spawn(command: &[String], folder: &Path) -> Child {
    let log = File::options()
        .create(true)
        .append(true)
        .open(log_file(folder))
        .unwrap();
    let mut program = Command::new(&command[0]);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CHATALK_")) {
        program.env_remove(name);
    }
    program
        .args(&command[1..])
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .unwrap()
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
