//! The state of the terminal client, without a terminal: events come in, effects go out, `draw` looks at it.

mod account;
mod admins;
mod approvals;
mod commands;
mod devices;
mod entry;
mod forms;
mod groups;
mod home;
mod keys;
mod names;
mod news;
mod panel;
mod timeline;
pub(crate) mod timer;
mod updates;
mod verification;
mod ways;

pub use account::{Account, Choice, Kind, Step};
pub use entry::{Entry, Trust};
pub use home::Home;
use names::choice;
pub use news::News;
pub use panel::Panel;
pub use timeline::{Key as ItemKey, Placed, Row, Scroll, Timeline};

use client::{
    Command, Failure, Update,
    view::{
        ConnectionView, ConversationView, DeviceView, Page, PersonView, RecoveryView, Role,
        Settings,
    },
};
use client_native::{Fingerprint, LinkError, Peer, Pin, ServerAddress};
use crossterm::event::KeyEvent;
use e2ee::{passphrase::Passphrase, recovery::RecoveryCode};
use protocol::{ConversationId, DeviceId, MemberId};

use crate::{
    calendar::Zone,
    editor::Editor,
    texts::{Language, Text},
    theme::Theme,
};

/// What the terminal, the engine and the clock tell.
pub enum Event {
    /// A key was pressed.
    Key(KeyEvent),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this many columns and rows now.
    Resize(u16, u16),
    /// The terminal's window has the keyboard, or not.
    Focus(bool),
    /// The time (ms since 1970).
    Tick(u64),
    /// What a server showed.
    Probed(ServerAddress, Result<Fingerprint, LinkError>),
    /// The engine runs.
    Started,
    /// The engine can't run, in words.
    NotStarted(String),
    /// A new passphrase to offer.
    Passphrase(Passphrase),
    /// A new recovery code.
    RecoveryCode(RecoveryCode),
    /// The engine tells.
    Update(Update),
    /// Why there is no connection.
    Problem(Option<LinkError>),
    /// What the engine shows now.
    Snapshot(Box<Snapshot>),
    /// Newest rows of a conversation.
    Page(ConversationId, Result<Page, Failure>),
    /// A safety number, if there is one, and whether the person was compared by it.
    Safety(MemberId, Option<String>, bool),
    /// People of a conversation.
    Who(Vec<PersonView>),
    /// Something did not work, in words.
    Failed(String),
    /// The engine has stopped.
    Stopped,
}

/// What the runner must do.
pub enum Effect {
    /// Look which certificate a server shows.
    Probe(ServerAddress, Option<Pin>),
    /// Run the engine with this server.
    Start(Peer),
    /// Keep the server in the folder.
    Remember(Peer),
    /// Make a passphrase.
    NewPassphrase(Language),
    /// Make a recovery code.
    NewRecoveryCode,
    /// Command the engine.
    Command(Command),
    /// Read a [`Snapshot`].
    Snapshot,
    /// Read the newest rows of a conversation.
    Load {
        /// Which.
        conversation: ConversationId,
        /// How many.
        limit: usize,
    },
    /// Read a safety number.
    Safety(MemberId),
    /// Read who these are.
    Who(Vec<MemberId>),
    /// End.
    Quit,
}

/// What the engine shows, read at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Who is signed in.
    pub me: Option<PersonView>,
    /// Name of the organisation.
    pub organisation: String,
    /// Whether the server has its first admin.
    pub set_up: Option<bool>,
    /// The connection.
    pub connection: ConnectionView,
    /// The conversations.
    pub conversations: Vec<ConversationView>,
    /// Settings.
    pub settings: Settings,
    /// Everybody whose identity has changed and was not accepted.
    pub changed: Vec<MemberId>,
    /// What other devices did, and the person has not acknowledged.
    pub news: Vec<News>,
}

