//! The main screen: conversations, messages, input.

use client::view::{ConversationView, SendState};
use ratatui::{
    Frame,
    layout::{Position, Rect},
    style::{Modifier, Style},
    text::{Line, Span},
};

use super::{panel, put, spread};
use crate::{
    app::{App, Row, timer},
    clean,
    layout::{self, Areas},
    texts::Text,
    theme::Theme,
};

pub(super) fn draw(app: &App, frame: &mut Frame<'_>, areas: &Areas) {
    if let Some(list) = areas.list {
        conversations(app, frame, list);
        if !layout::list_alone(app) {
            separator(app, frame, list);
        }
    }
    if !layout::list_alone(app) {
        match &app.home.panel {
            Some(_) => panel::draw(app, frame, areas),
            None => conversation(app, frame, areas),
        }
    }
    input(app, frame, areas.input);
}

fn separator(app: &App, frame: &mut Frame<'_>, list: Rect) {
    let column = Rect {
        x: list.x + list.width,
        width: 1,
        ..list
    };
    for y in 0..column.height {
        put(frame, column, y, &Line::styled("│", app.theme.dim()));
    }
}

fn conversations(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let columns = usize::from(area.width);
    let rows = &app.home.conversations;
    if rows.is_empty() {
        let mut y = 1;
        let both = [Text::NoConversations, Text::NoConversationsHelp];
        // beside the list there is room for the second one
        let shown = if layout::list_alone(app) { 2 } else { 1 };
        for text in both.into_iter().take(shown) {
            for line in clean::wrap(app.language.say(text), columns.saturating_sub(1)) {
                put(frame, area, y, &Line::styled(line, app.theme.dim()));
                y += 1;
            }
            y += 1;
        }
        return;
    }
    let fits = usize::from(area.height / 2).max(1);
    let at = rows
        .iter()
        .position(|row| Some(row.conversation) == app.home.current)
        .unwrap_or_default();
    let from = (at + 1).saturating_sub(fits);
    for (n, row) in rows.iter().enumerate().skip(from).take(fits) {
        let y = u16::try_from((n - from) * 2).unwrap_or(u16::MAX);
        let [first, second] = list_row(app, n, row, columns);
        put(frame, area, y, &first);
        put(frame, area, y + 1, &second);
    }
}

fn list_row(app: &App, n: usize, row: &ConversationView, columns: usize) -> [Line<'static>; 2] {
    let theme = app.theme;
    let current = Some(row.conversation) == app.home.current;
    let bar = if current { "▌" } else { " " };
    let bar = Span::styled(bar, theme.accent());
    let number = Span::styled(format!("{} ", n + 1), theme.dim());
    let used = 1 + clean::width(&number.content);
    let title_style = if row.unread > 0 || current {
        theme.bold()
    } else {
        Style::new()
    };
    let right = if row.unread > 0 {
        (format!("({}) ", row.unread), theme.accent())
    } else {
        let when = row
            .last
            .as_ref()
            .map(|last| app.zone.short(last.time, app.now));
        (
            when.map_or_else(String::new, |when| format!("{when} ")),
            theme.dim(),
        )
    };
    let mark = mark(app, row);
    let used = used + mark.as_ref().map_or(0, |mark| clean::width(&mark.content));
    let title = spread(
        (clean::line(&row.title), title_style),
        right,
        columns.saturating_sub(used),
    );
    let mut first = vec![bar.clone(), number];
    first.extend(mark);
    first.extend(title.spans);
    let last = if row.ready {
        App::last_line(row)
    } else {
        app.language.say(Text::NotReady).to_owned()
    };
    let indent = " ".repeat(used.saturating_sub(1));
    let last = clean::fit(&last, columns.saturating_sub(used + 1));
    let second = vec![bar, Span::raw(indent), Span::styled(last, theme.dim())];
    [Line::from(first), Line::from(second)]
}

/// What stands before a name: that the identity has changed, or that it was compared.
fn mark(app: &App, row: &ConversationView) -> Option<Span<'static>> {
    if row.identity_changed {
        return Some(Span::styled("! ", app.theme.bad()));
    }
    (row.direct && row.verified).then(|| Span::styled("✓ ", app.theme.good()))
}

fn centred(text: &str, columns: u16, style: Style) -> Vec<Line<'static>> {
    let columns = usize::from(columns);
    clean::wrap(text, columns.saturating_sub(2))
        .into_iter()
        .map(|line| {
            let left = columns.saturating_sub(clean::width(&line)) / 2;
            Line::styled(format!("{}{line}", " ".repeat(left)), style)
        })
        .collect()
}

fn conversation(app: &App, frame: &mut Frame<'_>, areas: &Areas) {
    let (heading, body) = (areas.heading, areas.body);
    let Some(current) = app.home.current else {
        let text = if app.home.conversations.is_empty() {
            Text::NoConversationsHelp
        } else {
            Text::ChooseConversation
        };
        let lines = centred(app.language.say(text), body.width, app.theme.dim());
        for (y, line) in (body.height / 3..).zip(&lines) {
            put(frame, body, y, line);
        }
        return;
    };
    let row = app
        .home
        .conversations
        .iter()
        .find(|row| row.conversation == current);
    if let Some(row) = row {
        title(app, frame, heading, row);
    }
    if !row.is_some_and(|row| row.ready) && app.home.timeline.items.is_empty() {
        let restoring = row.is_some_and(|row| row.restoring);
        let text = app.language.say(if restoring {
            Text::Restoring
        } else {
            Text::NotReady
        });
        for (y, line) in (body.height / 3..).zip(&centred(text, body.width, app.theme.dim())) {
            put(frame, body, y, line);
        }
        return;
    }
    timeline(app, frame, body);
}

