//! The service `conversations`: one ordered log each, commits checked and applied, messages, receipts, catching up.
//!
//! [`Conversations`] is what the gateway calls; [`Service`] does it on the ports of `storage` and `bus`.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod append;
mod cache;
mod closed;
mod commit;
mod create;
mod declare;
mod entries;
mod error;
mod events;
mod expiry;
mod modules;
mod public;
mod receipts;
mod repair;
mod restart;
mod run;
mod send;
mod service;
mod summary;
mod sync;
mod turns;
mod welcomes;

use async_trait::async_trait;
use protocol::{
    ConversationId, DeviceId, MemberId,
    methods::{
        Done,
        conversations::{
            Accepted, AskRepair, CommitConversation, CreateConversation, Declare, Entries,
            GetEntries, GetReceipts, GetTree, GetWelcome, PutReceipt, Receipts,
            RestartConversation, SendMessage, Tree, Welcome,
        },
        sync::{ConversationSummary, StartSync, SyncStarted},
    },
};

pub use error::Error;
pub use modules::{Modules, RECEIPTS, UnknownModule};
pub use service::{Config, Service};

/// What the gateway asks of conversations. `member` and `device` are those of the signed-in session.
///
/// Every method fails with [`Error::Storage`] when the database does, besides what is named; those about one
/// conversation fail with [`Error::NotAMember`] alike for conversations that one is not in and that do not exist. Those
/// that take a `device` fail with [`Error::SessionRefused`] when it was signed out meanwhile.
///
/// Events are published even when the returned future is dropped after the request has reached the database.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// Founds a conversation: epoch 0 with its author alone and the commit that adds the others.
    ///
    /// # Errors
    /// [`Error::CommitRefused`], [`Error::ConversationExists`], [`Error::DirectExists`], [`Error::Full`],
    /// [`Error::KeyPackageInvalid`], [`Error::Vault`], [`Error::TooLarge`].
    async fn create(
        &self,
        member: MemberId,
        device: DeviceId,
        params: CreateConversation,
    ) -> Result<Accepted, Error>;

    /// Applies a commit, if it closes the current epoch and the author may.
    ///
    /// # Errors
    /// [`Error::EpochMoved`], [`Error::CommitRefused`], [`Error::Full`], [`Error::KeyPackageInvalid`],
    /// [`Error::Vault`], [`Error::TooLarge`].
    async fn commit(
        &self,
        member: MemberId,
        device: DeviceId,
        params: CommitConversation,
    ) -> Result<Accepted, Error>;

    /// Founds a conversation anew under the next restart number, in its log.
    ///
    /// # Errors
    /// [`Error::EpochMoved`], [`Error::BadRequest`] for a statement that does not verify or fit, [`Error::Forbidden`] for
    /// who may not, [`Error::CommitRefused`], [`Error::Full`], [`Error::KeyPackageInvalid`], [`Error::Vault`],
    /// [`Error::TooLarge`].
    async fn restart(
        &self,
        member: MemberId,
        device: DeviceId,
        params: RestartConversation,
    ) -> Result<Accepted, Error>;

    /// States something in clear: that the member leaves (delivery to them stops at once, and the next commit removes their
    /// leaf), the link that a commit came without, or that a commit can't be followed.
    ///
    /// # Errors
    /// [`Error::EpochMoved`], [`Error::Forbidden`] for a leave in a direct conversation, [`Error::BadRequest`] for a statement that
    /// does not verify or is of another kind, [`Error::TooLarge`].
    async fn declare(
        &self,
        member: MemberId,
        device: DeviceId,
        params: Declare,
    ) -> Result<Accepted, Error>;

    /// Takes a member whose account is closed out of all conversations, and tells these. Nothing happens to others.
    ///
    /// # Errors
    /// [`Error::Storage`]; what is not done then is done by the next sweep.
    async fn depart(&self, member: MemberId) -> Result<(), Error>;

    /// Appends a message. The same message id again gives the first answer again, also after re-sealing.
    ///
    /// # Errors
    /// [`Error::EpochMoved`], [`Error::TooLarge`], [`Error::BadRequest`] for an expiry in the past.
    async fn send(
        &self,
        member: MemberId,
        device: DeviceId,
        params: SendMessage,
    ) -> Result<Accepted, Error>;

    /// A page of a log, from the first entry that the member may see.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for seq 0.
    async fn entries(&self, member: MemberId, params: GetEntries) -> Result<Entries, Error>;

    /// The public tree of an epoch.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an epoch that is not, or was before the member's time.
    async fn tree(&self, member: MemberId, params: GetTree) -> Result<Tree, Error>;

    /// The Welcome that waits for the member, with all that is needed to join.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    async fn welcome(&self, member: MemberId, params: GetWelcome) -> Result<Welcome, Error>;

    /// Keeps a member's request for a new leaf, and tells the others. The same again is nothing.
    ///
    /// # Errors
    /// [`Error::BadRequest`] when it does not verify, [`Error::KeyPackageInvalid`], [`Error::TooSoon`],
    /// [`Error::Vault`], [`Error::TooLarge`].
    async fn ask_repair(
        &self,
        member: MemberId,
        device: DeviceId,
        params: AskRepair,
    ) -> Result<Done, Error>;

    /// Overwrites the member's sealed cursor.
    ///
    /// # Errors
    /// [`Error::ModuleOff`], [`Error::TooLarge`], [`Error::BadRequest`] for an epoch that is not yet.
    async fn put_receipt(&self, member: MemberId, params: PutReceipt) -> Result<Done, Error>;

    /// All cursors of a conversation.
    ///
    /// # Errors
    /// [`Error::ModuleOff`].
    async fn receipts(&self, member: MemberId, params: GetReceipts) -> Result<Receipts, Error>;

    /// What has changed since the client's cursors. The gateway subscribes to `conversations_of` first.
    ///
    /// # Errors
    /// [`Error::BadRequest`] for too many cursors.
    async fn sync(&self, member: MemberId, params: StartSync) -> Result<SyncStarted, Error>;

    /// The conversations that the member is in: what their sessions subscribe to before [`Conversations::sync`].
    ///
    /// # Errors
    /// [`Error::Storage`].
    async fn conversations_of(&self, member: MemberId) -> Result<Vec<ConversationId>, Error>;

    /// How a conversation stands, for one of its members.
    ///
    /// # Errors
    /// [`Error::NotAMember`].
    async fn summary(
        &self,
        member: MemberId,
        conversation: ConversationId,
    ) -> Result<ConversationSummary, Error>;
}
