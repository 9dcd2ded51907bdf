//! Logs: gapless, in order, in pages.

use futures_util::future::join_all;
use protocol::{
    Bytes, MessageId,
    methods::conversations::{Entry, kind},
};

use super::{
    Fixture, Outcome, commit, conflict, conversation, done, founded, hash, member, message, seen,
};
use crate::{UnitOfWork, conversations::Range, unique, write};

const ALL: Range = Range {
    from: 1,
    limit: 10_000,
    max_bytes: usize::MAX,
    commits_only: false,
};

/// Every part of an entry comes back, present or absent, small or large.
pub async fn entries_come_back_as_they_were(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let entries = vec![
        commit(1, 1, 0),
        Entry {
            restart: 2,
            epoch: (1 << 53) - 1,
            expiry: u64::MAX,
            quiet: true,
            timed: true,
            ..message(1, 2, 64 * 1024)
        },
        Entry {
            body: None,
            message: None,
            kind: 200,
            ..message(1, 3, 0)
        },
        Entry {
            body: Some(Bytes::new()),
            link: Some(Bytes::new()),
            ..message(1, 4, 0)
        },
        Entry {
            body: Some(Bytes::from(vec![1; 2 * 1024 * 1024])),
            ..commit(1, 5, 1)
        },
    ];
    let kept = entries.clone();
    done(&storage, move |unit| {
        unit.insert_conversation(&founded(1))?;
        kept.iter()
            .try_for_each(|entry| unit.append_entry(entry, hash(entry.seq as u8), entry.seq))
    })
    .await;
    assert_eq!(
        seen(&storage, |r| r.entries(conversation(1), ALL)).await,
        entries
    );
    let now = seen(&storage, |r| r.conversation(conversation(1)))
        .await
        .unwrap();
    assert_eq!((now.head_seq, now.epoch, now.transcript), (5, 5, hash(5)));
}

/// Bodies go when their time is over, so many at a time, the oldest first; everything else stays.
pub async fn expired_bodies_go(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let expiring = |seq, expiry| Entry {
        expiry,
        timed: true,
        ..message(1, seq, 100)
    };
    let log = vec![
        message(1, 1, 100),
        expiring(2, 300),
        expiring(3, 100),
        expiring(4, 200),
        expiring(5, 301),
    ];
    let kept = log.clone();
    done(&storage, move |unit| {
        unit.insert_conversation(&founded(1))?;
        kept.iter()
            .try_for_each(|entry| unit.append_entry(entry, hash(entry.seq as u8), 1))
    })
    .await;
    let mut expected = log;
    for (now, limit, gone) in [
        (99, 10, &[][..]),
        (300, 2, &[3, 4][..]),
        (300, 2, &[2][..]),
        (300, 2, &[][..]),
        (0, 10, &[][..]),
    ] {
        let count = write(&*storage, move |unit| -> Outcome<usize> {
            unit.drop_expired(now, limit)
        });
        assert_eq!(count.await.unwrap(), gone.len(), "at {now}");
        for seq in gone {
            expected[*seq - 1].body = None;
        }
        let log = seen(&storage, |r| r.entries(conversation(1), ALL)).await;
        assert_eq!(log, expected, "at {now}");
    }
}

/// Only the next seq is taken: none twice, none left out, none before the first.
pub async fn seq_is_gapless(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_conversation(&founded(1))?;
        unit.append_entry(&message(1, 1, 10), hash(1), 1)?;
        unit.append_entry(&message(1, 2, 10), hash(2), 1)
    })
    .await;
    for seq in [0, 1, 2, 4, 1 << 40, u64::MAX] {
        let entry = Entry {
            message: None,
            ..message(1, seq, 10)
        };
        let what = conflict(&storage, move |unit| unit.append_entry(&entry, hash(1), 1)).await;
        assert_eq!(what, unique::SEQ, "seq {seq}");
    }
    done(&storage, |unit| {
        unit.append_entry(&message(1, 3, 10), hash(3), 1)
    })
    .await;
}

