//! A store in memory: for public computers, tests and simulations.

use std::collections::BTreeMap;

use super::{Batch, Rows, Space, Store, StoreError};

/// Keeps everything in memory. A clone is a copy of the state at that moment.
#[derive(Clone, Default)]
pub struct MemoryStore {
    rows: BTreeMap<(Space, Vec<u8>), Vec<u8>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Store for MemoryStore {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.rows.get(&(space, key.to_vec())).cloned())
    }

    fn range(
        &self,
        space: Space,
        from: &[u8],
        to: &[u8],
        limit: usize,
        reverse: bool,
    ) -> Result<Rows, StoreError> {
        if from >= to {
            return Ok(Vec::new());
        }
        let rows = self
            .rows
            .range((space, from.to_vec())..(space, to.to_vec()))
            .map(|((_, key), value)| (key.clone(), value.clone()));
        Ok(if reverse {
            rows.rev().take(limit).collect()
        } else {
            rows.take(limit).collect()
        })
    }

    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        for change in batch.changes {
            let key = (change.space, change.key);
            match change.value {
                Some(value) => self.rows.insert(key, value),
                None => self.rows.remove(&key),
            };
        }
        Ok(())
    }

    fn wipe(&mut self) -> Result<(), StoreError> {
        self.rows.clear();
        Ok(())
    }
}
