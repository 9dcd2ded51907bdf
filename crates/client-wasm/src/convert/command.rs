use client::{Command as Engine, NewAccount as EngineAccount, SeenNotices};
use e2ee::{
    passphrase::{Passphrase, prepare},
    recovery::RecoveryCode,
};
use protocol::ErrorCode;

use super::view::{engine_role, engine_settings};
use crate::types::{Command, Doing, Failure, NewAccount, Secret};

/// Which command it is.
#[must_use]
pub fn of(command: &Command) -> Doing {
    match command {
        Command::SetUp { .. } => Doing::SetUp,
        Command::Register { .. } => Doing::Register,
        Command::SignIn { .. } => Doing::SignIn,
        Command::SignOut => Doing::SignOut,
        Command::Invite => Doing::Invite,
        Command::CheckInvitation { .. } => Doing::CheckInvitation,
        Command::FindPeople { .. } => Doing::FindPeople,
        Command::OpenDirect { .. } => Doing::OpenDirect,
        Command::CreateGroup { .. } => Doing::CreateGroup,
        Command::SetTitle { .. } => Doing::SetTitle,
        Command::SetPicture { .. } => Doing::SetPicture,
        Command::AddMembers { .. } => Doing::AddMembers,
        Command::RemoveMember { .. } => Doing::RemoveMember,
        Command::LeaveGroup { .. } => Doing::LeaveGroup,
        Command::Hide { .. } => Doing::Hide,
        Command::SetRole { .. } => Doing::SetRole,
        Command::SetTimer { .. } => Doing::SetTimer,
        Command::DecideRestart { .. } => Doing::DecideRestart,
        Command::SetRules { .. } => Doing::SetRules,
        Command::SendText { .. } => Doing::SendText,
        Command::LookAt { .. } => Doing::Background,
        Command::MarkRead { .. } => Doing::MarkRead,
        Command::LoadOlder { .. } => Doing::LoadOlder,
        Command::SaveDraft { .. } => Doing::SaveDraft,
        Command::AcceptIdentity { .. } => Doing::AcceptIdentity,
        Command::SetVerified { .. } => Doing::SetVerified,
        Command::ChangePassphrase { .. } => Doing::ChangePassphrase,
        Command::SetRecovery { .. } => Doing::SetRecovery,
        Command::CancelSignIn => Doing::CancelSignIn,
        Command::SetApproval { .. } => Doing::ChangePassphrase,
        Command::ClaimApproval { .. } => Doing::ClaimApproval,
        Command::GrantApproval { .. } => Doing::GrantApproval,
        Command::DenyApproval { .. } => Doing::DenyApproval,
        Command::AskForgotten => Doing::AskForgotten,
        Command::ApproveForgotten { .. } => Doing::ApproveForgotten,
        Command::CancelForgotten => Doing::CancelForgotten,
        Command::ReplaceForgotten { .. } => Doing::ChangePassphrase,
        Command::ResetMember { .. } => Doing::ResetMember,
        Command::CheckReset { .. } => Doing::CheckReset,
        Command::BeginAnew { .. } => Doing::BeginAnew,
        Command::Rename { .. } => Doing::Rename,
        Command::CloseAccount { .. } => Doing::CloseAccount,
        Command::CloseAccountOf { .. } => Doing::CloseAccountOf,
        Command::Suspend { .. } => Doing::Suspend,
        Command::SetAdmin { .. } => Doing::SetAdmin,
        Command::ListDevices => Doing::ListDevices,
        Command::SignOutDevice { .. } => Doing::SignOutDevice,
        Command::SignOutOthers => Doing::SignOutOthers,
        Command::NoticesSeen { .. } => Doing::NoticesSeen,
        Command::SaveSettings { .. } => Doing::SaveSettings,
        Command::RetryNow => Doing::RetryNow,
    }
}

