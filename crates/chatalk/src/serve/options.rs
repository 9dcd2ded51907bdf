//! The command line of `chatalk serve`.

use std::{env, io, net::SocketAddr, path::PathBuf, str::FromStr};

use anyhow::{Context, Result, bail};
use conversations::Modules;
use tokio::net::TcpListener;

/// The port of the entrance for this machine, unless another is chosen.
const LOCAL_PORT: u16 = 7480;

/// Options of `chatalk serve`. None is needed.
#[derive(clap::Args, Clone)]
pub struct Options {
    /// Folder of the database, keys and certificates. Default: chatalk in the user's data folder (XDG_DATA_HOME or
    /// ~/.local/share), or ./chatalk-data where there is neither.
    #[arg(long, env = "CHATALK_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,

    /// Where to listen: ADDRESS:PORT, or PORT on every address. Port 0 takes a free one.
    #[arg(long, env = "CHATALK_LISTEN", default_value = "7443")]
    pub listen: Listen,

    /// Where browsers on this machine find the web app without a certificate: http://localhost:PORT, reachable from nowhere else. Port 0
    /// takes a free one; `off` is without. Default: 7480, or none where that is taken.
    #[arg(long, env = "CHATALK_LOCAL", value_name = "PORT|off")]
    pub local: Option<Local>,

    /// Does not open a browser. One is opened at the first start, when there is a display.
    #[arg(long)]
    pub no_open: bool,

    /// A further host name or address under which people reach this server, such as chat.example.org; may be given
    /// several times. Give it at the first start: the certificate authority made then signs for no other public names.
    #[arg(
        long = "name",
        env = "CHATALK_NAMES",
        value_name = "HOST",
        value_delimiter = ','
    )]
    pub names: Vec<String>,

    /// Certificate chain in PEM instead of the server's own; the last one's fingerprint goes into invitations.
    #[arg(long, env = "CHATALK_CERT", requires = "key", value_name = "FILE")]
    pub cert: Option<PathBuf>,

    /// Private key of --cert in PEM.
    #[arg(long, env = "CHATALK_KEY", requires = "cert", value_name = "FILE")]
    pub key: Option<PathBuf>,

    /// Switches a module; may be given several times. Modules: receipts (on).
    #[arg(
        long = "module",
        env = "CHATALK_MODULES",
        value_name = "NAME=on|off",
        value_delimiter = ','
    )]
    pub modules: Vec<ModuleSwitch>,

    /// What to log on standard error: error, warn, info, debug, or a filter such as gateway=debug,info.
    #[arg(long, env = "CHATALK_LOG", default_value = "info")]
    pub log: String,

    /// Connections that one address may hold.
    #[arg(long, env = "CHATALK_CONNECTIONS_PER_ADDRESS", value_name = "N")]
    pub connections_per_address: Option<u32>,

    /// Requests a second of one account, averaged.
    #[arg(long, env = "CHATALK_REQUESTS_PER_SECOND", value_name = "N")]
    pub requests_per_second: Option<u32>,

    /// Messages a second of one account, averaged.
    #[arg(long, env = "CHATALK_MESSAGES_PER_SECOND", value_name = "N")]
    pub messages_per_second: Option<u32>,

    /// What makes the server work through the trees of conversations (creating and changing them, reading their keys),
    /// a second of one account, averaged.
    #[arg(long, env = "CHATALK_CHANGES_PER_SECOND", value_name = "N")]
    pub changes_per_second: Option<u32>,

    /// Requests a second of one address before sign-in, averaged.
    #[arg(long, env = "CHATALK_GUEST_REQUESTS_PER_SECOND", value_name = "N")]
    pub guest_requests_per_second: Option<u32>,

    /// Prints one line of JSON once listening, instead of words.
    #[arg(long, hide = true)]
    pub print_json: bool,

    /// Accepts the least key stretching. For tests only.
    #[arg(long, hide = true)]
    pub test_stretching: bool,

    /// Writes every decrypted frame to a file. For tests only.
    #[arg(long, hide = true, value_name = "FILE")]
    pub tap_frames: Option<PathBuf>,
}

/// Where to listen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// One address.
    At(SocketAddr),
    /// A port of every address.
    Everywhere(u16),
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        if let Ok(port) = s.trim_start_matches(':').parse() {
            return Ok(Self::Everywhere(port));
        }
        s.parse().map(Self::At).map_err(|_| {
            "give ADDRESS:PORT, such as 127.0.0.1:7443 or [::1]:7443, or PORT".to_owned()
        })
    }
}

