//! Making a conversation: key packages are claimed, the group is founded, and one request makes it all stand.

use e2ee::{
    mls::{self, Change, CommitContext},
    policy::Policy,
};
use protocol::{
    Bytes, ConversationId, ErrorCode, Hash32, MemberId, WireError, decode,
    details::DirectExists,
    methods::{
        conversations::{CreateConversation, NewWelcome},
        people::{ClaimKeyPackage, ClaimedKeyPackage},
    },
    names::prepare_title,
};
use rand::RngCore;

use super::{
    Conversation, Record,
    group::{ADDED_AT_ONCE, Rules},
    load::{Step, state_name},
    mls_failure,
};
use crate::{
    Doing, Engine, Failure, Space, Store, Update,
    pending::Pending,
    vault::{Job, Write},
};

/// A conversation that a person asked for.
pub(crate) struct Opening {
    direct: bool,
    /// Of a group.
    title: Option<String>,
    /// Who is in it from the first entry on.
    members: Vec<MemberId>,
    /// Who is added after that.
    later: Vec<MemberId>,
    packages: Vec<(MemberId, Bytes)>,
    /// What is sent once the vault is free; the conversation is recorded already.
    request: Option<(ConversationId, CreateConversation)>,
    /// The pair has a conversation already: wait until it is here.
    existing: Option<ConversationId>,
    /// How often its key packages turned out to be used already, or a certificate was not to be had.
    tries: u8,
}

/// What came of founding.
enum Founding {
    /// To be sent.
    Ready(Box<(ConversationId, CreateConversation)>),
    /// The certificate of this member and generation is not at hand.
    Unknown(MemberId, u32),
}

/// A server that goes on giving key packages that are used up is not asked for ever.
const TRIES: u8 = 3;

/// As the server takes them.
pub(crate) fn welcomes_of(made: Vec<(MemberId, Hash32, Vec<u8>)>) -> Vec<NewWelcome> {
    let made = made.into_iter();
    made.map(|(member, key_package, welcome)| NewWelcome {
        member,
        key_package,
        welcome: welcome.into(),
    })
    .collect()
}

/// Somebody has key packages of another suite only: as good as none.
pub(super) fn no_package_fits() -> Failure {
    WireError::new(ErrorCode::KeyPackagesExhausted).into()
}

impl Opening {
    fn doing(&self) -> Doing {
        if self.direct {
            Doing::Opening
        } else {
            Doing::CreatingGroup
        }
    }
}

impl<S: Store> Engine<S> {
    pub(crate) fn open_direct(&mut self, member: MemberId) -> Result<(), Failure> {
        if self.own.is_none() {
            return Err(Failure::SignInFirst);
        }
        if member == self.my_id() {
            return Err(Failure::NoPerson);
        }
        if self.people.has_changed(member) {
            return Err(Failure::IdentityChanged(member));
        }
        self.start_opening(true, None, vec![member]);
        Ok(())
    }

    pub(crate) fn create_group(
        &mut self,
        title: &str,
        members: Vec<MemberId>,
    ) -> Result<(), Failure> {
        if self.own.is_none() {
            return Err(Failure::SignInFirst);
        }
        let me = self.my_id();
        let members: std::collections::BTreeSet<MemberId> = members.into_iter().collect();
        let members: Vec<MemberId> = members.into_iter().filter(|m| *m != me).collect();
        if members.is_empty() {
            return Err(Failure::NoPerson);
        }
        if let Some(changed) = members.iter().find(|m| self.people.has_changed(**m)) {
            return Err(Failure::IdentityChanged(*changed));
        }
        let title = match title.trim() {
            "" => None,
            title => Some(prepare_title(title).map_err(|e| Failure::Name(e.to_string()))?),
        };
        self.start_opening(false, title, members);
        Ok(())
    }

    fn start_opening(&mut self, direct: bool, title: Option<String>, mut members: Vec<MemberId>) {
        let same = |o: &Opening| direct && o.direct && o.members == members;
        if !self.openings.iter().any(same) {
            let later = members.split_off(members.len().min(ADDED_AT_ONCE));
            self.openings.push(Opening {
                direct,
                title,
                members,
                later,
                packages: Vec::new(),
                request: None,
                existing: None,
                tries: 0,
            });
        }
    }

