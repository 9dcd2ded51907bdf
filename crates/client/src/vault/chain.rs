//! The chain of vault heads: a newer head counts when it continues the last one known, head by head (`docs/crypto.md`,
//! section 4). A server that had split this member's devices can't join them again unseen.

use e2ee::vault::Head;
use protocol::{
    limits::HEADS_MAX,
    methods::vault::{GetHeads, GetManifest, Heads},
};

use crate::{Engine, Failure, Space, Store, pending::Pending};

const SEEN: &[u8] = b"vault_seen";

/// What asked for the list, and asks again when the heads up to it have been followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// The vault, on a synced connection.
    Manifest,
    /// The first sync of a device that lacks pins.
    Pins,
    /// A sign-in over what is kept here.
    SignIn,
}

#[derive(Default)]
pub(super) struct Chain {
    /// Followed from the known head by the names of predecessors alone, up to here. The signature of the newest one
    /// proves them all.
    reached: Option<Head>,
    /// The highest number that an own entry names: a device of this member has seen the vault there.
    seen: u64,
    /// The same when the list was last asked for.
    asked: u64,
}

impl Chain {
    pub(super) fn load(&mut self, store: &impl Store) -> Result<(), Failure> {
        let seen = store.get(Space::Own, SEEN)?.map(<[u8; 8]>::try_from);
        self.seen = seen.map_or(0, |bytes| bytes.map_or(0, u64::from_be_bytes));
        Ok(())
    }

    /// A head was adopted: from there on.
    pub(super) fn arrived(&mut self) {
        self.reached = None;
    }
}

fn older() -> Failure {
    Failure::Unverified("the vault went back to an older state".into())
}

impl<S: Store> Engine<S> {
    pub(crate) fn ask_manifest(&mut self, pending: Pending) {
        self.vault.chain.asked = self.vault.chain.seen;
        self.request(&GetManifest {}, pending);
    }

    /// Whether a head that verifies continues what this device knows. False: those between have been asked for.
    pub(crate) fn continues(&mut self, head: &Head, then: After) -> Result<bool, Failure> {
        if head.number < self.vault.chain.asked {
            let reason = "one of your devices has seen a newer vault than the server shows";
            return Err(Failure::Unverified(reason.into()));
        }
        let reached = self.vault.chain.reached.take();
        let Some(known) = reached.as_ref().or(self.vault.head.as_ref()) else {
            return Ok(true); // a fresh device
        };
        let fits = match head.number.checked_sub(known.number) {
            None => false,
            Some(0) => head.hash() == known.hash(),
            Some(1) => head.follows(known).is_ok(),
            Some(_) => {
                let from = known.number + 1;
                self.vault.chain.reached = reached;
                let limit = HEADS_MAX;
                self.request(&GetHeads { from, limit }, Pending::Heads(then));
                return Ok(false);
            }
        };
        fits.then_some(true).ok_or_else(older)
    }

    /// More of the chain: then the list is asked for again, which is nearer now.
    pub(crate) fn heads_came(&mut self, then: After, result: Result<Heads, Failure>) {
        match result.and_then(|heads| self.follow_heads(&heads)) {
            Ok(()) => self.ask_manifest(match then {
                After::Manifest => Pending::Manifest,
                After::Pins => Pending::ManifestForPins,
                After::SignIn => Pending::UnlockManifest,
            }),
            Err(failure) => match then {
                After::Manifest => {
                    self.vault_free();
                    self.manifest_failed(failure);
                }
                After::Pins => {
                    self.fail(crate::Doing::Background, failure);
                    self.hang_up();
                }
                After::SignIn => self.sign_in_failed(failure),
            },
        }
    }

    fn follow_heads(&mut self, heads: &Heads) -> Result<(), Failure> {
        let before = self.vault.chain.reached.take();
        let Some(mut at) = before.or_else(|| self.vault.head.clone()) else {
            return Ok(());
        };
        if heads.heads.is_empty() {
            let reason = "the server withholds what the vault was in between";
            return Err(Failure::Unverified(reason.into()));
        }
        for bytes in &heads.heads {
            let next = Head::decode(bytes)?;
            next.follows(&at).map_err(|_| older())?;
            at = next;
        }
        self.vault.chain.reached = Some(at);
        Ok(())
    }

    /// An own entry, which verifies, names this number of the vault's head.
    pub(crate) fn vault_was_seen(&mut self, number: u64) {
        let chain = &mut self.vault.chain;
        if number <= chain.seen {
            return;
        }
        chain.seen = number;
        let value = number.to_be_bytes().to_vec();
        self.batch.put(Space::Own, SEEN, value);
        if number > self.vault.head_number() {
            self.vault_is_stale(true);
        }
    }

    /// Whether a device of this member has seen a newer head than the one known here.
    pub(crate) fn vault_is_behind(&self) -> bool {
        self.vault.head_number() < self.vault.chain.seen
    }
}
