//! Ids: 128 random bits each, never meaningful, sent as 16-byte MessagePack `bin`.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What went wrong when an id was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is 16 bytes, or 32 hexadecimal digits")]
pub struct BadId;

struct BytesVisitor<const N: usize>;

impl<'de, const N: usize> serde::de::Visitor<'de> for BytesVisitor<N> {
    type Value = [u8; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} bytes")
    }

    fn visit_bytes<E: serde::de::Error>(self, v: &[u8]) -> Result<Self::Value, E> {
        v.try_into().map_err(|_| E::invalid_length(v.len(), &self))
    }

    fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut out = [0u8; N];
        for (i, slot) in out.iter_mut().enumerate() {
            *slot = seq
                .next_element()?
                .ok_or_else(|| serde::de::Error::invalid_length(i, &self))?;
        }
        Ok(out)
    }
}

/// Makes a fixed-size byte newtype that is sent as MessagePack `bin` and printed as hexadecimal.
macro_rules! fixed_bytes {
    ($(#[$doc:meta])* $name:ident, $n:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
        pub struct $name(pub [u8; $n]);

        impl $name {
            /// Takes exactly the right number of bytes.
            ///
            /// # Errors
            /// [`BadId`] when the length differs.
            pub fn from_slice(bytes: &[u8]) -> Result<Self, BadId> {
                bytes.try_into().map(Self).map_err(|_| BadId)
            }

            /// The bytes.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; $n] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), hex::encode(&self.0[..4]))
            }
        }

        impl std::str::FromStr for $name {
            type Err = BadId;

            fn from_str(s: &str) -> Result<Self, BadId> {
                let bytes = hex::decode(s).map_err(|_| BadId)?;
                Self::from_slice(&bytes)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_bytes(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                d.deserialize_bytes(BytesVisitor::<$n>).map(Self)
            }
        }
    };
}

fixed_bytes!(
    /// An instance: a server deployment and its data.
    InstanceId, 16
);
fixed_bytes!(
    /// The life of an instance since it was made or last restored from a backup.
    IncarnationId, 16
);
fixed_bytes!(
    /// A person with an account.
    MemberId, 16
);
fixed_bytes!(
    /// One signed-in browser, phone or terminal of a member.
    DeviceId, 16
);
fixed_bytes!(
    /// People who talk.
    ConversationId, 16
);
fixed_bytes!(
    /// A message, as its author named it; the same through retries and re-sealing.
    MessageId, 16
);
fixed_bytes!(
    /// An invitation.
    InvitationId, 16
);
fixed_bytes!(
    /// A SHA-256 hash.
    Hash32, 32
);