    /// The direct conversation with somebody: by its MLS state, never by what the server says of it.
    pub(crate) fn direct_with(&self, member: MemberId) -> Option<ConversationId> {
        self.conversations
            .iter()
            .find(|(_, c)| {
                let rec = &c.rec;
                let sure = rec.anchored && !rec.creating && c.broken.is_none();
                sure && rec.direct && rec.members.contains(&member)
            })
            .map(|(id, _)| *id)
    }

    /// A direct conversation that the server names and this device has not opened yet may be the one asked for.
    fn may_come(&self, member: MemberId) -> bool {
        self.conversations.values().any(|c| {
            let rec = &c.rec;
            let unsure = (!rec.anchored || rec.creating) && c.broken.is_none();
            unsure && rec.direct && rec.members.contains(&member)
        })
    }

    pub(crate) fn work_openings(&mut self) {
        for mut opening in std::mem::take(&mut self.openings) {
            match self.move_opening(&mut opening) {
                Ok(true) => self.openings.push(opening),
                Ok(false) => {}
                Err(failure) => self.fail(opening.doing(), failure),
            }
        }
    }

    /// False when there is nothing more to do.
    fn move_opening(&mut self, opening: &mut Opening) -> Result<bool, Failure> {
        if opening.request.is_some() {
            return Ok(true);
        }
        if opening.direct {
            if let Some(id) = self.direct_with(opening.members[0]) {
                self.hide(id, false)?;
                self.tell(Update::Opened(id));
                return Ok(false);
            }
            if self.may_come(opening.members[0]) {
                return Ok(true);
            }
        }
        if let Some(id) = opening.existing {
            // the server said that it exists: when it is here and is another one, the server lied
            let here = self.conversations.get(&id);
            if here.is_some_and(|c| c.rec.anchored || c.broken.is_some()) {
                let reason =
                    "the direct conversation that the server names is not one with this person";
                return Err(Failure::Unverified(reason.into()));
            }
            return Ok(true);
        }
        for member in opening.members.clone() {
            if self.need_person(member, 0)? == Step::Wait {
                return Ok(true);
            }
            let claimed = opening.packages.iter().any(|(m, _)| *m == member);
            let asking = self.is_asking(&Pending::Claim(member));
            if !claimed && !asking {
                self.request(&ClaimKeyPackage { member }, Pending::Claim(member));
            }
        }
        if opening.packages.len() == opening.members.len() {
            match self.prepare_creation(opening)? {
                Founding::Ready(request) => opening.request = Some(*request),
                Founding::Unknown(member, generation) => {
                    self.look_up_for(opening, member, generation)?
                }
            }
        }
        Ok(true)
    }

    pub(crate) fn claimed(&mut self, member: MemberId, result: Result<ClaimedKeyPackage, Failure>) {
        let waiting = |o: &Opening| o.request.is_none() && o.members.contains(&member);
        // who was found before and is unknown to the server now is not there any more
        let gone = |failure: Failure| match failure.is(ErrorCode::NotFound) {
            true => Failure::NoPerson,
            false => failure,
        };
        match result.map_err(gone) {
            Ok(claimed) => {
                let wanted = self
                    .openings
                    .iter_mut()
                    .find(|o| waiting(o) && !o.packages.iter().any(|(m, _)| *m == member));
                if let Some(opening) = wanted {
                    opening.packages.push((member, claimed.package));
                } else {
                    let claimed = Ok(claimed);
                    if !self.claimed_for_restart(member, &claimed) {
                        self.claimed_for_group(member, &claimed);
                    }
                }
            }
            Err(failure) => {
                let stopped = self.openings.iter().filter(|o| waiting(o));
                let mut doing: Vec<Doing> = stopped.map(Opening::doing).collect();
                self.openings.retain(|o| !waiting(o));
                let result = Err(failure.clone());
                let waited = self.claimed_for_restart(member, &result)
                    | self.claimed_for_group(member, &result);
                if !waited && doing.is_empty() {
                    doing.push(Doing::Background);
                }
                for doing in doing {
                    self.fail(doing, failure.clone());
                }
            }
        }
    }

