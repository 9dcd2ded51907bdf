//! Making commits and following those of others.

use openmls::prelude::{
    LeafNodeIndex, MlsGroup, NewSignerBundle, ProcessMessageError, ProcessedMessageContent,
    StageCommitError, ValidationError,
};
use openmls_traits::OpenMlsProvider;
use protocol::{Hash32, MemberId};
use rand::{CryptoRng, RngCore};

use super::{
    CommitContext, CommitData, Conversation, KeyPackage, MlsError, Said,
    check::{Effect, check_said, check_staged, read_commit},
    conversation::export,
    key_package,
    profile::{self, credential, extensions},
    provider::{LeafSigner, Provider},
    welcome,
};
use crate::{
    content::EpochSecret,
    identity::{AccountKey, LeafCertificate, Purpose, Roster},
    links::seal_link,
    policy::{CommitChange, Departures, Policy, tidied},
    signing::SigningKey,
};

/// What a commit is to do. Members are named by id, so that a commit refused in a race can be made again.
#[derive(Default)]
pub struct Change<'a> {
    /// Whom to add, with a key package of theirs.
    pub add: Vec<(MemberId, Vec<u8>)>,
    /// Whom to remove. Somebody in both lists gets a new leaf (*repair*).
    pub remove: Vec<MemberId>,
    /// The new policy. Without one, the roles of those removed are dropped by themselves.
    pub policy: Option<Policy>,
    /// The account key to certify a new leaf signature key with: a key update.
    pub update: Option<&'a AccountKey>,
    /// Who left by the log: may be removed by anybody.
    pub departures: Departures,
}

/// A commit that is ready to be sent, together with the state after it: store `next`, then send.
pub struct Prepared {
    /// The commit.
    pub commit: Vec<u8>,
    /// For each added member: the key package used, and the Welcome.
    pub welcomes: Vec<(MemberId, Hash32, Vec<u8>)>,
    /// The link back to the epoch that the commit closes; `None` is a cut.
    pub link: Option<Vec<u8>>,
    /// At a cut: the secret to be kept as a segment head in the same vault write.
    pub segment_head: Option<EpochSecret>,
    /// The state after the commit, as it was loaded from its own record.
    pub next: Conversation,
    /// What the commit does.
    pub change: CommitChange,
    /// Leaf certificates that were not in the conversation before.
    pub certificates: Vec<LeafCertificate>,
}

/// A commit of the log that was checked and followed.
#[derive(Debug)]
pub struct Processed {
    /// The state after it; `None` when it removed us.
    pub next: Option<Conversation>,
    /// What it did.
    pub change: CommitChange,
    /// What its author stated.
    pub data: CommitData,
    /// Whether it removed us.
    pub removed_self: bool,
    /// Leaf certificates that were not in the conversation before.
    pub certificates: Vec<LeafCertificate>,
}

impl Conversation {
    /// Makes a commit. Nothing is sent and nothing changes here; the next state has been written, loaded again and
    /// compared. `now` in milliseconds.
    ///
    /// # Errors
    /// [`MlsError`]; in particular [`MlsError::Rights`], [`MlsError::UnknownMember`], [`MlsError::NotFresh`],
    /// [`MlsError::BrokenRecord`].
    pub fn prepare(
        &self,
        rng: &mut (impl CryptoRng + RngCore),
        change: &Change<'_>,
        context: CommitContext,
        keep_link: bool,
        roster: &dyn Roster,
        now: u64,
    ) -> Result<Prepared, MlsError> {
        if let Some(policy) = &change.policy {
            policy.check()?;
        }
        let renewed = change
            .update
            .map(|account| self.new_leaf(rng, account, now));
        let packages = self.inspect_added(change, roster, now)?;
        let provider = Provider::with_rng(self.values.clone(), rng)?;
        let mut group = self.load(&provider)?;
        let proposed = self.proposed(change);
        let mut said = Said::of(&self.policy, &proposed, &change.departures);
        // of what is sealed in epoch 0 nobody is cut off: there is nothing
        said.cut =
            !keep_link && !said.left && self.epoch() > 0 && Said::may_cut(&self.policy, &proposed);
        group.set_aad(CommitData::new(self.epoch_secret(), context, said).encode());
        let messages = self.stage(&mut group, &provider, change, &packages, renewed.as_ref())?;
        let staged = group.pending_commit().ok_or(MlsError::BrokenRecord)?;
        let sender = LeafNodeIndex::new(self.own_index());
        let effect = check_staged(
            &self.policy,
            &self.leaves,
            staged,
            sender,
            roster,
            &change.departures,
        )?;
        let e_next = export(|label, len| staged.export_secret(provider.crypto(), label, &[], len))?;
        group
            .merge_pending_commit(&provider)
            .map_err(MlsError::refused)?;
        let leaf = renewed.map_or_else(|| self.leaf.clone(), |(leaf, _)| leaf);
        let next = Self::assemble(&group, provider, leaf, None)?;
        let next = next.survive(&next.record(0, Hash32::default()), &e_next)?;
        self.finish(next, messages, packages, effect, keep_link)
    }

