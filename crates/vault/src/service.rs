//! The service on its ports.

use std::sync::Arc;

use async_trait::async_trait;
use bus::{Bus, Notice, Topic};
use protocol::{
    DeviceId, MemberId,
    events::VaultChanged,
    limits::{HEADS_MAX, LOOKUP_MAX, PAGE_BYTES_MAX},
    methods::vault::{GetHeads, GetRecords, Heads, Manifest, Records, VaultWrite, VaultWritten},
};
use storage::Storage;

use crate::{Error, Vault};

/// The service. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    storage: Arc<dyn Storage>,
    bus: Arc<dyn Bus>,
}

impl Service {
    /// The service on a database and a bus.
    #[must_use]
    pub fn new(storage: Arc<dyn Storage>, bus: Arc<dyn Bus>) -> Self {
        Self { storage, bus }
    }
}

#[async_trait]
impl Vault for Service {
    async fn write(
        &self,
        member: MemberId,
        device: DeviceId,
        params: VaultWrite,
    ) -> Result<VaultWritten, Error> {
        let bus = Arc::clone(&self.bus);
        let mut event = VaultChanged::by(&params, 0);
        let head = storage::write_then(
            self.storage.as_ref(),
            move |unit| {
                if unit.is_signed_out(device)? {
                    return Err(Error::SessionRefused);
                }
                match unit.waiting_device(device)? {
                    // let in by another device: it has opened the vault with what was handed over
                    Some(waiting) if waiting.granted.is_some() => unit.drop_waiting(device)?,
                    Some(_) => return Err(Error::SessionRefused),
                    None => {}
                }
                Ok(storage::vault::apply(unit, member, &params)?)
            },
            move |head| {
                event.head = *head;
                bus.publish(Notice::event(Topic::Member(member), &event));
            },
        )
        .await?;
        Ok(VaultWritten { head })
    }

    async fn manifest(&self, member: MemberId) -> Result<Manifest, Error> {
        storage::read(self.storage.as_ref(), move |reader| {
            Ok(Manifest {
                head: reader.vault_head(member)?.map(|head| head.bytes),
                records: reader.vault_manifest(member)?,
            })
        })
        .await
    }

    async fn heads(&self, member: MemberId, params: GetHeads) -> Result<Heads, Error> {
        let limit = params.limit.min(HEADS_MAX);
        storage::read(self.storage.as_ref(), move |reader| {
            let heads = reader.vault_heads(member, params.from, limit)?;
            Ok(Heads {
                heads: heads.into_iter().map(|head| head.bytes).collect(),
            })
        })
        .await
    }

    async fn get(&self, member: MemberId, params: GetRecords) -> Result<Records, Error> {
        if params.names.len() > LOOKUP_MAX {
            return Err(Error::TooMany { max: LOOKUP_MAX });
        }
        storage::read(self.storage.as_ref(), move |reader| {
            let mut found = Records {
                records: Vec::new(),
                more: false,
            };
            let mut bytes = 0;
            for name in &params.names {
                // At least one record is given, so that asking for the rest gets somewhere.
                if bytes >= PAGE_BYTES_MAX {
                    found.more = true;
                    break;
                }
                if let Some(record) = reader.record(member, name)? {
                    bytes += record.bytes.len();
                    found.records.push(record);
                }
            }
            Ok(found)
        })
        .await
    }
}
