//! A page of text with at most one input, as the screens before the main one are.

use ratatui::{
    Frame,
    layout::{Position, Rect},
    style::Style,
    text::{Line, Span},
};

use super::put;
use crate::{clean, editor::Editor, theme::Theme};

/// Lines longer than this are hard to read.
const WIDEST: u16 = 76;

/// Lines being put together.
pub(super) struct Sheet {
    lines: Vec<Line<'static>>,
    cursor: Option<(usize, usize)>,
    columns: usize,
    theme: Theme,
}

impl Sheet {
    pub(super) fn new(area: Rect, theme: Theme) -> Self {
        Self {
            lines: vec![Line::default()],
            cursor: None,
            columns: usize::from(area.width.min(WIDEST)).saturating_sub(4),
            theme,
        }
    }

    pub(super) fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    /// Text of the app, wrapped.
    pub(super) fn text(&mut self, text: &str, style: Style) {
        for line in clean::wrap(text, self.columns) {
            self.lines.push(Line::styled(line, style));
        }
    }

    pub(super) fn title(&mut self, text: &str) {
        self.text(text, self.theme.accent());
        self.blank();
    }

    pub(super) fn plain(&mut self, text: &str) {
        self.text(text, Style::new());
    }

    pub(super) fn dim(&mut self, text: &str) {
        self.text(text, self.theme.dim());
    }

    /// What keys do; a line breaks between them, not inside.
    pub(super) fn keys(&mut self, text: &str) {
        let kept: Vec<String> = text
            .split(" · ")
            .map(|key| key.replace(' ', "\u{a0}"))
            .collect();
        self.dim(&kept.join(" · "));
    }

    /// A field that is filled in.
    pub(super) fn filled(&mut self, label: String, value: &str) {
        let room = self.columns.saturating_sub(clean::width(&label));
        self.lines.push(Line::from(vec![
            Span::styled(label, self.theme.dim()),
            Span::raw(clean::fit(value, room.max(8))),
        ]));
    }

    /// Where something is typed.
    pub(super) fn input(&mut self, editor: &Editor, hidden: bool) {
        let shown = editor.shown(self.columns.saturating_sub(2), hidden);
        self.cursor = Some((self.lines.len(), shown.cursor + 2));
        self.lines.push(Line::from(vec![
            Span::styled("› ", self.theme.accent()),
            Span::raw(shown.text),
        ]));
    }

    /// A choice of several.
    pub(super) fn choice(&mut self, number: usize, text: &str, chosen: bool) {
        let columns = self.columns.saturating_sub(4);
        for (n, line) in clean::wrap(text, columns).into_iter().enumerate() {
            let mark = match (n, chosen) {
                (0, true) => format!("› {number} "),
                (0, false) => format!("  {number} "),
                _ => "    ".to_owned(),
            };
            let style = if chosen {
                self.theme.bold()
            } else {
                Style::new()
            };
            let mark = Span::styled(mark, self.theme.accent());
            self.lines
                .push(Line::from(vec![mark, Span::styled(line, style)]));
        }
    }

    /// Draws it; what does not fit scrolls so that the input is seen.
    pub(super) fn draw(self, frame: &mut Frame<'_>, area: Rect) {
        let height = usize::from(area.height);
        let left = area.width.saturating_sub(WIDEST) / 2 + 2.min(area.width / 8);
        let area = Rect {
            x: area.x + left,
            width: area.width.saturating_sub(left),
            ..area
        };
        let needed = self.cursor.map_or(0, |(row, _)| row + 1);
        let from = needed.saturating_sub(height);
        for (y, line) in (0..).zip(self.lines.iter().skip(from)) {
            put(frame, area, y, line);
        }
        if let Some((row, column)) = self.cursor.filter(|_| height > 0) {
            let x = area.x + u16::try_from(column).unwrap_or(u16::MAX).min(area.width);
            let y = area.y + u16::try_from(row - from).unwrap_or(u16::MAX);
            frame.set_cursor_position(Position { x, y });
        }
    }
}
