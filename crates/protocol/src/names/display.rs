//! The free-form profile: PRECIS Nickname (RFC 8266), kept usable for scripts and emoji younger than its registry.
//!
//! The steps are those of RFC 8266 section 2.3 (string class, spaces, NFKC), repeated until nothing changes. They are
//! put together here and not taken from the profile as a whole, because its space mapping in precis-profiles 0.1
//! slices by character index and so panics on some names.

use precis_core::{DerivedPropertyValue, FreeformClass, StringClass};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_script::{Script, UnicodeScript};

use super::error::{NameError, character, explain};

const ZWJ: char = '\u{200D}';
const EMOJI_VARIANT: char = '\u{FE0F}';
const KEYCAP: char = '\u{20E3}';
/// RFC 8264 section 7 asks to repeat the rules a few times and then to refuse.
const ROUNDS: usize = 4;

/// Applies the rules until nothing changes.
pub(super) fn prepare(name: &str) -> Result<String, NameError> {
    let mut standing = name.to_owned();
    for _ in 0..ROUNDS {
        let next = once(&standing)?;
        if next == standing {
            return Ok(next);
        }
        standing = next;
    }
    Err(NameError::Invisible)
}

fn once(name: &str) -> Result<String, NameError> {
    let spaced = map_spaces(name);
    check_characters(&spaced)?;
    let normal: String = spaced.nfkc().collect();
    if normal.chars().any(visible) {
        Ok(normal)
    } else {
        Err(NameError::Invisible)
    }
}

/// Every kind of space separator becomes an ordinary space; none at the ends, one at a time between.
fn map_spaces(name: &str) -> String {
    let words: Vec<&str> = name
        .split(is_space)
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// General category Zs: white space that is neither a control nor a line or paragraph separator.
fn is_space(c: char) -> bool {
    c.is_whitespace() && !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')
}

/// The string class, applied to the name with letters in place of what this module allows beyond it.
fn check_characters(name: &str) -> Result<(), NameError> {
    let chars: Vec<char> = name.chars().collect();
    let masked: String = chars
        .iter()
        .enumerate()
        .map(|(i, &c)| {
            if in_emoji_sequence(&chars, i) || younger(c) {
                'x'
            } else {
                c
            }
        })
        .collect();
    for (i, &c) in chars.iter().enumerate() {
        // a joiner between letters is a matter of the class's context rules
        if c == EMOJI_VARIANT && !in_emoji_sequence(&chars, i) {
            return Err(character(c, i));
        }
    }
    FreeformClass::default()
        .allows(&masked)
        .map_err(|refusal| explain(name, &refusal))
}

/// Whether the character at `i` is a joiner or selector that belongs to an emoji there.
fn in_emoji_sequence(chars: &[char], i: usize) -> bool {
    let before = |i: usize| i.checked_sub(1).map(|j| chars[j]);
    match chars[i] {
        EMOJI_VARIANT => match before(i) {
            Some('0'..='9' | '#' | '*') => chars.get(i + 1) == Some(&KEYCAP),
            Some(c) => is_pictograph(c),
            None => false,
        },
        ZWJ => {
            let base = match before(i) {
                Some(EMOJI_VARIANT) => before(i - 1),
                other => other,
            };
            base.is_some_and(is_pictograph) && chars.get(i + 1).is_some_and(|&c| is_pictograph(c))
        }
        _ => false,
    }
}

/// Blocks that hold emoji and their skin tones; what NFKC takes apart leaves them and is checked again as letters.
fn is_pictograph(c: char) -> bool {
    matches!(c,
        '\u{2190}'..='\u{21FF}' | '\u{2300}'..='\u{23FF}' | '\u{25A0}'..='\u{27BF}' | '\u{2900}'..='\u{297F}'
        | '\u{2B00}'..='\u{2BFF}' | '\u{3030}' | '\u{303D}' | '\u{1F000}'..='\u{1FAFF}')
}

/// Assigned after Unicode 6.3 and neither a control of layout nor invisible.
fn younger(c: char) -> bool {
    FreeformClass::default().get_value_from_char(c) == DerivedPropertyValue::Unassigned
        && c.script() != Script::Unknown
        && !matches!(c,
            '\u{180F}' | '\u{13430}'..='\u{13440}' | '\u{110CD}' | '\u{1BCA0}'..='\u{1BCA3}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Has ink of its own.
fn visible(c: char) -> bool {
    !c.is_whitespace()
        && !is_combining_mark(c)
        && !matches!(
            c,
            ZWJ | '\u{200C}' | EMOJI_VARIANT | '\u{2800}' | '\u{1D159}' | '\u{16FE4}'
        )
}
