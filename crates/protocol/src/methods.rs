//! Shared by the files of this folder: ties a parameter type to its method name and result.

pub mod account;
pub mod approval;
pub mod conversations;
pub mod own_account;
pub mod people;
pub mod sync;
pub mod vault;

/// Implements [`crate::frame::Method`].
macro_rules! method {
    ($params:ty, $name:literal, signed_in: $signed:literal, $reply:ty) => {
        impl crate::frame::Method for $params {
            const NAME: &'static str = $name;
            const SIGNED_IN: bool = $signed;
            type Reply = $reply;
        }
    };
}
pub(crate) use method;

/// A result without content.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Done {}
