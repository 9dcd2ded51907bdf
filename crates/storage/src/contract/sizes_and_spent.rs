//! What is counted of members: the bytes of their vaults, and which of their key packages were used.

use protocol::{
    Bytes, MemberId,
    methods::vault::{RecordDelete, RecordPut, VaultWrite, kind},
};

use super::{
    Fixture, account, conflict, done, hash, member, seen,
    vaults::{name, record},
};
use crate::{
    Reader, StorageError, UnitOfWork,
    accounts::KeyPackage,
    unique,
    vault::{VaultRefusal, apply_within},
    write,
};

const NOW: u64 = 1_790_000_000_000;

fn package(n: u8, last_resort: bool) -> KeyPackage {
    KeyPackage {
        id: hash(n),
        package: Bytes::from(vec![n; 2668]),
        last_resort,
        issued_at: NOW,
    }
}

fn offered(unit: &mut dyn UnitOfWork) -> Result<(), StorageError> {
    unit.insert_account(&account(1, "anna", "Anna"))?;
    unit.insert_account(&account(2, "bob", "Bob"))?;
    unit.insert_key_package(member(1), &package(1, false))?;
    unit.insert_key_package(member(1), &package(2, false))?;
    unit.insert_key_package(member(1), &package(3, true))
}

/// One that was made for one purpose is never on offer, and used once, by whom it is of; its id stays taken.
pub async fn a_noted_key_package_is_used_once(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        offered(unit)?;
        unit.note_key_package(member(1), hash(7))
    })
    .await;
    let left = seen(&storage, |r| r.key_packages_left(member(1), NOW));
    assert_eq!(left.await, 2, "as before");
    let spent = |of| {
        done(&storage, move |unit| {
            unit.spend_key_package(member(of), hash(7))
        })
    };
    assert!(!spent(2).await, "another member's");
    assert!(spent(1).await);
    assert!(!spent(1).await, "used");
    let what = conflict(&storage, |unit| unit.note_key_package(member(2), hash(7)));
    assert_eq!(what.await, unique::KEY_PACKAGE);
}

/// Used once, by whom it is of, after it was claimed; a unit that fails has not used it.
pub async fn a_claimed_key_package_is_used_once(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        offered(unit)?;
        unit.claim_key_package(member(1), NOW)
    })
    .await;
    let undone: Result<(), StorageError> = write(&*storage, |unit| {
        assert!(unit.spend_key_package(member(1), hash(1))?);
        assert!(!unit.spend_key_package(member(1), hash(1))?);
        Err(StorageError::Database("changed my mind".into()))
    })
    .await;
    assert!(undone.is_err());
    let spent = |of, n| {
        done(&storage, move |unit| {
            unit.spend_key_package(member(of), hash(n))
        })
    };
    assert!(!spent(2, 1).await, "another member's");
    assert!(!spent(1, 2).await, "on offer");
    assert!(!spent(1, 9).await, "unknown");
    assert!(spent(1, 1).await);
    assert!(!spent(1, 1).await, "used up");
    let next = done(&storage, |unit| unit.claim_key_package(member(1), NOW)).await;
    assert_eq!(next, Some(package(2, false)), "refusals changed nothing");
    assert!(spent(1, 2).await);
}

/// The last-resort one is used again and again, also after a newer one took its place.
pub async fn a_last_resort_is_used_again(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, offered).await;
    let spent = |of, n| {
        done(&storage, move |unit| {
            unit.spend_key_package(member(of), hash(n))
        })
    };
    assert!(spent(1, 3).await);
    assert!(spent(1, 3).await);
    assert!(!spent(2, 3).await);
    done(&storage, |unit| {
        unit.insert_key_package(member(1), &package(4, true))
    })
    .await;
    assert!(spent(1, 3).await);
    assert!(spent(1, 4).await);
}

