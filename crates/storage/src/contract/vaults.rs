//! Vault rows.

use protocol::{
    Bytes, Hash32,
    methods::vault::{Record, RecordName},
};

use super::{Fixture, done, member, seen};
use crate::vault::StoredHead;

pub(super) fn name(kind: u8, id: &[u8]) -> RecordName {
    RecordName {
        kind,
        id: Bytes::copy_from_slice(id),
    }
}

pub(super) fn record(kind: u8, id: &[u8], version: u64, bytes: &[u8]) -> Record {
    Record {
        name: name(kind, id),
        version,
        bytes: Bytes::copy_from_slice(bytes),
    }
}

/// Records are written, replaced, deleted; ids may be empty.
pub async fn records_come_and_go(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.put_record(member(1), &record(1, b"", 1, b"first"))?;
        unit.put_record(member(1), &record(1, b"", 2, &[7; 300_000]))?;
        unit.put_record(member(1), &record(5, &[0; 64], 9, b""))
    })
    .await;
    let (wraps, state, none) = seen(&storage, |r| {
        Ok((
            r.record(member(1), &name(1, b""))?,
            r.record(member(1), &name(5, &[0; 64]))?,
            r.record(member(1), &name(5, b""))?,
        ))
    })
    .await;
    assert_eq!(wraps, Some(record(1, b"", 2, &[7; 300_000])));
    assert_eq!(state, Some(record(5, &[0; 64], 9, b"")));
    assert_eq!(none, None);
    done(&storage, |unit| {
        unit.delete_record(member(1), &name(1, b""))?;
        unit.delete_record(member(1), &name(1, b""))
    })
    .await;
    let left = seen(&storage, |r| {
        Ok((
            r.record_version(member(1), &name(1, b""))?,
            r.record_version(member(1), &name(5, &[0; 64]))?,
            r.record_count(member(1))?,
        ))
    });
    assert_eq!(left.await, (0, 9, 1));
}

/// The manifest lists names, versions and SHA-256 hashes in order of (kind, id), as bytes.
pub async fn a_manifest_lists_in_order(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        for (kind, id) in [
            (9, &b"b"[..]),
            (5, b"b"),
            (200, b""),
            (5, b"\xff"),
            (5, b"ba"),
            (5, b""),
            (9, b"a"),
        ] {
            unit.put_record(member(1), &record(kind, id, 3, b"abc"))?;
        }
        unit.put_record(member(1), &record(5, b"b", 4, b""))
    })
    .await;
    let manifest = seen(&storage, |r| r.vault_manifest(member(1))).await;
    let names: Vec<_> = manifest
        .iter()
        .map(|line| (line.name.kind, &line.name.id[..]))
        .collect();
    let expected: [(u8, &[u8]); 7] = [
        (5, b""),
        (5, b"b"),
        (5, b"ba"),
        (5, b"\xff"),
        (9, b"a"),
        (9, b"b"),
        (200, b""),
    ];
    assert_eq!(names, expected);
    let hex = |hash: Hash32| hash.to_string();
    // SHA-256 of "abc" and of nothing (FIPS 180-4 examples).
    assert_eq!(manifest[0].version, 3);
    assert_eq!(
        hex(manifest[0].hash),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(manifest[1].version, 4);
    assert_eq!(
        hex(manifest[1].hash),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

/// The newest head stands; those before it are kept.
pub async fn heads(fixture: &dyn Fixture) {
    let storage = fixture.open();
    assert_eq!(seen(&storage, |r| r.vault_head(member(1))).await, None);
    for number in 1..=3u64 {
        let bytes = Bytes::from(vec![number as u8; 183]);
        let head = StoredHead { number, bytes };
        let kept = head.clone();
        done(&storage, move |unit| unit.put_head(member(1), &kept)).await;
        assert_eq!(
            seen(&storage, |r| r.vault_head(member(1))).await,
            Some(head)
        );
    }
    let heads = |from, limit| {
        let found = seen(&storage, move |r| r.vault_heads(member(1), from, limit));
        async {
            found
                .await
                .into_iter()
                .map(|head| (head.number, head.bytes[0]))
        }
    };
    assert!(heads(0, 10).await.eq([(1, 1), (2, 2), (3, 3)]));
    assert!(heads(2, 1).await.eq([(2, 2)]));
    assert!(heads(4, 10).await.eq([]));
    assert!(heads(u64::MAX, 10).await.eq([]));
}

/// A member's vault is their own.
pub async fn vaults_are_apart(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        for n in [1, 2] {
            unit.put_record(member(n), &record(5, b"x", u64::from(n), &[n]))?;
            let bytes = Bytes::from(vec![n]);
            unit.put_head(
                member(n),
                &StoredHead {
                    number: n.into(),
                    bytes,
                },
            )?;
        }
        unit.delete_record(member(1), &name(5, b"x"))
    })
    .await;
    let theirs = seen(&storage, |r| {
        let number = r.vault_head(member(2))?.map(|head| head.number);
        Ok((
            r.record(member(2), &name(5, b"x"))?,
            number,
            r.vault_manifest(member(1))?,
            r.vault_heads(member(1), 0, 10)?.len(),
        ))
    });
    assert_eq!(
        theirs.await,
        (Some(record(5, b"x", 2, &[2])), Some(2), vec![], 1)
    );
}

/// All records go at once, of this member alone; what was signed over them stays.
pub async fn a_cleared_vault_keeps_its_heads(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let head = StoredHead {
        number: 1,
        bytes: Bytes::from_static(b"head"),
    };
    let kept = head.clone();
    done(&storage, move |unit| {
        unit.put_record(member(1), &record(1, b"", 1, b"wraps"))?;
        unit.put_record(member(1), &record(5, &[0; 64], 9, b"state"))?;
        unit.put_record(member(2), &record(1, b"", 1, b"of another"))?;
        unit.put_head(member(1), &kept)?;
        unit.clear_vault(member(1))?;
        unit.clear_vault(member(1))?;
        unit.put_record(member(1), &record(1, b"", 1, b"new"))
    })
    .await;
    let left = seen(&storage, |r| {
        Ok((
            r.record_count(member(1))?,
            r.record(member(1), &name(1, b""))?,
            r.vault_bytes(member(1))?,
            r.record_count(member(2))?,
            r.vault_head(member(1))?,
        ))
    });
    let new = Some(record(1, b"", 1, b"new"));
    assert_eq!(left.await, (1, new, 3, 1, Some(head)));
}
