//! Key packages on offer.

use protocol::Bytes;

use super::{Fixture, account, conflict, done, hash, member, seen};
use crate::{StorageError, accounts::KeyPackage, unique, write};

const NOW: u64 = 1_790_000_000_000;
const DAY: u64 = 24 * 60 * 60 * 1000;

fn package(n: u8, last_resort: bool) -> KeyPackage {
    KeyPackage {
        id: hash(n),
        package: Bytes::from(vec![n; 2668]),
        last_resort,
        issued_at: NOW,
    }
}

/// Key packages are given oldest first, each once.
pub async fn key_packages_in_order(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_account(&account(2, "bob", "Bob"))?;
        unit.insert_key_package(member(2), &package(50, false))?;
        [9, 3, 7]
            .into_iter()
            .try_for_each(|n| unit.insert_key_package(member(1), &package(n, false)))
    })
    .await;
    assert_eq!(
        seen(&storage, |r| r.key_packages_left(member(1), NOW)).await,
        3
    );
    for n in [9, 3] {
        let claimed = done(&storage, |unit| unit.claim_key_package(member(1), NOW)).await;
        assert_eq!(claimed, Some(package(n, false)));
    }
    let undone: Result<(), StorageError> = write(&*storage, |unit| {
        assert_eq!(
            unit.claim_key_package(member(1), NOW)?,
            Some(package(7, false))
        );
        Err(StorageError::Database("changed my mind".into()))
    })
    .await;
    assert!(undone.is_err());
    done(&storage, |unit| {
        unit.insert_key_package(member(1), &package(1, false))
    })
    .await;
    let rest = done(&storage, |unit| {
        let mut rest = Vec::new();
        while let Some(package) = unit.claim_key_package(member(1), NOW)? {
            rest.push(package);
        }
        Ok(rest)
    });
    assert_eq!(rest.await, [package(7, false), package(1, false)]);
    assert_eq!(
        seen(&storage, |r| r.key_packages_left(member(1), NOW)).await,
        0
    );
    assert_eq!(
        seen(&storage, |r| r.key_packages_left(member(2), NOW)).await,
        1
    );
}

/// The last-resort package comes when no other is left, again and again, and is replaced by a newer one.
pub async fn a_last_resort_stays(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_key_package(member(1), &package(1, true))?;
        unit.insert_key_package(member(1), &package(2, false))
    })
    .await;
    assert_eq!(
        seen(&storage, |r| r.key_packages_left(member(1), NOW)).await,
        1,
        "not counted"
    );
    let has = |of| seen(&storage, move |r| r.has_key_package(member(of), NOW));
    assert!(!has(2).await, "of nobody");
    for expected in [package(2, false), package(1, true), package(1, true)] {
        assert!(has(1).await);
        let claimed = done(&storage, |unit| unit.claim_key_package(member(1), NOW)).await;
        assert_eq!(claimed, Some(expected));
    }
    done(&storage, |unit| {
        unit.insert_key_package(member(1), &package(3, true))
    })
    .await;
    for _ in 0..2 {
        let claimed = done(&storage, |unit| unit.claim_key_package(member(1), NOW)).await;
        assert_eq!(claimed, Some(package(3, true)));
    }
}

