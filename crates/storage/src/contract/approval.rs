//! Approval of sign-ins: whether it is required, and devices that wait for it.

use protocol::{Bytes, DeviceId};

use super::{Fixture, account, device, done, hash, member, seen};
use crate::{
    Reader,
    accounts::{Claim, Waiting},
};

fn waiting(n: u8, of: u8) -> Waiting {
    Waiting {
        device: crate::accounts::Device {
            last_seen: 1000,
            ..device(n, member(of))
        },
        asked: 1000 + u64::from(n),
        commitment: None,
        claim: None,
        revealed: None,
        granted: None,
    }
}

/// For each member alone; it stays.
pub async fn approval_is_required_or_not(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_account(&account(2, "ben", "Ben"))
    })
    .await;
    let both = |r: &dyn Reader| {
        let of = |n| r.approval_required(member(n));
        Ok([of(1)?, of(2)?, of(3)?])
    };
    assert_eq!(seen(&storage, both).await, [false; 3]);
    for required in [true, true, false, true] {
        done(&storage, move |unit| {
            unit.set_approval_required(member(1), required)
        })
        .await;
        assert_eq!(seen(&storage, both).await, [required, false, false]);
    }
    drop(storage);
    assert_eq!(seen(&fixture.open(), both).await, [true, false, false]);
}

/// Each step is kept as it was put, in the order in which they came; they are none of the member's devices.
pub async fn waiting_devices_come_and_go(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.insert_account(&account(2, "ben", "Ben"))?;
        unit.put_waiting(&waiting(9, 1))?;
        unit.put_waiting(&waiting(3, 1))?;
        unit.put_waiting(&waiting(4, 2))
    })
    .await;
    let all = |r: &dyn Reader| Ok((r.waiting_devices(member(1))?, r.waiting_devices(member(2))?));
    let (anna, ben) = seen(&storage, all).await;
    assert_eq!(
        (anna, ben),
        (vec![waiting(9, 1), waiting(3, 1)], vec![waiting(4, 2)])
    );
    let asked = Waiting {
        asked: 2000,
        commitment: Some(hash(1)),
        ..waiting(9, 1)
    };
    let claimed = Waiting {
        claim: Some(Claim {
            by: DeviceId([7; 16]),
            nonce: hash(2),
            at: 2100,
        }),
        ..asked.clone()
    };
    let revealed = Waiting {
        revealed: Some(hash(3)),
        ..claimed.clone()
    };
    let granted = Waiting {
        granted: Some((2200, Bytes::from_static(b"sealed"))),
        ..revealed.clone()
    };
    for step in [asked.clone(), claimed, revealed, granted, asked] {
        let put = step.clone();
        done(&storage, move |unit| unit.put_waiting(&put)).await;
        let found = seen(&storage, |r| r.waiting_device(DeviceId([9; 16]))).await;
        assert_eq!(found, Some(step));
    }
    let order = seen(&storage, |r| r.waiting_devices(member(1))).await;
    let order: Vec<_> = order.iter().map(|w| w.device.device.0[0]).collect();
    assert_eq!(order, [9, 3]);
    let others = |r: &dyn Reader| {
        let id = DeviceId([9; 16]);
        Ok((
            r.device(id)?,
            r.devices(member(1))?.len(),
            r.is_signed_out(id)?,
        ))
    };
    assert_eq!(seen(&storage, others).await, (None, 0, false));
    done(&storage, |unit| unit.drop_waiting(DeviceId([9; 16]))).await;
    done(&storage, |unit| unit.drop_waiting(DeviceId([9; 16]))).await;
    assert_eq!(seen(&storage, all).await.0, [waiting(3, 1)]);
}

/// Nor does a later one of the same id require anything.
pub async fn a_closed_account_has_nobody_waiting(fixture: &dyn Fixture) {
    let storage = fixture.open();
    done(&storage, |unit| {
        unit.insert_account(&account(1, "anna", "Anna"))?;
        unit.set_approval_required(member(1), true)?;
        unit.put_waiting(&waiting(9, 1))?;
        unit.close_account(member(1), 7)
    })
    .await;
    let left = |r: &dyn Reader| {
        Ok((
            r.approval_required(member(1))?,
            r.waiting_devices(member(1))?,
        ))
    };
    assert_eq!(seen(&storage, left).await, (false, vec![]));
}
