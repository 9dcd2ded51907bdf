//! How names are found: the same in every adapter.

/// Folds case, character by character: what is equal but for case is equal afterwards (ß and SS, ς and σ too).
#[must_use]
pub fn fold(text: &str) -> String {
    text.chars()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .collect()
}

/// What a query may be the start of: the folded name from each of its words on. A word starts at the beginning and
/// after white space or ASCII punctuation, and not after a mark, which is part of its word in many scripts.
#[must_use]
pub fn endings(name: &str) -> Vec<String> {
    let folded = fold(name);
    let mut endings = Vec::new();
    let mut before = ' ';
    for (at, c) in folded.char_indices() {
        if separates(before) && !separates(c) {
            endings.push(folded[at..].to_owned());
        }
        before = c;
    }
    endings
}

fn separates(c: char) -> bool {
    c.is_whitespace() || c.is_ascii_punctuation() || matches!(c, '’' | '‐' | '–' | '·' | '・')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_folded_in_every_script() {
        for (a, b) in [
            ("Straße", "STRASSE"),
            ("ΟΔΥΣΣΕΥΣ", "Οδυσσευς"),
            ("ДМИТРИЙ", "дмитрий"),
            ("山田", "山田"),
            ("ՀԱՅԿ", "հայկ"),
        ] {
            assert_eq!(fold(a), fold(b));
        }
        assert_ne!(fold("a"), fold("á"));
    }

    #[test]
    fn endings_start_at_words() {
        assert_eq!(
            endings("Ana-Maria d’Arc"),
            ["ana-maria d’arc", "maria d’arc", "d’arc", "arc"]
        );
        assert_eq!(endings("हिन्दी भाषा"), ["हिन्दी भाषा", "भाषा"]);
        assert_eq!(endings("🙂 bob"), ["🙂 bob", "bob"]);
        assert!(endings("  ").is_empty());
    }
}
