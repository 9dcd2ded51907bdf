//! Names and choices as they are typed.

use client::view::PersonView;

/// What a name with blanks stands between: how it opens and how it closes.
const QUOTES: [(char, char); 4] = [('"', '"'), ('“', '”'), ('„', '“'), ('«', '»')];

/// Yes or no, in every language.
pub(super) fn choice(word: &str) -> Option<bool> {
    match word.trim().to_lowercase().as_str() {
        "on" | "yes" | "y" | "oui" | "o" => Some(true),
        "off" | "no" | "n" | "non" => Some(false),
        _ => None,
    }
}

fn closing(open: char) -> Option<char> {
    let mut quotes = QUOTES.iter();
    let found = quotes.find(|(opens, _)| *opens == open);
    found.map(|(_, closes)| *closes)
}

/// Each character, and whether it stands between quotes. Quotes open where a name begins, and nowhere else.
fn marked(typed: &str) -> Vec<(char, bool)> {
    let mut out = Vec::with_capacity(typed.len());
    let mut until = None;
    let mut begins = true;
    for c in typed.chars() {
        match (until, closing(c)) {
            (Some(end), _) if c == end => until = None,
            (Some(_), _) => out.push((c, true)),
            (None, Some(end)) if begins => until = Some(end),
            (None, _) => out.push((c, false)),
        }
        begins = until.is_none() && (c == ',' || c.is_whitespace());
    }
    out
}

/// Several names: with commas between them, or else with blanks. A name with blanks stands between quotes, or commas.
pub(super) fn several(typed: &str) -> Vec<String> {
    let marked = marked(typed);
    let commas = marked.contains(&(',', false));
    let parts =
        marked.split(|(c, quoted)| !quoted && if commas { *c == ',' } else { c.is_whitespace() });
    let names = parts.map(|part| part.iter().map(|(c, _)| c).collect::<String>());
    names
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

/// One name, without the quotes that it may stand between.
pub(super) fn one(typed: &str) -> String {
    let typed = typed.trim();
    let inside = QUOTES.iter().find_map(|(open, close)| {
        let inside = typed.strip_prefix(*open)?.strip_suffix(*close)?;
        (!inside.contains([*open, *close])).then_some(inside)
    });
    inside.unwrap_or(typed).trim().to_owned()
}

/// Who of these is meant: by login name, or by a display name that nobody else of them has. Otherwise whether it is several.
pub(super) fn meant<'p>(people: &'p [PersonView], name: &str) -> Result<&'p PersonView, bool> {
    let lower = name.to_lowercase();
    if let Some(person) = people.iter().find(|person| person.login_name == lower) {
        return Ok(person);
    }
    let called = |person: &&PersonView| person.display_name.to_lowercase() == lower;
    let mut named = people.iter().filter(called);
    match (named.next(), named.next()) {
        (Some(person), None) => Ok(person),
        (first, _) => Err(first.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_between_blanks_commas_or_quotes() {
        for (typed, names) in [
            ("", &[][..]),
            ("  ", &[]),
            ("ben", &["ben"]),
            ("ben  anna", &["ben", "anna"]),
            ("\"Anna Lind\" ben", &["Anna Lind", "ben"]),
            ("ben “Anna Lind”", &["ben", "Anna Lind"]),
            ("« Anna Lind », ben", &["Anna Lind", "ben"]),
            ("Anna Lind, Ben Okri,", &["Anna Lind", "Ben Okri"]),
            ("Lind, \"Okri, Ben\"", &["Lind", "Okri, Ben"]),
            // a quote inside a name is none
            ("d\"Artagnan ben", &["d\"Artagnan", "ben"]),
            // what does not end ends with the line
            ("\"Anna Lind", &["Anna Lind"]),
            ("\"\" , ,", &[]),
        ] {
            assert_eq!(several(typed), names, "{typed:?}");
        }
    }

    #[test]
    fn one_name_may_stand_between_quotes() {
        for (typed, name) in [
            ("Anna Lind", "Anna Lind"),
            (" \"Anna Lind\" ", "Anna Lind"),
            ("« Anna Lind »", "Anna Lind"),
            ("\"", "\""),
            ("\"a\" \"b\"", "\"a\" \"b\""),
            ("Jean \"Jojo\" Lind", "Jean \"Jojo\" Lind"),
        ] {
            assert_eq!(one(typed), name, "{typed:?}");
        }
    }

    #[test]
    fn choices_are_read_in_every_language() {
        for yes in ["on", "YES", " y ", "oui", "o"] {
            assert_eq!(choice(yes), Some(true));
        }
        for no in ["off", "no", "N", "non"] {
            assert_eq!(choice(no), Some(false));
        }
        for neither in ["", "maybe", "yes please", "0"] {
            assert_eq!(choice(neither), None);
        }
    }
}
