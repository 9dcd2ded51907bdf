//! Approval of sign-ins (`docs/crypto.md` section 4): where a member wants it, a device that proved the passphrase waits until
//! another one lets it in. What it is let in by is sealed; without it the vault does not open, whatever this server does.

mod steps;

use bus::{Bus, Hint, Notice, Topic};
use protocol::{
    Bytes, DeviceId, Hash32, MemberId, events::ApprovalChanged, limits::APPROVAL_CLAIM_MS,
    methods::approval::WaitingDevice,
};
use storage::{
    Reader, UnitOfWork,
    accounts::{Claim, Device, Waiting},
};

use crate::{Error, config::HOUR};

/// A device waits so long after it asked last.
const LAPSES: u64 = HOUR / 4;
/// What was handed over is kept so long, if the device does not write the vault before.
const HANDOVER_KEPT: u64 = HOUR;
/// Devices of one member that wait at the same time; of more, the newest.
const AT_ONCE: usize = 4;
/// Bytes of what is handed over.
const SEALED_MAX: usize = 4096;

fn waits(waiting: &Waiting, now: u64) -> bool {
    waiting.granted.is_none() && waiting.asked.saturating_add(LAPSES) > now
}

fn is_over(waiting: &Waiting, now: u64) -> bool {
    match waiting.granted {
        Some((at, _)) => at.saturating_add(HANDOVER_KEPT) <= now,
        None => !waits(waiting, now),
    }
}

/// A device that waits now.
pub(crate) fn standing<R: Reader + ?Sized>(
    reader: &R,
    device: DeviceId,
    now: u64,
) -> Result<Option<Waiting>, Error> {
    let found = reader.waiting_device(device)?;
    Ok(found.filter(|waiting| waits(waiting, now)))
}

/// The claim that counts: not lapsed, by a device that is still signed in.
fn claim_of<R: Reader + ?Sized>(
    reader: &R,
    waiting: &Waiting,
    now: u64,
) -> Result<Option<Claim>, Error> {
    match waiting.claim {
        Some(claim) if claim.at.saturating_add(APPROVAL_CLAIM_MS) > now => {
            let gone = reader.is_signed_out(claim.by)?;
            Ok(Some(claim).filter(|_| !gone))
        }
        _ => Ok(None),
    }
}

/// What it asks with; one whose claim came to nothing is used up.
fn commitment_of(waiting: &Waiting, claim: Option<&Claim>) -> Option<Hash32> {
    let unused = claim.is_some() || waiting.claim.is_none();
    waiting.commitment.filter(|_| unused)
}

/// Those of a member that wait, as they are told.
pub(crate) fn told<R: Reader + ?Sized>(
    reader: &R,
    member: MemberId,
    now: u64,
) -> Result<Vec<WaitingDevice>, Error> {
    let all = reader.waiting_devices(member)?.into_iter();
    all.filter(|waiting| waits(waiting, now))
        .map(|waiting| {
            let claim = claim_of(reader, &waiting, now)?;
            Ok(WaitingDevice {
                device: waiting.device.device,
                name: waiting.device.name.clone(),
                asked: waiting.asked,
                lapses: waiting.asked.saturating_add(LAPSES),
                signing_key: Bytes::copy_from_slice(&waiting.device.signing_key),
                commitment: commitment_of(&waiting, claim.as_ref()),
                wrap_key: waiting.device.wrap_key.into(),
                claimed_by: claim.map(|claim| claim.by),
                revealed: waiting.revealed.filter(|_| claim.is_some()),
            })
        })
        .collect()
}

/// A device has proved the passphrase. It waits, and those that wait no longer are given.
pub(crate) fn begin(
    unit: &mut dyn UnitOfWork,
    device: &Device,
    now: u64,
) -> Result<Vec<DeviceId>, Error> {
    const TAKEN: Error = Error::BadRequest("that device id is taken: choose another");
    let known = unit.waiting_device(device.device)?;
    let same = known.as_ref().is_none_or(|known| {
        let known = &known.device;
        (known.member, known.signing_key) == (device.member, device.signing_key)
            && known.wrap_key == device.wrap_key
    });
    if !same || unit.device(device.device)?.is_some() {
        return Err(TAKEN);
    }
    let fresh = Waiting {
        device: device.clone(),
        asked: now,
        commitment: None,
        claim: None,
        revealed: None,
        granted: None,
    };
    unit.put_waiting(&Waiting {
        asked: now,
        ..known.unwrap_or(fresh)
    })?;
    let mut ended = Vec::new();
    let mut waiting = Vec::new();
    for other in unit.waiting_devices(device.member)? {
        let id = other.device.device;
        if is_over(&other, now) {
            unit.drop_waiting(id)?;
            ended.push(id);
        } else if other.granted.is_none() && id != device.device {
            // those whose codes are just being compared go last
            let claimed = claim_of(unit, &other, now)?.is_some();
            waiting.push((claimed, id));
        }
    }
    waiting.sort_by_key(|(claimed, _)| *claimed);
    let surplus = (waiting.len() + 1).saturating_sub(AT_ONCE);
    for (_, id) in waiting.into_iter().take(surplus) {
        unit.drop_waiting(id)?;
        ended.push(id);
    }
    Ok(ended)
}

/// Nobody waits any more, because the passphrase that they proved is none now, or their member may not come in. Gives those
/// that did.
pub(crate) fn end_all(unit: &mut dyn UnitOfWork, member: MemberId) -> Result<Vec<DeviceId>, Error> {
    let mut ended = Vec::new();
    for waiting in unit.waiting_devices(member)? {
        // what was handed over goes too: it opens nothing that this passphrase opens
        unit.drop_waiting(waiting.device.device)?;
        if waiting.granted.is_none() {
            ended.push(waiting.device.device);
        }
    }
    Ok(ended)
}

/// A device of those that wait is claimed by none of these any more.
pub(crate) fn claimed_by<R: Reader + ?Sized>(
    reader: &R,
    member: MemberId,
    devices: &[DeviceId],
) -> Result<Vec<DeviceId>, Error> {
    let all = reader.waiting_devices(member)?.into_iter();
    let claimed = all.filter(|w| w.claim.is_some_and(|claim| devices.contains(&claim.by)));
    Ok(claimed.map(|waiting| waiting.device.device).collect())
}

/// Tells that something of a waiting device has changed.
pub(crate) fn tell(bus: &dyn Bus, member: MemberId, device: DeviceId) {
    let event = Notice::event(Topic::Member(member), &ApprovalChanged { device });
    bus.publish(event.with_hint(Hint::Waits(device)));
}

/// Tells that these wait no longer, and ends their sessions.
pub(crate) fn tell_ended(bus: &dyn Bus, member: MemberId, devices: &[DeviceId]) {
    for device in devices {
        tell(bus, member, *device);
        bus.publish(Notice {
            topic: Topic::Member(member),
            frame: Bytes::new(),
            hint: Hint::SignedOut(*device),
        });
    }
}
