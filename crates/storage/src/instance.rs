//! What the instance knows about itself: few values by name.

use crate::StorageError;

/// Names of the values.
pub mod key {
    /// Instance id, 16 bytes.
    pub const INSTANCE: &str = "instance";
    /// Incarnation, 16 bytes.
    pub const INCARNATION: &str = "incarnation";
    /// Organisation's name, UTF-8.
    pub const ORGANISATION: &str = "organisation";
    /// Hash of the set-up code; removed when used.
    pub const SET_UP_CODE: &str = "set_up_code";
    /// Number of the last backup mark, u64 big-endian.
    pub const BACKUP_MARK: &str = "backup_mark";
}

/// Reads values.
pub trait InstanceReader {
    /// One value.
    ///
    /// # Errors
    /// When the database fails.
    fn value(&self, key: &str) -> Result<Option<Vec<u8>>, StorageError>;
}

/// Writes values.
pub trait InstanceWriter: InstanceReader {
    /// Sets or (None) removes one value.
    ///
    /// # Errors
    /// When the database fails.
    fn set_value(&mut self, key: &str, value: Option<&[u8]>) -> Result<(), StorageError>;
}
