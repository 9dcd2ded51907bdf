//! The rules of [`crate::vault::apply`], on an adapter's rows.

use std::sync::Arc;

use protocol::{
    Bytes, MemberId,
    limits::{RECORD_BYTES_MAX, RECORD_ID_MAX, RECORDS_PER_WRITE_MAX},
    methods::vault::{HeadPut, RecordDelete, RecordPut, VaultWrite, kind},
};

use super::{
    Fixture, conversation, done, founded, hash, member, seen,
    vaults::{name, record},
};
use crate::{
    Storage,
    conversations::PendingWelcome,
    vault::{HEAD_BYTES_MAX, NUMBER_MAX, StoredHead, VaultRefusal, apply},
    write,
};

fn put(kind: u8, id: &[u8], expected: u64, version: u64) -> RecordPut {
    RecordPut {
        name: name(kind, id),
        expected,
        version,
        bytes: Bytes::from(format!("{kind} {version}").into_bytes()),
    }
}

fn delete(kind: u8, id: &[u8], expected: u64) -> RecordDelete {
    RecordDelete {
        name: name(kind, id),
        expected,
    }
}

fn head(expected: u64) -> Option<HeadPut> {
    let bytes = Bytes::from(vec![expected as u8; 183]);
    Some(HeadPut { expected, bytes })
}

fn puts(head: Option<HeadPut>, puts: &[RecordPut]) -> VaultWrite {
    VaultWrite {
        head,
        puts: puts.to_vec(),
        ..VaultWrite::default()
    }
}

const ME: MemberId = MemberId([1; 16]);

async fn applied(storage: &Arc<dyn Storage>, vault_write: VaultWrite) -> Result<u64, VaultRefusal> {
    write(&**storage, move |unit| apply(unit, ME, &vault_write)).await
}

async fn version(storage: &Arc<dyn Storage>, kind: u8, id: &'static [u8]) -> u64 {
    seen(storage, move |r| r.record_version(ME, &name(kind, id))).await
}

const fn conflict(head: u64) -> Result<u64, VaultRefusal> {
    Err(VaultRefusal::Conflict { head })
}

/// A record moves from its standing version to the next, and from nowhere else.
pub async fn writes_are_compared_and_swapped(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let settings = |expected, version| puts(None, &[put(kind::SETTINGS, b"", expected, version)]);
    assert_eq!(applied(&storage, settings(0, 1)).await, Ok(0));
    assert_eq!(applied(&storage, settings(0, 1)).await, conflict(0));
    assert_eq!(applied(&storage, settings(2, 3)).await, conflict(0));
    assert_eq!(applied(&storage, settings(1, 2)).await, Ok(0));
    assert_eq!(version(&storage, kind::SETTINGS, b"").await, 2);
    for (expected, version) in [
        (2, 2),
        (2, 4),
        (2, 1),
        (0, 0),
        (u64::MAX, 0),
        (NUMBER_MAX, NUMBER_MAX + 1),
    ] {
        let outcome = applied(&storage, settings(expected, version)).await;
        assert!(
            matches!(outcome, Err(VaultRefusal::Invalid(_))),
            "{expected} → {version}"
        );
    }
    let stored = seen(&storage, |r| r.record(ME, &name(kind::SETTINGS, b""))).await;
    assert_eq!(stored, Some(record(kind::SETTINGS, b"", 2, b"8 2")));
    // that of a new key package is the number of its suite
    let package = |before, expected, version| {
        let put = put(kind::KEY_PACKAGE, b"k", expected, version);
        applied(&storage, puts(head(before), &[put]))
    };
    assert_eq!(package(0, 0, 7).await, Ok(1));
    assert_eq!(version(&storage, kind::KEY_PACKAGE, b"k").await, 7);
    assert_eq!(package(1, 0, 8).await, conflict(1));
    let skipped = package(1, 7, 9).await;
    assert!(matches!(skipped, Err(VaultRefusal::Invalid(_))));
}

/// An MLS state's version is its epoch: any later one is taken, the same or an older one is not and is no error,
/// unless a head vouches for it.
pub async fn states_only_move_forward(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let state = |epoch| put(kind::MLS_STATE, b"c", 0, epoch);
    assert_eq!(applied(&storage, puts(head(0), &[state(4)])).await, Ok(1));
    assert_eq!(
        applied(&storage, puts(head(1), &[state(9)])).await,
        Ok(2),
        "epochs may be skipped"
    );
    for epoch in [9, 8, 1] {
        let other_bytes = RecordPut {
            bytes: Bytes::from_static(b"other"),
            ..state(epoch)
        };
        let alone = puts(
            None,
            &[
                other_bytes.clone(),
                put(
                    kind::CURSOR,
                    b"c",
                    epoch_cursor(epoch),
                    epoch_cursor(epoch) + 1,
                ),
            ],
        );
        assert_eq!(
            applied(&storage, alone).await,
            Ok(2),
            "no error, and the rest is written"
        );
        assert_eq!(
            applied(&storage, puts(head(2), &[other_bytes])).await,
            conflict(2)
        );
    }
    assert_eq!(version(&storage, kind::CURSOR, b"c").await, 3);
    let stored = seen(&storage, |r| r.record(ME, &name(kind::MLS_STATE, b"c"))).await;
    assert_eq!(stored, Some(record(kind::MLS_STATE, b"c", 9, b"5 9")));
    let zero = applied(&storage, puts(head(2), &[state(0)])).await;
    assert!(matches!(zero, Err(VaultRefusal::Invalid(_))));
}

