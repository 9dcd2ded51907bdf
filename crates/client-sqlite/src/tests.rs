//! The store in memory: what it does natively and in browsers alike.

use ambient::SystemRandom;

use super::*;
use crate::schema::{KEPT, Step, prepare_as};

fn sealed() -> Values {
    Values::Sealed {
        cipher: LocalCipher::new(&[7; 32]),
        rng: ambient::generator(&SystemRandom),
    }
}

fn open(values: Values) -> Database {
    Database::open(Connection::open_in_memory().unwrap(), values).unwrap()
}

#[test]
fn keeps_the_contract_with_sealed_and_with_plain_values() {
    client::store::contract::run(&mut open(sealed()));
    client::store::contract::run(&mut open(Values::Plain));
}

#[test]
fn sealed_values_are_not_there_in_clear_and_plain_ones_are() {
    let on_disk = |values| {
        let mut store = open(values);
        let mut batch = Batch::default();
        batch.put(Space::Own, "name", b"value".to_vec());
        store.commit(batch).unwrap();
        let read = |row: &rusqlite::Row<'_>| row.get::<_, Vec<u8>>(0);
        let sql = "SELECT value FROM entries";
        store.connection().query_row(sql, [], read).unwrap()
    };
    assert_eq!(on_disk(Values::Plain), b"value");
    assert!(!on_disk(sealed()).windows(5).any(|part| part == b"value"));
}

/// A store of version 1 with one value in every space, as its connection.
fn version_1() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    prepare_as(&connection, &Values::Plain, 1, &[]).unwrap();
    for space in Space::ALL {
        connection
            .execute(
                "INSERT INTO entries VALUES (?1, x'01', x'02')",
                [*space as u8],
            )
            .unwrap();
    }
    connection
}

fn left(connection: &Connection) -> Vec<u8> {
    let mut query = connection
        .prepare("SELECT space FROM entries ORDER BY space")
        .unwrap();
    let spaces = query.query_map([], |row| row.get(0)).unwrap();
    spaces.map(Result::unwrap).collect()
}

fn version(connection: &Connection) -> i64 {
    connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap()
}

#[test]
fn an_upgrade_keeps_what_only_this_device_has() {
    let connection = version_1();
    let steps = [
        Step {
            from: 1,
            sql: "CREATE TABLE first (a INTEGER) STRICT;",
        },
        Step {
            from: 2,
            sql: "ALTER TABLE first RENAME TO second;",
        },
    ];
    prepare_as(&connection, &Values::Plain, 3, &steps).unwrap();
    let kept: Vec<u8> = KEPT.iter().map(|space| *space as u8).collect();
    assert_eq!(left(&connection), {
        let mut kept = kept;
        kept.sort_unstable();
        kept
    });
    assert_eq!(version(&connection), 3);
    assert!(connection.prepare("SELECT a FROM second").is_ok());
    // again: nothing to do
    prepare_as(&connection, &Values::Plain, 3, &steps).unwrap();
}

#[test]
fn an_upgrade_that_fails_changes_nothing() {
    let connection = version_1();
    let steps = [
        Step {
            from: 1,
            sql: "CREATE TABLE first (a INTEGER) STRICT;",
        },
        Step {
            from: 2,
            sql: "this is no SQL;",
        },
    ];
    assert!(prepare_as(&connection, &Values::Plain, 3, &steps).is_err());
    assert_eq!(version(&connection), 1);
    assert_eq!(left(&connection).len(), Space::ALL.len());
    assert!(connection.prepare("SELECT a FROM first").is_err());
    // nor one that leads nowhere
    assert!(prepare_as(&connection, &Values::Plain, 3, &steps[..1]).is_err());
    assert_eq!(version(&connection), 1);
    assert_eq!(left(&connection).len(), Space::ALL.len());
}

#[test]
fn a_newer_store_is_left_alone() {
    let connection = version_1();
    connection
        .pragma_update(None, "user_version", SCHEMA + 1)
        .unwrap();
    let refused = prepare_as(&connection, &Values::Plain, SCHEMA, &[]);
    assert_eq!(refused, Err(StoreError::Newer));
    assert_eq!(left(&connection).len(), Space::ALL.len());
}
