//! Conversations, members, checkpoints, Welcomes, receipts.

use protocol::{Bytes, MessageId, methods::conversations::Receipt};

use super::{Fixture, conflict, conversation, done, founded, hash, member, message, seen};
use crate::{
    StorageError, UnitOfWork,
    conversations::{Checkpoint, Conversation, Membership, PendingWelcome, Range, Repair},
    unique, write,
};

fn direct(n: u8, a: u8, b: u8) -> Conversation {
    Conversation {
        direct: Some((member(a), member(b))),
        ..founded(n)
    }
}

/// A conversation comes back as it was; a direct one is found by its members in either order.
pub async fn conversations_are_kept(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let group = Conversation {
        restart: 3,
        epoch: 9,
        transcript: hash(4),
        ..founded(2)
    };
    let kept = group.clone();
    done(&storage, move |unit| {
        unit.insert_conversation(&direct(1, 5, 6))?;
        unit.insert_conversation(&kept)
    })
    .await;
    let both = seen(&storage, |r| {
        Ok((
            r.conversation(conversation(1))?,
            r.conversation(conversation(2))?,
        ))
    });
    assert_eq!(both.await, (Some(direct(1, 5, 6)), Some(group)));
    let found = seen(&storage, |r| {
        Ok([
            r.direct_between(member(5), member(6))?,
            r.direct_between(member(6), member(5))?,
            r.direct_between(member(5), member(5))?,
            r.direct_between(member(5), member(7))?,
        ])
    });
    let one = Some(conversation(1));
    assert_eq!(found.await, [one, one, None, None]);
}

/// Ids are unique, and so are pairs of direct conversations, however they are turned. Groups are not pairs.
pub async fn conversations_are_unique(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| unit.insert_conversation(&direct(1, 5, 6))).await;
    let what = conflict(&storage, |unit| unit.insert_conversation(&founded(1))).await;
    assert_eq!(what, unique::CONVERSATION);
    for (a, b) in [(5, 6), (6, 5)] {
        let what = conflict(&storage, move |unit| {
            unit.insert_conversation(&direct(2, a, b))
        })
        .await;
        assert_eq!(what, unique::DIRECT);
    }
    done(&storage, |unit| {
        unit.insert_conversation(&direct(3, 5, 7))?;
        unit.insert_conversation(&founded(4))?;
        unit.insert_conversation(&founded(5))
    })
    .await;
}

fn membership(of: u8, who: u8, first_seq: u64) -> Membership {
    Membership {
        conversation: conversation(of),
        member: member(who),
        first_seq,
    }
}

/// Members are listed by id, conversations of a member too; a second time is refused, after leaving it is not.
pub async fn members_come_and_go(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        [9, 1, 5]
            .into_iter()
            .try_for_each(|n| unit.insert_conversation(&founded(n)))?;
        for (of, who, first) in [(9, 3, 1), (9, 1, 4), (9, 2, 1), (1, 1, 7), (5, 1, 1)] {
            unit.insert_member(membership(of, who, first))?;
        }
        Ok(())
    })
    .await;
    let (members, mine, one, none) = seen(&storage, |r| {
        Ok((
            r.members(conversation(9))?,
            r.conversations_of(member(1))?,
            r.membership(conversation(9), member(1))?,
            r.membership(conversation(1), member(2))?,
        ))
    })
    .await;
    assert_eq!(
        members,
        [
            membership(9, 1, 4),
            membership(9, 2, 1),
            membership(9, 3, 1)
        ]
    );
    assert_eq!(
        mine,
        [
            membership(1, 1, 7),
            membership(5, 1, 1),
            membership(9, 1, 4)
        ]
    );
    assert_eq!((one, none), (Some(membership(9, 1, 4)), None));
    let what = conflict(&storage, |unit| unit.insert_member(membership(9, 1, 8))).await;
    assert_eq!(what, unique::MEMBER);
    done(&storage, |unit| {
        unit.delete_member(conversation(9), member(1))?;
        unit.delete_member(conversation(9), member(1))
    })
    .await;
    assert_eq!(
        seen(&storage, |r| r.membership(conversation(9), member(1))).await,
        None
    );
    done(&storage, |unit| unit.insert_member(membership(9, 1, 8))).await;
    let again = seen(&storage, |r| r.membership(conversation(9), member(1))).await;
    assert_eq!(again, Some(membership(9, 1, 8)));
}