/// Version of the cursor that stands when that epoch is tried.
fn epoch_cursor(epoch: u64) -> u64 {
    match epoch {
        9 => 0,
        8 => 1,
        _ => 2,
    }
}

/// Covered kinds need a head, of the next number; others do not, and unknown kinds below 128 count as covered.
pub async fn a_head_is_needed_and_counted(fixture: &dyn Fixture) {
    let storage = fixture.open();
    for covered in (1..=7).chain([kind::TIMED_SECRET, 12, 127]) {
        let outcome = applied(&storage, puts(None, &[put(covered, b"a", 0, 1)])).await;
        assert!(
            matches!(outcome, Err(VaultRefusal::Invalid(_))),
            "kind {covered}"
        );
    }
    for free in [kind::SETTINGS, kind::DRAFT, kind::CURSOR, 128, 255] {
        assert_eq!(
            applied(&storage, puts(None, &[put(free, b"a", 0, 1)])).await,
            Ok(0)
        );
    }
    assert_eq!(
        applied(&storage, puts(head(1), &[put(kind::PIN, b"a", 0, 1)])).await,
        conflict(0)
    );
    assert_eq!(
        applied(&storage, puts(head(0), &[put(kind::PIN, b"a", 0, 1)])).await,
        Ok(1)
    );
    assert_eq!(
        applied(&storage, puts(head(0), &[put(kind::PIN, b"b", 0, 1)])).await,
        conflict(1)
    );
    assert_eq!(
        applied(&storage, puts(head(1), &[])).await,
        Ok(2),
        "a head alone"
    );
    assert_eq!(applied(&storage, puts(None, &[])).await, Ok(2));
    let stored = seen(&storage, |r| r.vault_head(ME)).await;
    assert_eq!(
        stored,
        Some(StoredHead {
            number: 2,
            bytes: head(1).unwrap().bytes
        })
    );
    let without = VaultWrite {
        deletes: vec![delete(kind::PIN, b"a", 1)],
        ..VaultWrite::default()
    };
    assert!(matches!(
        applied(&storage, without).await,
        Err(VaultRefusal::Invalid(_))
    ));
}

/// A deletion names the version that stands.
pub async fn deletes_are_compared(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let deletes = |deletes: &[RecordDelete]| VaultWrite {
        deletes: deletes.to_vec(),
        ..VaultWrite::default()
    };
    let draft = puts(None, &[put(kind::DRAFT, b"a", 0, 1)]);
    assert_eq!(applied(&storage, draft.clone()).await, Ok(0));
    assert_eq!(
        applied(&storage, deletes(&[delete(kind::DRAFT, b"a", 2)])).await,
        conflict(0)
    );
    assert_eq!(
        applied(&storage, deletes(&[delete(kind::DRAFT, b"b", 1)])).await,
        conflict(0)
    );
    let zero = applied(&storage, deletes(&[delete(kind::DRAFT, b"b", 0)])).await;
    assert!(matches!(zero, Err(VaultRefusal::Invalid(_))));
    assert_eq!(
        applied(&storage, deletes(&[delete(kind::DRAFT, b"a", 1)])).await,
        Ok(0)
    );
    assert_eq!(version(&storage, kind::DRAFT, b"a").await, 0);
    assert_eq!(
        applied(&storage, draft).await,
        Ok(0),
        "made anew from version 1"
    );
    let state = puts(head(0), &[put(kind::MLS_STATE, b"c", 0, 5)]);
    assert_eq!(applied(&storage, state).await, Ok(1));
    let old = VaultWrite {
        head: head(1),
        deletes: vec![delete(kind::MLS_STATE, b"c", 4)],
        ..VaultWrite::default()
    };
    assert_eq!(applied(&storage, old).await, conflict(1), "also of states");
}

