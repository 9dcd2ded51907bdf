//! The engine's store in SQLite: one file, one table, values sealed.
//!
//! The key of the values is in a file of its own beside it (`store.key`, readable by its owner alone). That protects a
//! copied database file and makes wiping quick and sure; it does not protect against who can read the whole folder:
//! the operating system's disk encryption does.

pub(crate) mod private;

use std::{
    fs::{File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use ambient::Random;
use client::{Batch, Space, Store, StoreError, store::Rows};
use client_sqlite::{Database, Values, failed, rusqlite::Connection, sql_failed};
use e2ee::local::LocalCipher;
use rand_chacha::ChaCha20Rng;
use zeroize::Zeroizing;

const DATABASE: &str = "store.sqlite";
const KEY: &str = "store.key";
const LOCK: &str = "store.lock";

/// A store in a folder. One process at a time.
pub struct SqliteStore {
    folder: PathBuf,
    database: Database,
    rng: ChaCha20Rng,
    /// Held until the store is closed.
    _lock: File,
}

fn io_failed(error: io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full,
        _ => failed(error),
    }
}

impl SqliteStore {
    /// Opens the store of a folder; makes both when they are not there.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it open, [`StoreError::Newer`] when a newer version wrote it.
    pub fn open(folder: &Path, random: &dyn Random) -> Result<Self, StoreError> {
        private::make_folder(folder).map_err(io_failed)?;
        let lock = private::create(&folder.join(LOCK)).map_err(io_failed)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => StoreError::InUse,
            TryLockError::Error(error) => io_failed(error),
        })?;
        let path = folder.join(DATABASE);
        let key = key(folder, path.exists(), random)?;
        // made before SQLite does, so that its mode is ours
        private::create(&path).map_err(io_failed)?;
        let connection = Connection::open(&path).map_err(sql_failed)?;
        let values = Values::Sealed {
            cipher: LocalCipher::new(&key),
            rng: ambient::generator(random),
        };
        Ok(Self {
            folder: folder.to_owned(),
            database: Database::open(connection, values)?,
            rng: ambient::generator(random),
            _lock: lock,
        })
    }
}

fn key(
    folder: &Path,
    store_exists: bool,
    random: &dyn Random,
) -> Result<Zeroizing<[u8; 32]>, StoreError> {
    match private::read(&folder.join(KEY)) {
        Ok(bytes) => bytes
            .as_slice()
            .try_into()
            .map(Zeroizing::new)
            .map_err(|_| failed("the file store.key is damaged")),
        Err(error) if error.kind() == io::ErrorKind::NotFound && !store_exists => {
            new_key(folder, random)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(failed("the file store.key is missing"))
        }
        Err(error) => Err(io_failed(error)),
    }
}

fn new_key(folder: &Path, random: &dyn Random) -> Result<Zeroizing<[u8; 32]>, StoreError> {
    let mut key = Zeroizing::new([0; 32]);
    random.fill(key.as_mut_slice());
    private::replace(folder, KEY, key.as_slice()).map_err(io_failed)?;
    Ok(key)
}

impl Store for SqliteStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.database.get(space, key)
    }

    fn range(
        &self,
        space: Space,
        from: &[u8],
        to: &[u8],
        limit: usize,
        reverse: bool,
    ) -> Result<Rows, StoreError> {
        self.database.range(space, from, to, limit, reverse)
    }

    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        self.database.commit(batch)
    }

    fn wipe(&mut self) -> Result<(), StoreError> {
        self.database.wipe()?;
        // what the disk may still hold of the old values can't be opened any more
        let mut key = Zeroizing::new([0; 32]);
        rand_chacha::rand_core::RngCore::fill_bytes(&mut self.rng, key.as_mut_slice());
        private::replace(&self.folder, KEY, key.as_slice()).map_err(io_failed)?;
        self.database.seal_with(LocalCipher::new(&key));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
