//! What is unique: the `what` of [`crate::StorageError::Conflict`].

/// A member id.
pub const ACCOUNT: &str = "account";
/// A prepared login name.
pub const LOGIN_NAME: &str = "login name";
/// The skeleton of a login name.
pub const SKELETON: &str = "skeleton of a login name";
/// A device id.
pub const DEVICE: &str = "device";
/// An invitation id.
pub const INVITATION: &str = "invitation";
/// The hash of an invitation's secret.
pub const INVITATION_SECRET: &str = "secret of an invitation";
/// The hash of a reset link's secret.
pub const RESET_SECRET: &str = "secret of a reset link";
/// A key package's id, for ever.
pub const KEY_PACKAGE: &str = "key package";
/// A conversation id.
pub const CONVERSATION: &str = "conversation";
/// The two members of a direct conversation.
pub const DIRECT: &str = "direct conversation";
/// A member of a conversation.
pub const MEMBER: &str = "member of a conversation";
/// A message id of a member in a conversation.
pub const MESSAGE: &str = "message";
/// The next seq of a conversation.
pub const SEQ: &str = "seq";
/// The commit that closes an epoch.
pub const COMMIT: &str = "commit of an epoch";