/// A screen.
pub enum Screen {
    /// Asks for an invitation or an address.
    Server(Editor),
    /// Looks at a server.
    Looking(ServerAddress),
    /// Asks whether it is the right server.
    Trust(Trust),
    /// The engine starts.
    Starting,
    /// What to do: the number of the choice.
    Welcome(usize),
    /// Asks what an account needs.
    Account(Box<Account>),
    /// The engine works on it.
    Working(Box<Account>, Text),
    /// Conversations.
    Home,
}

/// Something to tell, until it is dismissed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What.
    pub text: String,
    /// It did not work, or it is a warning.
    pub bad: bool,
    /// Goes only when it is dismissed on purpose.
    pub stays: bool,
    /// What `/yes` does as long as this is told.
    pub asks: Option<Question>,
}

/// What the person is asked before it is done. Whom and what it is about is held from the question on: the answer is about
/// nothing else, whatever comes meanwhile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// Sign this device out?
    SignOut,
    /// Sign another device out?
    SignOutDevice(DeviceId),
    /// Sign all other devices out?
    SignOutOthers,
    /// Make a reset link for somebody?
    Reset(MemberId),
    /// Approve somebody's new passphrase?
    Approve(MemberId),
    /// Make a recovery code? This is not asked again.
    RecoveryCode,
    /// Was it you who did this on another device?
    WasItYou(Vec<News>),
    /// Is this who was meant by a part of a name?
    Meant(MemberId),
    /// Leave this group?
    Leave(ConversationId),
    /// Remove this member from this group?
    Remove(ConversationId, MemberId),
    /// Give up being an admin of this group, for this role?
    StepDown(ConversationId, Role),
}

/// The whole state.
pub struct App {
    /// Language of every text.
    pub language: Language,
    /// Whose clock.
    pub zone: Zone,
    /// Colours.
    pub theme: Theme,
    /// The time (ms since 1970).
    pub now: u64,
    /// Columns and rows.
    pub size: (u16, u16),
    /// What is shown.
    pub screen: Screen,
    /// What is told above the input.
    pub notice: Option<Notice>,
    /// The connection, once the engine runs.
    pub connection: Option<ConnectionView>,
    /// Why there is none.
    pub problem: Option<LinkError>,
    /// Name of the organisation.
    pub organisation: String,
    /// Who is signed in.
    pub me: Option<PersonView>,
    /// Whether the server has its first admin.
    pub set_up: Option<bool>,
    /// Conversations and the one that is open.
    pub home: Home,
    /// The window has the keyboard.
    pub focused: bool,
    entry: Entry,
    peer: Option<Peer>,
    invitation: Option<String>,
    signed_out: bool,
    /// The recovery code that somebody signs in by, until they have.
    came_by: Option<RecoveryCode>,
    /// This member's request for a new passphrase in the place of a forgotten one.
    forgotten: Option<client::view::ForgottenView>,
    /// Whether new sign-ins need approval, and those that wait for it.
    approvals: client::view::ApprovalsView,
    /// The one of them that is talked about: never another by itself while it waits.
    approving: Option<DeviceId>,
    /// The sign-in here waits for approval.
    pub waits: Option<client::view::SignInApproval>,
    /// Others who ask an admin to approve a new passphrase.
    forgotten_others: Vec<PersonView>,
    /// The devices of this member, this one first, as far as they are known.
    pub devices: Option<Vec<DeviceView>>,
    /// How far a change of keys is: so many conversations of so many.
    pub changing_keys: Option<(u64, u64)>,
    /// The recovery code, as far as it is told.
    recovery: RecoveryView,
    /// What of the recovery code was said already.
    told_of_recovery: ways::Told,
    settings: Settings,
    /// What other devices did.
    heard: news::Heard,
    /// The device that is being signed out.
    ending: Option<DeviceId>,
    /// The server could not be told that this device leaves.
    left_unheard: bool,
    effects: Vec<Effect>,
}

