//! Accounts, certificates, devices, invitations.

use protocol::{
    Bytes, DeviceId, InvitationId,
    methods::account::{OrganisationRole, Stretching},
};

use super::{Fixture, account, conflict, device, done, hash, member, seen};
use crate::{
    Reader, StorageError,
    accounts::{Account, Invitation},
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
            stretching: Stretching {
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

/// Renamed within a generation, a member has one certificate for it, the newest; renamed back, it is the old one again.
pub async fn a_rename_has_one_certificate(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let anna = account(1, "anna", "Anna");
    let annika = Account {
        display_name: "Annika".into(),
        certificate: Bytes::from_static(b"annika"),
        ..anna.clone()
    };
    let second = Account {
        certificate: Bytes::from_static(b"second"),
        generation: 2,
        ..annika.clone()
    };
    let kept = (anna.clone(), annika.clone(), second.clone());
    done(&storage, move |unit| {
        unit.insert_account(&kept.0)?;
        unit.update_certificate(&kept.1)?;
        unit.update_certificate(&kept.0)?;
        unit.update_certificate(&kept.1)?;
        unit.update_certificate(&kept.2)
    })
    .await;
    let all = |r: &dyn Reader| r.account_certificates(member(1));
    assert_eq!(
        seen(&storage, all).await,
        [annika.certificate.clone(), second.certificate.clone()]
    );
    let renamed = Account {
        certificate: Bytes::from_static(b"renamed"),
        ..second
    };
    let kept = renamed.clone();
    done(&storage, move |unit| unit.update_certificate(&kept)).await;
    assert_eq!(
        seen(&storage, all).await,
        [annika.certificate, renamed.certificate]
    );
}

/// A new passphrase's record and cost take the place of the old ones, of this account alone.
pub async fn passphrases_are_replaced(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let stretching = Stretching {
        memory_kib: 131_072,
        passes: 4,
        lanes: 2,
    };
    done(&storage, move |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_account(&account(2, "bob", "Bob"))?;
        unit.update_passphrase(member(1), &[7; 192], &stretching)
    })
    .await;
    let changed = Account {
        opaque_record: vec![7; 192],
        stretching,
        ..account(1, "anna", "Anna")
    };
    let both = seen(&storage, |r| {
        Ok((r.account(member(1))?, r.account(member(2))?))
    });
    assert_eq!(both.await, (Some(changed), Some(account(2, "bob", "Bob"))));
    let nobody = write(&*storage, move |unit| {
        unit.update_passphrase(member(9), &[7; 192], &stretching)
    });
    assert!(
        matches!(nobody.await, Err(StorageError::Database(_))),
        "an account must be there"
    );
}

/// A member has one recovery code at most, and each has their own.
pub async fn recovery_keys_come_and_go(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_account(&account(2, "ben", "Ben"))?;
        unit.set_recovery_key(member(2), None)
    })
    .await;
    let keys = |r: &dyn Reader| Ok((r.recovery_key(member(1))?, r.recovery_key(member(2))?));
    assert_eq!(seen(&storage, keys).await, (None, None));
    for key in [[7; 32], [8; 32]] {
        done(&storage, move |unit| {
            unit.set_recovery_key(member(1), Some(key))
        })
        .await;
        assert_eq!(seen(&storage, keys).await, (Some(key), None));
    }
    drop(storage);
    let storage = fixture.open();
    assert_eq!(seen(&storage, keys).await, (Some([8; 32]), None));
    done(&storage, |unit| unit.set_recovery_key(member(1), None)).await;
    assert_eq!(seen(&storage, keys).await, (None, None));
    let nobody = seen(&storage, |r| r.recovery_key(member(99))).await;
    assert_eq!(nobody, None);
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
        unit.revoke_device(DeviceId([1; 16]), 4000)
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

/// Signed-in devices are listed by when they were seen, signed-out ones by when that was; each list ends at its limit.
pub async fn devices_are_listed(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let id = |n: u8| DeviceId([n; 16]);
    done(&storage, move |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_account(&account(2, "bob", "Bob"))?;
        for n in 1..=6 {
            unit.insert_device(&device(n, member(1)))?;
        }
        unit.insert_device(&device(7, member(2)))?;
        unit.touch_device(id(2), 9000)?;
        unit.touch_device(id(4), 8000)?;
        unit.revoke_device(id(3), 5000)?;
        unit.revoke_device(id(1), 6000)?;
        unit.revoke_device(id(5), 0)?; // a clock that stands at its beginning
        unit.revoke_device(id(3), 7000) // again is nothing
    })
    .await;
    let listed = |of: u8, limit| {
        seen(&storage, move |r| {
            let signed_in = r.devices_signed_in(member(of), limit)?;
            assert!(
                signed_in
                    .iter()
                    .all(|d| !d.revoked && d.member == member(of))
            );
            let signed_in: Vec<DeviceId> = signed_in.iter().map(|d| d.device).collect();
            let signed_out = r.devices_signed_out(member(of), limit)?.into_iter();
            let signed_out: Vec<_> = signed_out
                .inspect(|(d, _)| assert!(d.revoked && d.member == member(of)))
                .map(|(d, when)| (d.device, when))
                .collect();
            Ok((signed_in, signed_out))
        })
    };
    assert_eq!(
        listed(1, 10).await,
        (
            vec![id(2), id(4), id(6)],
            vec![(id(1), 6000), (id(3), 5000), (id(5), 1)]
        )
    );
    assert_eq!(
        listed(1, 2).await,
        (vec![id(2), id(4)], vec![(id(1), 6000), (id(3), 5000)])
    );
    assert_eq!(listed(2, 10).await, (vec![id(7)], vec![]));
    assert_eq!(listed(9, 10).await, (vec![], vec![]));
    for (n, out) in [(1, true), (2, false), (5, true), (7, false), (99, false)] {
        let found = seen(&storage, move |r| r.is_signed_out(id(n))).await;
        assert_eq!(found, out, "{n}");
    }
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
