//! What is measured, one file each.

pub(crate) mod catch_up;
pub(crate) mod direct;
pub(crate) mod fan_out;
pub(crate) mod idle;
pub(crate) mod removal;
pub(crate) mod sign_out;
pub(crate) mod storm;
