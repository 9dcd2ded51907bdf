//! Changing the passphrase: the new OPAQUE record and the vault's new wraps in one unit of work.

use bus::{Notice, Topic};
use e2ee::opaque::{self, server};
use protocol::{
    DeviceId, MemberId,
    events::{PassphraseChanged, VaultChanged},
    methods::{
        account::{RegisterStarted, Stretching},
        own_account::{FinishPassphrase, StartPassphrase},
        vault::{VaultWrite, VaultWritten, kind},
    },
};
use storage::vault::VaultRefusal;

use crate::{
    Error, Service,
    devices::check_session,
    proof::{Proof, opaque_error},
};

/// Refuses key stretching below the floor, or beyond reason.
pub(crate) fn check_stretching(used: &Stretching, floor: &Stretching) -> Result<(), Error> {
    let of = |wire: &Stretching| opaque::Stretching {
        memory_kib: wire.memory_kib,
        passes: wire.passes,
        lanes: wire.lanes,
    };
    of(used)
        .validate_for_registration(&of(floor))
        .map_err(|_| Error::StretchingTooWeak(*floor))
}

/// Refuses a write that leaves one of these records out, of which a member has one each: the change would lock them out.
pub(crate) fn must_put(
    write: &VaultWrite,
    kinds: &[u8],
    refusal: &'static str,
) -> Result<(), Error> {
    let put = |kind: u8| {
        let mut names = write.puts.iter().map(|put| &put.name);
        names.any(|name| name.kind == kind && name.id.is_empty())
    };
    if kinds.iter().all(|kind| put(*kind)) {
        Ok(())
    } else {
        Err(VaultRefusal::Invalid(refusal).into())
    }
}

impl Service {
    pub(crate) async fn do_passphrase_start(
        &self,
        member: MemberId,
        device: DeviceId,
        params: StartPassphrase,
    ) -> Result<RegisterStarted, Error> {
        // For who holds a KE2 of this member, every evaluation of the OPRF is a guess.
        self.limits.proofs.take(device, self.now())?;
        let response = server::registration_response(&self.oprf_seed, &params.request, member)
            .map_err(opaque_error)?;
        Ok(RegisterStarted {
            response: response.into(),
            stretching_floor: self.config.stretching_floor,
        })
    }

    pub(crate) async fn do_passphrase_finish(
        &self,
        member: MemberId,
        device: DeviceId,
        proof: Proof,
        params: FinishPassphrase,
    ) -> Result<VaultWritten, Error> {
        let proved = self.proved(proof, member, device, &params.ke3)?;
        self.limits.proofs.give_back(&device); // that of the start
        check_stretching(&params.stretching, &self.config.stretching_floor)?;
        let record = server::registration_record(&params.upload).map_err(opaque_error)?;
        must_put(
            &params.vault,
            &[kind::WRAPS, kind::ROOT],
            "the wraps and the root record for the new passphrase are missing",
        )?;
        let bus = self.ports.bus.clone();
        let changed = PassphraseChanged { time: self.now() };
        let mut event = VaultChanged::by(&params.vault, 0);
        let head = storage::write_then(
            self.storage(),
            move |unit| {
                check_session(unit, device)?;
                let account = unit.account(member)?.ok_or(Error::NotFound)?;
                proved.check_current(&account)?;
                unit.update_passphrase(member, &record, &params.stretching)?;
                Ok::<_, Error>(storage::vault::apply(unit, member, &params.vault)?)
            },
            move |head| {
                event.head = *head;
                bus.publish(Notice::event(Topic::Member(member), &event));
                bus.publish(Notice::event(Topic::Member(member), &changed));
            },
        )
        .await?;
        tracing::info!(%member, "passphrase changed");
        Ok(VaultWritten { head })
    }
}
