//! A command runs once, even when a tab repeats it to the next worker because the last one ended without an answer.
//!
//! The name of a command is written in the same batch as what it changed. A command that changed nothing here (a
//! question to the server) leaves no name: its answer ended with the worker, so it runs again.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use client::{Batch, Space, Store, StoreError, store::Rows};
use serde::{Deserialize, Serialize};

/// The name of a command: random, given by the tab.
pub type CommandId = [u8; 16];

/// Commands remembered. Far fewer are unanswered at any time.
const REMEMBERED: usize = 128;
const KEY: &[u8] = b"commands of tabs";

#[derive(Default)]
struct Ids {
    /// Those that changed the store, the oldest first.
    kept: VecDeque<CommandId>,
    /// Those that ran in this worker.
    ran: VecDeque<CommandId>,
    running: Option<CommandId>,
}

/// Says which command runs while the engine has the store.
pub struct Commands(Rc<RefCell<Ids>>);

impl Commands {
    /// Whether the command has not run yet. Then it is the one that runs now, until [`Commands::end`].
    pub fn begin(&self, id: CommandId) -> bool {
        let mut ids = self.0.borrow_mut();
        if ids.ran.contains(&id) || ids.kept.contains(&id) {
            return false;
        }
        push(&mut ids.ran, id);
        ids.running = Some(id);
        true
    }

    /// The command is done.
    pub fn end(&self) {
        self.0.borrow_mut().running = None;
    }
}

/// A store that remembers which commands changed it.
pub struct Once<S> {
    store: S,
    ids: Rc<RefCell<Ids>>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    v: u8,
    #[serde(with = "serde_bytes")]
    ids: Vec<u8>,
}

impl<S: Store> Once<S> {
    /// Reads what the store remembers.
    ///
    /// # Errors
    /// When the store fails.
    pub fn new(store: S) -> Result<(Self, Commands), StoreError> {
        let mut ids = Ids::default();
        // one that can't be read is as none: a message may then be sent twice, which is better than never again
        let kept = store.get(Space::Own, KEY)?;
        if let Some(kept) = kept.and_then(|bytes| protocol::decode::<Kept>(&bytes).ok()) {
            ids.kept = kept.ids.as_chunks().0.iter().copied().collect();
        }
        let ids = Rc::new(RefCell::new(ids));
        let commands = Commands(Rc::clone(&ids));
        Ok((Self { store, ids }, commands))
    }

    /// The store below.
    pub fn into_inner(self) -> S {
        self.store
    }
}

fn push(ids: &mut VecDeque<CommandId>, id: CommandId) {
    if ids.len() == REMEMBERED {
        ids.pop_front();
    }
    ids.push_back(id);
}

impl<S: Store> Store for Once<S> {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(space, key)
    }

    fn range(
        &self,
        space: Space,
        from: &[u8],
        to: &[u8],
        limit: usize,
        reverse: bool,
    ) -> Result<Rows, StoreError> {
        self.store.range(space, from, to, limit, reverse)
    }

    fn commit(&mut self, mut batch: Batch) -> Result<(), StoreError> {
        let mut ids = self.ids.borrow_mut();
        let Some(id) = ids.running else {
            return self.store.commit(batch);
        };
        let mut kept = ids.kept.clone();
        if !kept.contains(&id) {
            push(&mut kept, id);
        }
        let value = Kept {
            v: 1,
            ids: kept.iter().flatten().copied().collect(),
        };
        batch.put(Space::Own, KEY, protocol::encode(&value).to_vec());
        self.store.commit(batch)?;
        ids.kept = kept;
        Ok(())
    }

    fn wipe(&mut self) -> Result<(), StoreError> {
        self.ids.borrow_mut().kept.clear();
        self.store.wipe()
    }
}

#[cfg(test)]
mod tests {
    use client::MemoryStore;

    use super::*;

    fn id(n: usize) -> CommandId {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&n.to_be_bytes());
        id
    }

    struct Tab {
        store: Once<MemoryStore>,
        commands: Commands,
    }

    fn opened(store: MemoryStore) -> Tab {
        let (store, commands) = Once::new(store).unwrap();
        Tab { store, commands }
    }

    impl Tab {
        fn run(&mut self, n: usize, changes: bool) -> bool {
            let runs = self.commands.begin(id(n));
            if runs && changes {
                let mut batch = Batch::default();
                batch.put(Space::Outbox, n.to_be_bytes(), vec![1]);
                self.store.commit(batch).unwrap();
            }
            self.commands.end();
            runs
        }

        fn restarted(self) -> Self {
            opened(self.store.into_inner())
        }
    }

    #[test]
    fn keeps_the_contract() {
        client::store::contract::run(&mut opened(MemoryStore::new()).store);
    }

    #[test]
    fn what_changed_something_runs_once_even_after_a_restart() {
        let mut tab = opened(MemoryStore::new());
        assert!(tab.run(1, true));
        assert!(!tab.run(1, true));
        let mut tab = tab.restarted();
        assert!(!tab.run(1, true));
        assert!(tab.run(2, true));
    }

    #[test]
    fn what_changed_nothing_runs_again_after_a_restart_alone() {
        let mut tab = opened(MemoryStore::new());
        assert!(tab.run(1, false));
        assert!(!tab.run(1, false));
        // what changes the store afterwards does not take the first one with it
        assert!(tab.run(2, true));
        let mut tab = tab.restarted();
        assert!(tab.run(1, false));
    }

    #[test]
    fn a_change_that_is_not_kept_is_not_remembered() {
        let tab = opened(MemoryStore::new());
        assert!(tab.commands.begin(id(1)));
        // the worker ends here
        let tab = tab.restarted();
        assert!(tab.commands.begin(id(1)));
    }

    #[test]
    fn the_newest_are_remembered_and_wiping_forgets() {
        let mut tab = opened(MemoryStore::new());
        for n in 0..REMEMBERED + 10 {
            assert!(tab.run(n, true));
        }
        let mut tab = tab.restarted();
        assert!(!tab.run(REMEMBERED + 9, true));
        assert!(!tab.run(10, true));
        assert!(tab.run(9, true), "too old");
        tab.store.wipe().unwrap();
        let mut tab = tab.restarted();
        assert!(tab.run(REMEMBERED + 9, true));
    }
}
