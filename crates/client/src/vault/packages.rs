//! Key packages: offering them, and forgetting the private parts of those that nobody can use any more.

use std::collections::BTreeMap;

use ambient::Millis;
use e2ee::{
    mls::{KeyPackage, MlsSuite, NewKeyPackage as Made},
    vault::{Manifest, RecordKind, RecordName},
};
use protocol::{
    Bytes, decode, encode,
    methods::{
        people::{NewKeyPackage, PublishKeyPackages},
        vault::VaultWrite,
    },
};

use super::{Job, NewKeys, Write};
use crate::{Engine, Failure, Space, Store, pending::Pending};

const KEY: &[u8] = b"old key packages";
const DAY: Millis = 24 * 3_600_000;
/// A package may be used for 90 days (`docs/crypto.md`, section 3). One that was withdrawn may have been claimed before by
/// somebody who is away now, so both kinds stay as long.
const OF_USE_MS: Millis = 91 * DAY;
/// Private parts forgotten in one write.
const AT_ONCE: usize = 100;

/// Keeps the private part of a key package that was just made. The record's version is the suite's number: so every device of the
/// member sees by the list alone of what suites there are some.
pub(crate) fn package_write(made: &Made, suite: MlsSuite) -> Write {
    let name = RecordName::new(RecordKind::KeyPackage, made.id.as_bytes());
    Write::Put(name, 0, u64::from(suite.number()), made.record.clone())
}

/// The numbers of the suites of all key packages whose private parts a vault holds.
fn suites(list: &Manifest) -> impl Iterator<Item = (&RecordName, u64)> {
    let all = list.entries();
    let packages = all.filter(|(name, ..)| name.kind == RecordKind::KeyPackage);
    packages.map(|(name, version, _)| (name, version))
}

/// Packages that this device has seen go out of use.
#[derive(Default)]
pub(super) struct Old {
    /// Their ids, and from when on (server's time) their private parts are of no use.
    due: BTreeMap<Vec<u8>, Millis>,
    /// Those that the write under way takes out of use, if it is taken.
    coming: Vec<Vec<u8>>,
}

impl Old {
    pub(super) fn load(&mut self, store: &impl Store) -> Result<(), Failure> {
        if let Some(bytes) = store.get(Space::Own, KEY)? {
            let kept: Vec<(Bytes, Millis)> = decode(&bytes)?;
            let kept = kept.into_iter();
            self.due = kept.map(|(id, due)| (id.to_vec(), due)).collect();
        }
        Ok(())
    }
}

impl<S: Store> Engine<S> {
    pub(super) fn publish_key_packages(
        &mut self,
        job: Job,
        fresh: usize,
        last_resort: bool,
    ) -> Result<(), Failure> {
        let Some(own) = &self.own else { return Ok(()) };
        let fresh = fresh.min(self.config.key_package_batch);
        let (now, suite) = (self.server_now(), self.config.suite);
        let kinds = std::iter::repeat_n(false, fresh).chain(last_resort.then_some(true));
        let mut packages = Vec::new();
        let mut writes = Vec::new();
        for last_resort in kinds {
            let whose = (&own.account, own.instance, own.member);
            let new = KeyPackage::generate_in(suite, &mut self.rng, whose, now, last_resort)
                .map_err(|e| Failure::Unverified(e.to_string()))?;
            writes.push(package_write(&new, suite));
            packages.push(NewKeyPackage {
                id: new.id,
                package: new.public.into(),
                last_resort,
            });
        }
        let mut new = NewKeys::default();
        let withdraw_all = job == Job::ReplacePackages;
        if withdraw_all && let Some((write, change)) = self.change_write(|c| c.packages = false) {
            writes.push(write);
            new.change = Some(change);
        }
        let mut coming = Vec::new();
        if withdraw_all || last_resort {
            let standing = self.vault.manifest.entries();
            let standing = standing.filter(|(name, ..)| name.kind == RecordKind::KeyPackage);
            coming.extend(standing.map(|(name, ..)| name.id.clone()));
        }
        self.vault.old_packages.coming = coming;
        let vault = self.seal_write_with(writes, vec![], new)?;
        let params = PublishKeyPackages {
            packages,
            vault,
            withdraw_all,
        };
        self.request(&params, Pending::VaultWrite(job));
        Ok(())
    }