/// Appends at the same time get different seqs without a gap, in the order of their log.
pub async fn seq_is_gapless_in_a_crowd(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| unit.insert_conversation(&founded(1))).await;
    let append = |unit: &mut dyn UnitOfWork| -> Outcome<u64> {
        let seq = unit
            .conversation(conversation(1))?
            .map_or(0, |c| c.head_seq)
            + 1;
        unit.append_entry(&message(1, seq, 50), hash(seq as u8), 1)?;
        Ok(seq)
    };
    let seqs = join_all((0..100).map(|_| write(&*storage, append))).await;
    let mut seqs: Vec<u64> = seqs.into_iter().map(Result::unwrap).collect();
    seqs.sort_unstable();
    assert_eq!(seqs, (1..=100).collect::<Vec<_>>());
    let log = seen(&storage, |r| r.entries(conversation(1), ALL)).await;
    assert_eq!(log.iter().map(|e| e.seq).collect::<Vec<_>>(), seqs);
}

/// A message id is taken once by each sender in each conversation; the entry is found by it.
pub async fn message_ids_are_unique(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let first = message(1, 1, 10);
    let id = first.message.unwrap();
    let kept = first.clone();
    done(&storage, move |unit| {
        unit.insert_conversation(&founded(1))?;
        unit.insert_conversation(&founded(2))?;
        unit.append_entry(&kept, hash(1), 1)
    })
    .await;
    let [mine, theirs, elsewhere] = seen(&storage, move |r| {
        let of = |n, who| r.entry_by_message(conversation(n), member(who), id);
        Ok([of(1, 1)?, of(1, 2)?, of(2, 1)?])
    })
    .await;
    assert_eq!(mine, Some((1, first.time, first.body_hash)));
    assert_eq!((theirs, elsewhere), (None, None));
    drop(storage);

    let storage = fixture_again(fixture, &first).await;
    let again = Entry {
        body_hash: hash(77),
        message: Some(id),
        ..message(1, 2, 10)
    };
    let by_other = Entry {
        sender: member(2),
        ..again.clone()
    };
    let elsewhere = Entry {
        conversation: conversation(2),
        seq: 1,
        ..again.clone()
    };
    let what = conflict(&storage, move |unit| unit.append_entry(&again, hash(2), 1)).await;
    assert_eq!(what, unique::MESSAGE);
    done(&storage, move |unit| {
        unit.append_entry(&by_other, hash(2), 1)?;
        unit.append_entry(&elsewhere, hash(1), 1)
    })
    .await;
    let unknown = MessageId([0xee; 16]);
    let none = seen(&storage, move |r| {
        r.entry_by_message(conversation(1), member(1), unknown)
    })
    .await;
    assert_eq!(none, None);
}

/// Opens it again: what was appended is still known by its id.
async fn fixture_again(fixture: &dyn Fixture, first: &Entry) -> std::sync::Arc<dyn crate::Storage> {
    let storage = fixture.open();
    let (id, sender) = (first.message.unwrap(), first.sender);
    let found = seen(&storage, move |r| {
        r.entry_by_message(conversation(1), sender, id)
    })
    .await;
    assert_eq!(found.map(|(seq, ..)| seq), Some(1));
    storage
}

/// Pages begin at `from` and end at the limit of entries or bytes, but are never empty before the log's end.
pub async fn pages_end_where_they_should(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_conversation(&founded(1))?;
        (1..=20).try_for_each(|seq| unit.append_entry(&message(1, seq, 100), hash(1), 1))
    })
    .await;
    for (from, limit, max_bytes, expected) in [
        (1, 10_000, usize::MAX, 1..=20),
        (0, 10_000, usize::MAX, 1..=20),
        (5, 3, usize::MAX, 5..=7),
        (19, 10, usize::MAX, 19..=20),
        (1, 10, 1000, 1..=10),
        (1, 10, 999, 1..=9),
        (1, 10, 100, 1..=1),
        (7, 10, 0, 7..=7),
    ] {
        let range = Range {
            from,
            limit,
            max_bytes,
            commits_only: false,
        };
        let page = seen(&storage, move |r| r.entries(conversation(1), range)).await;
        let seqs: Vec<u64> = page.iter().map(|entry| entry.seq).collect();
        assert_eq!(seqs, expected.collect::<Vec<_>>(), "{range:?}");
    }
    for (from, limit) in [(21, 10), (u64::MAX, 10), (1 << 40, 10), (1, 0)] {
        let range = Range { from, limit, ..ALL };
        assert!(
            seen(&storage, move |r| r.entries(conversation(1), range))
                .await
                .is_empty()
        );
    }
}

