//! Every limit, in one place. The server announces those that clients need in hello.

use serde::{Deserialize, Serialize};

/// Version of the protocol; the WebSocket subprotocol is `chatalk.v1`.
pub const PROTOCOL_VERSION: u16 = 1;
/// The greatest number on the wire (2^53 − 1), so that every language can hold it. Greater ones are refused unread.
pub const NUMBER_MAX: u64 = (1 << 53) - 1;
/// Name of the WebSocket subprotocol.
pub const SUBPROTOCOL: &str = "chatalk.v1";
/// Path of the WebSocket.
pub const SOCKET_PATH: &str = "/v1/socket";
/// Login names, in Unicode scalar values after preparation.
pub const LOGIN_NAME_MAX: usize = 32;
/// Display names, in grapheme clusters.
pub const DISPLAY_NAME_MAX: usize = 64;
/// Any name, in bytes, before it is looked at more closely.
pub const NAME_BYTES_MAX: usize = 512;
/// A device's name, in bytes.
pub const DEVICE_NAME_BYTES_MAX: usize = 128;
/// An organisation's name, in grapheme clusters.
pub const ORGANISATION_NAME_MAX: usize = 80;
/// A group's title, in grapheme clusters.
pub const TITLE_MAX: usize = 80;
/// Text of one message, in bytes of UTF-8.
pub const TEXT_BYTES_MAX: usize = 16 * 1024;
/// A sealed message body, in bytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;
/// A sealed receipt, in bytes.
pub const RECEIPT_BYTES_MAX: usize = 1024;
/// A commit, in bytes.
pub const COMMIT_BYTES_MAX: usize = 2 * 1024 * 1024;
/// One vault record, in bytes.
pub const RECORD_BYTES_MAX: usize = 512 * 1024;
/// A vault record's id, in bytes.
pub const RECORD_ID_MAX: usize = 64;
/// Records touched by one vault write.
pub const RECORDS_PER_WRITE_MAX: usize = 256;
/// Records of one member.
pub const RECORDS_PER_MEMBER_MAX: usize = 100_000;
/// Bytes of all records of one member.
pub const VAULT_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// The GroupInfo that a conversation is founded with, in bytes: one leaf and a policy.
pub const GROUP_INFO_BYTES_MAX: usize = 256 * 1024;
/// Key packages of one member on the server, besides the last-resort one.
pub const KEY_PACKAGES_MAX: usize = 100;
/// Key packages that a client keeps in store on the server.
pub const KEY_PACKAGES_KEPT: usize = 30;
/// Members of one conversation.
pub const CONVERSATION_MEMBERS_MAX: usize = 1000;
/// Requests for repair named in one summary; the newest.
pub const REPAIRS_MAX: usize = 16;
/// A key package, in bytes.
pub const KEY_PACKAGE_BYTES_MAX: usize = 16 * 1024;
/// Entries of one page.
pub const PAGE_ENTRIES_MAX: u32 = 200;
/// Bytes of bodies in one page, after which it ends early.
pub const PAGE_BYTES_MAX: usize = 1024 * 1024;
/// Vault heads in one answer.
pub const HEADS_MAX: u32 = 1000;
/// Names or ids in one look-up.
pub const LOOKUP_MAX: usize = 256;
/// Devices, and signed-out ones, in one list.
pub const DEVICES_LISTED_MAX: usize = 256;
/// Succession statements of one member that are kept; the newest.
pub const SUCCESSIONS_MAX: usize = 16;
/// A device that approves a sign-in has so long, by its own clock and by the server's (ms).
pub const APPROVAL_CLAIM_MS: u64 = 120_000;
/// Cursors in one `sync.start`.
pub const CURSORS_MAX: usize = 10_000;

/// What the server announces in hello, and enforces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Bytes of one frame from a client.
    pub frame_bytes: u32,
    /// Bytes of one sealed message body.
    pub body_bytes: u32,
    /// Requests of one connection that may wait for their answers.
    pub requests_in_flight: u32,
    /// Requests a second of one account, averaged.
    pub requests_per_second: u32,
    /// Messages a second of one account, averaged.
    pub messages_per_second: u32,
    /// Sign-in attempts an hour for one account, after which they are delayed.
    pub sign_ins_per_hour: u32,
    /// Connections of one address.
    pub connections_per_address: u32,
    /// Members of one conversation.
    pub conversation_members: u32,
    /// A client that sent nothing for this long sends `ping`; after twice this time the server closes.
    pub heartbeat_ms: u32,
    // Servers of the first version say nothing of those below.
    /// Bytes of one frame from a client before it is signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_frame_bytes: Option<u32>,
    /// Requests a second of one address before sign-in, averaged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guest_requests_per_second: Option<u32>,
    /// Connections of one address that are not signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guests_per_address: Option<u32>,
    /// Creations, commits, trees and Welcomes a second of one account, averaged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes_per_second: Option<u32>,
    /// Receipts a second of one account, averaged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipts_per_second: Option<u32>,
    /// Bytes of all records of one vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vault_bytes: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes: 4 * 1024 * 1024,
            body_bytes: BODY_BYTES_MAX as u32,
            requests_in_flight: 64,
            requests_per_second: 200,
            messages_per_second: 100,
            sign_ins_per_hour: 30,
            connections_per_address: 1000,
            conversation_members: CONVERSATION_MEMBERS_MAX as u32,
            heartbeat_ms: 25_000,
            guest_frame_bytes: None,
            guest_requests_per_second: None,
            guests_per_address: None,
            changes_per_second: None,
            receipts_per_second: None,
            vault_bytes: None,
        }
    }
}
