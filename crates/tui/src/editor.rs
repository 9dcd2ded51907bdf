//! The line editor. It moves by what people see as one character (grapheme clusters), in any script.

use unicode_segmentation::UnicodeSegmentation as _;
use zeroize::Zeroizing;

use crate::clean::width;

/// Room made at once, so that a passphrase is not copied around in memory while it grows.
const ROOM: usize = 4096;

/// A text being edited; wiped when dropped.
#[derive(Clone)]
pub struct Editor {
    text: Zeroizing<String>,
    /// In bytes, at the border of a cluster.
    cursor: usize,
    limit: usize,
}

/// What is shown of an editor.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    /// The part that fits.
    pub text: String,
    /// Column of the cursor in it.
    pub cursor: usize,
}

impl Default for Editor {
    fn default() -> Self {
        Self::new(protocol::limits::TEXT_BYTES_MAX)
    }
}

impl Editor {
    /// An empty one that takes at most `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            text: Zeroizing::new(String::with_capacity(limit.min(ROOM))),
            cursor: 0,
            limit,
        }
    }

    /// With a text, the cursor at its end.
    #[must_use]
    pub fn with(text: &str) -> Self {
        let mut editor = Self::default();
        editor.insert(text);
        editor
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Takes the text out.
    pub fn take(&mut self) -> Zeroizing<String> {
        let fresh = Self::new(self.limit);
        std::mem::replace(self, fresh).text
    }

    /// Empties it.
    pub fn clear(&mut self) {
        drop(self.take());
    }

    /// Inserts at the cursor; what does not fit is left out. Line breaks stay, other control characters go.
    pub fn insert(&mut self, text: &str) {
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let c = match c {
                '\r' if chars.peek() == Some(&'\n') => continue,
                '\r' | '\n' => '\n',
                c if c.is_control() => continue,
                c => c,
            };
            if self.text.len() + c.len_utf8() > self.limit {
                return;
            }
            self.text.insert(self.cursor, c);
            self.cursor += c.len_utf8();
        }
    }

    fn before(&self) -> usize {
        self.text[..self.cursor]
            .grapheme_indices(true)
            .next_back()
            .map_or(0, |(at, _)| at)
    }

    fn after(&self) -> usize {
        self.text[self.cursor..]
            .graphemes(true)
            .next()
            .map_or(self.cursor, |g| self.cursor + g.len())
    }

    fn word_before(&self) -> usize {
        let words = self.text[..self.cursor].split_word_bound_indices().rev();
        let mut start = self.cursor;
        for (at, word) in words {
            start = at;
            if !word.trim().is_empty() {
                break;
            }
        }
        start
    }

    /// One character to the left.
    pub fn left(&mut self) {
        self.cursor = self.before();
    }

    /// One character to the right.
    pub fn right(&mut self) {
        self.cursor = self.after();
    }

    /// One word to the left.
    pub fn word_left(&mut self) {
        self.cursor = self.word_before();
    }

    /// One word to the right.
    pub fn word_right(&mut self) {
        for word in self.text[self.cursor..].split_word_bounds() {
            self.cursor += word.len();
            if !word.trim().is_empty() {
                return;
            }
        }
    }

    /// To the beginning.
    pub fn home(&mut self) {
        self.cursor = 0;
    }

    /// To the end.
    pub fn end(&mut self) {
        self.cursor = self.text.len();
    }

    fn remove(&mut self, from: usize, to: usize) {
        self.text.replace_range(from..to, "");
        self.cursor = from;
    }

    /// Deletes the character before the cursor.
    pub fn backspace(&mut self) {
        self.remove(self.before(), self.cursor);
    }

    /// Deletes the character after the cursor.
    pub fn delete(&mut self) {
        self.remove(self.cursor, self.after());
    }

    /// Deletes the word before the cursor.
    pub fn delete_word(&mut self) {
        self.remove(self.word_before(), self.cursor);
    }

    /// Deletes everything before the cursor.
    pub fn delete_to_start(&mut self) {
        self.remove(0, self.cursor);
    }

    /// Deletes everything after the cursor.
    pub fn delete_to_end(&mut self) {
        self.remove(self.cursor, self.text.len());
    }

    /// What fits into `columns`, with the cursor in view; every character as a dot when `hidden`.
    #[must_use]
    pub fn shown(&self, columns: usize, hidden: bool) -> Shown {
        let columns = columns.max(2);
        // room for the cursor behind the last character
        let room = columns - 1;
        let mut cells = Vec::new();
        let mut at_cursor = 0;
        for (at, grapheme) in self.text.grapheme_indices(true) {
            if at < self.cursor {
                at_cursor += 1;
            }
            cells.push(match grapheme {
                _ if hidden => "•".to_owned(),
                "\n" => "⏎".to_owned(),
                other => crate::clean::line(other),
            });
        }
        let mut start = at_cursor;
        let mut used = 0;
        while start > 0 && used + width(&cells[start - 1]) <= room {
            start -= 1;
            used += width(&cells[start]);
        }
        let cursor = used;
        let mut text: String = cells[start..at_cursor].concat();
        for cell in &cells[at_cursor..] {
            used += width(cell);
            if used > room {
                break;
            }
            text.push_str(cell);
        }
        Shown { text, cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_by_what_is_seen_as_one_character() {
        let mut editor = Editor::with("a👩‍👩‍👧é\u{301}न्दी");
        editor.left();
        editor.insert("|");
        assert_eq!(editor.text(), "a👩‍👩‍👧é\u{301}|न्दी");
        editor.left();
        editor.backspace();
        assert_eq!(editor.text(), "a👩‍👩‍👧|न्दी");
        editor.home();
        editor.right();
        editor.delete();
        assert_eq!(editor.text(), "a|न्दी");
        editor.end();
        editor.right();
        editor.delete();
        assert_eq!(editor.text(), "a|न्दी", "nothing beyond the end");
    }

    #[test]
    fn words_and_lines_go_at_once() {
        let mut editor = Editor::with("one two  three");
        editor.delete_word();
        assert_eq!(editor.text(), "one two  ");
        editor.delete_word();
        assert_eq!(editor.text(), "one ");
        editor.insert("four");
        editor.word_left();
        editor.delete_to_end();
        assert_eq!(editor.text(), "one ");
        editor.delete_to_start();
        assert!(editor.is_empty());
        editor.delete_word();
        editor.insert("a b");
        editor.home();
        editor.word_right();
        editor.delete_to_start();
        assert_eq!(editor.text(), " b");
    }

    #[test]
    fn pasted_control_characters_go_and_the_limit_holds() {
        let mut editor = Editor::new(8);
        editor.insert("a\x1b[\r\nb");
        assert_eq!(editor.text(), "a[\nb");
        editor.insert("éééé");
        assert_eq!(editor.text(), "a[\nbéé", "whole characters only");
        assert_eq!(editor.take().as_str(), "a[\nbéé");
        assert!(editor.is_empty());
    }

    #[test]
    fn the_cursor_stays_in_view() {
        let mut editor = Editor::with("你好世界abc");
        let shown =
            |e: &Editor, columns| (e.shown(columns, false).text, e.shown(columns, false).cursor);
        assert_eq!(shown(&editor, 20), ("你好世界abc".to_owned(), 11));
        assert_eq!(shown(&editor, 8), ("世界abc".to_owned(), 7));
        assert_eq!(shown(&editor, 7), ("界abc".to_owned(), 5));
        editor.home();
        assert_eq!(shown(&editor, 6), ("你好".to_owned(), 0));
        assert_eq!(editor.shown(40, true).text, "•••••••");
        editor.insert("\n");
        assert_eq!(shown(&editor, 6), ("⏎你好".to_owned(), 1));
    }
}