fn title(app: &App, frame: &mut Frame<'_>, area: Rect, row: &ConversationView) {
    let style = app.theme.bold().add_modifier(Modifier::UNDERLINED);
    let right = if row.broken {
        ("!".to_owned(), app.theme.bad())
    } else {
        let count = (!row.direct).then(|| row.members.len().to_string());
        let timer = (row.timer_s != 0).then(|| {
            let after = timer::words(row.timer_s, app.language);
            app.language.fill(Text::TimerOn, &[&after])
        });
        let adding = row.group.as_ref().and_then(|group| group.adding);
        let adding = adding.map(|(done, total)| {
            let numbers = [&*done.to_string(), &*total.to_string()];
            app.language.fill(Text::AddingMany, &numbers)
        });
        let verified = row.direct && row.verified && !row.identity_changed;
        let verified = verified.then(|| format!("✓ {}", app.language.say(Text::Verified)));
        let over = row
            .gone
            .then(|| app.language.say(Text::NoLongerIn).to_owned());
        let told = over.into_iter().chain(verified);
        let told = told.chain(timer).chain(adding).chain(count);
        let told: Vec<String> = told.collect();
        (told.join("  "), app.theme.dim())
    };
    let line = spread(
        (clean::line(&row.title), style),
        right,
        usize::from(area.width),
    );
    put(frame, area, 0, &line);
}

fn timeline(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let timeline = &app.home.timeline;
    let rows = timeline.rows(&app.look(area.width));
    let (from, to) = timeline.window(&rows, area.height);
    let below = to < rows.len();
    // what there is stands at the bottom, where the writing is
    let missing = usize::from(area.height).saturating_sub(to - from);
    let top = u16::try_from(missing).unwrap_or_default();
    for (y, placed) in (top..).zip(&rows[from..to]) {
        put(frame, area, y, &row_line(app, &placed.row, area.width));
    }
    if timeline.loaded && timeline.items.is_empty() {
        let text = app.language.say(Text::NothingYet);
        for (y, line) in (area.height / 3..).zip(&centred(text, area.width, app.theme.dim())) {
            put(frame, area, y, line);
        }
    }
    if below && area.height > 0 {
        let text = format!(" {} ", app.language.say(Text::MoreBelow));
        let line = Line::styled(text, app.theme.chosen());
        put(frame, area, area.height - 1, &line);
    }
}

fn rule(text: &str, columns: u16, style: Style) -> Line<'static> {
    let room = usize::from(columns).saturating_sub(clean::width(text) + 2);
    let (left, right) = (room / 2, room - room / 2);
    Line::styled(
        format!("{} {text} {}", "─".repeat(left), "─".repeat(right)),
        style,
    )
}

/// The mark of a message's state.
#[must_use]
fn state_mark(theme: Theme, state: SendState) -> Span<'static> {
    match state {
        SendState::Waiting => Span::styled(" ◷", theme.dim()),
        SendState::Sent => Span::styled(" ✓", theme.dim()),
        SendState::Delivered => Span::styled(" ✓✓", theme.dim()),
        SendState::Read => Span::styled(format!(" {}", read_mark(theme)), theme.accent()),
    }
}

/// Two ticks, filled: by colour, or by their shape where there is none.
pub(super) fn read_mark(theme: Theme) -> &'static str {
    if theme.colour { "✓✓" } else { "✔✔" }
}

fn row_line(app: &App, row: &Row, columns: u16) -> Line<'static> {
    let theme = app.theme;
    match row {
        Row::Blank => Line::default(),
        Row::Edge(text) => {
            let lines = centred(app.language.say(*text), columns, theme.dim());
            lines.into_iter().next().unwrap_or_default()
        }
        Row::Day(name) => rule(name, columns, theme.dim()),
        Row::New => rule(app.language.say(Text::NewMessages), columns, theme.accent()),
        Row::Head {
            name,
            member,
            own,
            time,
        } => {
            let style = if *own {
                theme.accent()
            } else {
                theme.sender(*member)
            };
            Line::from(vec![
                Span::styled(name.clone(), style),
                Span::raw("  "),
                Span::styled(time.clone(), theme.dim()),
            ])
        }
        Row::Words { text, state } => {
            let mut spans = vec![Span::raw("  "), Span::raw(text.clone())];
            spans.extend(state.map(|state| state_mark(theme, state)));
            Line::from(spans)
        }
        Row::Event(text) => Line::styled(format!("  · {text}"), theme.dim()),
        Row::Problem(text) => Line::styled(
            format!("  {text}"),
            theme.dim().add_modifier(Modifier::ITALIC),
        ),
    }
}

fn input(app: &App, frame: &mut Frame<'_>, area: Rect) {
    let prompt = Span::styled("› ", app.theme.accent());
    let editor = &app.home.editor;
    let columns = usize::from(area.width).saturating_sub(2);
    let line = if editor.is_empty() {
        let hint = match app.home.current {
            Some(_) => Text::WriteHere,
            None => Text::WriteCommand,
        };
        let hint = clean::fit(app.language.say(hint), columns);
        Line::from(vec![prompt, Span::styled(hint, app.theme.dim())])
    } else {
        let shown = editor.shown(columns, false);
        Line::from(vec![prompt, Span::raw(shown.text)])
    };
    put(frame, area, 0, &line);
    let column = editor.shown(columns, false).cursor + 2;
    let x = u16::try_from(column).unwrap_or(u16::MAX);
    frame.set_cursor_position(Position {
        x: area.x + x.min(area.width.saturating_sub(1)),
        y: area.y,
    });
}