    fn finish(
        &self,
        next: Self,
        (commit, welcome): (Vec<u8>, Option<Vec<u8>>),
        packages: Vec<Added>,
        effect: Effect,
        keep_link: bool,
    ) -> Result<Prepared, MlsError> {
        let ids: Vec<_> = packages.iter().map(|p| (p.member, p.id)).collect();
        let welcomes = match welcome {
            Some(all) => welcome::split(&all, &ids)?,
            None => Vec::new(),
        };
        let (e_next, e_n) = (next.epoch_secret(), self.epoch_secret());
        let link =
            keep_link.then(|| seal_link(e_next, self.epoch(), self.id(), self.restart(), e_n));
        // Nothing is ever sealed in epoch 0, so there is nothing to keep from it.
        let head = (link.is_none() && self.epoch() > 0).then(|| e_n.clone());
        Ok(Prepared {
            commit,
            welcomes,
            link,
            segment_head: head,
            next,
            change: effect.change,
            certificates: effect.new,
        })
    }

    /// Loads the record just made, as a fresh device would, and compares.
    pub(super) fn survive(&self, record: &[u8], e_next: &EpochSecret) -> Result<Self, MlsError> {
        let (loaded, ..) =
            Self::restore(record, &self.tree()?).map_err(|_| MlsError::BrokenRecord)?;
        let same = loaded.epoch_secret() == e_next
            && self.epoch_secret() == e_next
            && loaded.epoch() == self.epoch()
            && loaded.leaves == self.leaves
            && loaded.policy == self.policy
            && loaded.values == self.values;
        same.then_some(loaded).ok_or(MlsError::BrokenRecord)
    }

    fn new_leaf(
        &self,
        rng: &mut (impl CryptoRng + RngCore),
        account: &AccountKey,
        now: u64,
    ) -> (SigningKey, LeafCertificate) {
        let leaf = SigningKey::generate(rng);
        let (purpose, public) = (Purpose::Conversation, leaf.public());
        let certificate =
            LeafCertificate::issue(account, self.instance(), self.me(), &public, now, purpose);
        (leaf, certificate)
    }

    fn inspect_added(
        &self,
        change: &Change<'_>,
        roster: &dyn Roster,
        now: u64,
    ) -> Result<Vec<Added>, MlsError> {
        let inspect = |(member, bytes): &(MemberId, Vec<u8>)| {
            let package = key_package::read(bytes)?;
            let found = profile::leaf_certificate(package.leaf_node())?;
            if (found.instance, found.member) != (self.instance(), *member) {
                return Err(MlsError::Certificate(crate::Error::WrongOwner(
                    "key package",
                )));
            }
            let account = roster
                .certificate(*member, found.generation)
                .ok_or(MlsError::UnknownMember(*member, found.generation))?;
            let id = KeyPackage::inspect(bytes, &account, now)?.id;
            Ok(Added {
                member: *member,
                id,
                package,
            })
        };
        change.add.iter().map(inspect).collect()
    }

    /// What the commit is going to do, as far as others are told of it.
    fn proposed(&self, change: &Change<'_>) -> CommitChange {
        CommitChange {
            added: change.add.iter().map(|(m, _)| *m).collect(),
            removed: change.remove.clone(),
            updated: false,
            policy: self.proposed_policy(change),
        }
    }

    /// The policy to propose, if any: the given one, or the present one without the roles of those who go.
    fn proposed_policy(&self, change: &Change<'_>) -> Option<Policy> {
        if change.policy.is_some() {
            return change.policy.clone();
        }
        let effect = CommitChange {
            added: change.add.iter().map(|(m, _)| *m).collect(),
            removed: change.remove.clone(),
            ..CommitChange::default()
        };
        let tidy = tidied(&self.policy, &effect, &change.departures);
        (tidy != self.policy).then_some(tidy)
    }

