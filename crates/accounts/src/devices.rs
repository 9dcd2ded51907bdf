//! Devices: their keys, and sessions resumed by proof of them.

use bus::{Hint, Notice, Topic};
use e2ee::{device::verify_session_proof, hpke, signing::PublicKey};
use protocol::{
    Bytes, DeviceId, Hash32, MemberId,
    events::DevicesChanged,
    limits::{DEVICES_LISTED_MAX, LOOKUP_MAX},
    methods::{
        Done,
        account::{NewDevice, ResumeSession, SignedIn},
        own_account::{DeviceInfo, Devices, SignOutDevices, SignedOutDevice},
    },
    names::prepare_device_name,
};
use storage::{Health, Reader, StorageError, UnitOfWork, accounts::Device, unique};

use crate::{
    Error, Service, approval,
    config::HOUR,
    forgotten::{self, Change, drop_request},
};

/// Checks what a device says of itself at its sign-in.
pub(crate) fn read_device(device: &NewDevice, member: MemberId, now: u64) -> Result<Device, Error> {
    let name =
        prepare_device_name(&device.name).map_err(|error| Error::NameInvalid(error.to_string()))?;
    let signing_key = <[u8; 32]>::try_from(device.signing_key.as_ref())
        .map_err(|_| Error::BadRequest("a device's signing key has 32 bytes"))?;
    if device.wrap_key.len() != hpke::PUBLIC_KEY_LEN {
        return Err(Error::BadRequest(
            "a device's wrap key is an X-Wing public key",
        ));
    }
    Ok(Device {
        device: device.device,
        member,
        name,
        signing_key,
        wrap_key: device.wrap_key.to_vec(),
        created: now,
        last_seen: now,
        revoked: false,
    })
}

/// Adds a device. The same again (after a lost reply) is nothing; its id with other keys is refused.
pub(crate) fn add_device(unit: &mut dyn UnitOfWork, device: &Device) -> Result<(), Error> {
    const TAKEN: Error = Error::BadRequest("that device id is taken: choose another");
    match unit.device(device.device)? {
        None => match unit.insert_device(device) {
            Err(StorageError::Conflict {
                what: unique::DEVICE,
            }) => Err(TAKEN),
            other => Ok(other?),
        },
        Some(known) => {
            let same = known.member == device.member
                && known.signing_key == device.signing_key
                && known.wrap_key == device.wrap_key
                && !known.revoked;
            if same { Ok(()) } else { Err(TAKEN) }
        }
    }
}

/// Refuses the unit of a device that was signed out since its request came.
pub(crate) fn check_session<R: Reader + ?Sized>(reader: &R, device: DeviceId) -> Result<(), Error> {
    if reader.is_signed_out(device)? {
        Err(Error::SessionRefused)
    } else {
        Ok(())
    }
}

/// What a sign-out tells.
#[derive(Default)]
struct SignedOut {
    ended: Vec<DeviceId>,
    /// A request that ended with its device.
    change: Option<Change>,
    /// Those that only waited to be let in.
    waiting: Vec<DeviceId>,
    /// Those that wait and were being approved by one that was signed out.
    unclaimed: Vec<DeviceId>,
}

/// The device, if it is signed in: one that waited for approval, and does no longer, is nobody.
pub(crate) fn signed_in<R: Reader + ?Sized>(
    reader: &R,
    (member, device): (MemberId, DeviceId),
) -> Result<Device, Error> {
    check_session(reader, device)?;
    let known = reader.device(device)?;
    let known = known.filter(|known| known.member == member);
    known.ok_or(Error::SessionRefused)
}

/// Signs out those of a member's devices that are not yet, and gives them. All are the member's, or nothing is done.
fn sign_out(
    unit: &mut dyn UnitOfWork,
    member: MemberId,
    devices: &[DeviceId],
    now: u64,
) -> Result<SignedOut, Error> {
    let mut ended = Vec::new();
    for id in devices {
        let device = unit.device(*id)?.filter(|device| device.member == member);
        if !device.ok_or(Error::NotFound)?.revoked {
            unit.revoke_device(*id, now)?;
            unit.drop_waiting(*id)?; // with what was handed over to it
            ended.push(*id);
        }
    }
    // what such a device had asked for ends with it
    let asked = unit.forgotten(member)?;
    let change = match asked.filter(|request| ended.contains(&request.device)) {
        Some(_) => drop_request(unit, member)?,
        None => None,
    };
    Ok(SignedOut {
        unclaimed: approval::claimed_by(unit, member, &ended)?,
        ended,
        change,
        waiting: Vec::new(),
    })
}

/// A device that waits gives it up; it can sign out nothing but itself.
fn give_in(
    unit: &mut dyn UnitOfWork,
    device: DeviceId,
    devices: &[DeviceId],
) -> Result<SignedOut, Error> {
    if devices != [device] {
        return Err(Error::ApprovalNeeded);
    }
    unit.drop_waiting(device)?;
    Ok(SignedOut {
        waiting: vec![device],
        ..SignedOut::default()
    })
}

