//! Every text that a person reads, in every language.

mod catalogue;
mod errors;

pub use catalogue::{MONTHS, Text, WEEKDAYS};
pub use errors::{failure, folder_problem, link_problem};

/// The language of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// French.
    French,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::French];

    /// By a name such as `fr`, `français` or `fr_FR.UTF-8`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        let name = name.to_lowercase();
        if name.starts_with("fr") {
            Some(Self::French)
        } else if name.starts_with("en") {
            Some(Self::English)
        } else {
            None
        }
    }

    /// By what was asked for, otherwise by the environment, otherwise English.
    pub fn choose(asked: Option<&str>, environment: impl Fn(&str) -> Option<String>) -> Self {
        asked
            .and_then(Self::by_name)
            .or_else(|| {
                // POSIX: the first that is set and not empty decides
                ["LC_ALL", "LC_MESSAGES", "LANG"]
                    .into_iter()
                    .filter_map(environment)
                    .find(|value| !value.is_empty())
                    .and_then(|value| Self::by_name(&value))
            })
            .unwrap_or(Self::English)
    }

    /// A text in this language.
    #[must_use]
    pub fn say(self, text: Text) -> &'static str {
        let (english, french) = text.both();
        match self {
            Self::English => english,
            Self::French => french,
        }
    }

    /// A text with `{0}`, `{1}`, … filled in.
    #[must_use]
    pub fn fill(self, text: Text, values: &[&str]) -> String {
        let mut out = String::new();
        let mut rest = self.say(text);
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (number, after) = after.split_once('}').unwrap_or((after, ""));
            let value = number.parse().ok().and_then(|n: usize| values.get(n));
            out.push_str(value.copied().unwrap_or_default());
            rest = after;
        }
        out.push_str(rest);
        out
    }

    /// A text for one or for many, with the number as `{0}`.
    #[must_use]
    pub fn count(self, n: u64, one: Text, many: Text) -> String {
        // CLDR: English has one for 1; French for 0 and 1
        let singular = match self {
            Self::English => n == 1,
            Self::French => n < 2,
        };
        self.fill(if singular { one } else { many }, &[&n.to_string()])
    }

    /// The language of generated passphrases.
    #[must_use]
    pub fn words(self) -> e2ee::passphrase::Language {
        match self {
            Self::English => e2ee::passphrase::Language::English,
            Self::French => e2ee::passphrase::Language::French,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_chosen_as_people_expect() {
        let env = |pairs: &'static [(&str, &str)]| {
            move |name: &str| {
                let found = pairs.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            }
        };
        let choose = Language::choose;
        assert_eq!(choose(None, env(&[])), Language::English);
        assert_eq!(
            choose(None, env(&[("LANG", "fr_FR.UTF-8")])),
            Language::French
        );
        let both = env(&[("LC_ALL", ""), ("LC_MESSAGES", "en_GB"), ("LANG", "fr_FR")]);
        assert_eq!(choose(None, both), Language::English);
        assert_eq!(
            choose(Some("fr"), env(&[("LANG", "en_GB")])),
            Language::French
        );
        assert_eq!(
            choose(Some("tlh"), env(&[("LANG", "C")])),
            Language::English
        );
    }

    #[test]
    fn both_languages_have_every_text_with_the_same_places() {
        let places = |text: &str| {
            let mut found: Vec<_> = text.split('{').skip(1).map(|t| t.chars().next()).collect();
            found.sort_unstable();
            found
        };
        for text in Text::ALL {
            let (english, french) = text.both();
            assert!(!english.is_empty() && !french.is_empty(), "{text:?}");
            assert_eq!(places(english), places(french), "{text:?}");
        }
    }

    #[test]
    fn places_are_filled_and_numbers_agree() {
        let filled = Language::English.fill(Text::Unread, &["3"]);
        assert_eq!(filled, "3 unread");
        let count = |language: Language, n| language.count(n, Text::FoundOne, Text::FoundMany);
        assert_eq!(count(Language::English, 0), "0 people found");
        assert_eq!(count(Language::English, 1), "1 person found");
        assert_eq!(count(Language::French, 0), "0 personne trouvée");
        assert_eq!(count(Language::French, 2), "2 personnes trouvées");
        let injected = Language::English.fill(Text::NoSuchName, &["{0}{1}"]);
        assert!(injected.contains("{0}{1}"), "values are not read again");
    }
}