impl App {
    /// The state at the start, with its first effects.
    #[must_use]
    pub fn new(language: Language, zone: Zone, theme: Theme, now: u64, entry: Entry) -> Self {
        let mut app = Self {
            language,
            zone,
            theme,
            now,
            size: (80, 24),
            screen: Screen::Server(Editor::default()),
            notice: None,
            connection: None,
            problem: None,
            organisation: String::new(),
            me: None,
            set_up: None,
            home: Home::default(),
            focused: true,
            entry,
            peer: None,
            invitation: None,
            signed_out: false,
            came_by: None,
            forgotten: None,
            approvals: client::view::ApprovalsView::default(),
            approving: None,
            waits: None,
            forgotten_others: Vec::new(),
            devices: None,
            changing_keys: None,
            recovery: RecoveryView::default(),
            told_of_recovery: ways::Told::default(),
            settings: Settings::default(),
            heard: news::Heard::default(),
            ending: None,
            left_unheard: false,
            effects: Vec::new(),
        };
        app.enter();
        app
    }

    /// What to do now; empty until the next event.
    pub fn take_effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    fn effect(&mut self, effect: Effect) {
        self.effects.push(effect);
    }

    fn command(&mut self, command: Command) {
        self.effect(Effect::Command(command));
    }

    fn say(&self, text: Text) -> &'static str {
        self.language.say(text)
    }

    fn notify(&mut self, text: impl Into<String>, bad: bool, stays: bool) {
        self.notice = Some(Notice {
            text: text.into(),
            bad,
            stays,
            asks: None,
        });
    }

    fn tell(&mut self, text: impl Into<String>) {
        self.notify(text, false, false);
    }

    fn warn(&mut self, text: impl Into<String>) {
        self.notify(text, true, false);
    }

    fn alarm(&mut self, text: impl Into<String>) {
        self.notify(text, true, true);
    }

    /// Asks something that `/yes` answers, until something else is told.
    fn ask(&mut self, question: Question, text: impl Into<String>) {
        let serious = question != Question::RecoveryCode;
        self.notify(text, serious, true);
        if let Some(notice) = &mut self.notice {
            notice.asks = Some(question);
        }
    }

    /// Takes a notice away, unless it has to be dismissed on purpose.
    fn calm(&mut self) {
        if self.notice.as_ref().is_some_and(|notice| !notice.stays) {
            self.notice = None;
        }
    }

    /// Takes in what happened.
    pub fn on(&mut self, event: Event) {
        match event {
            Event::Key(key) => self.key(key),
            Event::Paste(text) => self.paste(&text),
            Event::Resize(columns, rows) => self.size = (columns, rows),
            Event::Focus(focused) => self.focused = focused,
            Event::Tick(now) => self.now = now,
            Event::Probed(address, result) => self.probed(address, result),
            Event::Started => self.started(),
            Event::NotStarted(why) => self.not_started(why),
            Event::Passphrase(passphrase) => {
                if let Screen::Account(account) = &mut self.screen {
                    account.offer(passphrase);
                }
            }
            Event::RecoveryCode(code) => {
                if let Screen::Account(account) = &mut self.screen {
                    account.code = Some(code);
                }
            }
            Event::Update(update) => self.update(update),
            Event::Problem(problem) => self.link_problem(problem),
            Event::Snapshot(snapshot) => self.snapshot(*snapshot),
            Event::Page(conversation, page) => self.page(conversation, page),
            Event::Safety(member, number, verified) => self.safety(member, number, verified),
            Event::Who(people) => self.home.panel(Panel::Who(people)),
            Event::Failed(why) => self.warn(why),
            Event::Stopped => self.alarm(self.say(Text::FailStopped)),
        }
        self.after();
    }

    /// What follows from any event: what can be seen is read, what is missing on the screen is loaded.
    fn after(&mut self) {
        if matches!(self.screen, Screen::Home) {
            self.say_ways();
            self.fill_screen();
            self.mark_read();
        }
    }
}
