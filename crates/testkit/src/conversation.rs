//! A member's conversations: found, join, change, follow, seal, open.

use e2ee::{
    content::{Body, BodyKind, Receipt as ReceiptBody, Seen, seal_message},
    identity::{AccountKey, LeafCertificate, Purpose},
    links::seal_link,
    mls::{self, Anchor, CommitContext, Conversation, Expected, Founded, Prepared},
    policy::Policy,
    repair::RepairRequest,
    restart::new_policy,
    signing::SigningKey,
    statement::{Complaint, Reason, Restart, Statement},
    transcript::{EntryHeader, EntryKind, Transcript, body_hash, flags},
    vault::{RecordKind, RecordName},
};
use protocol::{
    ConversationId, Hash32, MemberId, MessageId,
    methods::{
        conversations::{
            AskRepair, CommitConversation, CreateConversation, Declare, Entry, NewWelcome,
            PutReceipt, RestartConversation, SendMessage, Welcome, kind,
        },
        people::ClaimedKeyPackage,
        vault::VaultWrite,
    },
};
use rand::RngCore;

use crate::{
    Member, Vault,
    vault::{Draft, state_name},
};

/// A conversation as one member sees it.
pub(crate) struct State {
    mls: Conversation,
    /// Last entry that was followed, and the transcript after it.
    seq: u64,
    transcript: Transcript,
    /// Who left in this epoch.
    left: Vec<MemberId>,
    /// A commit of one's own on its way: the state after it when it is accepted, the vault as it was when not.
    pending: Option<(Conversation, Vault)>,
}

/// What a commit is to do.
#[derive(Default)]
pub struct Change {
    /// Whom to add, with a claimed key package.
    pub add: Vec<(MemberId, ClaimedKeyPackage)>,
    /// Whom to remove.
    pub remove: Vec<MemberId>,
    /// The new policy.
    pub policy: Option<Policy>,
    /// Whether to renew the own leaf key.
    pub update: bool,
    /// Whether to leave the link out.
    pub cut: bool,
    /// Whom the author states to have left by the log.
    pub left: Vec<MemberId>,
}

impl Member {
    /// A random conversation id.
    pub fn conversation_id(&mut self) -> ConversationId {
        let mut id = ConversationId::default();
        self.rng.fill_bytes(&mut id.0);
        id
    }

    /// Founds a direct conversation with `other`, whose certificate is known.
    pub fn found_direct(
        &mut self,
        id: ConversationId,
        other: MemberId,
        package: ClaimedKeyPackage,
        now: u64,
    ) -> CreateConversation {
        let policy = Policy::direct(self.instance, id, self.member, other);
        self.found(&policy, vec![(other, package)], now)
    }

    /// Founds a group.
    pub fn found_group(
        &mut self,
        id: ConversationId,
        others: Vec<(MemberId, ClaimedKeyPackage)>,
        now: u64,
    ) -> CreateConversation {
        let policy = Policy::group(self.instance, id, self.member);
        self.found(&policy, others, now)
    }

    /// Founds a conversation with any policy.
    pub fn found(
        &mut self,
        policy: &Policy,
        add: Vec<(MemberId, ClaimedKeyPackage)>,
        now: u64,
    ) -> CreateConversation {
        let id = policy.conversation;
        let Founded {
            conversation,
            group_info,
        } = Conversation::found_in(
            self.suite,
            &mut self.rng,
            &self.account,
            self.member,
            policy,
            now,
        )
        .unwrap();
        let state = State {
            mls: conversation,
            seq: 0,
            transcript: Transcript::start(self.instance, id),
            left: Vec::new(),
            pending: None,
        };
        self.conversations.insert(id, state);
        let change = Change {
            add,
            cut: true,
            ..Change::default()
        };
        let commit = self.change(id, change, now);
        CreateConversation {
            conversation: id,
            group_info: group_info.into(),
            commit: commit.commit,
            welcomes: commit.welcomes,
            vault: commit.vault,
        }
    }