/// Who has left is noted once, in order, for each conversation, until a commit clears it.
pub async fn departures_are_noted(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_conversation(&founded(1))?;
        unit.insert_conversation(&founded(2))?;
        for (of, who) in [(1, 9), (1, 3), (1, 9), (2, 5)] {
            unit.put_departure(conversation(of), member(who))?;
        }
        Ok(())
    })
    .await;
    let of = |n| seen(&storage, move |r| r.departures(conversation(n)));
    assert_eq!(of(1).await, [member(3), member(9)]);
    done(&storage, |unit| unit.clear_departures(conversation(1))).await;
    assert_eq!(
        (of(1).await, of(2).await, of(3).await),
        (vec![], vec![member(5)], vec![])
    );
}

fn welcome(who: u8, n: u8) -> PendingWelcome {
    PendingWelcome {
        member: member(who),
        key_package: hash(n),
        welcome: Bytes::from(vec![n; 1433]),
        epoch: u64::from(n),
        seq: u64::from(n) + 1,
        transcript: hash(n + 1),
    }
}

fn receipt(of: u8, who: u8, n: u8) -> Receipt {
    Receipt {
        conversation: conversation(of),
        member: member(who),
        epoch: u64::from(n),
        body: Bytes::from(vec![n; 320]),
    }
}

/// Whoever leaves takes their receipt and Welcome of that conversation along, and nothing else.
pub async fn a_leaving_member_leaves_nothing(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        for of in [1, 2] {
            unit.insert_conversation(&founded(of))?;
            for who in [1, 2] {
                unit.insert_member(membership(of, who, 1))?;
                unit.put_receipt(&receipt(of, who, 1))?;
                unit.put_welcome(conversation(of), &welcome(who, 1))?;
            }
        }
        unit.delete_member(conversation(1), member(1))
    })
    .await;
    let left = |of: u8, who: u8| {
        seen(&storage, move |r| {
            let receipts = r.receipts(conversation(of))?;
            Ok((
                r.membership(conversation(of), member(who))?.is_some(),
                receipts.iter().any(|receipt| receipt.member == member(who)),
                r.welcome(conversation(of), member(who))?.is_some(),
            ))
        })
    };
    assert_eq!(left(1, 1).await, (false, false, false));
    for (of, who) in [(1, 2), (2, 1), (2, 2)] {
        assert_eq!(left(of, who).await, (true, true, true));
    }
}

/// The newest checkpoint at or before an epoch, of that restart number and conversation alone; large ones too.
pub async fn checkpoints(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let at = |restart, epoch, size| Checkpoint {
        restart,
        epoch,
        bytes: Bytes::from(vec![epoch as u8; size]),
    };
    done(&storage, move |unit| {
        unit.insert_conversation(&founded(1))?;
        unit.insert_conversation(&founded(2))?;
        for (restart, epoch, size) in [(0, 1, 5400), (0, 16, 3_000_000), (0, 32, 10), (1, 20, 10)] {
            unit.put_checkpoint(conversation(1), &at(restart, epoch, size))?;
        }
        unit.put_checkpoint(conversation(2), &at(0, 17, 10))?;
        unit.put_checkpoint(conversation(1), &at(0, 32, 77))
    })
    .await;
    for (restart, epoch, expected) in [
        (0, 0, None),
        (0, 1, Some(at(0, 1, 5400))),
        (0, 15, Some(at(0, 1, 5400))),
        (0, 17, Some(at(0, 16, 3_000_000))),
        (0, u64::MAX, Some(at(0, 32, 77))),
        (1, 19, None),
        (1, 99, Some(at(1, 20, 10))),
        (2, 99, None),
    ] {
        let found = seen(&storage, move |r| {
            r.checkpoint(conversation(1), restart, epoch)
        })
        .await;
        assert_eq!(found, expected, "restart {restart} epoch {epoch}");
    }
}

/// One Welcome per member and conversation; a newer one takes its place.
pub async fn welcomes(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_conversation(&founded(1))?;
        unit.put_welcome(conversation(1), &welcome(1, 1))?;
        unit.put_welcome(conversation(1), &welcome(2, 2))?;
        unit.put_welcome(conversation(1), &welcome(1, 3))
    })
    .await;
    let both = seen(&storage, |r| {
        Ok((
            r.welcome(conversation(1), member(1))?,
            r.welcome(conversation(1), member(2))?,
        ))
    });
    assert_eq!(both.await, (Some(welcome(1, 3)), Some(welcome(2, 2))));
    done(&storage, |unit| {
        unit.delete_welcome(conversation(1), member(1))?;
        unit.delete_welcome(conversation(1), member(1))?;
        unit.delete_welcome(conversation(7), member(1))
    })
    .await;
    assert_eq!(
        seen(&storage, |r| r.welcome(conversation(1), member(1))).await,
        None
    );
    assert!(
        seen(&storage, |r| r.welcome(conversation(1), member(2)))
            .await
            .is_some()
    );
}