/// The engine's command.
///
/// # Errors
/// When an id or a passphrase can't be read.
pub fn command(command: Command) -> Result<Engine, Failure> {
    Ok(match command {
        Command::SetUp {
            code,
            organisation,
            account,
        } => Engine::SetUp {
            code: code.reveal().to_owned(),
            organisation,
            account: new_account(account)?,
        },
        Command::Register {
            invitation,
            account,
        } => Engine::Register {
            invitation: invitation.reveal().to_owned(),
            account: new_account(account)?,
        },
        Command::SignIn {
            login_name,
            code: Some(code),
            device_name,
            ..
        } => Engine::SignInByCode {
            login_name,
            code: recovery_code(&code)?,
            device_name,
        },
        Command::SignIn {
            login_name,
            passphrase: typed,
            device_name,
            ..
        } => Engine::SignIn {
            login_name,
            passphrase: passphrase(&typed.unwrap_or_default())?,
            device_name,
        },
        Command::Invite => Engine::Invite,
        Command::CheckInvitation { invitation } => Engine::CheckInvitation {
            invitation: invitation.reveal().to_owned(),
        },
        Command::FindPeople { query } => Engine::FindPeople { query },
        Command::OpenDirect { member } => Engine::OpenDirect {
            member: id(&member, Failure::NoPerson)?,
        },
        Command::CreateGroup { title, members } => Engine::CreateGroup {
            title,
            members: people(&members)?,
        },
        Command::SetTitle {
            conversation,
            title,
        } => Engine::SetTitle {
            conversation: id(&conversation, Failure::NoConversation)?,
            title,
        },
        Command::SetPicture { conversation, jpeg } => Engine::SetPicture {
            conversation: id(&conversation, Failure::NoConversation)?,
            jpeg,
        },
        Command::AddMembers {
            conversation,
            members,
        } => Engine::AddMembers {
            conversation: id(&conversation, Failure::NoConversation)?,
            members: people(&members)?,
        },
        Command::RemoveMember {
            conversation,
            member,
        } => Engine::RemoveMember {
            conversation: id(&conversation, Failure::NoConversation)?,
            member: id(&member, Failure::NoPerson)?,
        },
        Command::LeaveGroup { conversation } => Engine::LeaveGroup {
            conversation: id(&conversation, Failure::NoConversation)?,
        },
        Command::Hide {
            conversation,
            hidden,
        } => Engine::Hide {
            conversation: id(&conversation, Failure::NoConversation)?,
            hidden,
        },
        Command::SetRole {
            conversation,
            member,
            role,
        } => Engine::SetRole {
            conversation: id(&conversation, Failure::NoConversation)?,
            member: id(&member, Failure::NoPerson)?,
            role: engine_role(role),
        },
        Command::SetTimer {
            conversation,
            seconds,
        } => Engine::SetTimer {
            conversation: id(&conversation, Failure::NoConversation)?,
            seconds,
        },
        Command::DecideRestart {
            conversation,
            start,
        } => Engine::DecideRestart {
            conversation: id(&conversation, Failure::NoConversation)?,
            start,
        },
        Command::SetRules {
            conversation,
            announcements,
            history_all,
        } => Engine::SetRules {
            conversation: id(&conversation, Failure::NoConversation)?,
            announcements,
            history_all,
        },
        Command::SendText { conversation, text } => Engine::SendText {
            conversation: id(&conversation, Failure::NoConversation)?,
            text,
        },
        Command::LookAt { conversation } => Engine::LookAt {
            conversation: conversation
                .map(|conversation| id(&conversation, Failure::NoConversation))
                .transpose()?,
        },
        Command::MarkRead { conversation, seq } => Engine::MarkRead {
            conversation: id(&conversation, Failure::NoConversation)?,
            seq,
        },
        Command::LoadOlder { conversation } => Engine::LoadOlder {
            conversation: id(&conversation, Failure::NoConversation)?,
        },
        Command::AcceptIdentity { member, number } => Engine::AcceptIdentity {
            member: id(&member, Failure::NoPerson)?,
            number,
        },
        Command::SignOut => Engine::SignOut,
        Command::SaveDraft { conversation, text } => Engine::SaveDraft {
            conversation: id(&conversation, Failure::NoConversation)?,
            text,
        },
        Command::SetVerified { member, verified } => Engine::SetVerified {
            member: id(&member, Failure::NoPerson)?,
            verified,
        },
        Command::ChangePassphrase {
            code: Some(code),
            new,
            may_be_known,
            ..
        } => Engine::ChangePassphraseByCode {
            code: recovery_code(&code)?,
            new: passphrase(&new)?,
            may_be_known,
        },
        Command::ChangePassphrase {
            old,
            new,
            may_be_known,
            ..
        } => Engine::ChangePassphrase {
            old: passphrase(&old.unwrap_or_default())?,
            new: passphrase(&new)?,
            may_be_known,
        },
        Command::SetRecovery {
            passphrase: typed,
            code,
        } => Engine::SetRecovery {
            passphrase: passphrase(&typed)?,
            code: code.as_ref().map(recovery_code).transpose()?,
        },
        Command::CancelSignIn => Engine::CancelSignIn,
        Command::SetApproval { old, new, required } => Engine::SetApproval {
            old: passphrase(&old)?,
            new: passphrase(&new)?,
            required,
        },
        Command::ClaimApproval { device } => Engine::ClaimApproval {
            device: id(&device, not_found())?,
        },
        Command::GrantApproval { device } => Engine::GrantApproval {
            device: id(&device, not_found())?,
        },
        Command::DenyApproval { device } => Engine::DenyApproval {
            device: id(&device, not_found())?,
        },
        Command::AskForgotten => Engine::AskForgotten,
        Command::ApproveForgotten { member } => Engine::ApproveForgotten {
            member: member.map(|m| id(&m, Failure::NoPerson)).transpose()?,
        },
        Command::CancelForgotten => Engine::CancelForgotten,
        Command::ReplaceForgotten { new } => Engine::ReplaceForgotten {
            new: passphrase(&new)?,
        },
        Command::ResetMember { member } => Engine::ResetMember {
            member: id(&member, Failure::NoPerson)?,
        },
        Command::CheckReset { link } => Engine::CheckReset {
            link: link.reveal().to_owned(),
        },
        Command::BeginAnew {
            link,
            passphrase: typed,
            device_name,
        } => Engine::BeginAnew {
            link: link.reveal().to_owned(),
            passphrase: passphrase(&typed)?,
            device_name,
        },
        Command::Rename {
            passphrase: typed,
            display_name,
        } => Engine::Rename {
            passphrase: passphrase(&typed)?,
            display_name,
        },
        Command::CloseAccount { passphrase: typed } => Engine::CloseAccount {
            passphrase: passphrase(&typed)?,
        },
        Command::CloseAccountOf { member } => Engine::CloseAccountOf {
            member: id(&member, Failure::NoPerson)?,
        },
        Command::Suspend { member, suspended } => Engine::Suspend {
            member: id(&member, Failure::NoPerson)?,
            suspended,
        },
        Command::SetAdmin { member, admin } => Engine::SetAdmin {
            member: id(&member, Failure::NoPerson)?,
            admin,
        },
        Command::ListDevices => Engine::ListDevices,
        Command::SignOutDevice { device } => Engine::SignOutDevice {
            device: id(&device, not_found())?,
        },
        Command::SignOutOthers => Engine::SignOutOthers,
        Command::NoticesSeen {
            sign_ins,
            passphrase_changed,
            recovery_changed,
        } => {
            let seen = sign_ins.iter();
            let seen = seen.map(|one| Ok((id(&one.device, not_found())?, one.time)));
            Engine::NoticesSeen(SeenNotices {
                sign_ins: seen.collect::<Result<_, Failure>>()?,
                passphrase: passphrase_changed,
                recovery: recovery_changed,
            })
        }
        Command::SaveSettings { settings } => Engine::SaveSettings(engine_settings(settings)),
        Command::RetryNow => Engine::RetryNow,
    })
}

fn new_account(account: NewAccount) -> Result<EngineAccount, Failure> {
    Ok(EngineAccount {
        login_name: account.login_name,
        display_name: account.display_name,
        passphrase: passphrase(&account.passphrase)?,
        device_name: account.device_name,
    })
}

fn passphrase(typed: &Secret) -> Result<Passphrase, Failure> {
    prepare(typed.reveal()).map_err(|_| Failure::Passphrase)
}

fn recovery_code(typed: &Secret) -> Result<RecoveryCode, Failure> {
    RecoveryCode::read(typed.reveal()).map_err(|_| Failure::RecoveryCode)
}

fn people(members: &[String]) -> Result<Vec<protocol::MemberId>, Failure> {
    members.iter().map(|m| id(m, Failure::NoPerson)).collect()
}

/// A device that can't be one: as the server says it of those that are not there.
fn not_found() -> Failure {
    super::failure(protocol::WireError::from(ErrorCode::NotFound).into())
}

/// An id out of its hexadecimal digits.
pub(crate) fn id<T: std::str::FromStr>(digits: &str, otherwise: Failure) -> Result<T, Failure> {
    digits.parse().map_err(|_| otherwise)
}
