//! What happened to the account on other devices: told until the person says that it was them, or has put an end to it. What is
//! told meanwhile does not push it out of sight.

use client::{Command, Doing};

use super::{App, Question};
use crate::{clean, texts::Text};

/// Something that another device did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It signed in.
    SignIn {
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
    /// It was them, or it is ended.
    Settled,
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

    /// What is told now, and all that is told with it.
    fn becomes(&mut self, state: State) {
        let Some(now) = self.next().cloned() else {
            return;
        };
        for (news, old) in &mut self.items {
            if *old == State::New && news.is_like(&now) {
                *old = state;
            }
        }
    }
}

impl App {
    pub(super) fn hear(&mut self, news: News) {
        if self.heard.items.iter().any(|(known, _)| *known == news) {
            return;
        }
        self.heard.items.push((news, State::New));
        let asks = self.notice.as_ref().and_then(|notice| notice.asks);
        if matches!(asks, Some(Question::WasItYou | Question::RecoveryCode)) {
            self.notice = None; // told anew, with this
        }
        self.calm();
    }

    /// Tells what was heard last. Gives back whether there is something.
    pub(super) fn tell_news(&mut self) -> bool {
        let Some(news) = self.heard.next() else {
            return false;
        };
        let told = match news {
            News::SignIn { name, time } => {
                let (name, when) = (clean::fit(name, 40), self.when(*time));
                let told = self.language.fill(Text::DeviceSignedIn, &[&name, &when]);
                format!("{told}{}", self.others_told(news))
            }
            News::Passphrase(time) => self
                .language
                .fill(Text::PassphraseChanged, &[&self.when(*time)]),
            News::Recovery(time) => self
                .language
                .fill(Text::RecoveryChanged, &[&self.when(*time)]),
        };
        self.ask(Question::WasItYou, told);
        true
    }

    /// That there were more of its kind.
    fn others_told(&self, news: &News) -> String {
        let items = self.heard.items.iter();
        let like = items.filter(|(one, state)| *state == State::New && one.is_like(news));
        match like.count() {
            0 | 1 => String::new(),
            n => format!(
                " {}",
                self.language
                    .fill(Text::MoreSignIns, &[&(n - 1).to_string()])
            ),
        }
    }

    pub(super) fn put_news_off(&mut self) {
        self.heard.becomes(State::Later);
    }

    /// The person says that it was them.
    pub(super) fn it_was_me(&mut self) {
        self.heard.becomes(State::Settled);
        self.settled();
    }

    /// Other devices are signed out: all, or the one of this name that came at this time.
    pub(super) fn ended(&mut self, doing: Doing, one: Option<&(String, u64)>) {
        for (news, state) in &mut self.heard.items {
            if let News::SignIn { name, time } = news {
                let this = one.is_some_and(|(n, t)| (n, t) == (&*name, &*time));
                if doing == Doing::SigningOutOthers || this {
                    *state = State::Settled;
                }
            }
        }
        self.settled();
    }

    /// Once nothing is open any more, the engine need not keep it.
    fn settled(&mut self) {
        let items = &self.heard.items;
        if !items.is_empty() && items.iter().all(|(_, state)| *state == State::Settled) {
            self.heard.items.clear();
            self.command(Command::NoticesSeen);
        }
    }
}
