//! Words by which people are found.

use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use crate::limits::NAME_BYTES_MAX;

/// Splits a name, or what somebody typed to find one, into words for a search by prefix.
///
/// A name matches a query when each word of the query is the beginning of some word of the name; both go through this
/// function. Case, compatibility forms and the accents of Latin, Greek and Cyrillic are folded away; scripts without
/// spaces come apart as Unicode's word boundaries (UAX 29) say. An empty query has no words, and so has anything
/// longer than a name may be.
#[must_use]
pub fn search_words(name: &str) -> Vec<String> {
    if name.len() > NAME_BYTES_MAX {
        return Vec::new();
    }
    let folded = fold(name);
    let mut words: Vec<String> = Vec::new();
    let mut add = |word: &str| {
        if !word.is_empty() && !words.iter().any(|known| known == word) {
            words.push(word.to_owned());
        }
    };
    for part in folded.split(|c: char| c.is_whitespace() || c.is_ascii_punctuation()) {
        part.unicode_words().for_each(&mut add);
    }
    if words.is_empty() {
        // nothing but symbols, such as one emoji
        folded.split_whitespace().for_each(|word| {
            if !words.iter().any(|known| known == word) {
                words.push(word.to_owned());
            }
        });
    }
    words
}

/// Upper case and then lower case is the case folding of most letters: `ß` and `SS` meet, and so do `ς` and `σ`.
fn fold(name: &str) -> String {
    name.nfkd()
        .filter(|c| !('\u{0300}'..='\u{036F}').contains(c))
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfkd()
        .filter(|c| !('\u{0300}'..='\u{036F}').contains(c))
        .nfc()
        .collect()
}