    /// Makes a commit. When it is accepted its entry is followed by [`Member::follow`]; when not,
    /// [`Member::drop_change`] forgets it.
    pub fn change(&mut self, id: ConversationId, change: Change, now: u64) -> CommitConversation {
        let state = &self.conversations[&id];
        let context = CommitContext {
            seen_seq: state.seq,
            seen_hash: state.transcript.value(),
            vault_head: self.vault.head_number(),
            device: self.device.id(),
        };
        let add = change.add.into_iter();
        let wanted = mls::Change {
            add: add
                .map(|(m, claimed)| (m, claimed.package.to_vec()))
                .collect(),
            remove: change.remove,
            policy: change.policy,
            update: change.update.then_some(&self.account),
            departures: state
                .mls
                .departures(&[change.left, state.left.clone()].concat()),
        };
        let epoch = state.mls.epoch();
        let prepared = state
            .mls
            .prepare(
                &mut self.rng,
                &wanted,
                context,
                !change.cut,
                &self.known,
                now,
            )
            .unwrap();
        let before = self.vault.clone();
        let vault = self.write_state(id, &prepared, now);
        let state = self.conversations.get_mut(&id).unwrap();
        state.pending = Some((prepared.next, before));
        CommitConversation {
            conversation: id,
            epoch,
            commit: prepared.commit.into(),
            welcomes: welcomes(prepared.welcomes),
            link: prepared.link.map(Into::into),
            vault,
        }
    }

    /// Asks for a new leaf in a conversation, with a key package made for it.
    pub fn ask_repair(&mut self, id: ConversationId, restart: u32, now: u64) -> AskRepair {
        let mut draft = Draft::default();
        let package = self.new_key_packages(&mut draft, 1, false, now).remove(0);
        let request = RepairRequest {
            instance: self.instance,
            conversation: id,
            restart,
            member: self.member,
            key_package: package.id,
            time: now,
        };
        AskRepair {
            conversation: id,
            request: request.sign(&self.account).into(),
            package: package.package,
            vault: self.vault.write(&self.account, draft, now),
        }
    }

    fn write_state(&mut self, id: ConversationId, prepared: &Prepared, now: u64) -> VaultWrite {
        let next = &prepared.next;
        let mut draft = Draft::default();
        let state = &self.conversations[&id];
        let record = next.record_at(Anchor {
            seq: state.seq,
            transcript: state.transcript.value(),
            log_epoch: state.mls.epoch(),
            log_restart: state.mls.restart(),
        });
        let name = state_name(id, next.restart());
        draft.put_at(&self.vault, &mut self.rng, name, next.epoch(), &record);
        if let Some(secret) = &prepared.segment_head {
            let name = [
                id.as_bytes().as_slice(),
                &next.restart().to_be_bytes(),
                &state.mls.epoch().to_be_bytes(),
            ]
            .concat();
            let name = RecordName::new(RecordKind::SegmentHead, &name);
            draft.put(&self.vault, &mut self.rng, name, &secret.to_segment_head());
        }
        self.vault.write(&self.account, draft, now)
    }

    /// Forgets a commit that was refused, with its vault write.
    pub fn drop_change(&mut self, id: ConversationId) {
        let state = self.conversations.get_mut(&id).unwrap();
        let (_, vault) = state.pending.take().unwrap();
        self.vault = vault;
    }

    /// Joins by the Welcome that waits; gives the vault write that stores the state.
    pub fn join(&mut self, id: ConversationId, welcome: &Welcome, now: u64) -> VaultWrite {
        let expected = Expected {
            instance: self.instance,
            conversation: id,
            restart: welcome.restart,
            me: self.member,
        };
        let record = self.key_packages.remove(&welcome.key_package).unwrap();
        let mls = Conversation::join(
            &welcome.welcome,
            &welcome.tree,
            &record,
            expected,
            &self.known,
        )
        .unwrap();
        assert_eq!(mls.epoch(), welcome.epoch);
        let mut draft = Draft::default();
        let stored = mls.record(welcome.seq, welcome.transcript);
        let name = state_name(id, mls.restart());
        draft.put_at(&self.vault, &mut self.rng, name, mls.epoch(), &stored);
        draft.delete(RecordName::new(
            RecordKind::KeyPackage,
            welcome.key_package.as_bytes(),
        ));
        draft.joined(id);
        let state = State {
            mls,
            seq: welcome.seq,
            transcript: Transcript::resume(welcome.transcript),
            left: Vec::new(),
            pending: None,
        };
        self.conversations.insert(id, state);
        self.vault.write(&self.account, draft, now)
    }

