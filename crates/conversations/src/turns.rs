//! Turns: of what has the same key, one thing is done at a time, in the order in which it came. What one member sends to
//! one conversation keeps its order while the conversation's rules are looked up; what makes the server work through
//! trees is done one by one for each member, so that nobody's queue is before everybody else's.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Mutex as Place, OwnedMutexGuard};

type Places<K> = HashMap<K, Arc<Place<()>>>;

/// Who is at work, and who waits behind.
pub(crate) struct Turns<K>(Mutex<Places<K>>);

/// A turn; the next one begins when it is dropped.
pub(crate) struct Turn<'t, K: Hash + Eq + Copy> {
    turns: &'t Turns<K>,
    key: K,
    held: Option<OwnedMutexGuard<()>>,
}

impl<K> Default for Turns<K> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

impl<K: Hash + Eq + Copy> Turns<K> {
    /// Whether nobody is at work or waits.
    pub(crate) fn is_free(&self, key: K) -> bool {
        !self.lock().contains_key(&key)
    }

    /// Takes its place behind those who came before when this is first polled, and waits.
    pub(crate) async fn take(&self, key: K) -> Turn<'_, K> {
        let place = Arc::clone(self.lock().entry(key).or_default());
        // The runtime must not let somebody pass who came later, as it may when a task has done much at a time.
        let held = tokio::task::unconstrained(place.lock_owned()).await;
        Turn {
            turns: self,
            key,
            held: Some(held),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Places<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Hash + Eq + Copy> Drop for Turn<'_, K> {
    fn drop(&mut self) {
        let mut places = self.turns.lock();
        drop(self.held.take());
        // Who waits holds the place too.
        let last = |place: &Arc<Place<()>>| Arc::strong_count(place) == 1;
        if places.get(&self.key).is_some_and(last) {
            places.remove(&self.key);
        }
    }
}
