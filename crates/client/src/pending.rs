//! What an unanswered request is for, and where its answer goes.

use protocol::{
    Bytes, ConversationId, DeviceId, Event, Hash32, InvitationId, MemberId, MessageId, WireError,
    decode, methods::people::Person,
};

use crate::{
    Doing, Engine, Failure, Store,
    devices::Listing,
    vault::{After, Job},
};

/// After a refusal that may pass, the same is not asked again before this time.
pub(crate) const HOLD_MS: ambient::Millis = 2_000;

/// What an unanswered request is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Pending {
    Ping,
    Resume,
    Sync,
    CheckInvitation,
    /// An invitation that nobody uses yet, by the hash of its secret.
    LookAtInvitation(Hash32),
    RegisterStart,
    RegisterFinish,
    SignInStart,
    SignInFinish,
    /// The same device again, on a new connection.
    ResumeSignIn,
    CancelSignIn,
    AskApproval,
    ApprovalState,
    RevealApproval,
    ClaimApproval(DeviceId),
    GiveUpApproval,
    GrantApproval(DeviceId),
    DenyApproval,
    /// The secret of approvals.
    ApprovalRecord,
    /// Keys of the vault, during sign-in.
    UnlockManifest,
    UnlockRecords,
    UnlockPins,
    Manifest,
    ManifestForPins,
    /// Wraps and identity, which another device has changed.
    Keys,
    /// What a change of keys has still to do.
    KeyChange,
    /// A proof of the passphrase.
    Proof,
    ProofRoot,
    ProofRegistration,
    CloseAccount,
    /// What an admin does with a member of the organisation.
    Member(Doing, MemberId),
    /// What vouches for another identity of one's own, before the vault's keys are judged again.
    Heir,
    AskForgotten,
    ApproveForgotten,
    CancelForgotten,
    ResetMember(MemberId),
    /// A reset link that nobody uses yet, by the hash of its secret.
    LookAtReset(Hash32),
    CheckReset,
    Devices(Listing),
    SignOutDevices(Doing, Vec<DeviceId>),
    /// The sign-out of this device, which has forgotten everything else.
    SignOut,
    /// Settings, drafts and cursors.
    Loose(Vec<e2ee::vault::RecordName>),
    /// Heads between the last one known and the newest.
    Heads(After),
    VaultWrite(Job),
    Invite(InvitationId),
    Find,
    People(Vec<MemberId>),
    Certificate(Hash32),
    Claim(MemberId),
    /// Entries that follow the cursor.
    Forward(ConversationId),
    /// Entries before the oldest one held.
    Backward(ConversationId),
    /// Commits alone, for the chain that leads down from the state of this epoch.
    Chain(ConversationId, u64),
    State(ConversationId),
    /// The secret of an epoch: restart number and epoch.
    SegmentHead(ConversationId, u32, u64),
    /// Secrets of messages that disappear.
    Timed,
    Tree(ConversationId),
    Welcome(ConversationId),
    Send(ConversationId, MessageId),
    Leave(ConversationId),
    /// A link that is said anew, to this epoch.
    Link(ConversationId, u64),
    /// That a commit can't be followed.
    Complaint(ConversationId),
    Receipt(ConversationId),
    Receipts(ConversationId),
}

impl Pending {
    /// Whether it asks for something that `conversation` waits for.
    pub(crate) fn reads(&self, conversation: ConversationId) -> bool {
        match self {
            Self::Forward(c)
            | Self::Backward(c)
            | Self::Chain(c, _)
            | Self::State(c)
            | Self::SegmentHead(c, ..)
            | Self::Tree(c)
            | Self::Welcome(c) => *c == conversation,
            _ => false,
        }
    }
}

/// Decodes a result.
pub(crate) fn read<T: serde::de::DeserializeOwned>(
    result: Result<Bytes, WireError>,
) -> Result<T, Failure> {
    Ok(decode(&result?)?)
}

