//! Writes every decrypted frame to a file: for the test that searches them for what must not be there.

use std::{
    fs::File,
    io::Write,
    path::Path,
    sync::{Mutex, PoisonError},
};

use anyhow::{Context, Result};
use gateway::{Direction, FrameTap};

/// A file of frames: for each a line of direction, connection and length, the bytes, and a line break.
pub struct FileTap(Mutex<File>);

impl FileTap {
    /// Begins a new file.
    pub fn create(path: &Path) -> Result<Self> {
        let file = File::create(path).with_context(|| format!("can't write {}", path.display()))?;
        Ok(Self(Mutex::new(file)))
    }
}

impl FrameTap for FileTap {
    fn frame(&self, connection: u64, direction: Direction, frame: &[u8]) {
        let way = match direction {
            Direction::In => "in",
            Direction::Out => "out",
        };
        let mut record = format!("{way} {connection} {}\n", frame.len()).into_bytes();
        record.extend_from_slice(frame);
        record.push(b'\n');
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write_all(&record) {
            tracing::error!(%error, "writing the frames");
        }
    }
}
