//! Carrying out what a person asks.

use crate::{
    Command, Doing, Engine, Failure, Output, Store, Update, devices::Listing, sign_in::By,
    view::ConnectionView,
};

impl<S: Store> Engine<S> {
    pub(crate) fn carry_out(&mut self, command: Command) -> Result<(), Failure> {
        let doing = command.doing();
        match command {
            Command::SetUp { .. } | Command::Register { .. } | Command::BeginAnew { .. } => {
                return self.start_registration(command);
            }
            Command::SignIn {
                login_name,
                passphrase,
                device_name,
            } => {
                let by = By::Passphrase(passphrase);
                return self.start_sign_in(&login_name, by, device_name);
            }
            Command::SignInByCode {
                login_name,
                code,
                device_name,
            } => return self.start_sign_in(&login_name, By::Code(code), device_name),
            Command::CancelSignIn => self.cancel_sign_in(),
            Command::SetApproval { old, new, required } => {
                return self.set_approval(old, new, required);
            }
            Command::ClaimApproval { device } => return self.claim_approval(device),
            Command::GrantApproval { device } => return self.grant_approval(device),
            Command::DenyApproval { device } => return self.deny_approval(device),
            Command::Invite => return self.invite(),
            Command::CheckInvitation { invitation } => {
                return self.check_invitation(&invitation);
            }
            Command::FindPeople { query } => return self.find(query),
            Command::OpenDirect { member } => return self.open_direct(member),
            Command::CreateGroup { title, members } => return self.create_group(&title, members),
            Command::AddMembers {
                conversation,
                members,
            } => return self.add_members(conversation, members),
            Command::RemoveMember {
                conversation,
                member,
            } => return self.remove_member(conversation, member),
            Command::LeaveGroup { conversation } => return self.leave_group(conversation),
            Command::Hide {
                conversation,
                hidden,
            } => self.hide(conversation, hidden)?,
            Command::SetRole {
                conversation,
                member,
                role,
            } => return self.set_role(conversation, member, role),
            Command::SetRules {
                conversation,
                announcements,
                history_all,
            } => return self.set_rules(conversation, announcements, history_all),
            Command::SetTimer {
                conversation,
                seconds,
            } => return self.set_timer(conversation, seconds),
            Command::DecideRestart {
                conversation,
                start,
            } => self.decide_restart(conversation, start)?,
            Command::SetTitle {
                conversation,
                title,
            } => self.set_title(conversation, &title)?,
            Command::SetPicture { conversation, jpeg } => self.set_picture(conversation, jpeg)?,
            Command::SendText { conversation, text } => return self.send_text(conversation, text),
            Command::LoadOlder { conversation } => return self.load_older(conversation),
            Command::UpdateKeys { conversation } => return self.update_keys(conversation),
            Command::LookAt { conversation } => self.looked_at = conversation,
            Command::MarkRead { conversation, seq } => self.mark_read(conversation, seq),
            Command::SaveDraft { conversation, text } => self.save_draft(conversation, &text)?,
            Command::SaveSettings(settings) => self.save_settings(&settings)?,
            Command::AcceptIdentity { member, number } => {
                self.accept_identity(member, number.as_deref())?;
            }
            Command::SetVerified { member, verified } => self.set_verified(member, verified)?,
            Command::RetryNow => self.retry_now(),
            Command::NoticesSeen(seen) => self.notices_seen(&seen),
            Command::SignOut => return self.sign_out(),
            Command::ListDevices => return self.list_devices(Listing::Asked),
            Command::SignOutDevice { device } => return self.sign_out_device(device),
            Command::SignOutOthers => return self.list_devices(Listing::SignOutOthers),
            Command::ChangePassphrase {
                old,
                new,
                may_be_known,
            } => return self.change_passphrase(By::Passphrase(old), new, may_be_known),
            Command::ChangePassphraseByCode {
                code,
                new,
                may_be_known,
            } => return self.change_passphrase(By::Code(code), new, may_be_known),
            Command::AskForgotten => return self.ask_forgotten(),
            Command::ApproveForgotten { member } => return self.approve_forgotten(member),
            Command::CancelForgotten => return self.cancel_forgotten(),
            Command::ReplaceForgotten { new } => return self.replace_forgotten(new),
            Command::ResetMember { member } => return self.reset_member(member),
            Command::CheckReset { link } => return self.check_reset(&link),
            Command::SetRecovery { passphrase, code } => {
                return self.set_recovery(passphrase, code);
            }
            Command::CloseAccount { passphrase } => return self.close_account(passphrase),
            Command::CloseAccountOf { member } => return self.close_account_of(member),
            Command::Suspend { member, suspended } => return self.suspend(member, suspended),
            Command::SetAdmin { member, admin } => return self.set_admin(member, admin),
            Command::Rename {
                passphrase,
                display_name,
            } => return self.rename(passphrase, &display_name),
        }
        self.done(doing);
        Ok(())
    }

    /// Tells that a command is done, unless something else tells it.
    pub(crate) fn done(&mut self, doing: Doing) {
        let told = matches!(
            doing,
            Doing::Reading
                | Doing::SavingDraft
                | Doing::SavingSettings
                | Doing::Retrying
                | Doing::Background
        );
        if !told {
            self.tell(Update::Done(doing));
        }
    }

    pub(crate) fn retry_now(&mut self) {
        if self.connection.retry_now(self.now) {
            self.out.push_back(Output::Connect);
            self.tell(Update::Connection(ConnectionView::Connecting));
        }
    }
}
