//! The service `vault`: a member's sealed records, compare-and-swap. The rules are in [`storage::vault`], because
//! registration, key packages and commits write vaults as part of their own units of work.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod error;
mod service;

use async_trait::async_trait;
use protocol::{
    DeviceId, MemberId,
    methods::vault::{GetHeads, GetRecords, Heads, Manifest, Records, VaultWrite, VaultWritten},
};

pub use error::Error;
pub use service::Service;

/// What the gateway asks of the vault. `member` and `device` are those of the signed-in session.
#[async_trait]
pub trait Vault: Send + Sync {
    /// Writes and deletes records: all or nothing. The member's devices are told.
    ///
    /// # Errors
    /// [`Error::Refused`] when versions moved or the write is malformed; [`Error::SessionRefused`] when the device was
    /// signed out meanwhile; [`Error::Storage`].
    async fn write(
        &self,
        member: MemberId,
        device: DeviceId,
        params: VaultWrite,
    ) -> Result<VaultWritten, Error>;

    /// Lists the vault, with its newest head.
    ///
    /// # Errors
    /// [`Error::Storage`].
    async fn manifest(&self, member: MemberId) -> Result<Manifest, Error>;

    /// Fetches heads, oldest first; ends at [`protocol::limits::HEADS_MAX`].
    ///
    /// # Errors
    /// [`Error::Storage`].
    async fn heads(&self, member: MemberId, params: GetHeads) -> Result<Heads, Error>;

    /// Fetches records; missing ones are left out; ends early when the answer grows too large.
    ///
    /// # Errors
    /// [`Error::TooMany`], [`Error::Storage`].
    async fn get(&self, member: MemberId, params: GetRecords) -> Result<Records, Error>;
}
