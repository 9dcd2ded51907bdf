//! Opening a data folder.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use crate::{
    error::{OpenError, in_words},
    migrations,
};

/// Name of the database in its folder.
pub const DATABASE_FILE: &str = "chatalk.sqlite";
/// Name of the file whose lock says that the folder is in use.
pub const LOCK_FILE: &str = "lock";

/// When a write counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// When the disk says that it has it. The only choice for real data.
    Full,
    /// When the operating system has it: a power cut loses acknowledged writes. For tests only.
    Off,
}

/// Who does the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// A writer thread and a pool of reader threads.
    Threads,
    /// The caller's thread, at once: no schedule of the operating system comes into the order of things. For
    /// simulations.
    InPlace,
}

/// How to open a database.
#[derive(Debug, Clone)]
pub struct Options {
    /// Name of a registered SQLite VFS; none = the default one.
    pub vfs: Option<String>,
    /// When a write counts as done.
    pub synchronous: Synchronous,
    /// Who does the work.
    pub work: Work,
    /// Units that may wait; one more is told to try again later.
    pub queue: usize,
    /// Reader threads.
    pub readers: usize,
    /// How often writing is tried again while it is impossible.
    pub probe_every: Duration,
    /// Pages (of 4 KiB) of the write-ahead log from which on it is carried over to the database file, as far as
    /// readers allow; at ten times as many, readers are waited for, so that it does not grow without end.
    pub carry_over_pages: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            vfs: None,
            synchronous: Synchronous::Full,
            work: Work::Threads,
            queue: 4096,
            readers: std::thread::available_parallelism().map_or(2, |n| n.get().clamp(2, 8)),
            probe_every: Duration::from_secs(3),
            carry_over_pages: 4_000,
        }
    }
}

/// An open folder: nobody else opens it while this lives.
pub(crate) struct Folder {
    file: PathBuf,
    access: Access,
    _lock: File,
}

/// What may be done in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Write,
    /// Its files are not the server's user's to write.
    Read,
    /// Nobody can write there: its file system is mounted read-only.
    Frozen,
}

impl Access {
    /// What an error of opening a file for writing says of it; none when it says something else.
    fn after(error: &io::Error) -> Option<Self> {
        match error.kind() {
            io::ErrorKind::ReadOnlyFilesystem => Some(Self::Frozen),
            io::ErrorKind::PermissionDenied => Some(Self::Read),
            _ => None,
        }
    }
}

impl Folder {
    /// Makes the folder where it is missing, and locks it. One that can't be written is opened for reading.
    pub fn lock(folder: &Path) -> Result<Self, OpenError> {
        let at = |path: &Path| {
            let path = path.display().to_string();
            move |error| OpenError::Io { path, error }
        };
        make_private(folder).map_err(at(folder))?;
        let path = folder.join(LOCK_FILE);
        let opened = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let (lock, access) = match opened {
            Ok(lock) => (lock, Access::Write),
            Err(error) => match (Access::after(&error), File::open(&path)) {
                (Some(access), Ok(lock)) => (lock, access),
                _ => return Err(at(&path)(error)),
            },
        };
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::InUse {
                    folder: folder.display().to_string(),
                });
            }
            Err(TryLockError::Error(error)) => return Err(at(&path)(error)),
        }
        Ok(Self {
            file: folder.join(DATABASE_FILE),
            access,
            _lock: lock,
        })
    }

    fn failed(&self) -> impl Fn(rusqlite::Error) -> OpenError + '_ {
        |e| OpenError::Database {
            folder: self
                .file
                .parent()
                .unwrap_or(&self.file)
                .display()
                .to_string(),
            reason: in_words(&e),
        }
    }

    fn connect(&self, options: &Options, flags: OpenFlags) -> rusqlite::Result<Connection> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let (file, flags) = match self.unchanging() {
            Some(uri) => (
                uri,
                OpenFlags::SQLITE_OPEN_READ_ONLY
                    | OpenFlags::SQLITE_OPEN_NO_MUTEX
                    | OpenFlags::SQLITE_OPEN_URI,
            ),
            None => (self.file.clone(), flags | OpenFlags::SQLITE_OPEN_READ_WRITE),
        };
        let connection = match &options.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(&file, flags, vfs.as_str()),
            None => Connection::open_with_flags(&file, flags),
        }?;
        connection.busy_timeout(Duration::from_secs(1))?;
        connection.set_prepared_statement_cache_capacity(128);
        Ok(connection)
    }

    /// How SQLite opens a database in a folder where nobody can write: without the shared memory that it makes beside
    /// it. None where somebody can, and where a write-ahead log waits to be carried over: such a database can be read
    /// only with the shared memory that a server left there.
    fn unchanging(&self) -> Option<PathBuf> {
        let log = self.file.with_extension("sqlite-wal");
        let waits = fs::metadata(log).is_ok_and(|log| log.len() > 0);
        if self.access != Access::Frozen || waits {
            return None;
        }
        let path = fs::canonicalize(&self.file).ok()?;
        let mut uri = String::from("file:");
        for c in path.to_str()?.chars() {
            match c {
                '%' => uri.push_str("%25"),
                '?' => uri.push_str("%3f"),
                '#' => uri.push_str("%23"),
                c => uri.push(c),
            }
        }
        uri.push_str("?immutable=1");
        Some(uri.into())
    }

    /// The connection that writes; makes the database where it is missing and brings it up to date.
    pub fn writer(&self, options: &Options) -> Result<Connection, OpenError> {
        let connection = self
            .connect(options, OpenFlags::SQLITE_OPEN_CREATE)
            .map_err(self.failed())?;
        let synchronous = match options.synchronous {
            Synchronous::Full => "FULL",
            Synchronous::Off => "OFF",
        };
        // The write-ahead log is carried over by the writer itself, after it has answered; a file that grew large in
        // a busy hour is cut back to 64 MiB. What is deleted is overwritten, so that a copied file does not have it.
        let prepare = format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON;
             PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864;
             PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF;
             PRAGMA secure_delete = ON;"
        );
        connection.execute_batch(&prepare).map_err(self.failed())?;
        migrations::migrate(&connection, &self.file, migrations::STEPS)?;
        if self.access == Access::Write {
            self.sync_folder()?;
        }
        Ok(connection)
    }

    /// A connection that reads.
    pub fn reader(&self, options: &Options) -> Result<Connection, OpenError> {
        let connection = self
            .connect(options, OpenFlags::empty())
            .map_err(self.failed())?;
        connection
            .execute_batch(
                "PRAGMA query_only = ON; PRAGMA cache_size = -4096; PRAGMA temp_store = MEMORY;
                 PRAGMA trusted_schema = OFF;",
            )
            .map_err(self.failed())?;
        Ok(connection)
    }

    /// Makes the names of new files durable: SQLite does that for its logs, not for the database itself.
    fn sync_folder(&self) -> Result<(), OpenError> {
        let Some(folder) = self.file.parent() else {
            return Ok(());
        };
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| OpenError::Io {
                path: folder.display().to_string(),
                error,
            })
    }
}

/// Makes a folder that only its owner can enter; one that is there stays as it is.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