    pub(crate) fn claim_unanswered(&mut self, _member: MemberId) {}

    /// Somebody has newer keys than are known here: their certificate is asked for, and then it is tried again.
    fn look_up_for(
        &mut self,
        opening: &mut Opening,
        member: MemberId,
        generation: u32,
    ) -> Result<(), Failure> {
        if !self.is_asking(&Pending::People(vec![member])) {
            // a server that never gives it is not asked for ever
            opening.tries += 1;
            if opening.tries > TRIES {
                let unknown = mls::MlsError::UnknownMember(member, generation);
                return Err(mls_failure(unknown));
            }
        }
        self.need_person(member, generation)?;
        Ok(())
    }

    /// Founds the group and keeps everything that is needed if the answer never comes.
    fn prepare_creation(&mut self, opening: &Opening) -> Result<Founding, Failure> {
        let mut id = ConversationId::default();
        self.rng.fill_bytes(&mut id.0);
        let start = self.transcript_start(id);
        let head = self.vault.head_number();
        let now = self.server_now();
        let own = self.own.as_ref().ok_or(Failure::SignInFirst)?;
        let packages = opening.packages.iter().map(|(_, package)| package);
        let suite = self.common_suite(packages, self.config.suite)?;
        let policy = if opening.direct {
            Policy::direct(own.instance, id, own.member, opening.members[0])
        } else {
            Policy::group(own.instance, id, own.member)
        };
        let (rng, account) = (&mut self.rng, &own.account);
        let founded = mls::Conversation::found_in(suite, rng, account, own.member, &policy, now)
            .map_err(mls_failure)?;
        let packages = opening.packages.iter().map(|(m, p)| (*m, p.to_vec()));
        let change = Change {
            add: packages.collect(),
            ..Change::default()
        };
        let context = CommitContext {
            seen_seq: 0,
            seen_hash: start,
            vault_head: head,
            device: own.device.id(),
        };
        let prepared = founded.conversation.prepare(
            &mut self.rng,
            &change,
            context,
            false,
            &self.people.to_commit(),
            now,
        );
        let prepared = match prepared {
            Err(mls::MlsError::UnknownMember(member, generation)) => {
                return Ok(Founding::Unknown(member, generation));
            }
            prepared => prepared.map_err(mls_failure)?,
        };
        let mut members = opening.members.clone();
        members.push(own.member);
        let mut record = Record::founding(opening.direct, members, start);
        record.title_wanted.clone_from(&opening.title);
        let first = opening.members.len();
        record.wanted.add_later(first, &opening.later);
        record.rules = Rules::of(&policy);
        self.groups_at_work.insert(id);
        self.conversations.insert(id, Conversation::new(record));
        self.save_record(id);
        self.save_pending(id, &prepared.commit, &prepared.next)?;
        let request = CreateConversation {
            conversation: id,
            group_info: founded.group_info.into(),
            commit: prepared.commit.into(),
            welcomes: welcomes_of(prepared.welcomes),
            vault: Default::default(),
        };
        Ok(Founding::Ready(Box::new((id, request))))
    }

