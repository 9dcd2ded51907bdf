//! What the engine tells.

use client::{
    Doing, Failure, Update,
    view::{ConnectionView, ForgottenView, PersonView, StuckView},
};
use client_native::LinkError;
use protocol::{ErrorCode, MemberId};

use super::{Account, App, Effect, Kind, News, Panel, Screen, Snapshot, Step};
use crate::{
    clean,
    texts::{Text, failure, link_problem},
};

impl App {
    pub(super) fn update(&mut self, update: Update) {
        match update {
            Update::Connection(view) => self.connection_is(view),
            Update::Progress(doing) => self.progress(doing),
            Update::SignedIn { .. } => self.signed_in(),
            Update::SignedOut => {
                self.signed_out = true;
                self.home.wanted.clear();
                self.home.suspending.clear();
                self.screen = Screen::Welcome(0);
                self.alarm(self.say(Text::SignedOut));
                // what can be chosen now: the server may have said hello since the last time
                self.effect(Effect::Snapshot);
            }
            Update::Conversations => self.effect(Effect::Snapshot),
            Update::Timeline(conversation) if self.home.current == Some(conversation) => {
                self.load(conversation);
            }
            Update::Timeline(_) => {}
            Update::Opened(conversation) => {
                self.effect(Effect::Snapshot);
                self.calm();
                self.open(conversation);
            }
            Update::People(people) => self.people(people),
            Update::Invitation { link, expires } => {
                self.calm();
                self.home.panel(Panel::Invitation { link, expires });
            }
            Update::IdentityChanged(member, change) => self.identity_changed(member, change),
            Update::Forgotten(request) => self.forgotten_is(request),
            Update::ForgottenOthers(people) => self.others_forgot(people),
            Update::Approvals(view) => self.approvals_are(view),
            Update::SignInApproval(view) => self.sign_in_waits(view),
            Update::Done(Doing::LettingIn) => self.tell(self.say(Text::LetIn)),
            Update::Done(Doing::RefusingSignIn) => self.alarm(self.say(Text::Refused)),
            Update::Done(Doing::ApprovingForgotten) => self.tell(self.say(Text::ForgottenApproved)),
            Update::Done(Doing::CancellingForgotten) => self.tell(self.say(Text::ForgottenGone)),
            Update::DeviceSignedIn { device, name, time } => {
                self.hear(News::SignIn { device, name, time });
                self.device_came();
            }
            Update::PassphraseChanged { time } => self.hear(News::Passphrase(time)),
            Update::RecoveryChanged { time } => self.hear(News::Recovery(time)),
            Update::Recovery(view) => self.recovery_is(view),
            Update::Settings(settings) => self.settings = settings,
            Update::Devices(devices) => self.devices_are(devices),
            Update::ChangingKeys { done, total } => self.keys_change(done, total),
            Update::Wiped => self.wiped(),
            Update::ResetLink {
                member,
                link,
                expires,
            } => self.reset_made(member, link, expires),
            Update::Done(doing @ (Doing::SigningOutDevice | Doing::SigningOutOthers)) => {
                self.others_signed_out(doing);
            }
            Update::Done(Doing::Accepting | Doing::Verifying) => self.decided(),
            Update::Done(Doing::Suspending) => self.suspended(),
            Update::Done(Doing::ChangingPassphrase) => self.passphrase_done(),
            Update::Done(Doing::ChangingRecovery) => self.recovery_done(),
            Update::Failed { doing, failure } => self.failed(doing, &failure),
            #[allow(unreachable_patterns)] // a newer engine may tell more
            _ => {}
        }
    }

    /// A time as it is told.
    pub(super) fn when(&self, time: u64) -> String {
        let (now, language) = (self.now, self.language);
        self.zone.clock_beside(time, now, now, language)
    }

    fn connection_is(&mut self, view: ConnectionView) {
        if let ConnectionView::ReadOnly { reason } = &view {
            let reason = clean::fit(reason, 200);
            let told = self.language.fill(Text::OnlyReadingWhy, &[&reason]);
            self.warn(told);
        }
        let online = view == ConnectionView::Online;
        self.connection = Some(view);
        if online {
            self.problem = None;
            self.home.timeline.asked = false;
        }
        self.effect(Effect::Snapshot);
    }

    pub(super) fn link_problem(&mut self, problem: Option<LinkError>) {
        let loud = matches!(
            problem,
            Some(LinkError::NotTrusted | LinkError::Certificate(_) | LinkError::NotAServer(_))
        );
        if let Some(problem) = &problem
            && loud
            && self.problem.as_ref() != Some(problem)
        {
            self.alarm(link_problem(self.language, problem));
        }
        self.problem = problem;
    }