/// Commits alone, in order, with the same limits.
pub async fn only_commits(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_conversation(&founded(1))?;
        unit.insert_conversation(&founded(2))?;
        unit.append_entry(&commit(2, 1, 0), hash(1), 1)?;
        for seq in 1..=30 {
            let entry = if seq % 10 == 1 {
                commit(1, seq, seq)
            } else {
                message(1, seq, 100)
            };
            unit.append_entry(&entry, hash(1), seq)?;
        }
        Ok(())
    })
    .await;
    for (from, limit, max_bytes, expected) in [
        (1, 10, usize::MAX, vec![1, 11, 21]),
        (2, 10, usize::MAX, vec![11, 21]),
        (1, 2, usize::MAX, vec![1, 11]),
        (1, 10, 20, vec![1, 11]),
        (11, 10, 0, vec![11]),
        (22, 10, usize::MAX, vec![]),
    ] {
        let range = Range {
            from,
            limit,
            max_bytes,
            commits_only: true,
        };
        let page = seen(&storage, move |r| r.entries(conversation(1), range)).await;
        assert_eq!(
            page.iter().map(|e| e.seq).collect::<Vec<_>>(),
            expected,
            "{range:?}"
        );
    }
}

/// What replaces the link of a commit is read among the commits, of this conversation, in the order of the log.
pub async fn replacement_links_are_among_the_commits(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let replacement = |of, seq| Entry {
        kind: kind::REPLACEMENT_LINK,
        message: None,
        ..message(of, seq, 10)
    };
    done(&storage, move |unit| {
        for of in [1, 2] {
            unit.insert_conversation(&founded(of))?;
            unit.append_entry(&commit(of, 1, 0), hash(1), 1)?;
            unit.append_entry(&message(of, 2, 10), hash(2), 1)?;
            unit.append_entry(&replacement(of, 3), hash(3), 1)?;
            unit.append_entry(&commit(of, 4, 1), hash(4), 2)?;
            unit.append_entry(&replacement(of, 5), hash(5), 2)?;
        }
        Ok(())
    })
    .await;
    for (from, limit, expected) in [
        (1, 10, vec![1, 3, 4, 5]),
        (1, 3, vec![1, 3, 4]),
        (4, 10, vec![4, 5]),
        (5, 10, vec![5]),
        (6, 10, vec![]),
    ] {
        let range = Range {
            from,
            limit,
            max_bytes: usize::MAX,
            commits_only: true,
        };
        let page = seen(&storage, move |r| r.entries(conversation(1), range)).await;
        let seqs: Vec<u64> = page.iter().map(|e| e.seq).collect();
        assert_eq!(seqs, expected, "from {from}, {limit}");
    }
}

/// Complaints are found from a seq on, of this conversation alone.
pub async fn complaints_are_found(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let complaint = |of, seq| Entry {
        kind: kind::COMPLAINT,
        message: None,
        ..message(of, seq, 10)
    };
    done(&storage, move |unit| {
        for of in [1, 2] {
            unit.insert_conversation(&founded(of))?;
            unit.append_entry(&commit(of, 1, 0), hash(1), 1)?;
            unit.append_entry(&complaint(of, 2), hash(2), 1)?;
            unit.append_entry(&message(of, 3, 10), hash(3), 1)?;
            unit.append_entry(&complaint(of, 4), hash(4), 1)?;
        }
        Ok(())
    })
    .await;
    for (from, expected) in [(1, vec![2, 4]), (3, vec![4]), (5, vec![])] {
        let found = seen(&storage, move |r| r.complaints(conversation(1), from)).await;
        let seqs: Vec<u64> = found.iter().map(|e| e.seq).collect();
        assert_eq!(seqs, expected, "from {from}");
        assert!(found.iter().all(|e| *e == complaint(1, e.seq)));
    }
}

