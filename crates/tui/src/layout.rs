//! Where things are on the screen. The state asks too: how far a page is depends on it.

use ratatui::layout::Rect;

use crate::{
    app::{App, Panel, Screen},
    clean,
};

/// Narrower than this, list and conversation are shown one at a time.
const NARROW: u16 = 60;

/// Whether list and conversation are shown one at a time.
#[must_use]
pub fn is_narrow(size: (u16, u16)) -> bool {
    size.0 < NARROW
}

/// The parts of the screen, from top to bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    /// Name of the app and the organisation.
    pub title: Rect,
    /// The list of conversations.
    pub list: Option<Rect>,
    /// Name of the open conversation, or of the panel.
    pub heading: Rect,
    /// Messages, or the panel.
    pub body: Rect,
    /// What is told.
    pub notice: Rect,
    /// What is written.
    pub input: Rect,
    /// The connection.
    pub status: Rect,
}

/// The lines of the notice.
#[must_use]
pub fn notice_lines(app: &App) -> Vec<String> {
    let columns = usize::from(app.size.0).saturating_sub(2);
    let most = usize::from(app.size.1 / 2);
    let Some(notice) = &app.notice else {
        return Vec::new();
    };
    let mut lines = clean::wrapped(&notice.text, columns);
    lines.truncate(most.max(1));
    lines
}

/// Whether the list of conversations takes the whole width.
#[must_use]
pub fn list_alone(app: &App) -> bool {
    let home = &app.home;
    is_narrow(app.size) && home.panel.is_none() && (home.list_open || home.current.is_none())
}

/// Where everything is.
#[must_use]
pub fn areas(app: &App) -> Areas {
    let (width, height) = app.size;
    let home = matches!(app.screen, Screen::Home);
    let row = |y: u16| Rect::new(0, y.min(height), width, u16::from(y < height));
    let status_y = height.saturating_sub(1);
    let input_y = if home {
        status_y.saturating_sub(1)
    } else {
        status_y
    };
    let told = u16::try_from(notice_lines(app).len()).unwrap_or(u16::MAX);
    let notice_y = input_y.saturating_sub(told).max(2.min(input_y));
    let top = 1.min(height);
    let middle = Rect::new(0, top, width, notice_y.saturating_sub(top));
    let (list, right) = columns(app, middle);
    let heading_height = u16::from(home && right.height > 3);
    Areas {
        title: row(0),
        list,
        heading: Rect::new(right.x, right.y, right.width, heading_height),
        body: Rect::new(
            right.x,
            right.y + heading_height,
            right.width,
            right.height.saturating_sub(heading_height),
        ),
        notice: Rect::new(0, notice_y, width, input_y.saturating_sub(notice_y)),
        input: if home { row(input_y) } else { Rect::default() },
        status: row(status_y),
    }
}

fn columns(app: &App, middle: Rect) -> (Option<Rect>, Rect) {
    let home = matches!(app.screen, Screen::Home);
    // a link is copied from the screen: nothing stands beside it
    let whole = matches!(
        app.home.panel,
        Some(Panel::Invitation { .. } | Panel::ResetLink { .. })
    );
    if !home || whole {
        return (None, middle);
    }
    if is_narrow(app.size) {
        let list = list_alone(app).then_some(middle);
        return (list, middle);
    }
    let width = (middle.width / 3).clamp(20, 34);
    let list = Rect { width, ..middle };
    let right = Rect {
        x: width + 1,
        width: middle.width - width - 1,
        ..middle
    };
    (Some(list), right)
}
