//! What group admins say of a group as a whole: what it is called, and how it looks. Each is a sealed message of an admin, said again
//! for those who come later; each member keeps it in the vault for devices that were not there. The record of the conversation is
//! written often, so of a picture it holds the name alone; what is to be seen has a place of its own.

mod saying;

use ambient::Millis;
use e2ee::{
    content::{Body, BodyKind, picture_size},
    transcript::body_hash,
    vault::{Picture, RecordKind, RecordName, Title},
};
use protocol::{Bytes, ConversationId, Hash32, names::prepare_title};

use super::{Record, rows::Content};

pub(crate) fn title_name(id: ConversationId) -> RecordName {
    RecordName::new(RecordKind::Title, id.as_bytes())
}

pub(crate) fn picture_name(id: ConversationId) -> RecordName {
    RecordName::new(RecordKind::Picture, id.as_bytes())
}

/// What can be said of a group as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum About {
    Title,
    Picture,
}

impl About {
    const ALL: [Self; 2] = [Self::Title, Self::Picture];
}

/// What was said of a group as a whole.
#[derive(Clone)]
pub(crate) enum Given {
    /// What it is called.
    Title(String),
    /// A JPEG; empty = none any more.
    Picture(Bytes),
}

/// The same by name: what records and rows hold.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Said {
    Title(String),
    /// SHA-256 of the picture; none = it was taken away.
    Picture(Option<Hash32>),
}

impl Given {
    /// What a message says of the group; none: it is about something else.
    fn by(body: &Body) -> Option<Self> {
        match body.kind {
            BodyKind::Title => Some(Self::Title(body.text.clone().unwrap_or_default())),
            BodyKind::Picture => {
                let picture = body.picture.as_ref().map(|p| Bytes::copy_from_slice(p));
                Some(Self::Picture(picture.unwrap_or_default()))
            }
            _ => None,
        }
    }

    pub(crate) fn about(&self) -> About {
        match self {
            Self::Title(_) => About::Title,
            Self::Picture(_) => About::Picture,
        }
    }

    pub(crate) fn said(&self) -> Said {
        match self {
            Self::Title(title) => Said::Title(title.clone()),
            Self::Picture(picture) => {
                Said::Picture((!picture.is_empty()).then(|| body_hash(picture)))
            }
        }
    }

    /// Whether it is as it must be.
    fn is_clean(&self) -> bool {
        match self {
            Self::Title(title) => prepare_title(title).is_ok_and(|clean| clean == *title),
            Self::Picture(picture) => picture.is_empty() || picture_size(picture).is_ok(),
        }
    }

    /// The vault record that keeps it.
    fn record(&self, id: ConversationId, seq: u64) -> Option<(RecordName, Bytes)> {
        let (name, plain) = match self {
            Self::Title(title) => (title_name(id), Title::new(title, seq).encode()),
            Self::Picture(picture) => (picture_name(id), Picture::new(picture, seq).encode()),
        };
        Some((name, Bytes::copy_from_slice(&plain.ok()?)))
    }
}

impl Said {
    fn about(&self) -> About {
        match self {
            Self::Title(_) => About::Title,
            Self::Picture(_) => About::Picture,
        }
    }
}

impl Record {
    /// What counts, and the seq at which it was said.
    fn given(&self, about: About) -> Option<(u64, Said)> {
        match about {
            About::Title => self
                .title
                .as_ref()
                .map(|(seq, t)| (*seq, Said::Title(t.clone()))),
            About::Picture => self
                .picture
                .map(|(seq, picture)| (seq, Said::Picture(picture))),
        }
    }

    fn give(&mut self, seq: u64, said: Said) {
        match said {
            Said::Title(title) => self.title = Some((seq, title)),
            Said::Picture(picture) => self.picture = Some((seq, picture)),
        }
    }

    fn due(&mut self, about: About) -> &mut Option<Millis> {
        match about {
            About::Title => &mut self.title_due,
            About::Picture => &mut self.picture_due,
        }
    }

    /// When the next of them is said again.
    pub(crate) fn given_due(&self) -> Option<Millis> {
        let due = [self.title_due, self.picture_due];
        due.into_iter().flatten().min()
    }

    /// Nothing is said again, to nobody.
    pub(crate) fn nothing_due(&mut self) {
        (self.title_due, self.picture_due) = (None, None);
    }
}

impl Content {
    /// What the row tells of the group as a whole.
    fn said(&self) -> Option<Said> {
        match self {
            Self::Title { title, .. } => Some(Said::Title(title.clone())),
            Self::Picture { picture, .. } => Some(Said::Picture(*picture)),
            _ => None,
        }
    }

    /// What a message whose row this is says of the group.
    pub(crate) fn given(&self, body: &Body) -> Option<Given> {
        self.said().and_then(|_| Given::by(body))
    }
}
