use serde::{Deserialize, Serialize};

use super::{
    Approvals, Connection, Conversation, Failure, Forgotten, Person, Recovery, Secret, Session,
    Settings, SignInNotice,
};

/// How the engine begins.
#[derive(Debug, Default, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct OpenOptions {
    /// Keep nothing on the disk.
    pub in_memory: bool,
    /// Opens the local store where an app lock is set.
    #[serde(default)]
    #[cfg_attr(feature = "types", ts(optional, type = "string"))]
    pub unlock: Option<Secret>,
}

/// What is there when the app starts.
#[allow(clippy::large_enum_variant, reason = "there is one for each start")]
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(tag = "is", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub enum Opened {
    Ready {
        state: State,
    },
    /// An app lock is set: open again with `unlock`. `wrong`: the one given is not it.
    Locked {
        wrong: bool,
    },
    /// What is kept here can't be opened: written by a newer version, damaged, or no room. `wipe` begins anew.
    Failed {
        failure: Failure,
    },
}

/// Everything that the first screen needs.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it; the others are documented")]
pub struct State {
    pub session: Option<Session>,
    /// The server refused this device.
    pub signed_out: bool,
    /// null until the server said hello.
    pub server: Option<Server>,
    pub connection: Connection,
    pub conversations: Vec<Conversation>,
    pub notices: Vec<SignInNotice>,
    /// When another device changed the passphrase, until the person acknowledges it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "types", ts(optional))]
    pub passphrase_changed: Option<u64>,
    /// The same of the recovery code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "types", ts(optional))]
    pub recovery_changed: Option<u64>,
    pub recovery: Recovery,
    pub approvals: Approvals,
    /// This member's request for a new passphrase in the place of a forgotten one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "types", ts(optional))]
    pub forgotten: Option<Forgotten>,
    /// Others who ask for approval of one, told to admins.
    pub forgotten_others: Vec<Person>,
    pub settings: Settings,
    pub storage: StorageState,
}

/// The server, as it said hello.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names say it")]
pub struct Server {
    pub organisation: String,
    pub set_up_needed: bool,
    #[cfg_attr(feature = "types", ts(type = "true"))]
    pub unaudited: bool,
    pub version: String,
}

/// Where this browser keeps things.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub struct StorageState {
    /// Where things are kept.
    #[cfg_attr(feature = "types", ts(type = "'disk' | 'memory'"))]
    pub kept: &'static str,
    /// Why not on the disk although that was wanted.
    pub why: Option<Why>,
    /// The browser promised not to evict it.
    pub persistent: bool,
    /// The person must unlock the app.
    pub app_lock: bool,
}

/// Why nothing is kept on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum Why {
    /// A public computer.
    Public,
    /// The browser does not offer it here.
    Unsupported,
}

/// What an invitation says of itself.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
pub struct InvitationInfo {
    /// `host:port`.
    pub addresses: Vec<String>,
    /// The instance's certificate authority, in six words.
    pub words: Vec<String>,
}

/// What a scanned safety code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum SafetyCheck {
    /// It is this person.
    Match,
    /// It is not: somebody may stand between.
    Mismatch,
    /// It is no safety code at all.
    NotASafetyCode,
    /// It is that of somebody else.
    OtherPerson,
}
