//! Units of work: wholly or not at all, and for ever.

use super::{Fixture, Outcome, account, done, founded, message, seen};
use crate::{Health, StorageError, conversations::Range, read, unique, write};
use futures_util::future::join_all;

/// Values are set, replaced, removed; any bytes.
pub async fn values_come_and_go(fixture: &dyn Fixture) {
    let storage = fixture.open();
    assert_eq!(storage.health(), Health::Writable);
    let all = vec![0u8, 255, 1];
    let value = all.clone();
    done(&storage, move |unit| {
        assert_eq!(unit.value("a")?, None);
        unit.set_value("a", Some(&value))?;
        unit.set_value("b", Some(b""))?;
        unit.set_value("never there", None)
    })
    .await;
    assert_eq!(seen(&storage, |r| r.value("a")).await, Some(all));
    assert_eq!(seen(&storage, |r| r.value("b")).await, Some(vec![]));
    done(&storage, |unit| {
        unit.set_value("a", None)?;
        unit.set_value("b", Some(b"new"))
    })
    .await;
    assert_eq!(seen(&storage, |r| r.value("a")).await, None);
    assert_eq!(
        seen(&storage, |r| r.value("b")).await,
        Some(b"new".to_vec())
    );
}

/// The caller's own errors, apart from the database's.
#[derive(Debug, PartialEq, Eq)]
enum Own {
    Refused(u32),
    Storage(StorageError),
}

impl From<StorageError> for Own {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// A unit that returns an error of its own is undone in every table it touched, and the error arrives.
pub async fn an_error_leaves_nothing(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let refused = write(&*storage, |unit| -> Result<(), Own> {
        unit.set_value("a", Some(b"1"))?;
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_conversation(&founded(1))?;
        unit.append_entry(&message(1, 1, 10), super::hash(1), 1)?;
        Err(Own::Refused(7))
    })
    .await;
    assert_eq!(refused, Err(Own::Refused(7)));
    let left = seen(&storage, |r| {
        Ok((
            r.value("a")?,
            r.account_count()?,
            r.conversation(super::conversation(1))?,
            r.find_accounts("anna", 9)?,
        ))
    })
    .await;
    assert_eq!(left, (None, 0, None, vec![]));
}

/// Units that fail among others that succeed at the same time leave nothing, and take nothing with them.
pub async fn failures_in_a_crowd_leave_nothing(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| unit.insert_conversation(&founded(1))).await;
    let units = (0..60u32).map(|n| {
        write(&*storage, move |unit| -> Result<u64, Own> {
            unit.set_value(&format!("key {n}"), Some(&[1]))?;
            let head = unit.conversation(super::conversation(1))?;
            let seq = head.map_or(0, |c| c.head_seq) + 1;
            unit.append_entry(&message(1, seq, 10), super::hash(1), 1)?;
            match n % 3 {
                0 => Err(Own::Refused(n)),
                1 => {
                    unit.append_entry(&message(1, seq, 10), super::hash(1), 1)?; // a seq that is taken
                    Ok(seq)
                }
                _ => Ok(seq),
            }
        })
    });
    let mut expected = 0;
    for (n, outcome) in (0u32..).zip(join_all(units).await) {
        let conflict = StorageError::Conflict { what: unique::SEQ };
        match n % 3 {
            0 => assert_eq!(outcome, Err(Own::Refused(n))),
            1 => assert_eq!(outcome, Err(Own::Storage(conflict))),
            _ => {
                expected += 1;
                assert_eq!(outcome, Ok(expected), "failed units take no seq");
            }
        }
        let there = seen(&storage, move |r| r.value(&format!("key {n}"))).await;
        assert_eq!(there.is_some(), n % 3 == 2);
    }
    let all = Range {
        from: 1,
        limit: 1000,
        max_bytes: usize::MAX,
        commits_only: false,
    };
    let log = seen(&storage, move |r| r.entries(super::conversation(1), all)).await;
    assert_eq!(log.len() as u64, expected);
}

/// A unit that goes on after a failed write, and says that all is well, is undone all the same.
pub async fn a_failed_statement_fails_its_unit(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| unit.insert_conversation(&founded(1))).await;
    let outcome = write(&*storage, |unit| -> Outcome {
        unit.set_value("before", Some(b"1"))?;
        assert!(unit.insert_conversation(&founded(1)).is_err());
        let _ = unit.set_value("after", Some(b"1"));
        Ok(())
    })
    .await;
    let what = unique::CONVERSATION;
    assert_eq!(outcome, Err(StorageError::Conflict { what }));
    let left = seen(&storage, |r| Ok((r.value("before")?, r.value("after")?))).await;
    assert_eq!(left, (None, None));
}

/// A unit sees its own writes and those of the units before it.
pub async fn units_see_what_came_before(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let units = (0..20u8).map(|_| {
        write(&*storage, |unit| -> Outcome<u8> {
            let next = unit.value("count")?.map_or(0, |v| v[0]) + 1;
            unit.set_value("count", Some(&[next]))?;
            assert_eq!(unit.value("count")?, Some(vec![next]));
            Ok(next)
        })
    });
    let mut seen: Vec<u8> = join_all(units)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, (1..=20).collect::<Vec<u8>>());
}

/// What was answered is there when the database is opened again, also what was answered just before its end.
pub async fn reopening_keeps_everything(fixture: &dyn Fixture) {
    for round in 0..4u8 {
        let storage = fixture.open();
        let rounds = seen(&storage, |r| r.value("rounds")).await;
        assert_eq!(rounds, round.checked_sub(1).map(|last| vec![last]));
        let count = seen(&storage, |r| r.account_count()).await;
        assert_eq!(count, u64::from(round));
        done(&storage, move |unit| {
            unit.insert_account(&account(round, &format!("name{round}"), "N"))?;
            unit.set_value("rounds", Some(&[round]))
        })
        .await;
    }
}

/// A read's own error arrives, and the next read works.
pub async fn reads_return_their_own_errors(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let outcome: Result<(), Own> = read(&*storage, |r| {
        r.value("a")?;
        Err(Own::Refused(3))
    })
    .await;
    assert_eq!(outcome, Err(Own::Refused(3)));
    assert_eq!(seen(&storage, |r| r.account_count()).await, 0);
}