impl<S: Store> Engine<S> {
    /// An answer arrived.
    pub(crate) fn answer(&mut self, pending: Pending, result: Result<Bytes, WireError>) {
        match pending {
            Pending::Ping => {}
            Pending::Resume => self.resumed(read(result)),
            Pending::Sync => self.sync_started(read(result)),
            Pending::CheckInvitation => self.invitation_checked(read(result)),
            Pending::LookAtInvitation(asked) => self.invitation_looked_at(asked, read(result)),
            Pending::RegisterStart => self.registration_started(read(result)),
            Pending::RegisterFinish => self.registration_finished(read(result)),
            Pending::SignInStart => self.sign_in_started(read(result)),
            Pending::SignInFinish => self.sign_in_finished(read(result)),
            Pending::ResumeSignIn => self.sign_in_resumed(read(result)),
            Pending::CancelSignIn => self.hang_up(),
            Pending::AskApproval => self.approval_asked(read(result)),
            Pending::ApprovalState => self.approval_state_came(read(result)),
            Pending::RevealApproval => self.approval_revealed(read(result)),
            Pending::ClaimApproval(device) => self.approval_claimed(device, read(result)),
            Pending::GiveUpApproval => self.look_at_waiting(),
            Pending::GrantApproval(device) => self.approval_granted(device, read(result)),
            Pending::DenyApproval => self.approval_denied(read(result)),
            Pending::ApprovalRecord => self.approval_record_came(read(result)),
            Pending::UnlockManifest => self.unlock_manifest(read(result)),
            Pending::UnlockRecords => self.unlock_records(read(result)),
            Pending::UnlockPins => self.unlock_pins(read(result)),
            Pending::Manifest => self.list_came(After::Manifest, read(result)),
            Pending::ManifestForPins => self.list_came(After::Pins, read(result)),
            Pending::Keys => self.keys_came(read(result)),
            Pending::KeyChange => self.change_came(read(result)),
            Pending::Proof => self.proof_came(read(result)),
            Pending::ProofRoot => self.proof_root_came(read(result)),
            Pending::ProofRegistration => self.proof_registration_came(read(result)),
            Pending::CloseAccount => self.account_closed(read(result)),
            Pending::Member(doing, member) => self.member_answered(doing, member, read(result)),
            Pending::Heir => self.heir_came(read(result)),
            Pending::AskForgotten => self.forgotten_asked(read(result)),
            Pending::ApproveForgotten => {
                self.forgotten_answered(Doing::ApprovingForgotten, read(result));
            }
            Pending::CancelForgotten => {
                self.forgotten_answered(Doing::CancellingForgotten, read(result));
            }
            Pending::ResetMember(member) => self.reset_made(member, read(result)),
            Pending::LookAtReset(asked) => self.reset_looked_at(asked, read(result)),
            Pending::CheckReset => self.reset_checked(read(result)),
            Pending::Devices(why) => self.devices_came(why, read(result)),
            Pending::SignOutDevices(doing, devices) => {
                self.devices_signed_out(doing, &devices, read(result));
            }
            Pending::SignOut => self.left(result.err().map(Failure::from)),
            Pending::Loose(names) => self.loose_came(names, read(result)),
            Pending::Heads(then) => self.heads_came(then, read(result)),
            Pending::VaultWrite(job) => self.vault_written(job, result),
            Pending::Invite(id) => self.invited(id, read(result)),
            Pending::Find => self.found(read(result)),
            Pending::People(members) => self.people_came(&members, read(result)),
            Pending::Certificate(name) => self.certificate_came(name, read(result)),
            Pending::Claim(member) => self.claimed(member, read(result)),
            Pending::Forward(id) => self.forward_came(id, read(result)),
            Pending::Backward(id) => self.backward_came(id, read(result)),
            Pending::Chain(id, epoch) => self.chain_came(id, epoch, read(result)),
            Pending::State(id) => self.state_came(id, read(result)),
            Pending::SegmentHead(id, restart, epoch) => {
                self.segment_head_came(id, (restart, epoch), read(result));
            }
            Pending::Timed => self.timed_came(read(result)),
            Pending::Tree(id) => self.tree_came(id, read(result)),
            Pending::Welcome(id) => self.welcome_came(id, read(result)),
            Pending::Send(id, message) => self.sent(id, message, result),
            Pending::Leave(id) => self.leave_answered(id, result),
            Pending::Link(id, epoch) => self.link_answered(id, epoch, result),
            Pending::Complaint(id) => self.complaint_answered(id, result),
            Pending::Receipt(id) => self.receipt_kept(id, result.is_ok()),
            Pending::Receipts(id) => self.receipts_came(id, read(result)),
        }
    }

