//! What is shown in place of the messages.

mod account;

use client::view::PersonView;
use ratatui::{
    Frame,
    style::Style,
    text::{Line, Span},
};

use super::{home::read_mark, put, spread};
use crate::{
    app::{App, Panel},
    clean,
    layout::Areas,
    texts::Text,
};

pub(super) fn draw(app: &App, frame: &mut Frame<'_>, areas: &Areas) {
    let lines = panel_lines(app, areas.body.width);
    let height = usize::from(areas.body.height);
    let longer = lines.len() > height;
    let close = if longer {
        Text::PanelScroll
    } else {
        Text::PanelClose
    };
    let heading = spread(
        (title(app), app.theme.accent()),
        (app.language.say(close).to_owned(), app.theme.dim()),
        usize::from(areas.heading.width),
    );
    put(frame, areas.heading, 0, &heading);
    let from = app
        .home
        .panel_scroll
        .min(lines.len().saturating_sub(height));
    for (y, line) in (0..).zip(lines.iter().skip(from)) {
        put(frame, areas.body, y, line);
    }
}

fn title(app: &App) -> String {
    let say = |text| app.language.say(text).to_owned();
    match &app.home.panel {
        None => String::new(),
        Some(Panel::Help) => say(Text::HelpTitle),
        Some(Panel::Inviting | Panel::Invitation { .. }) => say(Text::InvitationTitle),
        Some(Panel::People) => say(Text::PeopleTitle),
        Some(Panel::Who(_)) => say(Text::WhoTitle),
        Some(Panel::Devices) => say(Text::DevicesTitle),
        Some(Panel::ResetAsked(name) | Panel::ResetLink { name, .. }) => {
            app.language.fill(Text::ResetTitle, &[name])
        }
        Some(Panel::ResetMaking) => say(Text::Working),
        Some(Panel::Safety { name, .. }) => app.language.fill(Text::SafetyTitle, &[name]),
    }
}

/// The lines of the open panel.
#[must_use]
pub fn panel_lines(app: &App, width: u16) -> Vec<Line<'static>> {
    let mut lines = Lines {
        app,
        columns: usize::from(width),
        lines: vec![Line::default()],
    };
    match &app.home.panel {
        None => {}
        Some(Panel::Help) => lines.help(),
        Some(Panel::Inviting) => lines.text(Text::MakingInvitation),
        Some(Panel::Invitation { link, expires }) => lines.invitation(link, *expires),
        Some(Panel::People) => lines.found(),
        Some(Panel::Who(people)) => {
            for person in people {
                lines.person(None, person);
            }
        }
        Some(Panel::Devices) => lines.devices(),
        Some(Panel::ResetAsked(name)) => lines.reset_means(name),
        Some(Panel::ResetMaking) => lines.text(Text::MakingLink),
        Some(Panel::ResetLink {
            name,
            link,
            expires,
        }) => lines.reset_link(name, link, *expires),
        Some(Panel::Safety {
            member,
            number,
            verified,
            ..
        }) => lines.safety(number, *verified && !app.has_changed(*member)),
    }
    lines.lines
}

/// The lines of the help: what one wants first comes first.
const HELP: [Text; 30] = [
    Text::HelpTalk,
    Text::HelpFind,
    Text::HelpInvite,
    Text::HelpSwitch,
    Text::HelpList,
    Text::HelpWho,
    Text::HelpGroup,
    Text::HelpLeave,
    Text::HelpAdd,
    Text::HelpRoles,
    Text::HelpRules,
    Text::HelpTimer,
    Text::HelpHide,
    Text::HelpRestart,
    Text::HelpSafety,
    Text::HelpVerified,
    Text::HelpAccept,
    Text::HelpDevices,
    Text::HelpSignOut,
    Text::HelpPassphrase,
    Text::HelpRecovery,
    Text::HelpForgotten,
    Text::HelpApproval,
    Text::HelpSuspend,
    Text::HelpReset,
    Text::HelpApprove,
    Text::HelpPages,
    Text::HelpEdit,
    Text::HelpSlash,
    Text::HelpQuit,
];

struct Lines<'a> {
    app: &'a App,
    columns: usize,
    lines: Vec<Line<'static>>,
}