/// The entrance for browsers on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Local {
    /// None.
    Off,
    /// On a port of the loopback addresses.
    Port(u16),
}

impl FromStr for Local {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        match s {
            "off" => Ok(Self::Off),
            port => port
                .parse()
                .map(Self::Port)
                .map_err(|_| "give a PORT, such as 7480, or off".to_owned()),
        }
    }
}

/// One `--module`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModuleSwitch {
    name: String,
    on: bool,
}

impl FromStr for ModuleSwitch {
    type Err = String;

    fn from_str(s: &str) -> Result<Self, String> {
        let (name, on) = match s.split_once('=') {
            Some((name, "on")) => (name, true),
            Some((name, "off")) => (name, false),
            _ => return Err("give NAME=on or NAME=off".to_owned()),
        };
        Modules::default()
            .switch(name, on)
            .map_err(|error| error.to_string())?;
        Ok(Self {
            name: name.to_owned(),
            on,
        })
    }
}

impl Options {
    /// The data folder.
    pub fn folder(&self) -> Result<PathBuf> {
        if let Some(folder) = &self.data {
            return Ok(folder.clone());
        }
        let absolute = |name: &str| {
            env::var_os(name)
                .map(PathBuf::from)
                .filter(|p| p.is_absolute())
        };
        let data = absolute("XDG_DATA_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".local").join("share")));
        match data {
            Some(data) => Ok(data.join("chatalk")),
            None => Ok(env::current_dir()
                .context("no current folder")?
                .join("chatalk-data")),
        }
    }

    /// Which modules are on.
    pub fn modules(&self) -> Result<Modules> {
        let mut modules = Modules::default();
        for switch in &self.modules {
            modules.switch(&switch.name, switch.on)?;
        }
        Ok(modules)
    }

    /// The socket that it listens on.
    pub async fn bind(&self) -> Result<TcpListener> {
        let (address, port) = match self.listen {
            Listen::At(address) => (Some(address), address.port()),
            Listen::Everywhere(port) => (None, port),
        };
        match gateway::server::bind(address, port).await {
            Ok(listener) => Ok(listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => bail!(
                "port {port} is taken by another program (a server that runs already?); choose another one with --listen PORT"
            ),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => bail!(
                "port {port} may not be used by this user; choose one above 1023 with --listen PORT"
            ),
            Err(error) => Err(error)
                .context("can't listen there; choose another address with --listen ADDRESS:PORT"),
        }
    }

    /// The sockets of the entrance for this machine; none when it is off, or when nobody chose a port and the usual one is taken.
    pub async fn bind_local(&self) -> Result<Vec<TcpListener>> {
        let (port, chosen) = match self.local {
            Some(Local::Off) => return Ok(Vec::new()),
            Some(Local::Port(port)) => (port, true),
            None => (LOCAL_PORT, false),
        };
        match gateway::server::bind_local(port).await {
            Ok(listeners) => Ok(listeners),
            Err(error) if chosen => Err(error).with_context(|| {
                format!("can't listen on port {port} of this machine; choose another one with --local PORT, or --local off")
            }),
            Err(error) => {
                tracing::warn!(%error, "no http://localhost: port {port} is taken; choose another one with --local PORT");
                Ok(Vec::new())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listen_takes_ports_and_addresses() {
        assert_eq!("7443".parse(), Ok(Listen::Everywhere(7443)));
        assert_eq!(":0".parse(), Ok(Listen::Everywhere(0)));
        let local = SocketAddr::from(([127, 0, 0, 1], 80));
        assert_eq!("127.0.0.1:80".parse(), Ok(Listen::At(local)));
        assert!("[::1]:9".parse::<Listen>().is_ok());
        assert!("localhost".parse::<Listen>().is_err());
        assert!("99999".parse::<Listen>().is_err());
    }

    #[test]
    fn the_entrance_for_this_machine_takes_a_port_or_is_off() {
        assert_eq!("off".parse(), Ok(Local::Off));
        assert_eq!("0".parse(), Ok(Local::Port(0)));
        for wrong in ["on", "0.0.0.0:7480", "127.0.0.1:7480", "99999", ""] {
            assert!(wrong.parse::<Local>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn modules_are_known_ones() {
        assert!("receipts=off".parse::<ModuleSwitch>().is_ok());
        assert!("receipts".parse::<ModuleSwitch>().is_err());
        assert!("teleport=on".parse::<ModuleSwitch>().is_err());
    }
}
