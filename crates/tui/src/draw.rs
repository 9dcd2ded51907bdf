//! Draws the state. Nothing is decided here.

mod home;
mod panel;
mod sheet;
mod welcome;

pub use panel::panel_lines;

use client::view::ConnectionView;
use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
};

use crate::{
    app::{App, Screen},
    clean,
    layout::{self, Areas},
    texts::Text,
};

/// Draws everything.
pub fn draw(app: &App, frame: &mut Frame<'_>) {
    let areas = layout::areas(app);
    title(app, frame, areas.title);
    match &app.screen {
        Screen::Home => home::draw(app, frame, &areas),
        _ => welcome::draw(app, frame, areas.body),
    }
    notice(app, frame, areas.notice);
    status(app, frame, &areas);
}

/// A line in a row; what does not fit is cut.
fn put(frame: &mut Frame<'_>, area: Rect, y: u16, line: &Line<'_>) {
    if y < area.height {
        frame
            .buffer_mut()
            .set_line(area.x, area.y + y, line, area.width);
    }
}

/// Something at the left and something at the right of a row; the left one gives way.
fn spread(left: (String, Style), right: (String, Style), columns: usize) -> Line<'static> {
    let room = columns.saturating_sub(clean::width(&right.0) + 1);
    let left_text = clean::fit(&left.0, room);
    let gap = columns.saturating_sub(clean::width(&left_text) + clean::width(&right.0));
    Line::from(vec![
        Span::styled(left_text, left.1),
        Span::raw(" ".repeat(gap)),
        Span::styled(right.0, right.1),
    ])
}

fn title(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let columns = usize::from(area.width);
    let me = app
        .me
        .as_ref()
        .filter(|_| matches!(app.screen, Screen::Home))
        .map_or_else(String::new, |me| clean::fit(&me.display_name, columns / 3));
    let organisation = if app.organisation.is_empty() {
        String::new()
    } else {
        format!(" · {}", app.organisation)
    };
    put(frame, area, 0, &Line::styled("ChaTalK", app.theme.accent()));
    let used = 7.min(area.width);
    let rest = Rect {
        x: area.x + used,
        width: area.width - used,
        ..area
    };
    let line = spread(
        (organisation, Style::new()),
        (me, app.theme.dim()),
        usize::from(rest.width),
    );
    put(frame, rest, 0, &line);
}

fn notice(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let Some(told) = &app.notice else {
        return;
    };
    let style = if told.bad {
        app.theme.bad()
    } else {
        app.theme.good()
    };
    for (y, text) in (0..).zip(layout::notice_lines(app)) {
        let mark = if y == 0 { "! " } else { "  " };
        let mark = if told.bad { mark } else { "  " };
        let line = Line::from(vec![Span::styled(mark, style), Span::styled(text, style)]);
        put(frame, area, y, &line);
    }
}

/// The connection in words.
fn connection(app: &App) -> Option<(String, Style)> {
    let say = |text| app.language.say(text).to_owned();
    let theme = app.theme;
    Some(match app.connection.as_ref()? {
        ConnectionView::Online => (format!("● {}", say(Text::Online)), theme.good()),
        ConnectionView::Connecting => (format!("○ {}", say(Text::Connecting)), theme.dim()),
        ConnectionView::CatchingUp => (format!("◐ {}", say(Text::CatchingUp)), theme.dim()),
        ConnectionView::Suspended => (format!("○ {}", say(Text::Suspended)), theme.bad()),
        ConnectionView::ReadOnly { .. } => (format!("◐ {}", say(Text::OnlyReading)), theme.bad()),
        ConnectionView::Offline { retry_at } => {
            let seconds = retry_at.saturating_sub(app.now).div_ceil(1000);
            let words = if seconds == 0 {
                say(Text::OfflineNow)
            } else {
                app.language
                    .fill(Text::OfflineRetry, &[&seconds.to_string()])
            };
            (format!("○ {words}"), theme.bad())
        }
    })
}

fn status(app: &App, frame: &mut Frame<'_>, areas: &Areas) {
    let area = areas.status;
    let right = if matches!(app.screen, Screen::Home) {
        let elsewhere: u64 = app
            .home
            .conversations
            .iter()
            .filter(|row| Some(row.conversation) != app.home.current)
            .map(|row| row.unread)
            .sum();
        if elsewhere > 0 && layout::is_narrow(app.size) {
            app.language
                .fill(Text::UnreadElsewhere, &[&elsewhere.to_string()])
        } else {
            app.language.say(Text::HelpHint).to_owned()
        }
    } else {
        String::new()
    };
    let mut left = connection(app).unwrap_or_default();
    if let Some(keys) = app.keys_told() {
        left.0 = format!("{} · {keys}", left.0);
    }
    let line = spread(left, (right, app.theme.dim()), usize::from(area.width));
    put(frame, area, 0, &line);
}
