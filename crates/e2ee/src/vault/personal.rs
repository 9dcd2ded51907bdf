//! What a member keeps for themselves: settings (kind 8), drafts (kind 9), read cursors (kind 10), titles and pictures of
//! conversations (kinds 128 and 130), which of these are out of sight (kind 129), and the list of what a change of keys has still to do (kind 12). The plaintexts; they are sealed like every record.

use std::collections::{BTreeMap, BTreeSet};

use rmpv::Value;
use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, Zeroizing};

use crate::{
    content::{
        MAX_PICTURE,
        padding::{LEAST_MESSAGE, pad, unpad},
    },
    error::{Error, Result},
    suite::{VERSION, from_msgpack, to_msgpack},
};

const SETTINGS: &str = "settings";
const DRAFT: &str = "draft";
const CURSOR: &str = "cursor";
const TITLE: &str = "title";
const PICTURE: &str = "picture";
const HIDDEN: &str = "hidden";
const CHANGE: &str = "change of keys";

/// Settings by name. Names that this version does not know are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings(BTreeMap<String, Value>);

impl Settings {
    /// No settings.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A setting that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A setting that is on or off.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name)?.as_bool()
    }

    /// Sets a text.
    pub fn set_text(&mut self, name: &str, value: &str) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Switches on or off.
    pub fn set_flag(&mut self, name: &str, value: bool) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// These, with `changes` over them.
    #[must_use]
    pub fn with(&self, changes: &Self) -> Self {
        let mut all = self.0.clone();
        all.extend(changes.0.clone());
        Self(all)
    }

    /// The record's plaintext.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let mut map = self.0.clone();
        map.insert("v".to_owned(), VERSION.into());
        to_msgpack(&map)
    }

    /// Reads the record's plaintext.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let mut map: BTreeMap<String, Value> = from_msgpack(bytes, SETTINGS)?;
        map.remove("v");
        Ok(Self(map))
    }
}

/// What was being written in a conversation. Padded like a message, so that its length tells as little.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    v: u8,
    /// The text.
    pub text: String,
    /// When it was written, by its author's clock (ms since 1970).
    pub time: u64,
}

impl Drop for Draft {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

impl Draft {
    /// A draft.
    #[must_use]
    pub fn new(text: &str, time: u64) -> Self {
        Self {
            v: VERSION,
            text: text.to_owned(),
            time,
        }
    }

    /// The record's plaintext.
    ///
    /// # Errors
    /// [`Error::TooLong`] above 4 GiB.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>> {
        pad(&to_msgpack(self), LEAST_MESSAGE).ok_or(Error::TooLong(DRAFT))
    }

    /// Reads the record's plaintext.
    ///
    /// # Errors
    /// [`Error::Malformed`] (also for another padding), [`Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        from_msgpack(
            unpad(bytes, LEAST_MESSAGE).ok_or(Error::Malformed(DRAFT))?,
            DRAFT,
        )
    }
}

/// Up to where a conversation was read, where no receipt tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    v: u8,
    /// Read up to this seq.
    pub read: u64,
}

impl Cursor {
    /// A cursor.
    #[must_use]
    pub fn new(read: u64) -> Self {
        Self { v: VERSION, read }
    }

    /// The record's plaintext.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        to_msgpack(self)
    }

    /// Reads the record's plaintext.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        from_msgpack(bytes, CURSOR)
    }
}

/// What a conversation is called, for devices that were not there when it was said. Padded like a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Title {
    v: u8,
    /// The title.
    pub title: String,
    /// The seq at which it was said.
    pub seq: u64,
}

impl Title {
    /// A title.
    #[must_use]
    pub fn new(title: &str, seq: u64) -> Self {
        Self {
            v: VERSION,
            title: title.to_owned(),
            seq,
        }
    }

    /// The record's plaintext.
    ///
    /// # Errors
    /// [`Error::TooLong`] above 4 GiB.
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>> {
        pad(&to_msgpack(self), LEAST_MESSAGE).ok_or(Error::TooLong(TITLE))
    }