    /// The suite of these key packages, for a group of them; `alone` where there are none.
    pub(super) fn common_suite<'p>(
        &self,
        packages: impl Iterator<Item = &'p Bytes>,
        alone: mls::MlsSuite,
    ) -> Result<mls::MlsSuite, Failure> {
        let mut common = None;
        for package in packages {
            let suite = mls::KeyPackage::suite(package).map_err(mls_failure)?;
            self.takes(suite).map_err(mls_failure)?;
            if *common.get_or_insert(suite) != suite {
                return Err(no_package_fits()); // the apps of some are older than those of others
            }
        }
        Ok(common.unwrap_or(alone))
    }

    /// Conversations whose creation can be sent.
    pub(crate) fn creations(&self) -> impl Iterator<Item = ConversationId> {
        self.openings.iter().filter_map(|o| {
            let (id, _) = o.request.as_ref()?;
            let creating = self.conversations.get(id).is_some_and(|c| c.rec.creating);
            creating.then_some(*id)
        })
    }

    pub(crate) fn send_creation(&mut self, id: ConversationId) -> Result<(), Failure> {
        let pending = self.pending_commit(id)?.ok_or(Failure::NoConversation)?;
        let name = state_name(id, 0);
        let plain = zeroize::Zeroizing::new(pending.record.to_vec());
        let vault = self.seal_write(vec![Write::Put(name, 0, 1, plain)], vec![])?;
        let request = self.openings.iter().find_map(|o| match &o.request {
            Some((i, request)) if *i == id => Some(request.clone()),
            _ => None,
        });
        let mut request = request.ok_or(Failure::NoConversation)?;
        request.vault = vault;
        self.request(&request, Pending::VaultWrite(Job::Create(id)));
        Ok(())
    }

    /// The server has the conversation that was made here: its state is the one that was kept for it.
    ///
    /// The summary, the entry and the reply say so, in whichever order they come; the first one counts.
    pub(crate) fn created(&mut self, id: ConversationId) {
        let creating = |c: &Conversation| c.rec.creating;
        if !self.conversations.get(&id).is_some_and(creating) {
            self.openings
                .retain(|o| o.request.as_ref().is_none_or(|(i, _)| *i != id));
            return;
        }
        let restored = self.pending_commit(id).and_then(|pending| {
            let pending = pending.ok_or(Failure::NoConversation)?;
            mls::Conversation::restore_at(&pending.record, &pending.tree).map_err(mls_failure)
        });
        self.drop_pending(id);
        self.openings
            .retain(|o| o.request.as_ref().is_none_or(|(i, _)| *i != id));
        match restored {
            Ok((state, _)) => {
                let Some(conversation) = self.conversations.get_mut(&id) else {
                    return;
                };
                conversation.rec.creating = false;
                conversation.rec.saved_epoch = state.epoch();
                conversation.rec.head_seq = conversation.rec.head_seq.max(1);
                for (_, leaf) in state.members() {
                    self.keep_leaf(leaf);
                }
                self.state_is(id, state);
                self.opened(id);
            }
            Err(failure) => self.break_conversation(id, failure.to_string()),
        }
    }

    pub(crate) fn opened(&mut self, id: ConversationId) {
        self.tell(Update::Opened(id));
        self.tell(Update::Conversations);
    }

    pub(crate) fn creation_refused(&mut self, id: ConversationId, error: WireError) {
        let existing = (error.code == ErrorCode::DirectExists)
            .then(|| decode::<DirectExists>(error.data.as_ref()?).ok())
            .flatten();
        self.forget_creation(id);
        let position = self
            .openings
            .iter()
            .position(|o| o.request.as_ref().is_some_and(|(i, _)| *i == id));
        let Some(position) = position else { return };
        match existing {
            Some(existing) => {
                let opening = &mut self.openings[position];
                opening.request = None;
                opening.existing = Some(existing.conversation);
                if !self.conversations.contains_key(&existing.conversation) {
                    self.resync();
                }
            }
            // refused commits are those of keys that are not the newest any more, one's own or another's
            None if matches!(
                error.code,
                ErrorCode::KeyPackageInvalid | ErrorCode::CommitRefused
            ) && self.openings[position].tries < TRIES =>
            {
                // Claimed and founded anew.
                let opening = &mut self.openings[position];
                opening.tries += 1;
                opening.request = None;
                opening.packages.clear();
            }
            None => {
                let doing = self.openings.remove(position).doing();
                self.fail(doing, error.into());
            }
        }
    }

    /// The server does not have it: it never was.
    pub(crate) fn creation_lost(&mut self, id: ConversationId) {
        let still_asked = self
            .openings
            .iter()
            .any(|o| o.request.as_ref().is_some_and(|(i, _)| *i == id));
        if !still_asked {
            self.forget_creation(id);
        }
    }

    fn forget_creation(&mut self, id: ConversationId) {
        self.conversations.remove(&id);
        self.batch
            .delete(Space::Conversations, super::key(id, super::RECORD));
        self.batch
            .delete(Space::Conversations, super::key(id, super::PICTURE));
        self.drop_pending(id);
    }
}
