//! Sealed cursors: one for each member and conversation, overwritten in place. A module that can be switched off.

use std::sync::Arc;

use bus::{Notice, Topic};
use protocol::{
    MemberId,
    events::NewReceipt,
    limits::RECEIPT_BYTES_MAX,
    methods::{
        Done,
        conversations::{GetReceipts, PutReceipt, Receipt, Receipts},
    },
};

use crate::{Error, RECEIPTS, Service, entries::place};

impl Service {
    fn receipts_are_on(&self) -> Result<(), Error> {
        if self.config.modules.on(RECEIPTS) {
            Ok(())
        } else {
            Err(Error::ModuleOff(RECEIPTS))
        }
    }

    pub(crate) async fn do_put_receipt(
        &self,
        member: MemberId,
        params: PutReceipt,
    ) -> Result<Done, Error> {
        self.receipts_are_on()?;
        if params.body.len() > RECEIPT_BYTES_MAX {
            return Err(Error::TooLarge("the receipt"));
        }
        let receipt = Receipt {
            conversation: params.conversation,
            member,
            epoch: params.epoch,
            body: params.body,
        };
        let id = receipt.conversation;
        let event = NewReceipt {
            receipt: receipt.clone(),
        };
        let bus = Arc::clone(&self.bus);
        storage::write_then(
            self.storage.as_ref(),
            move |unit| {
                unit.membership(id, member)?.ok_or(Error::NotAMember)?;
                let row = unit.conversation(id)?.ok_or(Error::NotAMember)?;
                if receipt.epoch > row.epoch {
                    return Err(Error::BadRequest("there is no such epoch yet"));
                }
                unit.put_receipt(&receipt)?;
                Ok(Done {})
            },
            move |_| bus.publish(Notice::event(Topic::Conversation(id), &event)),
        )
        .await
    }

    pub(crate) async fn do_receipts(
        &self,
        member: MemberId,
        params: GetReceipts,
    ) -> Result<Receipts, Error> {
        self.receipts_are_on()?;
        storage::read(self.storage.as_ref(), move |reader| {
            place(reader, params.conversation, member)?;
            Ok(Receipts {
                receipts: reader.receipts(params.conversation)?,
            })
        })
        .await
    }
}
