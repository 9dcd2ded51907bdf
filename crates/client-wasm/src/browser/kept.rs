//! The store of the engine: in memory until somebody signs in, then where it was meant to be.

use std::{cell::RefCell, rc::Rc};

use client::{Batch, MemoryStore, Space, Store, StoreError, store::Rows};
use client_sqlite::Database;

enum Place {
    Memory(MemoryStore),
    Disk(Box<Database>),
}

/// A store that may move from memory to the disk. Clones are the same store.
#[derive(Clone)]
pub(crate) struct Kept(Rc<RefCell<Place>>);

impl Kept {
    /// In memory.
    pub(crate) fn in_memory() -> Self {
        Self(Rc::new(RefCell::new(Place::Memory(MemoryStore::new()))))
    }

    /// On the disk.
    pub(crate) fn on_disk(database: Database) -> Self {
        Self(Rc::new(RefCell::new(Place::Disk(Box::new(database)))))
    }

    /// Moves what is in memory to the disk; there it stays.
    pub(crate) fn move_to(&self, mut database: Database) -> Result<(), StoreError> {
        let mut place = self.0.borrow_mut();
        if let Place::Memory(memory) = &*place {
            let mut batch = Batch {
                durable: true,
                ..Batch::default()
            };
            for space in Space::ALL {
                for (key, value) in memory.range(*space, &[], &[0xff; 64], usize::MAX, false)? {
                    batch.put(*space, key, value);
                }
            }
            database.commit(batch)?;
            *place = Place::Disk(Box::new(database));
        }
        Ok(())
    }

    /// Closes the store: nothing is kept from now on.
    pub(crate) fn close(&self) {
        *self.0.borrow_mut() = Place::Memory(MemoryStore::new());
    }
}

impl Store for Kept {
    fn get(&self, space: Space, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        match &*self.0.borrow() {
            Place::Memory(store) => store.get(space, key),
            Place::Disk(store) => store.get(space, key),
        }
    }

    fn range(
        &self,
        space: Space,
        from: &[u8],
        to: &[u8],
        limit: usize,
        reverse: bool,
    ) -> Result<Rows, StoreError> {
        match &*self.0.borrow() {
            Place::Memory(store) => store.range(space, from, to, limit, reverse),
            Place::Disk(store) => store.range(space, from, to, limit, reverse),
        }
    }

    fn commit(&mut self, batch: Batch) -> Result<(), StoreError> {
        match &mut *self.0.borrow_mut() {
            Place::Memory(store) => store.commit(batch),
            Place::Disk(store) => store.commit(batch),
        }
    }

    fn wipe(&mut self) -> Result<(), StoreError> {
        match &mut *self.0.borrow_mut() {
            Place::Memory(store) => store.wipe(),
            Place::Disk(store) => store.wipe(),
        }
    }
}
