//! What can be shown in place of the timeline.

use std::fmt;

use client::view::PersonView;
use protocol::MemberId;

/// What is shown in place of the timeline.
#[derive(Clone, PartialEq, Eq)]
pub enum Panel {
    /// Commands and keys.
    Help,
    /// An invitation is being made.
    Inviting,
    /// An invitation.
    Invitation {
        /// Its link.
        link: String,
        /// When it expires (ms since 1970).
        expires: u64,
    },
    /// The people that were found.
    People,
    /// Who is in the conversation.
    Who(Vec<PersonView>),
    /// The devices of this member.
    Devices,
    /// What resetting the access of somebody of this name means, before it is done.
    ResetAsked(String),
    /// A reset link is being made.
    ResetMaking,
    /// A reset link.
    ResetLink {
        /// For whom.
        name: String,
        /// The link.
        link: String,
        /// When it expires (ms since 1970).
        expires: u64,
    },
    /// A safety number.
    Safety {
        /// With whom.
        member: MemberId,
        /// By name.
        name: String,
        /// 60 digits.
        number: String,
        /// It was compared, as the engine said with it.
        verified: bool,
    },
}

impl fmt::Debug for Panel {
    /// Without the links, which open the door, and without names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Help => "Help",
            Self::Inviting => "Inviting",
            Self::Invitation { .. } => "Invitation(..)",
            Self::People => "People",
            Self::Who(_) => "Who(..)",
            Self::Devices => "Devices",
            Self::ResetAsked(_) => "ResetAsked(..)",
            Self::ResetMaking => "ResetMaking",
            Self::ResetLink { .. } => "ResetLink(..)",
            Self::Safety { .. } => "Safety(..)",
        })
    }
}
