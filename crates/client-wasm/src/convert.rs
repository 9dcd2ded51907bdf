//! From the app's words to the engine's, and back. Nothing is decided here.

mod command;
mod failure;
mod update;
mod view;

pub use command::{command, of};
pub use failure::{failure, store_failure};
pub use update::update;
pub use view::{At, picture, safety_check, state, timeline, unsent};
