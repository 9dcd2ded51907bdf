//! Members who are suspended, and accounts that are closed.

use protocol::{Bytes, InvitationId, methods::account::OrganisationRole};

use super::{
    Fixture, account, conflict, conversation, device, done, founded, hash, member, seen,
    vaults::record,
};
use crate::{
    StorageError, UnitOfWork,
    accounts::{Invitation, KeyPackage},
    conversations::Membership,
    unique,
    vault::StoredHead,
};

const NOW: u64 = 1_790_000_000_000;

/// Suspended and back, as often as one likes.
pub async fn members_are_suspended(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_account(&account(2, "bob", "Bob"))?;
        unit.insert_device(&device(1, member(1)))?;
        unit.insert_device(&device(2, member(2)))
    })
    .await;
    for suspended in [true, true, false, false, true] {
        done(&storage, move |unit| {
            unit.set_suspended(member(1), suspended)
        })
        .await;
        let both = seen(&storage, |r| {
            let out = |n| r.is_signed_out(device(n, member(n)).device);
            let suspended = [r.is_suspended(member(1))?, r.is_suspended(member(2))?];
            Ok((suspended, [out(1)?, out(2)?]))
        });
        assert_eq!(both.await, ([suspended, false], [suspended, false]));
    }
    let kept = seen(&storage, |r| r.account(member(1)));
    assert_eq!(kept.await, Some(account(1, "anna", "Anna")));
}

/// Admins are counted as they come and go.
pub async fn roles_change(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_account(&account(2, "bob", "Bob"))
    })
    .await;
    let admins = || seen(&storage, |r| Ok(r.admins()?.len()));
    let give = |n, role| done(&storage, move |unit| unit.set_role(member(n), role));
    assert_eq!(admins().await, 0);
    give(1, OrganisationRole::Admin).await;
    give(2, OrganisationRole::Admin).await;
    assert_eq!(admins().await, 2);
    give(1, OrganisationRole::Member).await;
    let anna = seen(&storage, |r| r.account(member(1))).await;
    assert_eq!(anna, Some(account(1, "anna", "Anna")));
    done(&storage, |unit| unit.close_account(member(2), NOW)).await;
    assert_eq!(admins().await, 0);
}

fn everything(unit: &mut dyn UnitOfWork, n: u8, login_name: &str) -> Result<(), StorageError> {
    let id = member(n);
    unit.insert_account(&account(n, login_name, login_name))?;
    unit.insert_device(&device(n, id))?;
    unit.insert_device(&device(n + 100, id))?;
    unit.revoke_device(device(n + 100, id).device, 7)?;
    unit.set_recovery_key(id, Some([n; 32]))?;
    unit.set_suspended(id, true)?;
    unit.insert_invitation(&Invitation {
        invitation: InvitationId([n; 16]),
        secret_hash: hash(n),
        inviter: id,
        expires: NOW,
        uses_left: 1,
    })?;
    for (id_of, last_resort) in [(n, false), (n + 100, true), (n + 50, false)] {
        let package = KeyPackage {
            id: hash(id_of),
            package: Bytes::from(vec![n; 100]),
            last_resort,
            issued_at: NOW,
        };
        unit.insert_key_package(id, &package)?;
    }
    for kind in [3, 5, 8] {
        unit.put_record(id, &record(kind, b"x", 1, b"sealed"))?;
    }
    unit.put_head(
        id,
        &StoredHead {
            number: 1,
            bytes: Bytes::from_static(b"head"),
        },
    )
}

/// What is personal is gone, of this member alone; the name is free, ids stay taken.
pub async fn a_closed_account_leaves_nothing(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        everything(unit, 1, "anna")?;
        everything(unit, 2, "bob")?;
        let claimed = unit.claim_key_package(member(1), NOW)?;
        assert_eq!(claimed.map(|package| package.id), Some(hash(1)));
        unit.close_account(member(1), NOW)
    })
    .await;
    for of in [1u8, 2] {
        let there = of == 2;
        let (found, lists, vault) = seen(&storage, move |r| {
            let id = member(of);
            let login_name = if of == 1 { "anna" } else { "bob" };
            let found = [
                r.account(id)?.is_some(),
                r.account_by_login_name(login_name)?.is_some(),
                r.member_by_skeleton(&format!("skeleton of {login_name}"))?
                    .is_some(),
                r.recovery_key(id)?.is_some(),
                r.is_suspended(id)?,
                r.invitation(hash(of))?.is_some(),
            ];
            let lists = [
                r.find_accounts(login_name, 9)?.len(),
                r.account_certificates(id)?.len(),
                r.devices_signed_in(id, 9)?.len(),
            ];
            let vault = [
                r.record_count(id)?,
                r.vault_bytes(id)?.min(1),
                r.vault_heads(id, 0, 9)?.len() as u64,
            ];
            Ok((found, lists, vault))
        })
        .await;
        assert_eq!(found, [there; 6], "{of}");
        assert_eq!(lists, [usize::from(there); 3], "{of}");
        let expected = if there { [3, 1, 1] } else { [0, 0, 0] };
        assert_eq!(vault, expected, "{of}");
    }
    let (out, devices, left, count) = seen(&storage, |r| {
        Ok((
            r.is_signed_out(device(1, member(1)).device)?,
            r.devices(member(1))?,
            r.find_accounts("", 9)?.len(),
            r.account_count()?,
        ))
    })
    .await;
    assert!(out, "its sessions end");
    assert!(
        devices
            .iter()
            .all(|d| d.name.is_empty() && d.revoked && d.signing_key == [0; 32])
    );
    assert_eq!((left, count), (1, 2), "the set-up is not open again");
    let (offered, spent) = done(&storage, |unit| {
        let offered = unit.claim_key_package(member(1), NOW)?;
        Ok((offered, unit.spend_key_package(member(1), hash(1))?))
    })
    .await;
    assert_eq!(
        (offered, spent),
        (None, false),
        "nobody is added by what was claimed before"
    );
    let again = |unit: &mut dyn UnitOfWork| unit.insert_account(&account(1, "other", "Other"));
    assert_eq!(conflict(&storage, again).await, unique::ACCOUNT);
    done(&storage, |unit| {
        unit.insert_account(&account(3, "anna", "Another Anna"))?;
        unit.close_account(member(1), NOW + 1)?;
        unit.close_account(member(9), NOW)
    })
    .await;
    let other = seen(&storage, |r| r.account_by_login_name("anna"));
    assert_eq!(other.await.map(|a| a.member), Some(member(3)));
}

/// Its conversations are left one after the other; until then it is named.
pub async fn a_closed_account_is_named_until_it_is_out(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        for n in [1, 2] {
            unit.insert_account(&account(n, &format!("name{n}"), "Name"))?;
        }
        for of in [7, 8] {
            unit.insert_conversation(&founded(of))?;
            for who in [1, 2] {
                unit.insert_member(Membership {
                    conversation: conversation(of),
                    member: member(who),
                    first_seq: 1,
                })?;
            }
        }
        Ok(())
    })
    .await;
    let named = || seen(&storage, |r| r.closed_in_conversations(5));
    assert_eq!(named().await, []);
    done(&storage, |unit| unit.close_account(member(1), NOW)).await;
    assert_eq!(named().await, [member(1)]);
    done(&storage, |unit| {
        unit.delete_member(conversation(7), member(1))
    })
    .await;
    assert_eq!(named().await, [member(1)]);
    done(&storage, |unit| {
        unit.delete_member(conversation(8), member(1))
    })
    .await;
    assert_eq!(named().await, []);
}
