//! Leaf certificates: looked up by name, verified once, kept.

use e2ee::identity::{LeafCertificate, Roster};
use protocol::{Hash32, methods::people::GetCertificates};

use crate::{Engine, Space, Store, pending::Pending};

impl<S: Store> Engine<S> {
    /// Makes sure that a leaf certificate is known and verified; asks for what is missing.
    /// None = has been asked for; `Some(false)` = it can't be had.
    pub(crate) fn want_leaf(&mut self, name: Hash32) -> Option<bool> {
        if self.leaf(name).is_some() {
            return Some(true);
        }
        if self.people.refused.contains(&name) {
            return Some(false);
        }
        let Some(leaf) = self.people.offered.get(&name).cloned() else {
            let question = Pending::Certificate(name);
            if !self.lookups_held() && !self.is_asking(&question) {
                self.request(&GetCertificates { names: vec![name] }, question);
            }
            return None;
        };
        let roster = self.people.of_before();
        let known = roster.certificate(leaf.member, leaf.generation).is_some();
        if !known && !self.want_person(leaf.member, leaf.generation) {
            let (member, now) = (leaf.member, self.now);
            let hopeless = self.people.is_unknown(member)
                || self.people.has_changed(member)
                || self.people.lacks(member, leaf.generation, now);
            return hopeless.then_some(false);
        }
        self.people.offered.remove(&name);
        let verified = self
            .people
            .of_before()
            .certificate(leaf.member, leaf.generation)
            .is_some_and(|account| leaf.verify(&account).is_ok());
        if verified {
            self.keep_leaf(leaf);
        } else {
            self.people.refused.insert(name);
        }
        Some(verified)
    }

    /// A leaf certificate that has been verified.
    pub(crate) fn leaf(&self, name: Hash32) -> Option<LeafCertificate> {
        let leaf = self.kept_leaf(name);
        leaf.filter(|leaf| !self.people.is_given_up(leaf))
    }

    fn kept_leaf(&self, name: Hash32) -> Option<LeafCertificate> {
        if let Some(leaf) = self.people.leaves.get(&name) {
            return Some(leaf.clone());
        }
        let kept = self.store.get(Space::Certificates, name.as_bytes());
        LeafCertificate::decode(&kept.ok()??).ok()
    }

    /// Keeps a leaf certificate that has been verified.
    pub(crate) fn keep_leaf(&mut self, leaf: LeafCertificate) {
        let name = leaf.name();
        if self.kept_leaf(name).is_some() {
            return;
        }
        let value = leaf.bytes().to_vec();
        self.batch
            .put(Space::Certificates, name.as_bytes().to_vec(), value);
        self.people.leaves.insert(name, leaf);
    }
}
