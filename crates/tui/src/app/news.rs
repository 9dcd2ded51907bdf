//! What happened to the account on other devices: told until the person says that it was them, or has put an end to it. What is
//! told meanwhile does not push it out of sight.

use client::{Command, Doing, SeenNotices};
use protocol::DeviceId;

use super::{App, Question};
use crate::{clean, texts::Text};

/// Something that another device did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It signed in.
    SignIn {
        /// Which.
        device: DeviceId,
        /// Its name.
        name: String,
        /// When (ms since 1970).
        time: u64,
    },
    /// It changed the passphrase, at this time (ms since 1970).
    Passphrase(u64),
    /// It changed the recovery code, at this time (ms since 1970).
    Recovery(u64),
}

impl News {
    /// Told together.
    fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

/// What the person has made of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not dismissed yet.
    New,
    /// Put off: told again at the next start.
    Later,
}

/// What was heard and is not settled.
#[derive(Debug, Default)]
pub(super) struct Heard {
    items: Vec<(News, State)>,
}

impl Heard {
    fn next(&self) -> Option<&News> {
        let mut items = self.items.iter();
        let found = items.rfind(|(_, state)| *state == State::New);
        found.map(|(news, _)| news)
    }

    /// What is told now: all of one kind that is new, the newest last.
    fn now(&self) -> Vec<News> {
        let Some(now) = self.next() else {
            return Vec::new();
        };
        let new = self.items.iter().filter(|(_, state)| *state == State::New);
        let like = new.filter(|(news, _)| news.is_like(now));
        like.map(|(news, _)| news.clone()).collect()
    }
}

impl App {
    pub(super) fn hear(&mut self, news: News) {
        if self.heard.items.iter().any(|(known, _)| *known == news) {
            return;
        }
        self.heard.items.push((news, State::New));
        let asks = self.notice.as_ref().and_then(|notice| notice.asks.as_ref());
        // who is answering already answers what they have read: this is told after it
        let answering = !self.home.editor.is_empty();
        match asks {
            Some(Question::WasItYou(_)) if answering => {}
            Some(Question::WasItYou(_) | Question::RecoveryCode) => self.notice = None,
            _ => {}
        }
        self.calm();
    }

    /// Tells what was heard last. Gives back whether there is something.
    pub(super) fn tell_news(&mut self) -> bool {
        let all = self.heard.now();
        let Some(news) = all.last() else {
            return false;
        };
        let told = match news {
            News::SignIn { name, time, .. } => {
                let (name, when) = (clean::fit(name, 40), self.when(*time));
                let told = self.language.fill(Text::DeviceSignedIn, &[&name, &when]);
                format!("{told}{}", self.others_told(all.len() - 1))
            }
            News::Passphrase(time) => self
                .language
                .fill(Text::PassphraseChanged, &[&self.when(*time)]),
            News::Recovery(time) => self
                .language
                .fill(Text::RecoveryChanged, &[&self.when(*time)]),
        };
        self.ask(Question::WasItYou(all), told);
        true
    }

    /// That there were more of its kind.
    fn others_told(&self, others: usize) -> String {
        if others == 0 {
            return String::new();
        }
        let told = self
            .language
            .fill(Text::MoreSignIns, &[&others.to_string()]);
        format!(" {told}")
    }

    pub(super) fn put_news_off(&mut self, told: &[News]) {
        for (news, state) in &mut self.heard.items {
            if told.contains(news) {
                *state = State::Later;
            }
        }
    }

    /// The person says that it was them, of what they were asked about and nothing else.
    pub(super) fn it_was_me(&mut self, told: &[News]) {
        self.settle(told);
    }

    /// Other devices are signed out: all, or one of them.
    pub(super) fn ended(&mut self, doing: Doing, one: Option<DeviceId>) {
        let items = self.heard.items.iter();
        let ended = items.filter(|(news, _)| match news {
            News::SignIn { device, .. } => doing == Doing::SigningOutOthers || one == Some(*device),
            _ => false,
        });
        let ended: Vec<News> = ended.map(|(news, _)| news.clone()).collect();
        self.settle(&ended);
    }

    /// The engine need not keep these.
    fn settle(&mut self, these: &[News]) {
        if these.is_empty() {
            return;
        }
        self.heard.items.retain(|(news, _)| !these.contains(news));
        let mut seen = SeenNotices::default();
        for news in these {
            match news {
                News::SignIn { device, time, .. } => seen.sign_ins.push((*device, *time)),
                News::Passphrase(time) => seen.passphrase = Some(*time),
                News::Recovery(time) => seen.recovery = Some(*time),
            }
        }
        self.command(Command::NoticesSeen(seen));
    }
}