    /// Reads the record's plaintext.
    ///
    /// # Errors
    /// [`Error::Malformed`] (also for another padding), [`Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        from_msgpack(
            unpad(bytes, LEAST_MESSAGE).ok_or(Error::Malformed(TITLE))?,
            TITLE,
        )
    }
}

/// How a conversation looks, for devices that were not there when it was said. Padded like a message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Picture {
    v: u8,
    /// The picture; empty: it was taken away.
    #[serde(with = "serde_bytes")]
    pub picture: Vec<u8>,
    /// The seq at which it was said.
    pub seq: u64,
}

impl std::fmt::Debug for Picture {
    /// Without what is to be seen.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}, ..)", self.seq)
    }
}

impl Picture {
    /// A picture; empty: that it was taken away.
    #[must_use]
    pub fn new(picture: &[u8], seq: u64) -> Self {
        Self {
            v: VERSION,
            picture: picture.to_vec(),
            seq,
        }
    }

    /// The record's plaintext.
    ///
    /// # Errors
    /// [`Error::TooLong`] above [`MAX_PICTURE`].
    pub fn encode(&self) -> Result<Zeroizing<Vec<u8>>> {
        if self.picture.len() > MAX_PICTURE {
            return Err(Error::TooLong(PICTURE));
        }
        pad(&to_msgpack(self), LEAST_MESSAGE).ok_or(Error::TooLong(PICTURE))
    }

    /// Reads the record's plaintext. Whether it is a picture at all is not looked at.
    ///
    /// # Errors
    /// [`Error::Malformed`] (also for another padding), [`Error::TooLong`], [`Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let read: Self = from_msgpack(
            unpad(bytes, LEAST_MESSAGE).ok_or(Error::Malformed(PICTURE))?,
            PICTURE,
        )?;
        if read.picture.len() > MAX_PICTURE {
            return Err(Error::TooLong(PICTURE));
        }
        Ok(read)
    }
}

/// That a conversation is out of sight, until something comes after this place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hidden {
    v: u8,
    /// The newest seq when the person put it away.
    pub seq: u64,
}

impl Hidden {
    /// Put away at this seq.
    #[must_use]
    pub fn new(seq: u64) -> Self {
        Self { v: VERSION, seq }
    }

    /// The record's plaintext.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        to_msgpack(self)
    }

    /// Reads the record's plaintext.
    ///
    /// # Errors
    /// [`Error::Malformed`], [`Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        from_msgpack(bytes, HIDDEN)
    }
}

/// What a change of keys has still to do. It is written together with the new vault key, and gone when all is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyChange {
    /// The vault key that it began with.
    pub key_number: u32,
    /// Conversations at the beginning.
    pub total: u64,
    /// The key packages are still the old ones.
    pub packages: bool,
    /// Names (ids of the MLS state records) of the conversations that still have the old leaf.
    pub left: BTreeSet<Vec<u8>>,
}

#[derive(Serialize, Deserialize)]
struct Wire {
    v: u8,
    key_number: u32,
    total: u64,
    packages: bool,
    left: Vec<serde_bytes::ByteBuf>,
}