impl Lines<'_> {
    fn wrapped(&mut self, text: &str, style: Style) {
        for line in clean::wrap(text, self.columns.saturating_sub(1)) {
            self.lines.push(Line::styled(line, style));
        }
    }

    fn text(&mut self, text: Text) {
        self.wrapped(self.app.language.say(text), Style::new());
    }

    fn blank(&mut self) {
        self.lines.push(Line::default());
    }

    fn help(&mut self) {
        let entries = HELP.map(|entry| {
            let (what, does) = self
                .app
                .language
                .say(entry)
                .split_once('|')
                .unwrap_or_default();
            (what, does)
        });
        let longest = entries.iter().map(|(what, _)| clean::width(what)).max();
        let left = longest.unwrap_or_default() + 2;
        let beside = self.columns >= left + 24;
        for (what, does) in entries {
            self.entry(what, does, beside.then_some(left));
        }
        self.blank();
        let read = read_mark(self.app.theme);
        let states = self.app.language.fill(Text::HelpStates, &[read]);
        self.wrapped(&states, Style::new());
        self.blank();
        self.wrapped(
            self.app.language.say(Text::HelpUnaudited),
            self.app.theme.dim(),
        );
    }

    /// A command and what it does: side by side, or one above the other.
    fn entry(&mut self, what: &str, does: &str, left: Option<usize>) {
        let what_style = self.app.theme.bold();
        let indent = left.unwrap_or(4);
        let room = self.columns.saturating_sub(indent + 1);
        let mut first = Some(what);
        if left.is_none() {
            self.lines.push(Line::styled(what.to_owned(), what_style));
            first = None;
        }
        for line in clean::wrap(does, room) {
            let head = first.take().unwrap_or_default();
            let gap = " ".repeat(indent.saturating_sub(clean::width(head)));
            self.lines.push(Line::from(vec![
                Span::styled(head.to_owned(), what_style),
                Span::raw(gap),
                Span::raw(line),
            ]));
        }
    }

    fn invitation(&mut self, link: &str, expires: u64) {
        let (zone, language) = (self.app.zone, self.app.language);
        let day = zone.day_name(expires, self.app.now, language);
        let until = format!("{day}, {}", zone.clock(expires));
        let intro = language.fill(Text::InvitationIntro, &[&until]);
        self.wrapped(&intro, Style::new());
        self.blank();
        self.link(link);
        self.blank();
        self.text(Text::InvitationHow);
        self.text(Text::InvitationOnce);
    }

    /// Exactly as wide as the screen, so that a selection takes nothing else with it.
    fn link(&mut self, link: &str) {
        let chars: Vec<char> = clean::line(link).chars().collect();
        for part in chars.chunks(self.columns.max(1)) {
            let part: String = part.iter().collect();
            self.lines.push(Line::styled(part, self.app.theme.bold()));
        }
    }

    fn person(&mut self, number: Option<usize>, person: &PersonView) {
        let theme = self.app.theme;
        let me = self
            .app
            .me
            .as_ref()
            .is_some_and(|me| me.member == person.member);
        let number = number.map_or_else(|| "  ".to_owned(), |n| format!("{n:>3} "));
        let room = self.columns.saturating_sub(clean::width(&number));
        let name = clean::fit(&person.display_name, room);
        let room = room.saturating_sub(clean::width(&name) + 2);
        let mut rest = format!("  {}", clean::fit(&person.login_name, room));
        if me {
            rest = format!("{rest} ({})", self.app.language.say(Text::You));
        }
        if person.suspended {
            rest = format!("{rest} · {}", self.app.language.say(Text::SuspendedMark));
        }
        if self.app.is_verified(person.member, person.verified) {
            rest = format!("{rest} ✓ {}", self.app.language.say(Text::Verified));
        }
        self.lines.push(Line::from(vec![
            Span::styled(number, theme.dim()),
            Span::styled(name, theme.sender(person.member)),
            Span::styled(rest, theme.dim()),
        ]));
    }

    fn found(&mut self) {
        let found = &self.app.home.found;
        let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
        let told = self
            .app
            .language
            .count(count, Text::FoundOne, Text::FoundMany);
        self.wrapped(&told, Style::new());
        self.blank();
        for (n, person) in found.iter().enumerate() {
            self.person(Some(n + 1), person);
        }
        if count > 0 {
            self.blank();
            self.wrapped(self.app.language.say(Text::PeopleHow), self.app.theme.dim());
        }
    }

    fn safety(&mut self, number: &str, verified: bool) {
        let digits: Vec<char> = number.chars().filter(char::is_ascii_digit).collect();
        let groups: Vec<String> = digits
            .chunks(5)
            .map(|group| group.iter().collect())
            .collect();
        for row in groups.chunks(4) {
            let line = format!("  {}", row.join("  "));
            self.lines.push(Line::styled(line, self.app.theme.bold()));
        }
        self.blank();
        self.text(Text::SafetyHow);
        self.blank();
        self.text(match verified {
            true => Text::SafetyVerified,
            false => Text::SafetyMark,
        });
    }
}