async fn size(storage: &std::sync::Arc<dyn crate::Storage>, of: u8) -> u64 {
    seen(storage, move |r: &dyn Reader| r.vault_bytes(member(of))).await
}

/// Bytes are counted as records come, change and go.
pub async fn a_vault_knows_its_size(fixture: &dyn Fixture) {
    let storage = fixture.open();
    assert_eq!(size(&storage, 1).await, 0);
    done(&storage, |unit| {
        unit.put_record(member(1), &record(1, b"", 1, &[7; 1000]))?;
        unit.put_record(member(1), &record(5, b"a", 1, &[7; 300_000]))?;
        unit.put_record(member(2), &record(5, b"a", 1, &[7; 10]))?;
        unit.put_record(member(1), &record(5, b"b", 1, b""))
    })
    .await;
    assert_eq!(
        (size(&storage, 1).await, size(&storage, 2).await),
        (301_000, 10)
    );
    done(&storage, |unit| {
        unit.put_record(member(1), &record(5, b"a", 2, &[7; 4]))?;
        unit.put_record(member(1), &record(5, b"b", 2, &[7; 50]))?;
        unit.delete_record(member(1), &name(1, b""))?;
        unit.delete_record(member(1), &name(1, b""))
    })
    .await;
    assert_eq!((size(&storage, 1).await, size(&storage, 2).await), (54, 10));
    let undone: Result<(), StorageError> = write(&*storage, |unit| {
        unit.put_record(member(1), &record(5, b"c", 1, &[7; 50]))?;
        Err(StorageError::Database("changed my mind".into()))
    })
    .await;
    assert!(undone.is_err());
    assert_eq!(size(&storage, 1).await, 54);
}

/// A vault takes no more than it may; one that is full changes and shrinks, and others are not concerned.
pub async fn a_vault_grows_to_its_limit(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let put = |id: u8, version: u64, bytes: usize| RecordPut {
        name: name(kind::CURSOR, &[id]),
        expected: version - 1,
        version,
        bytes: Bytes::from(vec![id; bytes]),
    };
    let within = |of: MemberId, limit: u64, vault_write: VaultWrite| {
        write(&*storage, move |unit| {
            apply_within(unit, of, &vault_write, limit)
        })
    };
    let puts = |puts: Vec<RecordPut>| VaultWrite {
        puts,
        ..VaultWrite::default()
    };
    let full =
        |outcome: Result<u64, VaultRefusal>| matches!(outcome, Err(VaultRefusal::TooLarge(_)));
    let both = puts(vec![put(1, 1, 60), put(2, 1, 41)]);
    assert!(
        full(within(member(1), 100, both).await),
        "one more than it may"
    );
    assert_eq!(size(&storage, 1).await, 0, "nothing of it is there");
    let both = puts(vec![put(1, 1, 60), put(2, 1, 40)]);
    assert_eq!(within(member(1), 100, both).await, Ok(0));
    assert!(full(within(member(1), 100, puts(vec![put(3, 1, 1)])).await));
    assert!(full(
        within(member(1), 100, puts(vec![put(2, 2, 41)])).await
    ));
    assert_eq!(
        within(member(2), 100, puts(vec![put(3, 1, 100)])).await,
        Ok(0)
    );
    // It was filled when more was allowed.
    assert!(full(within(member(1), 50, puts(vec![put(2, 2, 41)])).await));
    assert_eq!(
        within(member(1), 50, puts(vec![put(2, 2, 40)])).await,
        Ok(0)
    );
    let delete = VaultWrite {
        deletes: vec![RecordDelete {
            name: name(kind::CURSOR, &[1]),
            expected: 1,
        }],
        ..VaultWrite::default()
    };
    assert_eq!(within(member(1), 50, delete).await, Ok(0));
    assert_eq!(
        within(member(1), 50, puts(vec![put(3, 1, 10)])).await,
        Ok(0)
    );
    assert_eq!(size(&storage, 1).await, 50);
}