fn repair(who: u8, time: u64) -> Repair {
    Repair {
        member: member(who),
        time,
        request: Bytes::from(vec![who; 159]),
        package: Bytes::from(vec![time as u8; 4000]),
    }
}

/// One request for a new leaf per member and conversation, the newest first, and none of who is out.
pub async fn repairs(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        for of in [1, 2] {
            unit.insert_conversation(&founded(of))?;
            unit.insert_member(membership(of, 1, 1))?;
            unit.put_repair(conversation(of), &repair(1, 50))?;
        }
        unit.put_repair(conversation(1), &repair(2, 60))?;
        unit.put_repair(conversation(1), &repair(3, 70))?;
        unit.put_repair(conversation(1), &repair(2, 80))
    })
    .await;
    let open = |since, limit| seen(&storage, move |r| r.repairs(conversation(1), since, limit));
    let all = vec![repair(2, 80), repair(3, 70), repair(1, 50)];
    assert_eq!(open(0, 10).await, all);
    assert_eq!(open(50, 2).await, all[..2]);
    assert_eq!(open(71, 10).await, all[..1]);
    assert_eq!(open(u64::MAX, 10).await, []);
    let of = |id: u8, who: u8| seen(&storage, move |r| r.repair(conversation(id), member(who)));
    assert_eq!(of(1, 1).await, Some(repair(1, 50)));
    done(&storage, |unit| {
        unit.delete_repair(conversation(1), member(2))?;
        unit.delete_repair(conversation(1), member(2))?;
        unit.delete_repair(conversation(7), member(2))?;
        unit.delete_member(conversation(1), member(1))
    })
    .await;
    assert_eq!(open(0, 10).await, all[1..2]);
    assert_eq!((of(1, 1).await, of(1, 2).await), (None, None));
    assert_eq!(
        of(2, 1).await,
        Some(repair(1, 50)),
        "conversations are apart"
    );
}

/// One receipt per member, overwritten in place.
pub async fn receipts(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_conversation(&founded(1))?;
        unit.insert_conversation(&founded(2))?;
        unit.put_receipt(&receipt(1, 2, 1))?;
        unit.put_receipt(&receipt(1, 1, 1))?;
        unit.put_receipt(&receipt(2, 1, 9))
    })
    .await;
    for n in 2..20 {
        done(&storage, move |unit| unit.put_receipt(&receipt(1, 1, n))).await;
    }
    let mut all = seen(&storage, |r| r.receipts(conversation(1))).await;
    all.sort_by_key(|receipt| receipt.member);
    assert_eq!(all, [receipt(1, 1, 19), receipt(1, 2, 1)]);
}

/// Reading what is not there finds nothing; writing into it is an error.
pub async fn nothing_is_found_in_unknown_conversations(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let id = conversation(77);
    seen(&storage, move |r| {
        let range = Range {
            from: 1,
            limit: 10,
            max_bytes: 1000,
            commits_only: false,
        };
        assert_eq!(r.conversation(id)?, None);
        assert_eq!(r.membership(id, member(1))?, None);
        assert!(r.members(id)?.is_empty() && r.conversations_of(member(1))?.is_empty());
        assert!(r.entries(id, range)?.is_empty());
        assert_eq!(r.transcript_after(id, 1)?, None);
        assert_eq!(r.entry_by_message(id, member(1), MessageId([1; 16]))?, None);
        assert_eq!(r.commit_of_epoch(id, 0, 0)?, None);
        assert_eq!(r.checkpoint(id, 0, 0)?, None);
        assert_eq!(r.welcome(id, member(1))?, None);
        assert!(r.receipts(id)?.is_empty());
        Ok(())
    })
    .await;
    type Unit = fn(&mut dyn UnitOfWork) -> Result<(), StorageError>;
    let units: [Unit; 5] = [
        |unit| unit.append_entry(&message(77, 1, 1), hash(1), 1),
        |unit| unit.insert_member(membership(77, 1, 1)),
        |unit| unit.put_receipt(&receipt(77, 1, 1)),
        |unit| unit.put_welcome(conversation(77), &welcome(1, 1)),
        |unit| {
            let bytes = Bytes::new();
            unit.put_checkpoint(
                conversation(77),
                &Checkpoint {
                    restart: 0,
                    epoch: 0,
                    bytes,
                },
            )
        },
    ];
    for unit in units {
        assert!(write(&*storage, unit).await.is_err());
    }
}
