//! Accounts, certificates, devices, invitations, key packages.

use protocol::{Bytes, DeviceId, InvitationId, methods::account::OrganisationRole};

use super::{Fixture, account, conflict, device, done, hash, member, seen};
use crate::{
    StorageError,
    accounts::{Account, Invitation, KeyPackage},
    unique, write,
};

/// An account comes back as it was, by each of its names.
pub async fn accounts_are_kept(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let roles = [
        OrganisationRole::Admin,
        OrganisationRole::Member,
        OrganisationRole::Guest,
        OrganisationRole::Unknown,
    ];
    for (n, role) in (1u8..).zip(roles) {
        let anna = Account {
            role,
            stretching: protocol::methods::account::Stretching {
                memory_kib: u32::MAX,
                passes: 7,
                lanes: 2,
            },
            ..account(n, &format!("anna{n}"), "Ännå 🙂")
        };
        let kept = anna.clone();
        done(&storage, move |unit| unit.insert_account(&kept)).await;
        let (by_id, by_name, by_skeleton) = seen(&storage, move |r| {
            let name = format!("anna{n}");
            let skeleton = format!("skeleton of {name}");
            Ok((
                r.account(member(n))?,
                r.account_by_login_name(&name)?,
                r.member_by_skeleton(&skeleton)?,
            ))
        })
        .await;
        assert_eq!((by_id, by_skeleton), (Some(anna.clone()), Some(member(n))));
        assert_eq!(by_name, Some(anna));
        assert_eq!(seen(&storage, |r| r.account_count()).await, u64::from(n));
    }
    let nobody = seen(&storage, |r| {
        Ok((
            r.account(member(99))?,
            r.account_by_login_name("Anna1")?,
            r.member_by_skeleton("anna1")?,
        ))
    });
    assert_eq!(
        nobody.await,
        (None, None, None),
        "names are compared byte by byte"
    );
}

/// Member id, login name and skeleton are each unique.
pub async fn account_rows_are_unique(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))
    })
    .await;
    let cases = [
        (account(1, "other", "O"), unique::ACCOUNT),
        (
            Account {
                skeleton: "x".into(),
                ..account(2, "anna", "O")
            },
            unique::LOGIN_NAME,
        ),
        (
            Account {
                skeleton: "skeleton of anna".into(),
                ..account(2, "аnna", "O")
            },
            unique::SKELETON,
        ),
    ];
    for (again, expected) in cases {
        let what = conflict(&storage, move |unit| unit.insert_account(&again)).await;
        assert_eq!(what, expected);
    }
    assert_eq!(seen(&storage, |r| r.account_count()).await, 1);
    done(&storage, |unit| {
        unit.insert_account(&account(2, "bob", "Bob"))
    })
    .await;
    let renamed = Account {
        login_name: "anna".into(),
        ..account(2, "bob", "Bob")
    };
    let what = conflict(&storage, move |unit| unit.update_certificate(&renamed)).await;
    assert_eq!(what, unique::LOGIN_NAME);
}

/// A new certificate replaces the old one, which stays readable; names and generation move with it.
pub async fn certificates_of_all_generations(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let first = account(1, "anna", "Anna");
    let mut second = Account {
        login_name: "annika".into(),
        skeleton: "annika".into(),
        display_name: "Annika".into(),
        certificate: Bytes::from_static(b"second"),
        generation: 2,
        ..first.clone()
    };
    let kept = (first.clone(), second.clone());
    done(&storage, move |unit| {
        unit.insert_account(&kept.0)?;
        unit.update_certificate(&kept.1)?;
        unit.update_certificate(&kept.1) // the same again is nothing
    })
    .await;
    let (now, all) = seen(&storage, |r| {
        Ok((r.account(member(1))?, r.account_certificates(member(1))?))
    })
    .await;
    assert_eq!(now, Some(second.clone()));
    assert_eq!(all, [first.certificate.clone(), second.certificate.clone()]);
    assert!(
        seen(&storage, |r| r.account_certificates(member(2)))
            .await
            .is_empty()
    );

    second.member = member(9);
    let outcome = write(&*storage, move |unit| unit.update_certificate(&second)).await;
    assert!(
        matches!(outcome, Err(StorageError::Database(_))),
        "an account must be there"
    );
}

