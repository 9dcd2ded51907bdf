//! The data folder: database and OPRF seed.

use std::{fs, io, path::Path};

use ambient::{Random, generator};
use anyhow::{Context, Result, bail};
use e2ee::opaque::OprfSeed;
use gateway::tls::write_private;
use storage::{Storage, StorageError};
use storage_sqlite::SqliteStorage;

/// Name of the OPRF seed's file. Without it nobody can sign in: it belongs in every backup.
pub const SEED_FILE: &str = "oprf.seed";

/// Opens the database in the folder, makes both where they are missing.
pub fn open(folder: &Path) -> Result<SqliteStorage> {
    Ok(SqliteStorage::open(
        folder,
        &storage_sqlite::Options::default(),
    )?)
}

/// Reads the OPRF seed, or makes it while there is no member.
pub async fn seed(folder: &Path, storage: &dyn Storage, random: &dyn Random) -> Result<OprfSeed> {
    let path = folder.join(SEED_FILE);
    let name = path.display();
    match fs::read(&path) {
        Ok(bytes) => OprfSeed::from_bytes(&bytes)
            .with_context(|| format!("{name} is damaged; bring it back from a backup")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let members =
                storage::read::<_, StorageError>(storage, |reader| reader.account_count()).await?;
            if members > 0 {
                bail!(
                    "{name} is missing, and without it none of the {members} members could sign in again. Bring it \
                     back from a backup; the server does not start without it."
                );
            }
            let seed = OprfSeed::generate(&mut generator(random))?;
            write_private(&path, &seed.to_bytes())
                .with_context(|| format!("can't write {name}"))?;
            Ok(seed)
        }
        Err(error) => Err(error).with_context(|| format!("can't read {name}")),
    }
}
