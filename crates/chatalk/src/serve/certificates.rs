//! The server's certificates and the names it is reached by.

use std::{
    net::IpAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ambient::{Clock, SystemClock};
use anyhow::{Context, Result};
use gateway::tls::{Authority, Current, Identity, Names, fingerprint};

use super::options::{Listen, Options};

/// Folder of the certificate authority in the data folder.
const FOLDER: &str = "tls";
/// How often the certificate is made anew, or read again from the given files.
const RENEW_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the server shows to clients.
pub struct Certificates {
    /// The certificate in use.
    pub current: Arc<Current>,
    /// SHA-256 of the authority that clients pin.
    pub fingerprint: [u8; 32],
    /// What the certificate stands for; none of it is known when files were given.
    pub names: Names,
}

impl Certificates {
    /// Reads the files given, or issues a certificate by the instance's own authority, which the first start makes.
    pub fn prepare(options: &Options, folder: &Path, clock: &dyn Clock) -> Result<Self> {
        let names = names(options);
        let identity = identity(options, folder, &names, clock)?;
        let authority = identity.authority().context("there is no certificate")?;
        Ok(Self {
            fingerprint: fingerprint(authority),
            current: Current::new(identity)?,
            names,
        })
    }

    /// Addresses for people, `HOST:PORT`: the names given, those of the network, this machine's own.
    pub fn addresses(&self, options: &Options, port: u16) -> Vec<String> {
        let mut hosts = options.names.clone();
        match options.listen {
            Listen::At(at) if !at.ip().is_unspecified() => hosts.push(bracketed(at.ip())),
            Listen::At(_) | Listen::Everywhere(_) => {
                let reachable = self.names.addresses.iter().filter(|ip| !ip.is_loopback());
                hosts.extend(reachable.map(|ip| bracketed(*ip)));
                hosts.extend(self.names.hosts.iter().cloned());
            }
        }
        let mut addresses: Vec<String> = Vec::new();
        for host in hosts {
            let address = format!("{host}:{port}");
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        addresses
    }
}

fn bracketed(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("[{v6}]"),
    }
}

fn identity(
    options: &Options,
    folder: &Path,
    names: &Names,
    clock: &dyn Clock,
) -> Result<Identity> {
    if let (Some(cert), Some(key)) = (&options.cert, &options.key) {
        return Ok(Identity::from_files(cert, key)?);
    }
    let now = clock.now();
    let authority = Authority::load_or_make(&folder.join(FOLDER), names, now)?;
    let (identity, refused) = authority.issue(names, now)?;
    for name in refused {
        tracing::warn!(
            name,
            "not in the certificate: the authority of this instance, made at its first start, may not sign for it"
        );
    }
    Ok(identity)
}

/// This machine's host name, `localhost`, its addresses, and what the operator added.
fn names(options: &Options) -> Names {
    let mut names = Names::default();
    for name in &options.names {
        match name.trim_matches(['[', ']']).parse() {
            Ok(address) => names.addresses.push(address),
            Err(_) => names.hosts.push(name.clone()),
        }
    }
    if let Listen::At(at) = options.listen
        && !at.ip().is_unspecified()
    {
        names.addresses.push(at.ip());
    }
    let mut own: Vec<IpAddr> = if_addrs::get_if_addrs()
        .unwrap_or_default()
        .iter()
        .map(if_addrs::Interface::ip)
        .filter(|ip| !is_link_local(*ip))
        .collect();
    // IPv4 first: it is what people can type.
    own.sort_by_key(|ip| (ip.is_ipv6(), *ip));
    names.addresses.extend(own);
    names.hosts.extend(host_name());
    names.hosts.push("localhost".to_owned());
    let loopback = [
        IpAddr::from([127, 0, 0, 1]),
        IpAddr::from(std::net::Ipv6Addr::LOCALHOST),
    ];
    names.addresses.extend(loopback);
    keep_first(&mut names.addresses);
    keep_first(&mut names.hosts);
    names
}

fn keep_first<T: PartialEq>(list: &mut Vec<T>) {
    let mut kept: Vec<T> = Vec::with_capacity(list.len());
    for item in list.drain(..) {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    *list = kept;
}

/// Link-local IPv6 addresses mean something on one network card only: nobody can type them.
fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(v6) if v6.is_unicast_link_local())
}

/// The machine's name, when it is one that certificates can hold.
fn host_name() -> Option<String> {
    let name = rustix::system::uname()
        .nodename()
        .to_string_lossy()
        .to_ascii_lowercase();
    let label = |l: &str| {
        !l.is_empty()
            && l.len() <= 63
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    (name.len() <= 253 && name.split('.').all(label) && name.parse::<IpAddr>().is_err())
        .then_some(name)
}

/// Every day: a new certificate of the own authority, or the given files again. What can't be had leaves the old one.
pub async fn renew(options: Options, folder: PathBuf, current: Arc<Current>) {
    let mut days = tokio::time::interval(RENEW_EVERY);
    days.tick().await;
    loop {
        days.tick().await;
        let names = names(&options);
        let renewed = identity(&options, &folder, &names, &SystemClock)
            .and_then(|identity| Ok(current.replace(identity)?));
        match renewed {
            Ok(()) => tracing::info!("certificate renewed"),
            Err(error) => tracing::error!("renewing the certificate: {error:#}"),
        }
    }
}
