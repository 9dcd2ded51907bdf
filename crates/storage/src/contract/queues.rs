//! What goes on at the same time. These need an adapter that works on threads of its own.

use std::sync::mpsc;

use futures_util::{
    FutureExt as _,
    future::{join, join_all},
};

use super::{Fixture, Outcome, done, founded, hash, message, seen};
use crate::{StorageError, conversations::Range, read, write};

/// When the queue is full, the next unit is told to come again, and all that were taken are done.
pub async fn a_full_queue_is_busy(fixture: &dyn Fixture) {
    let storage = fixture.open();
    let (started, has_started) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let blocker = write(&*storage, move |_| -> Outcome {
        started.send(()).unwrap();
        may_go_on.recv().unwrap();
        Ok(())
    });
    let crowd = async {
        has_started.recv().unwrap();
        let units = (0..fixture.queue() + 7).map(|n| {
            write(&*storage, move |unit| -> Outcome {
                unit.set_value(&format!("unit {n}"), Some(b"done"))
            })
        });
        let (outcomes, ()) = join(join_all(units), async { go_on.send(()).unwrap() }).await;
        outcomes
    };
    let (blocked, outcomes) = join(blocker, crowd).await;
    assert_eq!(blocked, Ok(()));
    let (taken, refused): (Vec<_>, Vec<_>) = outcomes
        .into_iter()
        .enumerate()
        .partition(|(_, o)| o.is_ok());
    assert_eq!((taken.len(), refused.len()), (fixture.queue(), 7));
    for (n, outcome) in refused {
        let Err(StorageError::Busy { retry_after_ms }) = outcome else {
            panic!("unit {n}: {outcome:?}");
        };
        assert!((1..=10_000).contains(&retry_after_ms));
        assert_eq!(
            seen(&storage, move |r| r.value(&format!("unit {n}"))).await,
            None
        );
    }
    for (n, _) in taken {
        assert!(
            seen(&storage, move |r| r.value(&format!("unit {n}")))
                .await
                .is_some()
        );
    }
    done(&storage, |unit| unit.set_value("later", Some(b"fine"))).await;
}

/// A read sees one state of the database, whatever is written meanwhile; the next one sees what was answered.
pub async fn a_reader_keeps_its_snapshot(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| unit.set_value("a", Some(b"old"))).await;
    let (started, has_started) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let slow = read(&*storage, move |r| -> Outcome<_> {
        let first = r.value("a")?;
        started.send(()).unwrap();
        may_go_on.recv().unwrap();
        Ok((first, r.value("a")?, r.value("b")?))
    });
    let writing = async {
        has_started.recv().unwrap();
        done(&storage, |unit| {
            unit.set_value("a", Some(b"new"))?;
            unit.set_value("b", Some(b"new"))
        })
        .await;
        let now = seen(&storage, |r| Ok((r.value("a")?, r.value("b")?))).await;
        go_on.send(()).unwrap();
        now
    };
    let (old, new) = join(slow, writing).await;
    assert_eq!(
        old,
        Ok((Some(b"old".to_vec()), Some(b"old".to_vec()), None))
    );
    assert_eq!(new, (Some(b"new".to_vec()), Some(b"new".to_vec())));
}

/// A unit whose caller went away is done whole or not at all.
pub async fn given_up_units_are_whole(fixture: &dyn Fixture) {
    let storage = fixture.open();
    for n in 0..40u32 {
        let unit = write(&*storage, move |unit| -> Outcome {
            unit.set_value(&format!("a{n}"), Some(b"1"))?;
            unit.set_value(&format!("b{n}"), Some(b"1"))
        });
        // Started, and given up at once.
        let _ = unit.now_or_never();
    }
    done(&storage, |unit| unit.set_value("last", Some(b"1"))).await;
    for n in 0..40u32 {
        let pair = seen(&storage, move |r| {
            Ok((r.value(&format!("a{n}"))?, r.value(&format!("b{n}"))?))
        });
        let (a, b) = pair.await;
        assert_eq!(a, b);
    }
}

/// Two hundred at once, each on the log of one of ten conversations, all answered, every log without a gap.
pub async fn two_hundred_writers(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        (0..10).try_for_each(|n| unit.insert_conversation(&founded(n)))
    })
    .await;
    let units = (0..200u32).map(|n| {
        write(&*storage, move |unit| -> Outcome<u64> {
            let of = (n % 10) as u8;
            let head = unit.conversation(super::conversation(of))?;
            let seq = head.map_or(0, |c| c.head_seq) + 1;
            unit.append_entry(&message(of, seq, 300), hash(1), 1)?;
            Ok(seq)
        })
    });
    let answered = join_all(units).await;
    for of in 0..10u8 {
        let mut mine: Vec<u64> = (answered.iter().skip(of.into()).step_by(10))
            .map(|seq| *seq.as_ref().unwrap())
            .collect();
        mine.sort_unstable();
        assert_eq!(mine, (1..=20).collect::<Vec<_>>());
        let all = Range {
            from: 0,
            limit: 100,
            max_bytes: usize::MAX,
            commits_only: false,
        };
        let log = seen(&storage, move |r| r.entries(super::conversation(of), all)).await;
        let seqs: Vec<u64> = log.iter().map(|entry| entry.seq).collect();
        assert_eq!(seqs, mine);
    }
}