    /// Follows the next entry of the log: checks its place, hash and epoch, processes commits, opens messages. Gives
    /// the text of a message.
    pub fn follow(&mut self, entry: &Entry) -> Option<String> {
        let state = self.conversations.get_mut(&entry.conversation).unwrap();
        assert_eq!(entry.seq, state.seq + 1, "the log has no gaps");
        let body = entry.body.as_ref().unwrap();
        assert_eq!(e2ee::transcript::body_hash(body), entry.body_hash);
        state.seq = entry.seq;
        state.transcript.next(&header(entry));
        if [kind::COMPLAINT, kind::RESTART].contains(&entry.kind) {
            return None;
        }
        if entry.restart > state.mls.restart() {
            state.mls = state.pending.take().unwrap().0; // founded anew by this member
            return None;
        }
        assert_eq!(entry.epoch, state.mls.epoch());
        if entry.kind == kind::MESSAGE {
            let opened = state.mls.open_message(entry.sender, body).unwrap();
            assert_eq!(Some(opened.body.id), entry.message);
            return opened.body.text;
        }
        if entry.kind == kind::LEAVE {
            let context = state.mls.context(entry.sender);
            let find = |name| state.mls.certificate(name);
            Statement::open(body, &context, EntryKind::Leave, &find).unwrap();
            state.left.push(entry.sender);
            return None;
        }
        if entry.kind == kind::ACCOUNT_CLOSED {
            state.left.push(entry.sender);
            return None;
        }
        assert_eq!(entry.kind, kind::COMMIT);
        let departures = state.mls.departures(&std::mem::take(&mut state.left));
        state.mls = match state.pending.take() {
            Some((next, _)) if entry.sender == self.member => next,
            _ => state
                .mls
                .process(body, entry.sender, &self.known, &departures)
                .unwrap()
                .next
                .unwrap(),
        };
        None
    }

    /// Seals a text under a fresh message id.
    pub fn seal(&mut self, id: ConversationId, text: &str, now: u64) -> SendMessage {
        let mut message = MessageId::default();
        self.rng.fill_bytes(&mut message.0);
        self.seal_as(id, message, text, now)
    }

    /// Seals a text under this message id.
    pub fn seal_as(
        &mut self,
        id: ConversationId,
        message: MessageId,
        text: &str,
        now: u64,
    ) -> SendMessage {
        let state = &self.conversations[&id];
        let seen = Seen {
            seq: state.seq,
            hash: state.transcript.value(),
        };
        let (device, head) = (self.device.id(), self.vault.head_number());
        let mut body = Body::new(message, BodyKind::Text, now, seen, device, head);
        body.text = Some(text.to_owned());
        SendMessage {
            conversation: id,
            restart: state.mls.restart(),
            message,
            epoch: state.mls.epoch(),
            body: state.mls.seal_message(&mut self.rng, &body).unwrap().into(),
            expiry: 0,
            quiet: false,
            timed: false,
        }
    }

    /// Seals a title.
    pub fn seal_title(&mut self, id: ConversationId, title: &str, now: u64) -> SendMessage {
        let body = self.body(id, BodyKind::Title, title, now);
        self.seal_of_group(id, &body)
    }

    /// Seals a picture; `given_at`: as one that stands at that place already.
    pub fn seal_picture(
        &mut self,
        id: ConversationId,
        picture: &[u8],
        given_at: Option<u64>,
        now: u64,
    ) -> SendMessage {
        let mut body = self.body(id, BodyKind::Picture, "", now);
        (body.text, body.given_at) = (None, given_at);
        body.picture = Some(picture.to_vec().into());
        self.seal_of_group(id, &body)
    }

    fn seal_of_group(&mut self, id: ConversationId, body: &Body) -> SendMessage {
        let state = &self.conversations[&id];
        SendMessage {
            conversation: id,
            restart: state.mls.restart(),
            message: body.id,
            epoch: state.mls.epoch(),
            body: state.mls.seal_message(&mut self.rng, body).unwrap().into(),
            expiry: 0,
            quiet: true,
            timed: false,
        }
    }

