//! A client's folder: its store, and which server it belongs to.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use client::{Failure, StoreError};

use crate::{
    driver::Peer,
    link::LinkError,
    store::private,
    trust::{Fingerprint, Pin},
};

/// Names the server that the folder belongs to.
const SERVER_FILE: &str = "server.txt";

/// Where a client keeps what is its own.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// The server that a folder belongs to.
pub type Known = Peer;

/// Why a folder can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The folder can't be made, read or written.
    #[error("{0}: {1}")]
    Io(PathBuf, io::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine.
    #[error(transparent)]
    Engine(#[from] Failure),
    /// The connection can't be prepared.
    #[error(transparent)]
    Link(#[from] LinkError),
}

impl Folder {
    /// A folder; made when it is first written.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The platform's usual place: `$XDG_DATA_HOME/chatalk-client`, or `~/.local/share/chatalk-client`.
    #[must_use]
    pub fn usual() -> Self {
        let home = || std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/share"));
        let base = std::env::var_os("XDG_DATA_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(home)
            .unwrap_or_default();
        Self(base.join("chatalk-client"))
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn failed(&self, error: io::Error) -> FolderError {
        FolderError::Io(self.0.clone(), error)
    }

    /// The server that it belongs to, once one was trusted.
    ///
    /// # Errors
    /// When the file is there and can't be read.
    pub fn known(&self) -> Result<Option<Known>, FolderError> {
        let text = match fs::read_to_string(self.0.join(SERVER_FILE)) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.failed(error)),
        };
        let values = |name: &'static str| {
            text.lines()
                .filter_map(move |line| line.strip_prefix(name))
                .map(str::trim)
        };
        let bad = || self.failed(io::Error::other(format!("{SERVER_FILE} is damaged")));
        let addresses: Result<Vec<_>, _> = values("address ").map(str::parse).collect();
        let addresses = addresses.map_err(|_| bad())?;
        let pin = values("authority ").next().and_then(|pin| pin.parse().ok());
        match pin {
            Some(Pin::Whole(authority)) if !addresses.is_empty() => Ok(Some(Known {
                addresses,
                authority,
            })),
            _ => Err(bad()),
        }
    }

    /// Keeps the server that was trusted.
    ///
    /// # Errors
    /// When the folder can't be written.
    pub fn remember(&self, known: &Known) -> Result<(), FolderError> {
        let mut text = String::new();
        for address in &known.addresses {
            text.push_str(&format!("address {address}\n"));
        }
        text.push_str(&format!("authority {}\n", known.authority));
        private::make_folder(&self.0)
            .and_then(|()| private::replace(&self.0, SERVER_FILE, text.as_bytes()))
            .map_err(|error| self.failed(error))
    }
}

/// The fingerprint of a peer, for those who only have the folder.
impl Known {
    /// The same server at other addresses, the new ones first.
    #[must_use]
    pub fn also_at(mut self, mut addresses: Vec<crate::ServerAddress>) -> Self {
        self.addresses.retain(|known| !addresses.contains(known));
        addresses.append(&mut self.addresses);
        Self {
            addresses,
            authority: self.authority,
        }
    }

    /// Its authority's fingerprint.
    #[must_use]
    pub fn authority(&self) -> Fingerprint {
        self.authority
    }
}