    fn progress(&mut self, doing: Doing) {
        let language = self.language;
        match (&mut self.screen, doing) {
            (Screen::Working(_, text), Doing::SigningIn) => *text = Text::Unlocking,
            (
                Screen::Working(_, text),
                Doing::Registering | Doing::SettingUp | Doing::BeginningAnew,
            ) => {
                *text = Text::MakingKeys;
            }
            (Screen::Home, Doing::Opening) => self.tell(language.say(Text::Opening)),
            _ => {}
        }
    }

    /// Something that the passphrase or the recovery code was needed for is done.
    fn member_done(&mut self, told: Text) {
        if matches!(&self.screen, Screen::Working(account, _) if account.kind.of_member()) {
            self.screen = Screen::Home;
            self.notice = None;
            self.tell(self.say(told));
        }
    }

    fn passphrase_done(&mut self) {
        let kind = match &self.screen {
            Screen::Working(form, _) => Some(form.kind),
            _ => None,
        };
        self.member_done(match kind {
            Some(Kind::Approval) => Text::ApprovalIsOn,
            Some(Kind::NoApproval) => Text::ApprovalIsOff,
            _ => Text::PassphraseIsNew,
        });
    }

    fn recovery_done(&mut self) {
        let made = matches!(&self.screen, Screen::Working(form, _) if form.kind == Kind::Recovery);
        self.member_done(match made {
            true => Text::RecoveryMade,
            false => Text::RecoveryRemoved,
        });
    }

    /// Somebody is signed in, or something of them changed while they do something else.
    fn signed_in(&mut self) {
        let at_form = matches!(
            &self.screen,
            Screen::Account(form) | Screen::Working(form, _) if form.kind.of_member()
        );
        if at_form {
            return self.effect(Effect::Snapshot);
        }
        self.signed_out = false;
        self.invitation = None;
        if let Some(peer) = self.peer.clone() {
            self.effect(Effect::Remember(peer));
        }
        self.screen = Screen::Home;
        self.calm();
        self.effect(Effect::Snapshot);
        if let Some(code) = self.came_by.take() {
            self.open_account(Account::came_by(&code));
        }
    }

    pub(super) fn snapshot(&mut self, snapshot: Snapshot) {
        self.me = snapshot.me;
        self.organisation = snapshot.organisation;
        self.set_up = snapshot.set_up;
        self.connection = Some(snapshot.connection);
        self.home.conversations = snapshot.conversations;
        self.home.changed_now = snapshot.changed;
        self.panel_is_as_listed();
        self.settings = snapshot.settings;
        if let Screen::Starting = self.screen {
            if self.me.is_some() && !self.signed_out {
                self.screen = Screen::Home;
                for news in snapshot.news {
                    self.hear(news);
                }
            } else {
                self.welcome();
            }
        }
        self.opened_at_last();
        self.say_if_broken();
        self.say_if_stuck();
    }

    /// A conversation that does not verify says so, once.
    fn say_if_broken(&mut self) {
        // what fails for want of a changed identity is tried again once that is accepted
        let broken = self.home.open();
        let broken = broken.filter(|row| row.broken && !row.identity_changed);
        let text = match broken {
            Some(row) if row.outdated => Text::Outdated,
            _ => Text::Broken,
        };
        let broken = broken.map(|row| row.conversation);
        if broken.is_some() && self.home.told_broken != broken {
            self.home.told_broken = broken;
            self.alarm(self.say(text));
        }
    }

    /// A change that can't be read is told, once for each thing that follows from it.
    fn say_if_stuck(&mut self) {
        let Some(row) = self.home.open() else { return };
        let Some(stuck) = &row.stuck else {
            self.home.told_stuck = None;
            return;
        };
        let text = match stuck {
            StuckView { alone: true, .. } => Text::StuckAlone,
            StuckView { started: true, .. } => Text::StuckStarted,
            StuckView {
                by_itself: true, ..
            } => Text::StuckByItself,
            StuckView {
                asked: true,
                without: true,
                ..
            } => Text::StuckAskedWithout,
            StuckView { asked: true, .. } => Text::StuckAsked,
            StuckView { may: true, .. } => Text::StuckPutOff,
            _ => Text::Stuck,
        };
        let told = Some((row.conversation, text));
        let by = clean::fit(&stuck.by, 40);
        if self.home.told_stuck != told {
            self.home.told_stuck = told;
            self.alarm(self.language.fill(text, &[&by]));
        }
    }