    /// Seals a text in somebody else's name, as who knows the secret of the epoch can: signed by a new leaf key that this
    /// account key certifies. Only the certificate can tell.
    pub fn seal_in_the_name_of(
        &mut self,
        id: ConversationId,
        whom: MemberId,
        account: &AccountKey,
        text: &str,
        now: u64,
    ) -> (SendMessage, LeafCertificate) {
        let key = SigningKey::generate(&mut self.rng);
        let (public, purpose) = (key.public(), Purpose::Conversation);
        let leaf = LeafCertificate::issue(account, self.instance, whom, &public, now, purpose);
        let body = self.body(id, BodyKind::Text, text, now);
        let mls = &self.conversations[&id].mls;
        let (secret, context) = (mls.epoch_secret(), mls.context(whom));
        let sealed = seal_message(&mut self.rng, secret, &context, &key, leaf.name(), &body);
        let message = SendMessage {
            conversation: id,
            restart: mls.restart(),
            message: body.id,
            epoch: mls.epoch(),
            body: sealed.unwrap().into(),
            expiry: 0,
            quiet: false,
            timed: false,
        };
        (message, leaf)
    }

    fn body(&mut self, id: ConversationId, kind: BodyKind, text: &str, now: u64) -> Body {
        let mut message = MessageId::default();
        self.rng.fill_bytes(&mut message.0);
        let state = &self.conversations[&id];
        let seen = Seen {
            seq: state.seq,
            hash: state.transcript.value(),
        };
        let (device, head) = (self.device.id(), self.vault.head_number());
        let mut body = Body::new(message, kind, now, seen, device, head);
        body.text = Some(text.to_owned());
        body
    }

    /// States something in clear that has no content: of kind 4, that one leaves.
    #[must_use]
    pub fn declare(&self, id: ConversationId, kind: u8) -> Declare {
        self.declare_what(id, kind, Vec::new())
    }

    /// The same, with a content.
    pub fn declare_what(&self, id: ConversationId, kind: u8, content: Vec<u8>) -> Declare {
        let state = &self.conversations[&id];
        let seen = Seen {
            seq: state.seq,
            hash: state.transcript.value(),
        };
        let device = self.device.id();
        let statement = state
            .mls
            .declare(EntryKind::from(kind), seen, device, content);
        Declare {
            conversation: id,
            epoch: state.mls.epoch(),
            kind,
            statement: statement.into(),
        }
    }

    /// Complains of a commit, which closed `epoch`, in the epoch after it.
    #[must_use]
    pub fn complain(&self, id: ConversationId, epoch: u64, commit: Hash32) -> Declare {
        self.complain_in(id, epoch + 1, epoch, commit)
    }

    /// Complains in the epoch `now` of a commit, which closed `epoch`, and of all after it.
    #[must_use]
    pub fn complain_in(&self, id: ConversationId, now: u64, epoch: u64, commit: Hash32) -> Declare {
        let content = Complaint { epoch, commit }.encode();
        let statement = self.state_in(id, now, EntryKind::Complaint, content);
        Declare {
            conversation: id,
            epoch: now,
            kind: kind::COMPLAINT,
            statement: statement.into(),
        }
    }

    fn state_in(&self, id: ConversationId, epoch: u64, kind: EntryKind, said: Vec<u8>) -> Vec<u8> {
        let state = &self.conversations[&id];
        let seen = Seen {
            seq: state.seq,
            hash: state.transcript.value(),
        };
        let device = self.device.id();
        state.mls.declare_in(epoch, kind, seen, device, said)
    }