    /// The connection went away before the answer came. What matters is asked again from the state.
    pub(crate) fn unanswered(&mut self, pending: Pending) {
        match pending {
            Pending::Devices(Listing::Asked) => {
                self.fail(Doing::ListingDevices, Failure::Offline);
            }
            Pending::Devices(Listing::SignOutOthers) => {
                self.fail(Doing::SigningOutOthers, Failure::Offline);
            }
            Pending::Member(doing, _) => self.fail(doing, Failure::Offline),
            Pending::SignOutDevices(doing, _) => self.fail(doing, Failure::Offline),
            Pending::ClaimApproval(_) => self.fail(Doing::ApprovingSignIn, Failure::Offline),
            Pending::GrantApproval(_) => self.fail(Doing::LettingIn, Failure::Offline),
            Pending::DenyApproval => self.fail(Doing::RefusingSignIn, Failure::Offline),
            Pending::AskForgotten => self.fail(Doing::AskingForgotten, Failure::Offline),
            Pending::ApproveForgotten => self.fail(Doing::ApprovingForgotten, Failure::Offline),
            Pending::CancelForgotten => self.fail(Doing::CancellingForgotten, Failure::Offline),
            Pending::ResetMember(_) => self.fail(Doing::ResettingMember, Failure::Offline),
            Pending::SignOut => self.left(Some(Failure::Offline)),
            Pending::Loose(_) => {} // all are asked for again at the next sync
            Pending::RegisterFinish => self.registration_unanswered(),
            Pending::VaultWrite(job) => self.vault_unanswered(job),
            Pending::Invite(_) => self.fail(Doing::Inviting, Failure::Offline),
            Pending::Find => self.fail(Doing::Finding, Failure::Offline),
            Pending::Send(_, message) => self.send_unanswered(message),
            Pending::Claim(member) => self.claim_unanswered(member),
            Pending::Receipt(id) => self.receipt_kept(id, false),
            _ => {}
        }
    }

    /// What has to be forgotten with a connection.
    pub(crate) fn connection_ended(&mut self) {
        self.connection_ended_flow();
        self.proof_lost();
        self.loose.connection_ended();
        for conversation in self.conversations.values_mut() {
            conversation.connection_ended();
        }
    }

    pub(crate) fn event(&mut self, event: Event) {
        match event {
            Event::Hello(hello) => self.greet(*hello),
            Event::Entry(new) => self.entry_came(new.entry),
            Event::Conversation(changed) => self.summary_came(&changed.summary),
            Event::ConversationGone(gone) => self.conversation_gone(gone.conversation),
            Event::RepairAsked(asked) => self.repair_came(asked),
            Event::Receipt(new) => self.receipt_came(new.receipt),
            Event::Vault(changed) => {
                self.vault_changed(changed.head);
                self.loose_changed(&changed.changes);
            }
            Event::DeviceSignedIn(device) => self.device_signed_in(device),
            Event::KeyPackagesLow(low) => self.key_packages_left(low.left),
            Event::State(changed) => self.state_changed(changed.state),
            Event::Resync => self.resync(),
            Event::BackupMark(mark) => self.backup_mark(mark.number),
            Event::Goodbye(goodbye) => self.goodbye(goodbye.reconnect_after_ms),
            Event::DevicesChanged => {
                // without a synced connection the next one looks
                let _ = self.list_devices(Listing::Background);
            }
            Event::ApprovalChanged(changed) => {
                if !self.approval_of_this(changed.device) {
                    self.look_at_waiting();
                }
            }
            Event::PersonChanged(changed) => self.person_changed(changed.member),
            Event::ForgottenChanged(changed) => self.forgotten_changed(changed.member),
            Event::PassphraseChanged(changed) => self.passphrase_event(changed.time),
            Event::RecoveryChanged(changed) => self.recovery_event(changed.time),
            Event::Unknown(_) => {}
        }
    }

    pub(crate) fn certificate_came(
        &mut self,
        name: Hash32,
        result: Result<protocol::methods::people::Certificates, Failure>,
    ) {
        let found = match result {
            Ok(found) => found,
            Err(_) => return self.hold_lookups(),
        };
        let leaf = found
            .certificates
            .iter()
            .filter_map(|bytes| e2ee::identity::LeafCertificate::decode(bytes).ok())
            .find(|leaf| leaf.name() == name);
        match leaf {
            Some(leaf) => self.people.offer(leaf),
            None => self.people.missing(name),
        }
    }

    pub(crate) fn people_came(
        &mut self,
        asked: &[MemberId],
        result: Result<protocol::methods::people::People, Failure>,
    ) {
        let found = match result {
            Ok(found) => found,
            Err(_) => return self.hold_lookups(),
        };
        for member in asked {
            match found.people.iter().find(|p| p.member == *member) {
                Some(person) => self.meet(person),
                None => self.people.nobody(*member),
            }
            if asked.len() == 1 {
                self.people.answered(*member, self.now); // what is needed is asked for one by one
            }
        }
    }

    fn hold_lookups(&mut self) {
        self.people.held = Some(self.now + HOLD_MS);
    }

    pub(crate) fn meet(&mut self, person: &Person) {
        if let Err(failure) = self.take_person(person) {
            self.fail(Doing::Background, failure);
        }
    }
}
