//! What the app and the engine say to each other: the types of `web/src/engine/generated.ts`.
//!
//! Ids are lower-case hexadecimal, times are milliseconds since 1970, `seq` counts from 1.

mod command;
mod failure;
mod state;
mod update;
mod view;

pub use command::{Command, Doing, NewAccount, Secret, SeenSignIn};
pub use failure::Failure;
pub use state::{
    InvitationInfo, OpenOptions, Opened, SafetyCheck, Server, State, StorageState, Why,
};
pub use update::Update;
pub use view::{
    Adding, ApprovalStep, Approvals, Connection, Conversation, Device, Forgotten, Group, GroupRole,
    IdentityChange, Inviter, Item, ItemBody, Language, Last, NewRole, Page, Person, Recovery,
    ResetFor, Role, SendState, Session, Settings, SignInApproval, SignInNotice, Stuck, Theme,
    Unsent, WaitingSignIn,
};

/// 32 hexadecimal digits.
pub type Id = String;