    fn stage(
        &self,
        group: &mut MlsGroup,
        provider: &Provider<'_>,
        change: &Change<'_>,
        packages: &[Added],
        renewed: Option<&(SigningKey, LeafCertificate)>,
    ) -> Result<(Vec<u8>, Option<Vec<u8>>), MlsError> {
        let index = |member: &MemberId| {
            let mut leaves = self.leaves.iter();
            let found = leaves.find(|(_, c)| c.member == *member);
            found.map(|(i, _)| LeafNodeIndex::new(*i))
        };
        let removals: Option<Vec<_>> = change.remove.iter().map(index).collect();
        let removals = removals.ok_or(MlsError::NotAMember)?;
        let mut builder = group
            .commit_builder()
            .consume_proposal_store(false)
            .propose_removals(removals)
            .propose_adds(packages.iter().map(|p| p.package.clone()));
        if let Some(policy) = self.proposed_policy(change) {
            builder = builder
                .propose_group_context_extensions(extensions(&policy)?)
                .map_err(MlsError::refused)?;
        }
        let builder = builder
            .load_psks(provider.storage())
            .map_err(MlsError::refused)?
            .create_group_info(false);
        let (rand, crypto, old) = (provider.rand(), provider.crypto(), LeafSigner(&self.leaf));
        let built = match renewed {
            None => builder.build(rand, crypto, &old, |_| true),
            Some((leaf, certificate)) => {
                let bundle = NewSignerBundle {
                    signer: &LeafSigner(leaf),
                    credential_with_key: credential(certificate),
                };
                builder.build_with_new_signer(rand, crypto, &old, bundle, |_| true)
            }
        };
        let bundle = built
            .map_err(MlsError::refused)?
            .stage_commit(provider)
            .map_err(MlsError::refused)?;
        let welcome = bundle.to_welcome_msg();
        let welcome = welcome.as_ref().map(profile::write).transpose()?;
        Ok((profile::write(bundle.commit())?, welcome))
    }

    /// Follows a commit of the log by `author`, after checking all that can be checked.
    ///
    /// # Errors
    /// [`MlsError`]: with [`MlsError::UnknownMember`] fetch and check that certificate and try again; with
    /// [`MlsError::OwnCommit`] load the vault's state; anything else that the server let through is a reason to
    /// complain.
    pub fn process(
        &self,
        commit: &[u8],
        author: MemberId,
        roster: &dyn Roster,
        departures: &Departures,
    ) -> Result<Processed, MlsError> {
        let provider = Provider::new(self.values.clone())?;
        let mut group = self.load(&provider)?;
        let (message, sender) = read_commit(commit, group.public_group(), &self.leaves, author)?;
        let processed = match group.process_message(&provider, message) {
            Ok(processed) => processed,
            Err(error) => {
                let error = not_processed(error);
                return Err(self.unless_made_up(error, commit, author, roster, departures));
            }
        };
        let data = CommitData::decode(processed.aad())?;
        let ProcessedMessageContent::StagedCommitMessage(staged) = processed.into_content() else {
            return Err(MlsError::Forbidden("other than a commit"));
        };
        let effect = check_staged(
            &self.policy,
            &self.leaves,
            &staged,
            sender,
            roster,
            departures,
        )?;
        check_said(&self.policy, &effect.change, departures, &data.said)?;
        if !self.epoch_secret().commits_to(&data.c_n) {
            return Err(MlsError::WrongCommitment);
        }
        let removed_self = staged.self_removed();
        let next = if removed_self {
            None
        } else {
            group
                .merge_staged_commit(&provider, *staged)
                .map_err(MlsError::refused)?;
            Some(Self::assemble(&group, provider, self.leaf.clone(), None)?)
        };
        Ok(Processed {
            next,
            change: effect.change,
            data,
            removed_self,
            certificates: effect.new,
        })
    }
}

impl Conversation {
    /// What nobody can follow is one thing, and a commit that its stated author never made another: the library looks at the
    /// membership tag before the signature. What the server could not have taken is no reason to complain of anybody.
    fn unless_made_up(
        &self,
        error: MlsError,
        commit: &[u8],
        author: MemberId,
        roster: &dyn Roster,
        departures: &Departures,
    ) -> MlsError {
        if !error.is_unfollowable() {
            return error;
        }
        let public = super::public::PublicConversation::of_member(self);
        let checked =
            public.and_then(|public| public.check_commit(commit, author, roster, departures));
        checked.map_or_else(|lie| lie, |_| error)
    }
}

/// Why the library did not process a commit: what the server has checked as well, or what it can't.
fn not_processed<E: std::fmt::Display>(error: ProcessMessageError<E>) -> MlsError {
    match error {
        ProcessMessageError::InvalidCommit(StageCommitError::OwnCommitMismatch) => {
            MlsError::OwnCommit
        }
        ProcessMessageError::InvalidCommit(error) => MlsError::Unfollowable(error.to_string()),
        ProcessMessageError::ValidationError(
            error @ (ValidationError::InvalidMembershipTag | ValidationError::MissingMembershipTag),
        ) => MlsError::Unfollowable(error.to_string()),
        other => MlsError::refused(other),
    }
}

/// A key package that was inspected.
struct Added {
    member: MemberId,
    id: Hash32,
    package: openmls::prelude::KeyPackage,
}
