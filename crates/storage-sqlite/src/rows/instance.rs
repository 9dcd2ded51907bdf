//! What the instance knows about itself.

use rusqlite::params;
use storage::{
    StorageError,
    instance::{InstanceReader, InstanceWriter},
};

use super::Rows;

impl InstanceReader for Rows<'_> {
    fn value(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError> {
        self.one(
            "SELECT value FROM instance_values WHERE key = ?1",
            [key],
            |row| row.get(0),
        )
    }
}

impl InstanceWriter for Rows<'_> {
    fn set_value(&mut self, key: &str, value: Option<&[u8]>) -> Result<(), StorageError> {
        match value {
            Some(value) => self.run(
                "INSERT INTO instance_values VALUES (?1, ?2)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                params![key, value],
            ),
            None => self.run("DELETE FROM instance_values WHERE key = ?1", [key]),
        }?;
        Ok(())
    }
}
