//! The format of the database, and the way forward from every older one.

use std::{fs, path::Path};

use rusqlite::Connection;

use crate::error::{OpenError, in_words};

/// Marks a database file as ours (`PRAGMA application_id`): "ChTK".
const APPLICATION: i32 = 0x4368_544b;

/// The steps, in order; a database with `user_version` n has taken the first n.
pub(crate) const STEPS: &[&str] = &[
    include_str!("../migrations/0001_initial.sql"),
    include_str!("../migrations/0002_sizes_and_spent.sql"),
    include_str!("../migrations/0003_departures.sql"),
    include_str!("../migrations/0004_recovery.sql"),
    include_str!("../migrations/0005_timed.sql"),
    include_str!("../migrations/0006_repairs.sql"),
    include_str!("../migrations/0007_replacement_links.sql"),
    include_str!("../migrations/0008_ways_back.sql"),
    include_str!("../migrations/0009_complaints.sql"),
    include_str!("../migrations/0010_suspended_and_closed.sql"),
    include_str!("../migrations/0011_approval.sql"),
];

/// Takes the steps that are missing. A database with content is copied beside itself first.
pub(crate) fn migrate(
    connection: &Connection,
    file: &Path,
    steps: &[&str],
) -> Result<(), OpenError> {
    let wrap = |e: rusqlite::Error| OpenError::Database {
        folder: file.parent().unwrap_or(file).display().to_string(),
        reason: in_words(&e),
    };
    let known = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    let found = version(connection, file)?;
    if found > known {
        return Err(OpenError::Newer { found, known });
    }
    if found == known {
        return Ok(());
    }
    if found > 0 {
        keep_copy(connection, file, found)?;
    }
    for (step, number) in steps.iter().zip(1u32..).skip(found as usize) {
        let sql = format!(
            "BEGIN IMMEDIATE; {step}; PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {number}; COMMIT;"
        );
        if let Err(e) = connection.execute_batch(&sql) {
            // When that fails too, nothing of the step is in the database all the same.
            let _ = connection.execute_batch("ROLLBACK");
            return Err(wrap(e));
        }
        tracing::info!(number, "database migrated");
    }
    Ok(())
}

/// The steps a database has taken. Refuses files that are not ours.
fn version(connection: &Connection, file: &Path) -> Result<u32, OpenError> {
    let read = || -> rusqlite::Result<(i32, u32, bool)> {
        let number = |sql: &str| connection.query_row(sql, [], |row| row.get(0));
        let application = connection.query_row("PRAGMA application_id", [], |row| row.get(0))?;
        let tables: u32 = number("SELECT count(*) FROM sqlite_schema")?;
        Ok((application, number("PRAGMA user_version")?, tables == 0))
    };
    match read() {
        Ok((APPLICATION, version, _)) => Ok(version),
        Ok((0, 0, true)) => Ok(0),
        Ok(_) => Err(OpenError::NotOurs {
            file: file.display().to_string(),
        }),
        Err(e) => Err(OpenError::Database {
            folder: file.parent().unwrap_or(file).display().to_string(),
            reason: in_words(&e),
        }),
    }
}

/// Copies the database to `NAME.before-update-from-N`, whole or not at all.
fn keep_copy(connection: &Connection, file: &Path, found: u32) -> Result<(), OpenError> {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".before-update-from-{found}"));
    let copy = Path::new(&name).to_owned();
    name.push(".part");
    let part = Path::new(&name).to_owned();
    let io = |error| OpenError::Io {
        path: copy.display().to_string(),
        error,
    };
    match fs::remove_file(&part) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(io(e)),
        _ => {}
    }
    connection
        .execute("VACUUM INTO ?1", [part.display().to_string()])
        .map_err(|e| OpenError::Database {
            folder: file.parent().unwrap_or(file).display().to_string(),
            reason: format!("no copy could be made before the update: {}", in_words(&e)),
        })?;
    fs::File::open(&part)
        .and_then(|f| f.sync_all())
        .and_then(|()| fs::rename(&part, &copy))
        .map_err(io)?;
    tracing::info!(copy = %copy.display(), "kept a copy of the database before its update");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(file: &Path) -> Connection {
        Connection::open(file).unwrap()
    }

    const FIRST: &str = "CREATE TABLE a (x INTEGER) STRICT; INSERT INTO a VALUES (7)";
    const SECOND: &str = "ALTER TABLE a ADD COLUMN y INTEGER; UPDATE a SET y = x + 1";

    #[test]
    fn a_database_with_content_is_copied_and_moved_forward() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("db.sqlite");
        migrate(&open(&file), &file, &[FIRST]).unwrap();
        let copy = folder.path().join("db.sqlite.before-update-from-1");
        assert!(!copy.exists(), "a new database needs no copy");
        migrate(&open(&file), &file, &[FIRST, SECOND]).unwrap();
        let y: i64 = open(&file)
            .query_row("SELECT y FROM a", [], |row| row.get(0))
            .unwrap();
        assert_eq!(y, 8);
        let old = open(&copy);
        assert_eq!(version(&old, &copy).unwrap(), 1);
        let x: i64 = old
            .query_row("SELECT x FROM a", [], |row| row.get(0))
            .unwrap();
        assert_eq!(x, 7);
    }

    #[test]
    fn a_step_that_fails_leaves_the_database_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("db.sqlite");
        migrate(&open(&file), &file, &[FIRST]).unwrap();
        let broken = "CREATE TABLE b (x INTEGER); INSERT INTO nowhere VALUES (1)";
        assert!(migrate(&open(&file), &file, &[FIRST, broken]).is_err());
        let after = open(&file);
        assert_eq!(version(&after, &file).unwrap(), 1);
        assert!(after.prepare("SELECT * FROM b").is_err());
        migrate(&after, &file, &[FIRST, SECOND]).unwrap();
    }

    #[test]
    fn newer_and_foreign_databases_are_refused_in_words() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("db.sqlite");
        migrate(&open(&file), &file, &[FIRST, SECOND]).unwrap();
        let newer = migrate(&open(&file), &file, &[FIRST]).unwrap_err();
        assert!(matches!(newer, OpenError::Newer { found: 2, known: 1 }));
        assert!(newer.to_string().contains("newer version"));

        let foreign = folder.path().join("other.sqlite");
        open(&foreign).execute_batch(FIRST).unwrap();
        let error = migrate(&open(&foreign), &foreign, &[FIRST]).unwrap_err();
        assert!(matches!(error, OpenError::NotOurs { .. }));
    }
}
