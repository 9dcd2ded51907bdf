//! Makes text from other people fit for a terminal, and measures it.
//!
//! What somebody wrote must never reach the terminal raw: escape sequences could move the cursor, change the title or
//! answer in the reader's name. Control characters are shown as pictures; direction overrides, which can make a text
//! read as another, go.

use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// Marks stacked higher than this on one character would cover the lines around.
const MARKS: usize = 8;

/// Columns that a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

fn clean_char(c: char) -> Option<char> {
    match c {
        // C0 and DEL as control pictures
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)),
        '\x7f' => Some('\u{2421}'),
        // C1: eight-bit escape sequences
        '\u{80}'..='\u{9f}' => Some('\u{fffd}'),
        // embeddings, overrides and isolates of direction; interlinear annotations; line and paragraph separators
        '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{2028}'
        | '\u{2029}' => None,
        c => Some(c),
    }
}

fn push_clean(out: &mut String, line: &str) {
    for grapheme in line.graphemes(true) {
        if grapheme == "\t" {
            out.push_str("    ");
            continue;
        }
        out.extend(grapheme.chars().take(MARKS).filter_map(clean_char));
    }
}

/// One line: line breaks become spaces.
#[must_use]
pub fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, part) in lines(text).enumerate() {
        if n > 0 {
            out.push(' ');
        }
        push_clean(&mut out, part);
    }
    out
}

/// The lines of a text, clean.
#[must_use]
pub fn text(text: &str) -> Vec<String> {
    lines(text)
        .map(|part| {
            let mut out = String::with_capacity(part.len());
            push_clean(&mut out, part);
            out
        })
        .collect()
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\u{2028}', '\u{2029}'])
        .map(|part| part.strip_suffix('\r').unwrap_or(part))
}

/// A clean text cut to `columns`, with an ellipsis where something is left out.
#[must_use]
pub fn fit(text: &str, columns: usize) -> String {
    let text = line(text);
    if width(&text) <= columns {
        return text;
    }
    let mut out = String::new();
    let mut used = 0;
    for grapheme in text.graphemes(true) {
        used += width(grapheme);
        if used + 1 > columns {
            break;
        }
        out.push_str(grapheme);
    }
    if columns > 0 {
        out.push('…');
    }
    out
}

/// Whether a line may be broken between two graphemes (a small part of Unicode Standard Annex #14: after spaces and
/// hyphens, and around wide characters, but not before what closes).
fn breakable(before: &str, after: &str) -> bool {
    const CLOSING: &str = "、。，．：；？！）」』】〉》〕］｝”’…,.;:!?)]}";
    if before == " " {
        return after != " ";
    }
    if CLOSING.contains(after) || after == " " {
        return false;
    }
    before == "-" || width(before) > 1 || width(after) > 1
}

/// Breaks a clean line into lines of at most `columns`; a word that is longer is cut.
#[must_use]
pub fn wrap(line: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut out = Vec::new();
    let (mut current, mut used) = (String::new(), 0);
    // where the current line may be broken: its bytes until there
    let mut chance: Option<usize> = None;
    let mut before = "";
    for grapheme in line.graphemes(true) {
        if !current.is_empty() && breakable(before, grapheme) {
            chance = Some(current.len());
        }
        let wide = width(grapheme);
        // a space may hang over the edge, unseen
        if used + wide > columns && grapheme != " " {
            let rest = match chance.take() {
                Some(at) if at > 0 => current.split_off(at),
                _ => String::new(),
            };
            out.push(current.trim_end_matches(' ').to_owned());
            current = rest;
            used = width(&current);
        }
        current.push_str(grapheme);
        used += wide;
        before = grapheme;
    }
    out.push(current.trim_end_matches(' ').to_owned());
    out
}

/// The lines of a text from somebody else, clean and at most `columns` wide.
#[must_use]
pub fn wrapped(raw: &str, columns: usize) -> Vec<String> {
    text(raw)
        .iter()
        .flat_map(|line| wrap(line, columns))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_are_shown_and_not_obeyed() {
        for raw in [
            "\x1b[2J\x1b]0;title\x07",
            "\u{9b}31m",
            "a\rb\x08c\x7f",
            "x\u{202e}txt.exe\u{2066}",
        ] {
            let cleaned = line(raw);
            assert!(!cleaned.chars().any(char::is_control), "{cleaned:?}");
            assert!(!cleaned.contains(['\u{202e}', '\u{2066}']), "{cleaned:?}");
        }
        assert_eq!(line("\x1b[2J"), "␛[2J");
        assert_eq!(line("a\r\nb\nc\u{2028}d\te"), "a b c d    e");
    }

    #[test]
    fn towers_of_marks_are_cut() {
        let tower = format!("a{}b", "\u{301}".repeat(500));
        assert_eq!(line(&tower).chars().count(), MARKS + 1);
        assert_eq!(line("न्दी é 👩‍👩‍👧‍👦"), "न्दी é 👩‍👩‍👧‍👦", "ordinary clusters stay whole");
    }

    #[test]
    fn lines_break_where_people_break_them() {
        assert_eq!(wrap("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(wrap("well-known", 6), ["well-", "known"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a abcdefghij", 4), ["a", "abcd", "efgh", "ij"]);
        let closing = wrap("你好，世界。", 5);
        assert_eq!(
            closing,
            ["你", "好，", "世", "界。"],
            "not before what closes"
        );
        assert_eq!(wrap("", 5), [""]);
        assert_eq!(wrap("exactly 10", 10), ["exactly 10"]);
        assert_eq!(wrapped("a\n\nb", 5), ["a", "", "b"]);
    }

    #[test]
    fn no_line_is_wider_than_told() {
        let texts = [
            "مرحبا بالعالم كيف حالك",
            "שלום עולם ומה שלומך",
            "नमस्ते दुनिया",
            "👩‍👩‍👧‍👦👍🏽🇫🇷 é é̂̂ 한국어 ｆｕｌｌ",
            "https://example.org/a/very/long/path-that-goes-on?and=on",
        ];
        for text in texts {
            for columns in 2..30 {
                let wrapped = wrap(text, columns);
                assert!(
                    wrapped.iter().all(|l| width(l) <= columns),
                    "{wrapped:?} in {columns}"
                );
                let squeeze = |s: &str| s.replace(' ', "");
                assert_eq!(squeeze(&wrapped.concat()), squeeze(text), "nothing is lost");
            }
        }
    }

    #[test]
    fn fitting_leaves_an_ellipsis() {
        assert_eq!(fit("hello", 5), "hello");
        assert_eq!(fit("hello you", 5), "hell…");
        assert_eq!(fit("你好世界", 5), "你好…");
        assert_eq!(fit("hello", 0), "");
    }
}