    fn failed(&mut self, doing: Doing, why: &Failure) {
        let told = failure(self.language, doing, why);
        if matches!(
            doing,
            Doing::SettingUp
                | Doing::Registering
                | Doing::SigningIn
                | Doing::BeginningAnew
                | Doing::ChangingPassphrase
                | Doing::ChangingRecovery
        ) {
            self.came_by = None;
            self.back_to_form(why);
        }
        if let (Failure::IdentityChanged(member), false) =
            (why, matches!(self.screen, Screen::Account(_)))
        {
            if self.not_decided(doing, *member) {
                return;
            }
            let change = self.change_of(*member);
            return self.identity_changed(*member, change);
        }
        match doing {
            Doing::Accepting | Doing::Verifying => self.home.deciding = None,
            Doing::Inviting if matches!(self.home.panel, Some(Panel::Inviting)) => {
                self.home.panel = None;
            }
            Doing::Finding => {
                self.home.wanted.pop_front();
            }
            Doing::Suspending => {
                self.home.suspending.pop_front();
            }
            Doing::ResettingMember => self.home.panel = None,
            Doing::ListingDevices if self.devices.is_none() => self.home.panel = None,
            // the device is wiped all the same
            Doing::SigningOut => self.left_unheard = !is_of_store(why),
            _ => {}
        }
        if doing == Doing::LoadingOlder {
            self.home.timeline.loading = false;
        }
        self.warn(told);
    }

    /// A registration or sign-in was refused: back to the field that it was about.
    fn back_to_form(&mut self, why: &Failure) {
        let screen = std::mem::replace(&mut self.screen, Screen::Starting);
        let Screen::Working(mut account, _) = screen else {
            self.screen = screen;
            return;
        };
        let about = match why {
            Failure::Server { code, .. } => match code {
                ErrorCode::SetUpCodeWrong => Some(Step::Code),
                ErrorCode::InvitationInvalid => Some(Step::Invitation),
                ErrorCode::NameTaken | ErrorCode::NameInvalid => Some(Step::Login),
                ErrorCode::WrongNameOrPassphrase | ErrorCode::WrongNameOrCode => {
                    Some(Step::Passphrase)
                }
                _ => None,
            },
            Failure::Name(_) => Some(Step::Login),
            Failure::Invitation => Some(Step::Invitation),
            Failure::Passphrase => Some(Step::Current),
            Failure::SamePassphrase => Some(Step::Passphrase),
            Failure::RecoveryCode => Some(Step::Recovery),
            _ => None,
        };
        if let Some(step) = about {
            account.back_to(step);
        }
        self.screen = Screen::Account(account);
    }

    /// This member's request for a new passphrase changed.
    fn forgotten_is(&mut self, request: Option<ForgottenView>) {
        self.forgotten = request;
        self.tell_forgotten();
    }

    /// How it stands with this member's request for a new passphrase.
    pub(super) fn tell_forgotten(&mut self) {
        let Some(request) = &self.forgotten else {
            return;
        };
        let when = self.when(request.ready_at);
        let told = match (request.mine, request.ready) {
            (true, true) => self.say(Text::ForgottenReady).to_owned(),
            (true, false) => self.language.fill(Text::ForgottenWaits, &[&when]),
            (false, _) => {
                let name = clean::fit(&request.name, 40);
                let text = match request.approved {
                    true => Text::ForgottenElsewhereApproved,
                    false => Text::ForgottenElsewhere,
                };
                self.language.fill(text, &[&name])
            }
        };
        self.alarm(told);
    }

    /// A person's name as it can be shown; the conversation's title stands in for somebody who is not loaded.
    pub(super) fn name_of(&self, member: MemberId) -> String {
        let found = self
            .home
            .found
            .iter()
            .find(|person| person.member == member);
        let rows = || self.home.conversations.iter();
        let among = || {
            let mut members = rows().flat_map(|row| &row.members);
            let known = members.find(|one| one.member == member && !one.login_name.is_empty());
            known.map(|one| one.display_name.clone())
        };
        let title = || {
            let of_two = |row: &&client::view::ConversationView| {
                row.direct && row.members.iter().any(|person| person.member == member)
            };
            rows().find(of_two).map(|row| row.title.clone())
        };
        let item = || {
            let items = &self.home.timeline.items;
            let by_them = items.iter().find(|item| item.sender == member);
            by_them.map(|item| item.sender_name.clone())
        };
        let name = found
            .map(|person| person.display_name.clone())
            .or_else(among)
            .or_else(item)
            .or_else(title);
        clean::fit(&name.unwrap_or_default(), 40)
    }

    fn people(&mut self, mut people: Vec<PersonView>) {
        let me = self.me.as_ref().map(|me| me.member);
        if let Some(wanted) = self.home.wanted.pop_front().flatten() {
            return self.talk_found(&wanted, people, me);
        }
        people.retain(|person| Some(person.member) != me);
        self.calm();
        self.home.found = people;
        self.home.panel(Panel::People);
    }
}

/// Nothing was done: the store did not take it.
fn is_of_store(why: &Failure) -> bool {
    matches!(
        why,
        Failure::Store(_) | Failure::StoreFull | Failure::StoreNewer | Failure::SignInFirst
    )
}
