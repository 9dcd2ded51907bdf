//! For tests alone: a SQLite VFS over the default one that knows what a power cut would leave, and fails on demand.
//!
//! Everything goes through to the real file, as into the operating system's cache. Beside it a [`Disk`] keeps for each
//! file what is durable (written and then synced) and what is pending. [`Disk::power_cut`], or the operation chosen
//! with [`Disk::cut_at`], freezes it: nothing succeeds any more, and [`Image::write_to`] gives the files as they would
//! be found afterwards. Shared memory, locks and temporary files are the real ones.
//!
//! Left out: a deletion is durable at once; reads never fail.
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod disk;
mod vfs;

pub use disk::{Dice, Disk, Fault, Image, Survive};
pub use vfs::register;
