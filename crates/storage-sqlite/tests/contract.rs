//! The contract of the storage port, on SQLite: on threads, and in place.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use storage::{Storage, contract::Fixture};
use storage_sqlite::{Options, SqliteStorage, Work};
use tempfile::TempDir;

struct InFolder {
    folder: TempDir,
    work: Work,
}

impl Fixture for InFolder {
    fn open(&self) -> Arc<dyn Storage> {
        let options = Options {
            work: self.work,
            queue: self.queue(),
            readers: 2,
            ..Options::default()
        };
        Arc::new(SqliteStorage::open(self.folder.path(), &options).unwrap())
    }

    fn queue(&self) -> usize {
        64 * 4
    }
}

fn fixture(work: Work) -> InFolder {
    let folder = tempfile::tempdir().unwrap();
    InFolder { folder, work }
}

mod threads {
    fn fixture() -> super::InFolder {
        super::fixture(super::Work::Threads)
    }

    storage::contract_tests!(fixture);
}

mod in_place {
    fn fixture() -> super::InFolder {
        super::fixture(super::Work::InPlace)
    }

    storage::contract_tests!(fixture, without_queue);
}
