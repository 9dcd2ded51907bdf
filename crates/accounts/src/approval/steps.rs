//! What devices ask of approvals: asking, showing, claiming, letting in, refusing.

use bus::Notice;
use bus::Topic;
use protocol::{
    DeviceId, MemberId,
    events::DeviceSignedIn,
    limits::APPROVAL_CLAIM_MS,
    methods::{
        Done,
        approval::{
            ApprovalAsked, ApprovalClaim, ApprovalState, AskApproval, ClaimApproval, DenyApproval,
            GiveUpApproval, GrantApproval, RevealApproval,
        },
    },
};
use storage::{
    Reader, UnitOfWork,
    accounts::{Claim, Device, Waiting},
};

use super::{
    LAPSES, SEALED_MAX, claim_of, commitment_of, is_over, standing, tell, tell_ended, waits,
};
use crate::{
    Error, Service,
    devices::{add_device, check_session, signed_in},
};

/// Refuses who is no signed-in device of the member itself.
fn check_approver<R: Reader + ?Sized>(
    reader: &R,
    (member, device): (MemberId, DeviceId),
) -> Result<(), Error> {
    check_session(reader, device)?;
    match reader.device(device)? {
        Some(known) if known.member == member => Ok(()),
        _ => Err(Error::ApprovalNeeded),
    }
}

/// The waiting device of this member.
fn waiting_of<R: Reader + ?Sized>(
    reader: &R,
    member: MemberId,
    device: DeviceId,
    now: u64,
) -> Result<Waiting, Error> {
    let waiting = standing(reader, device, now)?;
    let waiting = waiting.filter(|waiting| waiting.device.member == member);
    waiting.ok_or(Error::NotFound)
}

impl Service {
    /// Runs a change of a waiting device, and tells of it where it gives its id. Gives whether it did.
    async fn approval_step(
        &self,
        member: MemberId,
        step: impl FnOnce(&mut dyn UnitOfWork, u64) -> Result<Option<DeviceId>, Error> + Send + 'static,
    ) -> Result<bool, Error> {
        let now = self.now();
        let bus = self.ports.bus.clone();
        storage::write_then(
            self.storage(),
            move |unit| step(unit, now),
            move |changed: &Option<DeviceId>| {
                if let Some(device) = changed {
                    tell(bus.as_ref(), member, *device);
                }
            },
        )
        .await
        .map(|changed| changed.is_some())
    }

