//! Devices: their keys, and sessions resumed by proof of them.

use e2ee::{device::verify_session_proof, hpke, signing::PublicKey};
use protocol::{
    DeviceId, Hash32, MemberId,
    methods::account::{NewDevice, ResumeSession, SignedIn},
    names::prepare_device_name,
};
use storage::{Health, StorageError, UnitOfWork, accounts::Device, unique};

use crate::{Error, Service, config::HOUR};

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

impl Service {
    pub(crate) async fn do_resume(
        &self,
        params: ResumeSession,
        challenge: Hash32,
    ) -> Result<SignedIn, Error> {
        let proof = <[u8; 64]>::try_from(params.proof.as_ref())
            .map_err(|_| Error::BadRequest("a session proof has 64 bytes"))?;
        let (device, account) = storage::read(self.storage(), move |reader| {
            let device = reader.device(params.device)?.ok_or(Error::SessionRefused)?;
            let account = reader.account(device.member)?;
            Ok::<_, Error>((device, account.ok_or(Error::SessionRefused)?))
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
        self.note_seen(&device).await;
        Ok(SignedIn {
            member: account.member,
            certificate: account.certificate,
            role: account.role,
            organisation: self.organisation().await?,
        })
    }

    pub(crate) async fn check_signed_in(
        &self,
        member: MemberId,
        device: DeviceId,
    ) -> Result<(), Error> {
        storage::read(self.storage(), move |reader| {
            reader
                .device(device)?
                .filter(|known| known.member == member && !known.revoked)
                .map(drop)
                .ok_or(Error::SessionRefused)
        })
        .await
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