impl KeyChange {
    /// The record's plaintext.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        to_msgpack(&Wire {
            v: VERSION,
            key_number: self.key_number,
            total: self.total,
            packages: self.packages,
            left: self
                .left
                .iter()
                .map(|name| serde_bytes::ByteBuf::from(name.clone()))
                .collect(),
        })
    }

    /// Reads the record's plaintext.
    ///
    /// # Errors
    /// [`Error::Malformed`] (also when more is left than there was), [`Error::UnknownVersion`].
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        let wire: Wire = from_msgpack(bytes, CHANGE)?;
        let left: BTreeSet<_> = wire.left.into_iter().map(|n| n.into_vec()).collect();
        if left.len() as u64 > wire.total {
            return Err(Error::Malformed(CHANGE));
        }
        Ok(Self {
            key_number: wire.key_number,
            total: wire.total,
            packages: wire.packages,
            left,
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::check_vectors;

    fn settings() -> Settings {
        let mut settings = Settings::new();
        settings.set_text("language", "fr");
        settings.set_text("theme", "dark");
        settings.set_flag("enter_sends", true);
        settings.set_flag("receipts", false);
        settings
    }

    fn change() -> KeyChange {
        KeyChange {
            key_number: 2,
            total: 3,
            packages: true,
            left: [vec![7; 20], vec![1; 20]].into(),
        }
    }

    test_everywhere! {
        fn vectors() {
            let made = json!({
                "settings": hex::encode(settings().encode()),
                "draft": { "text": "héllo", "time": 1000,
                    "plaintext": hex::encode(Draft::new("héllo", 1000).encode().unwrap()) },
                "cursor": hex::encode(Cursor::new(258).encode()),
                "title": hex::encode(Title::new("Rédaction", 258).encode().unwrap()),
                "picture": hex::encode(Picture::new(&[0xff, 0xd8, 0xff, 0xd9], 258).encode().unwrap()),
                "hidden": hex::encode(Hidden::new(258).encode()),
                "key_change": hex::encode(change().encode()),
            });
            check_vectors("personal.json", include_str!("../../vectors/personal.json"), &made);
        }

        fn what_is_written_is_read_again() {
            assert_eq!(Settings::decode(&settings().encode()).unwrap(), settings());
            let draft = Draft::new(&"long ".repeat(1000), 7);
            assert_eq!(Draft::decode(&draft.encode().unwrap()).unwrap(), draft);
            assert_eq!(Cursor::decode(&Cursor::new(3).encode()).unwrap(), Cursor::new(3));
            assert_eq!(Hidden::decode(&Hidden::new(3).encode()).unwrap(), Hidden::new(3));
            let title = Title::new("Desk", 9);
            assert_eq!(Title::decode(&title.encode().unwrap()).unwrap(), title);
            let picture = Picture::new(&[7; MAX_PICTURE], 9);
            assert_eq!(Picture::decode(&picture.encode().unwrap()).unwrap(), picture);
            assert_eq!(Picture::new(&[7; MAX_PICTURE + 1], 9).encode().err(), Some(Error::TooLong(PICTURE)));
            assert_eq!(KeyChange::decode(&change().encode()).unwrap(), change());
        }

        fn settings_of_a_newer_app_are_kept() {
            let mut newer = settings();
            newer.0.insert("font".to_owned(), Value::from(17));
            let mut mine = Settings::new();
            mine.set_text("theme", "light");
            let merged = Settings::decode(&newer.with(&mine).encode()).unwrap();
            assert_eq!(merged.0["font"], Value::from(17));
            assert_eq!((merged.text("theme"), merged.text("language")), (Some("light"), Some("fr")));
            assert_eq!(merged.flag("theme"), None, "of another type");
        }

        fn short_drafts_look_alike_and_nothing_hides_behind_them() {
            let short = Draft::new("a", 1).encode().unwrap();
            assert_eq!(short.len(), Draft::new(&"a".repeat(200), 1).encode().unwrap().len());
            let mut longer = short.to_vec();
            longer.push(0);
            assert!(Draft::decode(&longer).is_err());
            assert!(Draft::decode(&short[..511]).is_err());
        }

        fn more_left_than_there_was_is_refused() {
            let wrong = KeyChange { total: 1, ..change() };
            assert!(KeyChange::decode(&wrong.encode()).is_err());
        }

        fn newer_versions_are_told_apart() {
            let newer = [&[0x82, 0xa1, b'v', 2, 0xa4][..], b"read", &[3]].concat();
            assert!(matches!(Cursor::decode(&newer), Err(Error::UnknownVersion { .. })));
            assert!(matches!(Settings::decode(&newer), Err(Error::UnknownVersion { .. })));
        }
    }
}
