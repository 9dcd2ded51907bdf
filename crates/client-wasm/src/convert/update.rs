use client::{Doing as EngineDoing, Engine, Store, Update as EngineUpdate};

use super::{
    failure,
    view::{
        approvals, connection, conversations, device, forgotten, inviter, notice, person, recovery,
        reset_for, session, settings, sign_in_approval,
    },
};
use crate::types::{Doing, Update};

/// What the engine tells, in the app's words and with what it is about. None: nothing for the app.
pub fn update<S: Store>(
    engine: &Engine<S>,
    in_memory: bool,
    update: EngineUpdate,
) -> Option<Update> {
    Some(match update {
        EngineUpdate::Connection(view) => Update::Connection {
            connection: connection(view),
        },
        EngineUpdate::Progress(of) => Update::Progress { doing: doing(of) },
        EngineUpdate::SignedIn { .. } => Update::SignedIn {
            session: session(engine, in_memory)?,
        },
        EngineUpdate::SignedOut => Update::SignedOut,
        EngineUpdate::Conversations => Update::Conversations {
            conversations: conversations(engine),
        },
        EngineUpdate::Timeline(conversation) => Update::Timeline {
            conversation: conversation.to_string(),
        },
        EngineUpdate::Opened(conversation) => Update::Opened {
            conversation: conversation.to_string(),
        },
        EngineUpdate::People(people) => Update::People {
            people: people.into_iter().map(person).collect(),
        },
        EngineUpdate::Invitation { link, expires } => Update::Invitation { link, expires },
        EngineUpdate::InvitedBy(by) => Update::InvitedBy {
            inviter: inviter(by),
        },
        EngineUpdate::Forgotten(request) => Update::Forgotten {
            request: request.map(forgotten),
        },
        EngineUpdate::ForgottenOthers(people) => Update::ForgottenOthers {
            people: people.into_iter().map(person).collect(),
        },
        EngineUpdate::ResetLink {
            member,
            link,
            expires,
        } => Update::ResetLink {
            member: member.to_string(),
            link,
            expires,
        },
        EngineUpdate::ResetFor(view) => Update::ResetFor {
            member: reset_for(view),
        },
        EngineUpdate::IdentityChanged(member, _) => Update::IdentityChanged {
            member: member.to_string(),
        },
        EngineUpdate::Wiped => Update::Wiped { cleared: None },
        EngineUpdate::Notices(notices) => Update::Notices {
            sign_ins: notices.into_iter().map(notice).collect(),
            passphrase_changed: engine.passphrase_changed(),
            recovery_changed: engine.recovery_changed(),
        },
        EngineUpdate::Recovery(view) => Update::Recovery {
            recovery: recovery(view),
        },
        EngineUpdate::SignInApproval(view) => Update::SignInApproval {
            approval: view.map(sign_in_approval),
        },
        EngineUpdate::Approvals(view) => Update::Approvals {
            approvals: approvals(view),
        },
        // they are among the notices
        EngineUpdate::DeviceSignedIn { .. }
        | EngineUpdate::PassphraseChanged { .. }
        | EngineUpdate::RecoveryChanged { .. } => {
            return None;
        }
        EngineUpdate::Devices(devices) => Update::Devices {
            devices: devices.into_iter().map(device).collect(),
        },
        EngineUpdate::Settings(kept) => Update::Settings {
            settings: settings(kept),
        },
        EngineUpdate::ChangingKeys { done, total } => Update::ChangingKeys { done, total },
        EngineUpdate::Done(of) => Update::Done { doing: doing(of) },
        EngineUpdate::Failed {
            doing: of,
            failure: why,
        } => Update::Failed {
            doing: doing(of),
            failure: failure(why),
        },
    })
}

fn doing(doing: EngineDoing) -> Doing {
    match doing {
        EngineDoing::SettingUp => Doing::SetUp,
        EngineDoing::Registering => Doing::Register,
        EngineDoing::SigningIn => Doing::SignIn,
        EngineDoing::SigningOut => Doing::SignOut,
        EngineDoing::Inviting => Doing::Invite,
        EngineDoing::CheckingInvitation => Doing::CheckInvitation,
        EngineDoing::Finding => Doing::FindPeople,
        EngineDoing::Opening => Doing::OpenDirect,
        EngineDoing::CreatingGroup => Doing::CreateGroup,
        EngineDoing::SettingTitle => Doing::SetTitle,
        EngineDoing::SettingPicture => Doing::SetPicture,
        EngineDoing::AddingMembers => Doing::AddMembers,
        EngineDoing::RemovingMember => Doing::RemoveMember,
        EngineDoing::Leaving => Doing::LeaveGroup,
        EngineDoing::Hiding => Doing::Hide,
        EngineDoing::SettingRole => Doing::SetRole,
        EngineDoing::SettingTimer => Doing::SetTimer,
        EngineDoing::Restarting => Doing::DecideRestart,
        EngineDoing::SettingRules => Doing::SetRules,
        EngineDoing::Sending => Doing::SendText,
        EngineDoing::Reading => Doing::MarkRead,
        EngineDoing::LoadingOlder => Doing::LoadOlder,
        EngineDoing::SavingDraft => Doing::SaveDraft,
        EngineDoing::Accepting => Doing::AcceptIdentity,
        EngineDoing::Verifying => Doing::SetVerified,
        EngineDoing::ChangingPassphrase => Doing::ChangePassphrase,
        EngineDoing::ChangingRecovery => Doing::SetRecovery,
        EngineDoing::CancellingSignIn => Doing::CancelSignIn,
        EngineDoing::ApprovingSignIn => Doing::ClaimApproval,
        EngineDoing::LettingIn => Doing::GrantApproval,
        EngineDoing::RefusingSignIn => Doing::DenyApproval,
        EngineDoing::AskingForgotten => Doing::AskForgotten,
        EngineDoing::ApprovingForgotten => Doing::ApproveForgotten,
        EngineDoing::CancellingForgotten => Doing::CancelForgotten,
        EngineDoing::ResettingMember => Doing::ResetMember,
        EngineDoing::CheckingReset => Doing::CheckReset,
        EngineDoing::BeginningAnew => Doing::BeginAnew,
        EngineDoing::Renaming => Doing::Rename,
        EngineDoing::ClosingAccount => Doing::CloseAccount,
        EngineDoing::ClosingAccountOf => Doing::CloseAccountOf,
        EngineDoing::Suspending => Doing::Suspend,
        EngineDoing::SettingAdmin => Doing::SetAdmin,
        EngineDoing::ListingDevices => Doing::ListDevices,
        EngineDoing::SigningOutDevice => Doing::SignOutDevice,
        EngineDoing::SigningOutOthers => Doing::SignOutOthers,
        EngineDoing::SeeingNotices => Doing::NoticesSeen,
        EngineDoing::SavingSettings => Doing::SaveSettings,
        EngineDoing::Retrying => Doing::RetryNow,
        EngineDoing::UpdatingKeys | EngineDoing::Background => Doing::Background,
    }
}
