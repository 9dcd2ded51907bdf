//! SQLite's errors, as the port knows them.

use rusqlite::{Error, ErrorCode, ffi};
use storage::{StorageError, unique};

/// Why a data folder could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process (or another part of this one) has the folder open.
    #[error(
        "the data folder {folder} is in use by another running server; stop that one first, or give this one a folder of its own"
    )]
    InUse {
        /// The folder.
        folder: String,
    },
    /// The database was written by a newer version.
    #[error(
        "the database was written by a newer version (its format is {found}, this version knows up to {known}); start the newer version again, or restore a backup made before the update"
    )]
    Newer {
        /// Version of its format.
        found: u32,
        /// The newest that this version knows.
        known: u32,
    },
    /// The file is a database, but not one of ours.
    #[error("{file} is not a ChaTalK database; give the server a folder of its own")]
    NotOurs {
        /// The file.
        file: String,
    },
    /// The folder or a file in it can't be used.
    #[error("{path}: {error}")]
    Io {
        /// Which.
        path: String,
        /// What the system says.
        error: std::io::Error,
    },
    /// SQLite can't open or prepare the database.
    #[error("the database in {folder} can't be opened: {reason}")]
    Database {
        /// The folder.
        folder: String,
        /// For a person.
        reason: String,
    },
}

/// Why nothing can be written to a database that could only be opened for reading.
pub(crate) const OPENED_READ_ONLY: &str = "the data folder was read-only when the server started (its disk is mounted read-only, or its files belong to another user); make it writable for the server's user, then start the server again";

/// What an error means for the database as a whole.
pub(crate) enum Trouble {
    /// This statement could not be done; others can.
    Here(StorageError),
    /// Writing is impossible at the moment, for this reason.
    Everywhere(String),
}

/// Sorts an error of a write.
pub(crate) fn of_write(error: &Error) -> Trouble {
    let Some(failure) = error.sqlite_error() else {
        return Trouble::Here(StorageError::Database(error.to_string()));
    };
    if let Some(reason) = standing_reason(*failure) {
        return Trouble::Everywhere(reason);
    }
    Trouble::Here(match conflict(error, failure.extended_code) {
        Some(what) => StorageError::Conflict { what },
        None => StorageError::Database(error.to_string()),
    })
}

/// An error of a read.
pub(crate) fn of_read(error: &Error) -> StorageError {
    StorageError::Database(error.to_string())
}

/// What a person can do about an error that every write meets; none for errors of one statement.
fn standing_reason(failure: ffi::Error) -> Option<String> {
    let reason = match failure.code {
        ErrorCode::DiskFull => {
            "the disk with the data folder is full; free some space on it, writing then goes on by itself"
        }
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            "the database file or its folder is read-only; make both writable for the server's user, writing then goes on by itself"
        }
        ErrorCode::DatabaseBusy
        | ErrorCode::DatabaseLocked
        | ErrorCode::FileLockingProtocolFailed => {
            "another program holds the database locked; close it, writing then goes on by itself"
        }
        ErrorCode::CannotOpen => {
            "files in the data folder can't be opened; check that the folder is there, belongs to the server's user, and that the system has file handles left"
        }
        ErrorCode::SystemIoFailure => {
            return Some(format!(
                "the disk with the data folder fails on writing, or the system has made it read-only because it fails (SQLite error {}); see the system's log, and have a backup at hand",
                failure.extended_code
            ));
        }
        _ => return None,
    };
    Some(reason.to_owned())
}

/// In words, for the errors of opening.
pub(crate) fn in_words(error: &Error) -> String {
    match error
        .sqlite_error()
        .map(|failure| (failure.code, standing_reason(*failure)))
    {
        Some((_, Some(reason))) => reason,
        Some((ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt, _)) => {
            format!("the file is damaged ({error}); restore a backup")
        }
        _ => error.to_string(),
    }
}

/// The unique rows by the column that SQLite names first in its message.
const UNIQUE: &[(&str, &str)] = &[
    ("accounts.member", unique::ACCOUNT),
    ("accounts.login_name", unique::LOGIN_NAME),
    ("accounts.skeleton", unique::SKELETON),
    ("devices.device", unique::DEVICE),
    ("invitations.invitation", unique::INVITATION),
    ("invitations.secret_hash", unique::INVITATION_SECRET),
    ("reset_links.secret_hash", unique::RESET_SECRET),
    ("key_packages.id", unique::KEY_PACKAGE),
    ("conversations.conversation", unique::CONVERSATION),
    ("conversations.direct_low", unique::DIRECT),
    ("members.conversation", unique::MEMBER),
    ("messages.conversation", unique::MESSAGE),
    ("commits.conversation", unique::COMMIT),
    ("entries.key", unique::SEQ),
];

fn conflict(error: &Error, extended_code: i32) -> Option<&'static str> {
    let unique = matches!(
        extended_code,
        ffi::SQLITE_CONSTRAINT_UNIQUE
            | ffi::SQLITE_CONSTRAINT_PRIMARYKEY
            | ffi::SQLITE_CONSTRAINT_ROWID
    );
    let Error::SqliteFailure(_, Some(message)) = error else {
        return None;
    };
    let columns = message.strip_prefix("UNIQUE constraint failed: ")?;
    let first = columns.split(',').next()?;
    UNIQUE
        .iter()
        .find(|(column, _)| unique && *column == first)
        .map(|(_, what)| *what)
}
