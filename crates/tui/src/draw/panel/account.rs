//! Devices, and the link for somebody who has lost their way in.

use client::view::DeviceView;
use ratatui::{
    style::Style,
    text::{Line, Span},
};

use super::Lines;
use crate::{clean, texts::Text};

/// The server notes when a device connects, at most once in this time (ms): nothing finer is true.
const SEEN_MS: u64 = 60 * 60_000;

impl Lines<'_> {
    pub(super) fn devices(&mut self) {
        if let Some(told) = self.app.keys_told() {
            self.wrapped(&told, self.app.theme.accent());
            self.text(Text::ChangingKeysHow);
            self.blank();
        }
        let Some(devices) = &self.app.devices else {
            return self.text(Text::Working);
        };
        for (n, one) in devices.iter().enumerate() {
            self.device(n + 1, one);
        }
        self.blank();
        self.text(Text::DevicesHow);
        self.blank();
        self.wrapped(
            self.app.language.say(Text::DevicesStolen),
            self.app.theme.dim(),
        );
    }

    fn device(&mut self, n: usize, one: &DeviceView) {
        let (theme, language) = (self.app.theme, self.app.language);
        let number = format!("{n:>3} ");
        let mark = match one.current {
            true => format!(" ({})", language.say(Text::ThisDevice)),
            false => String::new(),
        };
        let used = clean::width(&number) + clean::width(&mark);
        let name = clean::fit(&one.name, self.columns.saturating_sub(used));
        self.lines.push(Line::from(vec![
            Span::styled(number, theme.dim()),
            Span::styled(name, theme.bold()),
            Span::styled(mark, theme.good()),
        ]));
        let since = self.day(one.created);
        let since = language.fill(Text::DeviceSince, &[&since]);
        let told = match one.current {
            true => since,
            false => {
                let hour = self.day(one.last_seen - one.last_seen % SEEN_MS);
                let seen = language.fill(Text::DeviceSeen, &[&hour]);
                format!("{seen} · {since}")
            }
        };
        for line in clean::wrap(&told, self.columns.saturating_sub(5)) {
            self.lines
                .push(Line::styled(format!("    {line}"), theme.dim()));
        }
    }

    /// Day and hour.
    fn day(&self, ms: u64) -> String {
        let (zone, now) = (self.app.zone, self.app.now);
        let day = zone.day_name(ms, now, self.app.language);
        format!("{day}, {}", zone.clock(ms))
    }

    pub(super) fn reset_means(&mut self, name: &str) {
        for text in [
            Text::ResetMeans,
            Text::ResetDevices,
            Text::ResetOthers,
            Text::ResetReads,
        ] {
            let told = self.app.language.fill(text, &[name]);
            self.wrapped(&told, Style::new());
            self.blank();
        }
        let told = self.app.language.fill(Text::ResetReally, &[name]);
        self.wrapped(&told, self.app.theme.bold());
    }

    pub(super) fn reset_link(&mut self, name: &str, link: &str, expires: u64) {
        let told = self.app.language.fill(Text::ResetHandOver, &[name]);
        self.wrapped(&told, Style::new());
        self.blank();
        self.link(link);
        self.blank();
        let until = self.day(expires);
        let told = self.app.language.fill(Text::ResetOnce, &[&until]);
        self.wrapped(&told, Style::new());
        self.text(Text::ResetHow);
    }
}
