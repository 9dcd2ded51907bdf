//! Where a server is.

use std::{fmt, str::FromStr};

use rustls::pki_types::ServerName;

/// The port that servers listen on unless told otherwise.
pub const DEFAULT_PORT: u16 = 7443;

/// Host and port of a server.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ServerAddress {
    host: String,
    port: u16,
}

/// That is not a server's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a server's address looks like https://HOST:PORT")]
pub struct BadAddress;

impl ServerAddress {
    /// Host name or IP address, without brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// TCP port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `HOST:PORT`, with brackets around IPv6 addresses.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    pub(crate) fn name(&self) -> ServerName<'static> {
        // checked when it was read
        ServerName::try_from(self.host.clone()).unwrap_or(ServerName::IpAddress(
            std::net::Ipv4Addr::UNSPECIFIED.into(),
        ))
    }
}

impl fmt::Display for ServerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "https://{}", self.authority())
    }
}

impl FromStr for ServerAddress {
    type Err = BadAddress;

    /// Reads `https://HOST:PORT`, `HOST:PORT` or `HOST`; what follows the first `/` is not looked at.
    fn from_str(text: &str) -> Result<Self, BadAddress> {
        let text = text.trim();
        let rest = match text.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
            Some(_) => return Err(BadAddress),
            None => text,
        };
        let authority = rest.split(['/', '#', '?']).next().unwrap_or_default();
        let (host, port) = if let Some(inner) = authority.strip_prefix('[') {
            let (host, after) = inner.split_once(']').ok_or(BadAddress)?;
            host.parse::<std::net::Ipv6Addr>().map_err(|_| BadAddress)?;
            (
                host,
                after.strip_prefix(':').or(after.is_empty().then_some("")),
            )
        } else if authority.parse::<std::net::Ipv6Addr>().is_ok() {
            (authority, Some(""))
        } else {
            match authority.split_once(':') {
                Some((host, port)) => (host, Some(port).filter(|p| !p.is_empty())),
                None => (authority, Some("")),
            }
        };
        let port = match port.ok_or(BadAddress)? {
            "" => DEFAULT_PORT,
            digits => digits.parse().map_err(|_| BadAddress)?,
        };
        ServerName::try_from(host).map_err(|_| BadAddress)?;
        Ok(Self {
            host: host.to_owned(),
            port,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_that_people_paste() {
        for (text, host, port) in [
            ("https://chat.example:7000", "chat.example", 7000),
            (" HTTPS://chat.example/i#abc ", "chat.example", DEFAULT_PORT),
            ("chat.example", "chat.example", DEFAULT_PORT),
            ("192.168.1.7:1", "192.168.1.7", 1),
            ("https://[fe80::1]:7443/", "fe80::1", 7443),
            ("[::1]", "::1", DEFAULT_PORT),
            ("::1", "::1", DEFAULT_PORT),
        ] {
            let address: ServerAddress = text.parse().unwrap();
            assert_eq!((address.host(), address.port()), (host, port), "{text}");
            assert_eq!(
                address.to_string().parse(),
                Ok(address),
                "{text} goes round"
            );
        }
    }

    #[test]
    fn refuses_what_is_none() {
        for text in [
            "",
            "http://chat.example",
            "https://",
            "chat.example:",
            "chat.example:99999",
            "a b",
            "[::1",
            "[::1]7",
            "user@host:1",
        ] {
            assert_eq!(text.parse::<ServerAddress>(), Err(BadAddress), "{text}");
        }
    }
}