/// One part that does not fit refuses the whole write, whichever part it is.
pub async fn a_refused_write_changes_nothing(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let standing = puts(
        head(0),
        &[put(kind::PIN, b"a", 0, 1), put(kind::PIN, b"b", 0, 1)],
    );
    assert_eq!(applied(&storage, standing).await, Ok(1));
    let before = seen(&storage, |r| Ok((r.vault_manifest(ME)?, r.vault_head(ME)?))).await;
    let good = VaultWrite {
        head: head(1),
        puts: vec![put(kind::PIN, b"a", 1, 2), put(kind::MLS_STATE, b"c", 0, 3)],
        deletes: vec![delete(kind::PIN, b"b", 1)],
        joined: vec![conversation(1)],
    };
    let with = |change: fn(&mut VaultWrite)| {
        let mut bad = good.clone();
        change(&mut bad);
        bad
    };
    for bad in [
        with(|w| w.head = head(0)),
        with(|w| w.head = None),
        with(|w| w.puts.push(put(kind::CURSOR, b"c", 1, 2))),
        with(|w| w.puts[0] = put(kind::PIN, b"a", 2, 3)),
        with(|w| w.deletes.push(delete(kind::DRAFT, b"none", 1))),
        with(|w| w.deletes.push(delete(kind::PIN, b"a", 1))),
    ] {
        assert!(applied(&storage, bad.clone()).await.is_err(), "{bad:?}");
        let after = seen(&storage, |r| Ok((r.vault_manifest(ME)?, r.vault_head(ME)?))).await;
        assert_eq!(after, before, "{bad:?}");
    }
    assert_eq!(applied(&storage, good).await, Ok(2));
    assert_eq!(version(&storage, kind::MLS_STATE, b"c").await, 3);
    assert_eq!(version(&storage, kind::PIN, b"b").await, 0);
}

/// `joined` drops the Welcome of that member in that conversation alone.
pub async fn joining_drops_the_welcome(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        for of in [1, 2] {
            unit.insert_conversation(&founded(of))?;
            for who in [1, 2] {
                let welcome = PendingWelcome {
                    member: member(who),
                    key_package: hash(1),
                    welcome: Bytes::from_static(b"welcome"),
                    epoch: 1,
                    seq: 1,
                    transcript: hash(1),
                };
                unit.put_welcome(conversation(of), &welcome)?;
            }
        }
        Ok(())
    })
    .await;
    let mut join = puts(head(0), &[put(kind::MLS_STATE, b"c", 0, 1)]);
    join.joined = vec![conversation(1), conversation(9)];
    assert_eq!(applied(&storage, join).await, Ok(1));
    for (of, who, there) in [(1, 1, false), (1, 2, true), (2, 1, true), (2, 2, true)] {
        let found = seen(&storage, move |r| r.welcome(conversation(of), member(who))).await;
        assert_eq!(found.is_some(), there, "conversation {of}, member {who}");
    }
}

/// What no vault can hold is refused before anything is looked at.
pub async fn malformed_writes_are_refused(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let draft = put(kind::DRAFT, b"a", 0, 1);
    let twice_deleted = VaultWrite {
        puts: vec![draft.clone()],
        deletes: vec![delete(kind::DRAFT, b"a", 1)],
        ..VaultWrite::default()
    };
    let empty_head = HeadPut {
        expected: 0,
        bytes: Bytes::new(),
    };
    let far_head = HeadPut {
        expected: NUMBER_MAX,
        bytes: Bytes::from_static(b"head"),
    };
    for bad in [
        puts(None, &[draft.clone(), draft]),
        twice_deleted,
        puts(None, &[put(0, b"a", 0, 1)]),
        puts(Some(empty_head), &[]),
        puts(Some(far_head), &[]),
        puts(head(0), &[put(kind::MLS_STATE, b"a", 0, u64::MAX)]),
    ] {
        let outcome = applied(&storage, bad.clone()).await;
        assert!(
            matches!(outcome, Err(VaultRefusal::Invalid(_))),
            "{bad:?}: {outcome:?}"
        );
    }
    assert_eq!(seen(&storage, |r| r.record_count(ME)).await, 0);
}

/// Limits hold to the byte.
pub async fn large_writes_are_refused(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let sized = |id: usize, bytes: usize| RecordPut {
        name: name(kind::DRAFT, &vec![1; id]),
        expected: 0,
        version: 1,
        bytes: Bytes::from(vec![0; bytes]),
    };
    let many = |count: usize| -> Vec<RecordPut> {
        (0..count)
            .map(|n| put(kind::CURSOR, &n.to_be_bytes(), 0, 1))
            .collect()
    };
    let big_head = |size| HeadPut {
        expected: 0,
        bytes: Bytes::from(vec![0; size]),
    };
    for bad in [
        puts(None, &[sized(RECORD_ID_MAX + 1, 1)]),
        puts(None, &[sized(1, RECORD_BYTES_MAX + 1)]),
        puts(None, &many(RECORDS_PER_WRITE_MAX + 1)),
        puts(Some(big_head(HEAD_BYTES_MAX + 1)), &[]),
    ] {
        assert!(matches!(
            applied(&storage, bad).await,
            Err(VaultRefusal::TooLarge(_))
        ));
    }
    assert_eq!(seen(&storage, |r| r.record_count(ME)).await, 0);
    assert_eq!(
        applied(
            &storage,
            puts(None, &[sized(RECORD_ID_MAX, RECORD_BYTES_MAX)])
        )
        .await,
        Ok(0)
    );
    assert_eq!(
        applied(&storage, puts(None, &many(RECORDS_PER_WRITE_MAX))).await,
        Ok(0)
    );
    assert_eq!(
        applied(&storage, puts(Some(big_head(HEAD_BYTES_MAX)), &[])).await,
        Ok(1)
    );
}
