//! `cargo xtask bench`: the load test against a server of its own.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::{cmd, serve, setup};

/// How long the server may take until it listens, in steps of [`STEP`].
const STEPS: u32 = 300;
const STEP: Duration = Duration::from_millis(100);

/// Builds both, starts the server, runs `loadtest args…` and stops the server again.
pub fn run(args: &[String]) -> Result<()> {
    setup::for_building()?;
    let (server, load) = (serve::build("chatalk")?, serve::build("loadtest")?);
    let folder = Folder::new()?;
    let address = free_address()?;
    let mut server = Server::start(&server, address, &folder.0)?;
    server.wait_until_listening(address)?;
    cmd::run(&mut load_test(&load, address, &folder.0, args))
}

/// The command line of the load test.
fn load_test(program: &Path, address: SocketAddr, data: &Path, args: &[String]) -> Command {
    let mut command = Command::new(program);
    command.arg("--server").arg(address.to_string());
    command.arg("--data").arg(data).args(args);
    command
}

/// The command line of the server.
fn server(program: &Path, address: SocketAddr, data: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .arg("serve")
        .arg("--listen")
        .arg(address.to_string());
    command.arg("--data").arg(data);
    command
}

/// An address on this machine that nobody uses at the moment.
fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?)
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
        // nothing to be done about it at this point: it lies in the system's temporary folder
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A running server, stopped at the end.
struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    fn start(program: &Path, address: SocketAddr, folder: &Path) -> Result<Self> {
        let log = folder.join("server.log");
        let out = File::create(&log)?;
        let mut command = server(program, address, &folder.join("data"));
        command.stdout(out.try_clone()?).stderr(out);
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Self { child, log })
    }

    #[allow(
        clippy::disallowed_methods,
        reason = "waits for another program, which has no event for us"
    )]
    fn wait_until_listening(&mut self, address: SocketAddr) -> Result<()> {
        for _ in 0..STEPS {
            if TcpStream::connect(address).is_ok() {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended ({status}):\n{}", self.said());
            }
            thread::sleep(STEP);
        }
        bail!("the server does not listen on {address}:\n{}", self.said());
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
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