/// A conversation goes on under another restart number where it stands, and its log with it.
pub async fn a_restart_goes_on_in_the_log(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let under = |restart: u32, entry: Entry| Entry { restart, ..entry };
    done(&storage, move |unit| {
        unit.insert_conversation(&founded(1))?;
        unit.append_entry(&commit(1, 1, 0), hash(1), 1)?;
        unit.append_entry(&commit(1, 2, 1), hash(2), 2)?;
        unit.begin_restart(conversation(1), 1)?;
        unit.append_entry(&under(1, commit(1, 3, 0)), hash(3), 1)
    })
    .await;
    let row = seen(&storage, |r| r.conversation(conversation(1)))
        .await
        .unwrap();
    assert_eq!((row.restart, row.epoch, row.head_seq), (1, 1, 3));
    assert_eq!(row.transcript, hash(3));
    let closing = seen(&storage, |r| {
        let of = |restart| r.commit_of_epoch(conversation(1), restart, 0);
        Ok([of(0)?, of(1)?].map(|entry| entry.map(|e| e.seq)))
    });
    assert_eq!(closing.await, [Some(1), Some(3)]);
}

/// A commit is found by the epoch it closes, of its restart number; a second one for that epoch is refused.
pub async fn one_commit_closes_an_epoch(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_conversation(&founded(1))?;
        unit.append_entry(&commit(1, 1, 0), hash(1), 1)?;
        unit.append_entry(&message(1, 2, 10), hash(2), 1)?;
        unit.append_entry(&commit(1, 3, 1), hash(3), 2)
    })
    .await;
    let found = seen(&storage, |r| {
        let of = |restart, epoch| r.commit_of_epoch(conversation(1), restart, epoch);
        Ok([of(0, 0)?, of(0, 1)?, of(0, 2)?, of(1, 0)?])
    });
    assert_eq!(
        found.await,
        [Some(commit(1, 1, 0)), Some(commit(1, 3, 1)), None, None]
    );
    let what = conflict(&storage, |unit| {
        unit.append_entry(&commit(1, 4, 1), hash(4), 2)
    })
    .await;
    assert_eq!(what, unique::COMMIT);
    let after_restart = Entry {
        restart: 1,
        ..commit(1, 4, 0)
    };
    done(&storage, move |unit| {
        unit.append_entry(&after_restart, hash(4), 1)
    })
    .await;
}

/// The transcript hash after each entry is kept.
pub async fn transcripts(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_conversation(&founded(1))?;
        (1..=9).try_for_each(|seq| unit.append_entry(&message(1, seq, 1), hash(seq as u8), 1))
    })
    .await;
    for (seq, expected) in [
        (1, Some(1)),
        (5, Some(5)),
        (9, Some(9)),
        (10, None),
        (u64::MAX, None),
        (0, None),
    ] {
        let found = seen(&storage, move |r| r.transcript_after(conversation(1), seq)).await;
        assert_eq!(found, expected.map(hash), "after {seq}");
    }
}

/// The logs of neighbours do not run into each other.
pub async fn logs_are_apart(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        (1..=3).try_for_each(|n| unit.insert_conversation(&founded(n)))?;
        for seq in 1..=5 {
            for n in 1..=3 {
                unit.append_entry(&message(n, seq, usize::from(n)), hash(n), 1)?;
            }
        }
        Ok(())
    })
    .await;
    for n in 1..=3 {
        let log = seen(&storage, move |r| r.entries(conversation(n), ALL)).await;
        let expected: Vec<Entry> = (1..=5).map(|seq| message(n, seq, usize::from(n))).collect();
        assert_eq!(log, expected);
    }
}