    pub(crate) async fn do_ask_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: AskApproval,
    ) -> Result<ApprovalAsked, Error> {
        let now = self.now();
        self.limits.approvals.take(device, now)?;
        let step = self.approval_step(member, move |unit, now| {
            let Some(waiting) = standing(unit, device, now)? else {
                return Err(not_waiting(unit, (member, device)));
            };
            if waiting.commitment == Some(params.commitment) {
                return Ok(None);
            }
            unit.put_waiting(&Waiting {
                asked: now,
                commitment: Some(params.commitment),
                claim: None,
                revealed: None,
                ..waiting
            })?;
            Ok(Some(device))
        });
        if step.await? {
            tracing::info!(%member, "a sign-in waits for approval");
        }
        // said again it is as it was
        let state = self.do_approval_state(member, device).await?;
        Ok(ApprovalAsked {
            lapses: state.lapses.unwrap_or(now),
        })
    }

    pub(crate) async fn do_approval_state(
        &self,
        member: MemberId,
        device: DeviceId,
    ) -> Result<ApprovalState, Error> {
        let now = self.now();
        storage::read(self.storage(), move |reader| {
            if let Some(waiting) = standing(reader, device, now)? {
                let claim = claim_of(reader, &waiting, now)?;
                return Ok(ApprovalState {
                    waiting: true,
                    lapses: Some(waiting.asked.saturating_add(LAPSES)),
                    commitment: commitment_of(&waiting, claim.as_ref()),
                    claim: claim.map(|claim| ApprovalClaim {
                        by: claim.by,
                        nonce: claim.nonce,
                        until: claim.at.saturating_add(APPROVAL_CLAIM_MS),
                    }),
                    sealed: None,
                });
            }
            signed_in(reader, (member, device))?;
            let kept = reader.waiting_device(device)?;
            let kept = kept.filter(|kept| !is_over(kept, now));
            Ok(ApprovalState {
                waiting: false,
                lapses: None,
                commitment: None,
                claim: None,
                sealed: kept.and_then(|kept| kept.granted).map(|(_, sealed)| sealed),
            })
        })
        .await
    }

    pub(crate) async fn do_reveal_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: RevealApproval,
    ) -> Result<Done, Error> {
        self.approval_step(member, move |unit, now| {
            let Some(waiting) = standing(unit, device, now)? else {
                return Err(not_waiting(unit, (member, device)));
            };
            if waiting.revealed == Some(params.nonce) {
                return Ok(None);
            }
            claim_of(unit, &waiting, now)?.ok_or(Error::NotFound)?;
            if waiting.revealed.is_some() {
                return Err(Error::BadRequest(
                    "a nonce is shown once for each commitment",
                ));
            }
            unit.put_waiting(&Waiting {
                revealed: Some(params.nonce),
                ..waiting
            })?;
            Ok(Some(device))
        })
        .await?;
        Ok(Done {})
    }

    pub(crate) async fn do_claim_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: ClaimApproval,
    ) -> Result<Done, Error> {
        self.approval_step(member, move |unit, now| {
            check_approver(unit, (member, device))?;
            let waiting = waiting_of(unit, member, params.device, now)?;
            if waiting.commitment != Some(params.commitment) {
                return Err(Error::NotFound);
            }
            let claim = Claim {
                by: device,
                nonce: params.nonce,
                at: now,
            };
            match waiting.claim {
                Some(before) if (before.by, before.nonce) == (claim.by, claim.nonce) => Ok(None),
                Some(_) => Err(Error::RequestPending),
                None => {
                    unit.put_waiting(&Waiting {
                        claim: Some(claim),
                        ..waiting
                    })?;
                    Ok(Some(params.device))
                }
            }
        })
        .await?;
        Ok(Done {})
    }

    pub(crate) async fn do_give_up_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: GiveUpApproval,
    ) -> Result<Done, Error> {
        self.approval_step(member, move |unit, now| {
            check_approver(unit, (member, device))?;
            let waiting = waiting_of(unit, member, params.device, now)?;
            if waiting.claim.is_none_or(|claim| claim.by != device) {
                return Ok(None);
            }
            unit.put_waiting(&Waiting {
                commitment: None,
                claim: None,
                revealed: None,
                ..waiting
            })?;
            Ok(Some(params.device))
        })
        .await?;
        Ok(Done {})
    }

    pub(crate) async fn do_grant_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: GrantApproval,
    ) -> Result<Done, Error> {
        if params.sealed.len() > SEALED_MAX {
            return Err(Error::BadRequest("what is handed over is too large"));
        }
        let now = self.now();
        let bus = self.ports.bus.clone();
        let id = params.device;
        storage::write_then(
            self.storage(),
            move |unit| grant(unit, (member, device), params, now),
            move |let_in: &Option<DeviceSignedIn>| {
                if let Some(event) = let_in {
                    tell(bus.as_ref(), member, id);
                    bus.publish(Notice::event(Topic::Member(member), event));
                }
            },
        )
        .await?;
        tracing::info!(%member, "a sign-in was approved");
        Ok(Done {})
    }

    pub(crate) async fn do_deny_approval(
        &self,
        member: MemberId,
        device: DeviceId,
        params: DenyApproval,
    ) -> Result<Done, Error> {
        let now = self.now();
        let bus = self.ports.bus.clone();
        let id = params.device;
        storage::write_then(
            self.storage(),
            move |unit| {
                check_approver(unit, (member, device))?;
                waiting_of(unit, member, id, now)?;
                Ok::<_, Error>(unit.drop_waiting(id)?)
            },
            move |()| tell_ended(bus.as_ref(), member, &[id]),
        )
        .await?;
        tracing::info!(%member, "a sign-in was refused");
        Ok(Done {})
    }
}

/// What a device is told that does not wait: one that is let in has nothing to ask, all others are nobody.
fn not_waiting<R: Reader + ?Sized>(reader: &R, who: (MemberId, DeviceId)) -> Error {
    signed_in(reader, who).map_or_else(|error| error, |_| Error::NotFound)
}

/// Lets a device in, for whom the claim and commitment stand. None: it was already, by the same.
fn grant(
    unit: &mut dyn UnitOfWork,
    (member, device): (MemberId, DeviceId),
    params: GrantApproval,
    now: u64,
) -> Result<Option<DeviceSignedIn>, Error> {
    check_approver(unit, (member, device))?;
    let known = unit.waiting_device(params.device)?;
    let known = known.filter(|known| known.device.member == member);
    let waiting = known.ok_or(Error::NotFound)?;
    if waiting.commitment != Some(params.commitment) {
        return Err(Error::NotFound);
    }
    let by = waiting.claim.map(|claim| claim.by);
    if waiting.granted.is_some() && by == Some(device) {
        return Ok(None);
    }
    if !waits(&waiting, now) {
        return Err(Error::NotFound);
    }
    if by.is_some_and(|by| by != device) {
        return Err(Error::Forbidden);
    }
    claim_of(unit, &waiting, now)?.ok_or(Error::NotFound)?;
    if waiting.revealed.is_none() {
        return Err(Error::BadRequest(
            "the waiting device has not shown its nonce",
        ));
    }
    let let_in = Device {
        created: now,
        last_seen: now,
        ..waiting.device.clone()
    };
    add_device(unit, &let_in)?;
    let event = DeviceSignedIn {
        device: let_in.device,
        name: let_in.name,
        time: now,
    };
    unit.put_waiting(&Waiting {
        granted: Some((now, params.sealed)),
        ..waiting
    })?;
    Ok(Some(event))
}
