//! Colours: the terminal's own foreground and background with a few accents that stay readable on light and on dark.

use protocol::MemberId;
use ratatui::style::{Color, Modifier, Style};

/// Which colours are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// None at all when false (`NO_COLOR`, <https://no-color.org>).
    pub colour: bool,
}

/// Tangerine, as dark as it must be on white and as light as it must be on black.
const ACCENT: Color = Color::Indexed(166);
/// The terminal's own, which its owner tuned to its background.
const SENDERS: [Color; 4] = [Color::Cyan, Color::Green, Color::Magenta, Color::Blue];

impl Theme {
    fn coloured(self, colour: Color) -> Style {
        if self.colour {
            Style::new().fg(colour)
        } else {
            Style::new()
        }
    }

    /// What is less important.
    #[must_use]
    pub fn dim(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// What is more important.
    #[must_use]
    pub fn bold(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// The app's own colour.
    #[must_use]
    pub fn accent(self) -> Style {
        self.coloured(ACCENT).add_modifier(Modifier::BOLD)
    }

    /// All is well.
    #[must_use]
    pub fn good(self) -> Style {
        self.coloured(Color::Green)
    }

    /// Look at this.
    #[must_use]
    pub fn bad(self) -> Style {
        self.coloured(Color::Red).add_modifier(Modifier::BOLD)
    }

    /// What is chosen in a list.
    #[must_use]
    pub fn chosen(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// The colour of a person's name, the same everywhere.
    #[must_use]
    pub fn sender(self, member: MemberId) -> Style {
        let n = usize::from(member.as_bytes()[15]) % SENDERS.len();
        self.coloured(SENDERS[n]).add_modifier(Modifier::BOLD)
    }
}
