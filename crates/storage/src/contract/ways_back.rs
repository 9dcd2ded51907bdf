//! Forgotten passphrases, successions of roots, resets.

use protocol::{Bytes, DeviceId, limits::SUCCESSIONS_MAX, methods::account::OrganisationRole};

use super::{Fixture, account, conflict, done, hash, member, seen};
use crate::{
    Reader,
    accounts::{Account, Forgotten, ResetLink},
    unique,
};

fn request(n: u8, approved: Option<u64>) -> Forgotten {
    Forgotten {
        member: member(1),
        device: DeviceId([n; 16]),
        asked: 70 + u64::from(n),
        approved,
    }
}

/// A member has one request at most; a later one takes the place of the one before.
pub async fn requests_come_and_go(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.drop_forgotten(member(1))
    })
    .await;
    let found = |r: &dyn Reader| Ok((r.forgotten(member(1))?, r.forgotten(member(9))?));
    assert_eq!(seen(&storage, found).await, (None, None));
    for wanted in [request(1, None), request(1, Some(99)), request(2, None)] {
        done(&storage, move |unit| unit.put_forgotten(&wanted)).await;
        assert_eq!(seen(&storage, found).await, (Some(wanted), None));
    }
    drop(storage);
    let storage = fixture.open();
    assert_eq!(seen(&storage, found).await.0, Some(request(2, None)));
    done(&storage, |unit| unit.drop_forgotten(member(1))).await;
    assert_eq!(seen(&storage, found).await, (None, None));
}

/// In order, and of each member the newest alone.
pub async fn the_newest_successions_are_kept(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let statement = |n: usize| Bytes::from(format!("statement {n}"));
    done(&storage, move |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_account(&account(2, "ben", "Ben"))?;
        unit.add_succession(member(2), b"of ben")?;
        for n in 0..SUCCESSIONS_MAX + 3 {
            unit.add_succession(member(1), &statement(n))?;
        }
        Ok(())
    })
    .await;
    let of = |r: &dyn Reader| Ok((r.successions(member(1))?, r.successions(member(2))?));
    let (anna, ben) = seen(&storage, of).await;
    let newest: Vec<Bytes> = (3..SUCCESSIONS_MAX + 3).map(statement).collect();
    assert_eq!(anna, newest);
    assert_eq!(ben, [Bytes::from_static(b"of ben")]);
}

/// A member has one link at most; the secret of each is its own.
pub async fn reset_links_take_each_others_place(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let link = |of: u8, n: u8| ResetLink {
        member: member(of),
        secret_hash: hash(n),
        by: member(3),
        expires: 90 + u64::from(n),
    };
    done(&storage, move |unit| {
        for (n, name) in [(1, "anna"), (2, "ben"), (3, "cleo")] {
            unit.insert_account(&account(n, name, name))?;
        }
        unit.put_reset_link(&link(1, 1))?;
        unit.put_reset_link(&link(1, 2))?;
        unit.put_reset_link(&link(2, 3))
    })
    .await;
    let by = |r: &dyn Reader| {
        let found = [1, 2, 3].map(|n| r.reset_link(hash(n)));
        found.into_iter().collect::<Result<Vec<_>, _>>()
    };
    let all = vec![None, Some(link(1, 2)), Some(link(2, 3))];
    assert_eq!(seen(&storage, by).await, all);
    let taken = conflict(&storage, move |unit| unit.put_reset_link(&link(2, 2)));
    assert_eq!(taken.await, unique::RESET_SECRET);
    assert_eq!(seen(&storage, by).await, all, "all or nothing");
    done(&storage, |unit| unit.drop_reset_link(member(1))).await;
    assert_eq!(seen(&storage, by).await, [None, None, Some(link(2, 3))]);
}

/// Who did it last, and when.
pub async fn the_newest_reset_is_noted(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.note_reset(member(1), member(2), 70)?;
        unit.note_reset(member(1), member(3), 80)
    })
    .await;
    let of = |r: &dyn Reader| Ok((r.reset_of(member(1))?, r.reset_of(member(2))?));
    assert_eq!(seen(&storage, of).await, (Some((member(3), 80)), None));
}

/// Those who administer, in the order in which they came.
pub async fn the_admins(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let of = |r: &dyn Reader| r.admins();
    assert_eq!(seen(&storage, of).await, []);
    done(&storage, |unit| {
        let admin = |n, name| Account {
            role: OrganisationRole::Admin,
            ..account(n, name, name)
        };
        unit.insert_account(&admin(3, "zoe"))?;
        unit.insert_account(&Account {
            role: OrganisationRole::Member,
            ..account(1, "anna", "Anna")
        })?;
        unit.insert_account(&admin(2, "ben"))
    })
    .await;
    let found = seen(&storage, of).await;
    assert_eq!(found, [member(3), member(2)]);
}