/// What is too old, or dated ahead, is neither counted nor given, not even as a last resort; dropped ones don't come back.
pub async fn stale_key_packages_are_not_served(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let dated = |n, last_resort, issued_at| KeyPackage {
        issued_at,
        ..package(n, last_resort)
    };
    done(&storage, move |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_account(&account(2, "bob", "Bob"))?;
        unit.insert_key_package(member(1), &dated(1, false, NOW - 80 * DAY - 1))?;
        unit.insert_key_package(member(1), &dated(2, false, NOW + DAY + 1))?;
        unit.insert_key_package(member(1), &dated(3, false, NOW - 80 * DAY))?;
        unit.insert_key_package(member(1), &dated(4, false, NOW + DAY))?;
        unit.insert_key_package(member(1), &dated(5, true, NOW - 79 * DAY))?;
        unit.insert_key_package(member(2), &dated(6, false, NOW - 81 * DAY))
    })
    .await;
    let left = |now| seen(&storage, move |r| r.key_packages_left(member(1), now));
    assert_eq!(left(NOW).await, 2);
    assert_eq!(left(NOW - DAY).await, 2, "1 and 3");
    for n in [3, 4, 5, 5] {
        let claimed = done(&storage, |unit| unit.claim_key_package(member(1), NOW)).await;
        assert_eq!(claimed.map(|package| package.id), Some(hash(n)));
    }
    let later = NOW + 2 * DAY;
    assert_eq!(left(later).await, 1, "2 by then");
    done(&storage, |unit| {
        unit.drop_stale_key_packages(member(1), NOW)
    })
    .await;
    assert_eq!((left(later).await, left(NOW - DAY).await), (0, 0));
    let has = |now| seen(&storage, move |r| r.has_key_package(member(1), now));
    assert_eq!((has(later).await, has(NOW).await), (false, true));
    let none = done(&storage, move |unit| {
        unit.claim_key_package(member(1), later)
    });
    assert_eq!(none.await, None, "the last resort is too old as well");
    let last = done(&storage, |unit| unit.claim_key_package(member(1), NOW)).await;
    assert_eq!(last.map(|package| package.id), Some(hash(5)));
    let others = seen(&storage, |r| r.key_packages_left(member(2), NOW - DAY)).await;
    assert_eq!(others, 1, "others' are not touched");
}

/// Withdrawn packages are gone, the last-resort one too; others' stay, and new ones are served.
pub async fn withdrawn_key_packages_are_gone(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_account(&account(2, "bob", "Bob"))?;
        unit.insert_key_package(member(1), &package(1, false))?;
        unit.insert_key_package(member(1), &package(2, true))?;
        unit.insert_key_package(member(2), &package(3, false))?;
        unit.withdraw_key_packages(member(1))
    })
    .await;
    let none = done(&storage, |unit| unit.claim_key_package(member(1), NOW)).await;
    assert_eq!(none, None);
    let left = |of| seen(&storage, move |r| r.key_packages_left(member(of), NOW));
    assert_eq!((left(1).await, left(2).await), (0, 1));
    for n in 1..=2 {
        let again = move |unit: &mut dyn crate::UnitOfWork| {
            unit.insert_key_package(member(1), &package(n, false))
        };
        assert_eq!(conflict(&storage, again).await, unique::KEY_PACKAGE);
    }
    done(&storage, |unit| {
        unit.withdraw_key_packages(member(1))?;
        unit.insert_key_package(member(1), &package(4, false))
    })
    .await;
    let new = done(&storage, |unit| unit.claim_key_package(member(1), NOW)).await;
    assert_eq!(new, Some(package(4, false)));
}

/// An id that was ever offered is never taken again, from anybody: neither used nor replaced nor on offer.
pub async fn key_packages_are_unique_for_ever(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_account(&account(2, "bob", "Bob"))?;
        unit.insert_key_package(member(1), &package(1, false))?;
        unit.insert_key_package(member(1), &package(2, true))?;
        unit.insert_key_package(member(1), &package(3, true))?;
        unit.insert_key_package(member(1), &package(4, false))?;
        unit.claim_key_package(member(1), NOW)
    })
    .await;
    for n in 1..=4 {
        for (of, last_resort) in [(1, false), (1, true), (2, false), (2, true)] {
            let unit = move |unit: &mut dyn crate::UnitOfWork| {
                unit.insert_key_package(member(of), &package(n, last_resort))
            };
            assert_eq!(conflict(&storage, unit).await, unique::KEY_PACKAGE);
        }
    }
    let next = done(&storage, |unit| unit.claim_key_package(member(1), NOW)).await;
    assert_eq!(next, Some(package(4, false)), "refusals changed nothing");
}
