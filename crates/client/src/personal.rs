//! What a person keeps for themselves on all devices: settings, drafts, and how far they have read where no receipt tells.

use ambient::Millis;
use e2ee::vault::{Cursor, Draft, RecordKind, RecordName, Settings as Stored};
use protocol::{Bytes, ConversationId, limits::TEXT_BYTES_MAX};

use crate::{
    Engine, Failure, Store, Update,
    loose::{cursor_name, draft_name},
    view::{Language, Settings, Theme},
};

/// A draft goes to the vault this long after its last change.
const DRAFT_MS: Millis = 3_000;
/// Settings are written this long after their last change.
const SETTINGS_MS: Millis = 500;
/// A read mark is written this long after its last change.
const CURSOR_MS: Millis = 2_000;
/// Longest draft, in bytes: more than a message may have, so that it can be cut.
const DRAFT_MAX: usize = 4 * TEXT_BYTES_MAX;

const LANGUAGE: &str = "language";
const THEME: &str = "theme";
const ENTER_SENDS: &str = "enter_sends";
const RECEIPTS: &str = "receipts";
const RECOVERY_REMINDED: &str = "recovery_reminded";
const SIGN_IN_NOTICES: &str = "sign_in_notices";

fn settings_name() -> RecordName {
    RecordName::only(RecordKind::Settings)
}

fn language(text: Option<&str>) -> Language {
    match text {
        Some("en") => Language::English,
        Some("fr") => Language::French,
        _ => Language::System,
    }
}

fn theme(text: Option<&str>) -> Theme {
    match text {
        Some("light") => Theme::Light,
        Some("dark") => Theme::Dark,
        _ => Theme::System,
    }
}

/// Only what differs is written: what a newer app has set, and this one can't show, stays.
fn changes(from: &Settings, to: &Settings) -> Stored {
    let mut changes = Stored::new();
    if from.language != to.language {
        let text = match to.language {
            Language::System => "system",
            Language::English => "en",
            Language::French => "fr",
        };
        changes.set_text(LANGUAGE, text);
    }
    if from.theme != to.theme {
        let text = match to.theme {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        changes.set_text(THEME, text);
    }
    if from.enter_sends != to.enter_sends {
        changes.set_flag(ENTER_SENDS, to.enter_sends);
    }
    if from.receipts != to.receipts {
        changes.set_flag(RECEIPTS, to.receipts);
    }
    if from.recovery_reminded != to.recovery_reminded {
        changes.set_flag(RECOVERY_REMINDED, to.recovery_reminded);
    }
    if from.sign_in_notices != to.sign_in_notices {
        changes.set_flag(SIGN_IN_NOTICES, to.sign_in_notices);
    }
    changes
}

impl<S: Store> Engine<S> {
    /// Settings, alike on all devices.
    #[must_use]
    pub fn settings(&self) -> Settings {
        let Some(kept) = self.loose.get(&settings_name()) else {
            return Settings::default();
        };
        let theirs = Stored::decode(kept.theirs()).unwrap_or_default();
        let mine = kept.mine().and_then(|mine| Stored::decode(mine).ok());
        let stored = theirs.with(&mine.unwrap_or_default());
        let standard = Settings::default();
        Settings {
            language: language(stored.text(LANGUAGE)),
            theme: theme(stored.text(THEME)),
            enter_sends: stored.flag(ENTER_SENDS).unwrap_or(standard.enter_sends),
            receipts: stored.flag(RECEIPTS).unwrap_or(standard.receipts),
            recovery_reminded: stored.flag(RECOVERY_REMINDED).unwrap_or_default(),
            sign_in_notices: stored
                .flag(SIGN_IN_NOTICES)
                .unwrap_or(standard.sign_in_notices),
        }
    }

    pub(crate) fn save_settings(&mut self, settings: &Settings) -> Result<(), Failure> {
        if self.own.is_none() {
            return Err(Failure::SignInFirst);
        }
        let before = self.settings();
        if before != *settings {
            let kept = self.loose.get(&settings_name());
            let wanted = kept.and_then(|kept| Stored::decode(kept.mine()?).ok());
            let wanted = wanted.unwrap_or_default().with(&changes(&before, settings));
            let wanted = Bytes::copy_from_slice(&wanted.encode());
            self.want_loose(settings_name(), wanted, SETTINGS_MS);
        }
        self.settings_changed();
        Ok(())
    }

    /// They are others now, by whichever device.
    pub(crate) fn settings_changed(&mut self) {
        let settings = self.settings();
        if settings.receipts {
            self.tell_all_receipts(); // what was read while they were off
        }
        self.tell(Update::Settings(settings));
    }

    /// Settings that another device may have changed are known here.
    pub(crate) fn knows_settings(&self) -> bool {
        self.knows_loose(&settings_name())
    }

    pub(crate) fn draft(&self, id: ConversationId) -> String {
        let kept = self.loose.get(&draft_name(id));
        let draft = kept.and_then(|kept| Draft::decode(kept.effective()).ok());
        draft.map_or_else(String::new, |draft| draft.text.clone())
    }

    pub(crate) fn save_draft(&mut self, id: ConversationId, text: &str) -> Result<(), Failure> {
        if text.len() > DRAFT_MAX {
            return Err(Failure::Text);
        }
        if !self.conversations.contains_key(&id) {
            return Err(Failure::NoConversation);
        }
        self.draft_is(id, text, DRAFT_MS);
        Ok(())
    }

    /// What was written has been sent.
    pub(crate) fn clear_draft(&mut self, id: ConversationId) {
        self.draft_is(id, "", 0);
    }

    fn draft_is(&mut self, id: ConversationId, text: &str, after: Millis) {
        if self.draft(id) == text {
            return;
        }
        let draft = match text.trim().is_empty() {
            true => Bytes::new(),
            false => match Draft::new(text, self.now).encode() {
                Ok(plain) => Bytes::copy_from_slice(&plain),
                Err(_) => return,
            },
        };
        self.want_loose(draft_name(id), draft, after);
        self.tell(Update::Conversations);
    }

    /// The own read mark, for the own devices alone.
    pub(crate) fn keep_cursor(&mut self, id: ConversationId, read: u64) {
        let cursor = Bytes::copy_from_slice(&Cursor::new(read).encode());
        self.want_loose(cursor_name(id), cursor, CURSOR_MS);
    }
}