impl Service {
    pub(crate) async fn do_devices(&self, member: MemberId) -> Result<Devices, Error> {
        const LIMIT: u32 = DEVICES_LISTED_MAX as u32;
        let now = self.now();
        storage::read(self.storage(), move |reader| {
            let devices = reader.devices_signed_in(member, LIMIT)?.into_iter();
            let signed_out: Vec<_> = reader
                .devices_signed_out(member, LIMIT)?
                .into_iter()
                .map(|(device, signed_out)| SignedOutDevice {
                    device: device.device,
                    name: device.name,
                    created: device.created,
                    signed_out,
                })
                .collect();
            Ok(Devices {
                devices: devices
                    .map(|device| DeviceInfo {
                        device: device.device,
                        name: device.name,
                        created: device.created,
                        last_seen: device.last_seen,
                    })
                    .collect(),
                revoked: signed_out.iter().map(|device| device.device).collect(),
                signed_out,
                forgotten: forgotten::told(reader, member, now)?,
                waiting: approval::told(reader, member, now)?,
            })
        })
        .await
    }

    pub(crate) async fn do_sign_out_devices(
        &self,
        member: MemberId,
        device: DeviceId,
        params: SignOutDevices,
    ) -> Result<Done, Error> {
        if params.devices.len() > LOOKUP_MAX {
            return Err(Error::BadRequest("too many devices in one request"));
        }
        let now = self.now();
        let bus = self.ports.bus.clone();
        let told = storage::write_then(
            self.storage(),
            move |unit| {
                if approval::standing(unit, device, now)?.is_some() {
                    return give_in(unit, device, &params.devices);
                }
                signed_in(unit, (member, device))?;
                sign_out(unit, member, &params.devices, now)
            },
            move |told: &SignedOut| {
                let SignedOut {
                    ended,
                    change,
                    waiting,
                    unclaimed,
                } = told;
                approval::tell_ended(bus.as_ref(), member, waiting);
                for device in unclaimed {
                    approval::tell(bus.as_ref(), member, *device);
                }
                let topic = Topic::Member(member);
                // First these, so that only the devices that remain are told.
                for device in ended {
                    bus.publish(Notice {
                        topic,
                        frame: Bytes::new(),
                        hint: Hint::SignedOut(*device),
                    });
                }
                if !ended.is_empty() {
                    bus.publish(Notice::event(topic, &DevicesChanged {}));
                }
                if let Some(change) = change {
                    change.publish(bus.as_ref());
                }
            },
        )
        .await?;
        tracing::info!(%member, devices = told.ended.len(), "signed out");
        Ok(Done {})
    }

    pub(crate) async fn do_signed_out(
        &self,
        devices: Vec<DeviceId>,
    ) -> Result<Vec<DeviceId>, Error> {
        storage::read(self.storage(), move |reader| {
            let mut out = Vec::new();
            for device in devices {
                if reader.is_signed_out(device)? {
                    out.push(device);
                }
            }
            Ok(out)
        })
        .await
    }

    pub(crate) async fn do_resume(
        &self,
        params: ResumeSession,
        challenge: Hash32,
    ) -> Result<SignedIn, Error> {
        let proof = <[u8; 64]>::try_from(params.proof.as_ref())
            .map_err(|_| Error::BadRequest("a session proof has 64 bytes"))?;
        let now = self.now();
        let (device, waiting, account, suspended) = storage::read(self.storage(), move |reader| {
            let waits = approval::standing(reader, params.device, now)?;
            let waiting = waits.is_some();
            let device = match waits {
                Some(waits) => waits.device,
                None => reader.device(params.device)?.ok_or(Error::SessionRefused)?,
            };
            let account = reader.account(device.member)?;
            let suspended = reader.is_suspended(device.member)?;
            let account = account.ok_or(Error::SessionRefused)?;
            Ok::<_, Error>((device, waiting, account, suspended))
        })
        .await?;
        let proved = verify_session_proof(
            &PublicKey(device.signing_key),
            self.instance,
            self.incarnation,
            device.device,
            challenge.as_bytes(),
            &proof,
        );
        if device.revoked || proved.is_err() {
            tracing::info!(member = %device.member, "a session was refused");
            return Err(Error::SessionRefused);
        }
        if suspended {
            return Err(Error::Suspended);
        }
        if !waiting {
            self.note_seen(&device).await;
        }
        Ok(SignedIn {
            member: account.member,
            certificate: account.certificate,
            role: account.role,
            organisation: self.organisation().await?,
            waiting,
        })
    }

    /// Notes that a device is connected: once an hour is enough, and a session does not depend on it.
    async fn note_seen(&self, device: &Device) {
        let now = self.now();
        let recently = now.saturating_sub(device.last_seen) < HOUR;
        if recently || self.storage().health() != Health::Writable {
            return;
        }
        let id = device.device;
        let noted = storage::write(self.storage(), move |unit| unit.touch_device(id, now)).await;
        if let Err(error) = noted {
            tracing::debug!(%error, "a device's last connection was not noted");
        }
    }
}