    /// Another device has changed the vault: what it offers now may be of another suite.
    pub(super) fn packages_listed(&mut self, listed: &Manifest) {
        let known = &self.vault.manifest;
        let new = suites(listed).filter(|(name, _)| known.version(name) == 0);
        let Some(lowest) = new.map(|(_, suite)| suite).min() else {
            return;
        };
        let all_of = u16::try_from(lowest).unwrap_or(u16::MAX);
        let Some(own) = self.own.as_mut().filter(|own| own.packages_of != all_of) else {
            return;
        };
        own.packages_of = all_of;
        self.save_own();
    }

    /// Whether key packages of a lower suite than this app's may be on offer: they are replaced, all of them.
    pub(super) fn packages_are_old(&self) -> bool {
        let mine = self.config.suite.number();
        let unsure = self.own.as_ref().is_some_and(|own| own.packages_of < mine);
        unsure && suites(&self.vault.manifest).any(|(_, suite)| suite < u64::from(mine))
    }

    /// Whether another device of this member, with a newer app, offers key packages of a higher suite. This one leaves it to that:
    /// it would lead everybody back.
    pub(super) fn packages_are_newer(&self) -> bool {
        let mine = u64::from(self.config.suite.number());
        suites(&self.vault.manifest).any(|(_, suite)| suite > mine)
    }

    /// Others are on offer now: those before go out of use, withdrawn or not.
    pub(super) fn packages_replaced(&mut self) {
        let due = self.server_now() + OF_USE_MS;
        let old = &mut self.vault.old_packages;
        for id in std::mem::take(&mut old.coming) {
            let known = old.due.entry(id).or_insert(due);
            *known = (*known).min(due);
        }
        self.keep_old_packages();
    }

    fn keep_old_packages(&mut self) {
        let old = self.vault.old_packages.due.iter();
        let kept: Vec<(Bytes, Millis)> = old
            .map(|(id, due)| (Bytes::copy_from_slice(id), *due))
            .collect();
        self.batch
            .put(Space::Own, KEY.to_vec(), encode(&kept).to_vec());
    }

    /// Private parts that no Welcome can ask for any more.
    fn useless_packages(&self) -> Vec<RecordName> {
        // a Welcome that waits may be for any of them
        let joins = |c: &crate::conversation::Conversation| {
            c.broken.is_none() && (c.invited || c.rec.join_package.is_some())
        };
        if self.conversations.values().any(joins) {
            return Vec::new();
        }
        let now = self.server_now();
        let due = self.vault.old_packages.due.iter();
        let due = due.filter(|(_, due)| **due <= now);
        due.map(|(id, _)| RecordName::new(RecordKind::KeyPackage, id))
            .take(AT_ONCE)
            .collect()
    }

    pub(super) fn drop_packages_job(&self) -> Option<Job> {
        (!self.useless_packages().is_empty()).then_some(Job::DropPackages)
    }

    /// The write that forgets them; none where they are gone already.
    pub(super) fn drop_packages_write(&mut self) -> Result<Option<VaultWrite>, Failure> {
        let useless = self.useless_packages().into_iter();
        let writes: Vec<_> = useless
            .filter_map(|name| {
                let standing = self.vault.manifest.version(&name);
                (standing > 0).then_some(Write::Delete(name, standing))
            })
            .collect();
        if writes.is_empty() {
            self.packages_dropped();
            return Ok(None);
        }
        self.seal_write(writes, vec![]).map(Some)
    }

    /// What the vault does not hold any more needs no date.
    pub(super) fn packages_dropped(&mut self) {
        let manifest = &self.vault.manifest;
        let there = |id: &[u8]| manifest.version(&RecordName::new(RecordKind::KeyPackage, id)) > 0;
        self.vault.old_packages.due.retain(|id, _| there(id));
        self.keep_old_packages();
    }
}