/// A leaf certificate is kept under its name; the same again is nothing.
pub async fn leaf_certificates_are_kept_once(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.put_leaf_certificate(hash(1), b"leaf")?;
        unit.put_leaf_certificate(hash(1), b"leaf")
    })
    .await;
    done(&storage, |unit| unit.put_leaf_certificate(hash(1), b"leaf")).await;
    let both = seen(&storage, |r| {
        Ok((r.leaf_certificate(hash(1))?, r.leaf_certificate(hash(2))?))
    })
    .await;
    assert_eq!(both, (Some(Bytes::from_static(b"leaf")), None));
}

/// Devices are kept, touched, signed out; their ids are unique, whoever's they are.
pub async fn devices(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_account(&account(2, "bob", "Bob"))?;
        unit.insert_device(&device(1, member(1)))?;
        unit.insert_device(&device(2, member(1)))?;
        unit.touch_device(DeviceId([2; 16]), 3000)?;
        unit.revoke_device(DeviceId([1; 16]))
    })
    .await;
    let mut one = device(1, member(1));
    one.revoked = true;
    let mut two = device(2, member(1));
    two.last_seen = 3000;
    assert_eq!(
        seen(&storage, |r| r.device(DeviceId([1; 16]))).await,
        Some(one.clone())
    );
    let mut all = seen(&storage, |r| r.devices(member(1))).await;
    all.sort_by_key(|device| device.device);
    assert_eq!(all, [one, two]);
    assert!(seen(&storage, |r| r.devices(member(2))).await.is_empty());
    assert_eq!(seen(&storage, |r| r.device(DeviceId([7; 16]))).await, None);
    let what = conflict(&storage, |unit| unit.insert_device(&device(1, member(2)))).await;
    assert_eq!(what, unique::DEVICE);
}

fn invitation(n: u8, uses_left: u32) -> Invitation {
    Invitation {
        invitation: InvitationId([n; 16]),
        secret_hash: hash(n),
        inviter: member(1),
        expires: 1_800_000_000_000,
        uses_left,
    }
}

/// Invitations are kept and withdrawn; id and secret are each unique.
pub async fn invitations(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_invitation(&invitation(1, 1))?;
        unit.insert_invitation(&invitation(2, 5))
    })
    .await;
    let found = seen(&storage, |r| {
        Ok((
            r.invitation(hash(2))?,
            r.invitation_by_id(InvitationId([2; 16]))?,
        ))
    });
    assert_eq!(
        found.await,
        (Some(invitation(2, 5)), Some(invitation(2, 5)))
    );
    let same_id = Invitation {
        secret_hash: hash(9),
        ..invitation(1, 1)
    };
    let what = conflict(&storage, move |unit| unit.insert_invitation(&same_id)).await;
    assert_eq!(what, unique::INVITATION);
    let same_secret = Invitation {
        invitation: InvitationId([9; 16]),
        ..invitation(1, 1)
    };
    let what = conflict(&storage, move |unit| unit.insert_invitation(&same_secret)).await;
    assert_eq!(what, unique::INVITATION_SECRET);
    done(&storage, |unit| {
        unit.delete_invitation(InvitationId([1; 16]))?;
        unit.delete_invitation(InvitationId([1; 16]))
    })
    .await;
    let left = seen(&storage, |r| {
        Ok((r.invitation(hash(1))?, r.invitation(hash(2))?))
    })
    .await;
    assert_eq!(left, (None, Some(invitation(2, 5))));
}

/// However many try at once, an invitation is used as often as it allows.
pub async fn an_invitation_is_used_up_once(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_invitation(&invitation(1, 2))
    })
    .await;
    let tries = (0..10).map(|_| write(&*storage, |unit| unit.use_invitation(hash(1))));
    let outcomes: Vec<Result<bool, StorageError>> = futures_util::future::join_all(tries).await;
    assert_eq!(outcomes.iter().filter(|used| **used == Ok(true)).count(), 2);
    assert_eq!(
        outcomes.iter().filter(|used| **used == Ok(false)).count(),
        8
    );
    let left = seen(&storage, |r| r.invitation(hash(1))).await;
    assert_eq!(left.map(|i| i.uses_left), Some(0));
    assert!(!done(&storage, |unit| unit.use_invitation(hash(8))).await);
}

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
    for expected in [package(2, false), package(1, true), package(1, true)] {
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
    let none = done(&storage, move |unit| {
        unit.claim_key_package(member(1), later)
    });
    assert_eq!(none.await, None, "the last resort is too old as well");
    let last = done(&storage, |unit| unit.claim_key_package(member(1), NOW)).await;
    assert_eq!(last.map(|package| package.id), Some(hash(5)));
    let others = seen(&storage, |r| r.key_packages_left(member(2), NOW - DAY)).await;
    assert_eq!(others, 1, "others' are not touched");
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