    /// Founds a conversation anew in `epoch`, from the epoch of the state that this member has, with these. `lie` changes
    /// policy and statement before they are used.
    pub fn restart(
        &mut self,
        id: ConversationId,
        epoch: u64,
        others: Vec<(MemberId, ClaimedKeyPackage)>,
        lie: &dyn Fn(&mut Policy, &mut Restart),
        now: u64,
    ) -> RestartConversation {
        let old = self.conversations[&id].mls.clone();
        let mut stays: Vec<MemberId> = others.iter().map(|(m, _)| *m).collect();
        stays.push(self.member);
        let mut policy = new_policy(old.policy(), old.policy(), self.member, &stays);
        let mut said = Restart {
            restart: policy.restart,
            reason: Reason::Complaint,
            suite: self.suite.number(),
            epoch: old.epoch(),
            c_n: old.epoch_secret().commitment(),
            commit: Hash32::default(),
            link: Vec::new(),
        };
        lie(&mut policy, &mut said);
        let Founded {
            conversation,
            group_info,
        } = Conversation::found_in(
            self.suite,
            &mut self.rng,
            &self.account,
            self.member,
            &policy,
            now,
        )
        .unwrap();
        let add = others
            .into_iter()
            .map(|(m, claimed)| (m, claimed.package.to_vec()));
        let change = mls::Change {
            add: add.collect(),
            ..mls::Change::default()
        };
        let state = &self.conversations[&id];
        let context = CommitContext {
            seen_seq: state.seq,
            seen_hash: state.transcript.value(),
            vault_head: self.vault.head_number(),
            device: self.device.id(),
        };
        let prepared = conversation
            .prepare(&mut self.rng, &change, context, false, &self.known, now)
            .unwrap();
        let (n, e_n, e_first) = (
            old.epoch(),
            old.epoch_secret(),
            prepared.next.epoch_secret(),
        );
        said.link = seal_link(e_first, n, id, old.restart(), e_n);
        said.commit = body_hash(&prepared.commit);
        lie(&mut policy, &mut said);
        let statement = self.state_in(id, epoch, EntryKind::Restart, said.encode());
        let before = self.vault.clone();
        let vault = self.write_founding(id, &old, epoch, &prepared, now);
        let state = self.conversations.get_mut(&id).unwrap();
        state.pending = Some((prepared.next, before));
        RestartConversation {
            conversation: id,
            restart: old.restart(),
            epoch,
            statement: statement.into(),
            group_info: group_info.into(),
            commit: prepared.commit.into(),
            welcomes: welcomes(prepared.welcomes),
            vault,
        }
    }

    fn write_founding(
        &mut self,
        id: ConversationId,
        old: &Conversation,
        epoch: u64,
        prepared: &Prepared,
        now: u64,
    ) -> VaultWrite {
        let (next, state) = (&prepared.next, &self.conversations[&id]);
        let record = next.record_at(Anchor {
            seq: state.seq,
            transcript: state.transcript.value(),
            log_epoch: epoch,
            log_restart: old.restart(),
        });
        let mut draft = Draft::default();
        let name = state_name(id, next.restart());
        draft.put_at(&self.vault, &mut self.rng, name, next.epoch(), &record);
        self.vault.write(&self.account, draft, now)
    }

    /// Seals a cursor.
    pub fn seal_receipt(&mut self, id: ConversationId, read: u64, now: u64) -> PutReceipt {
        let state = &self.conversations[&id];
        let body = ReceiptBody::new(read, read, now, self.device.id());
        PutReceipt {
            conversation: id,
            epoch: state.mls.epoch(),
            body: state.mls.seal_receipt(&mut self.rng, &body).unwrap().into(),
        }
    }

    /// Opens somebody's cursor: what they have read.
    #[must_use]
    pub fn open_receipt(&self, receipt: &protocol::methods::conversations::Receipt) -> u64 {
        let state = &self.conversations[&receipt.conversation];
        let opened = state
            .mls
            .open_receipt(receipt.member, &receipt.body)
            .unwrap();
        opened.receipt.read
    }

    /// The conversation's current policy.
    #[must_use]
    pub fn policy(&self, id: ConversationId) -> &Policy {
        self.conversations[&id].mls.policy()
    }

    /// Current epoch of a conversation, as this member sees it.
    #[must_use]
    pub fn epoch(&self, id: ConversationId) -> u64 {
        self.conversations[&id].mls.epoch()
    }

    /// Transcript hash after the last entry followed.
    #[must_use]
    pub fn transcript(&self, id: ConversationId) -> Hash32 {
        self.conversations[&id].transcript.value()
    }

    /// Members of a conversation, as this member sees it.
    #[must_use]
    pub fn members(&self, id: ConversationId) -> Vec<MemberId> {
        let members = self.conversations[&id].mls.members().into_iter();
        members.map(|(member, _)| member).collect()
    }
}

fn welcomes(made: Vec<(MemberId, Hash32, Vec<u8>)>) -> Vec<NewWelcome> {
    let made = made.into_iter();
    made.map(|(member, key_package, welcome)| NewWelcome {
        member,
        key_package,
        welcome: welcome.into(),
    })
    .collect()
}

fn header(entry: &Entry) -> EntryHeader {
    EntryHeader {
        conversation: entry.conversation,
        restart: entry.restart,
        seq: entry.seq,
        kind: entry.kind.into(),
        sender: entry.sender,
        epoch: entry.epoch,
        server_time: entry.time,
        expiry: entry.expiry,
        flags: flags(entry.quiet, entry.timed),
        body: entry.body_hash,
    }
}
