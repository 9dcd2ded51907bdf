//! Public states and rules of conversations that are in use, kept in memory. Only ever a shortcut: what is not here is
//! loaded from the database, and the database decides what is current.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use e2ee::{
    mls::public::PublicConversation,
    policy::{Policy, Role},
};
use protocol::{ConversationId, MemberId};

/// Rules of at most so many conversations (about 200 bytes each).
const RULES_MAX: usize = 50_000;

/// What sending needs to know of a policy. Never changes for one restart number and epoch.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) restart: u32,
    pub(crate) epoch: u64,
    /// Timer of disappearing messages, in seconds; 0 = none.
    pub(crate) timer_s: u64,
    /// The longest time for which other bodies stand, in milliseconds; 0 = for ever.
    pub(crate) retention_ms: u64,
    /// Whether those whom `others` does not name may write.
    all_write: bool,
    /// Those for whom it is the other way round.
    others: Vec<MemberId>,
}

impl Rules {
    fn new(policy: &Policy, epoch: u64) -> Self {
        let all_write = policy.lets_write(Role::Member);
        let roles = policy.roles.iter();
        let others = roles.filter(|(_, role)| policy.lets_write(**role) != all_write);
        Self {
            restart: policy.restart,
            epoch,
            timer_s: policy.timer_s,
            retention_ms: policy.retention_s.saturating_mul(1000),
            all_write,
            others: others.map(|(member, _)| *member).collect(),
        }
    }

    /// Whether the member may write messages.
    pub(crate) fn may_write(&self, member: MemberId) -> bool {
        self.all_write != self.others.contains(&member)
    }
}

struct Kept {
    state: Arc<PublicConversation>,
    leaves: usize,
    used: u64,
}

#[derive(Default)]
struct States {
    kept: HashMap<ConversationId, Kept>,
    leaves: usize,
    uses: u64,
}

/// Newest known public states, bounded by the number of their leaves, and rules.
pub(crate) struct Cache {
    leaves_max: usize,
    states: Mutex<States>,
    rules: Mutex<HashMap<ConversationId, Arc<Rules>>>,
}

impl Cache {
    pub(crate) fn new(leaves_max: usize) -> Self {
        Self {
            leaves_max,
            states: Mutex::default(),
            rules: Mutex::default(),
        }
    }

    /// The newest known state of a conversation, if it is of this restart number and epoch.
    pub(crate) fn state(
        &self,
        id: ConversationId,
        restart: u32,
        epoch: u64,
    ) -> Option<Arc<PublicConversation>> {
        let mut states = lock(&self.states);
        states.uses += 1;
        let uses = states.uses;
        let kept = states.kept.get_mut(&id)?;
        let wanted = kept.state.epoch() == epoch && kept.state.policy().restart == restart;
        wanted.then(|| {
            kept.used = uses;
            Arc::clone(&kept.state)
        })
    }

    /// Keeps a state that the database holds, unless a newer one is known.
    pub(crate) fn keep(&self, id: ConversationId, state: &Arc<PublicConversation>) {
        let leaves = state.members().len();
        let mut states = lock(&self.states);
        let place = |state: &PublicConversation| (state.policy().restart, state.epoch());
        let older = states
            .kept
            .get(&id)
            .is_none_or(|kept| place(&kept.state) <= place(state));
        if !older {
            return;
        }
        states.uses += 1;
        let kept = Kept {
            state: Arc::clone(state),
            leaves,
            used: states.uses,
        };
        states.leaves += leaves;
        if let Some(before) = states.kept.insert(id, kept) {
            states.leaves -= before.leaves;
        }
        if states.leaves > self.leaves_max {
            states.forget();
        }
        drop(states);
        self.keep_rules(id, state);
    }

    /// What is known of the rules in this epoch.
    pub(crate) fn rules(&self, id: ConversationId, restart: u32, epoch: u64) -> Option<Arc<Rules>> {
        let rules = lock(&self.rules).get(&id).cloned();
        rules.filter(|rules| (rules.restart, rules.epoch) == (restart, epoch))
    }

    fn keep_rules(&self, id: ConversationId, state: &PublicConversation) {
        let new = Arc::new(Rules::new(state.policy(), state.epoch()));
        let mut rules = lock(&self.rules);
        if rules.len() >= RULES_MAX && !rules.contains_key(&id) {
            // Rare, and each comes back at its next use.
            rules.clear();
        }
        rules.insert(id, new);
    }
}

impl States {
    /// Forgets the half that was not used for longest.
    fn forget(&mut self) {
        let mut uses: Vec<u64> = self.kept.values().map(|kept| kept.used).collect();
        let middle = uses.len() / 2;
        let (_, median, _) = uses.select_nth_unstable(middle);
        let median = *median;
        self.kept.retain(|_, kept| kept.used > median);
        self.leaves = self.kept.values().map(|kept| kept.leaves).sum();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
