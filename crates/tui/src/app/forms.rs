//! Keys on a form: on, back, another passphrase.

use super::{Account, App, Choice, Kind, Screen, Step, entry::read_invitation};
use crate::texts::Text;

impl App {
    fn account(&mut self) -> Option<&mut Account> {
        match &mut self.screen {
            Screen::Account(account) => Some(account),
            _ => None,
        }
    }

    /// Enter on a form.
    pub(super) fn account_enter(&mut self) {
        let authority = self.peer.as_ref().map(|peer| peer.authority);
        let Some(account) = self.account() else {
            return;
        };
        let mut checked = account.check();
        if account.step() == Step::Invitation && checked.is_ok() {
            let invited = read_invitation(account.field(Step::Invitation).text());
            if invited.map(|(_, peer)| peer.authority) != authority {
                checked = Err(Text::InvitationElsewhere);
            }
        }
        match checked {
            Err(text) => self.warn(self.say(text)),
            Ok(()) if account.came_by_link().is_some() => {
                let link = account.came_by_link().unwrap_or_default();
                self.calm();
                self.open_account(Account::by_link(&link));
            }
            Ok(()) if !account.at_last() => {
                account.forward();
                self.calm();
            }
            Ok(()) => self.account_submit(),
        }
    }

    fn account_submit(&mut self) {
        let device_name = self.entry.device_name.clone();
        let screen = std::mem::replace(&mut self.screen, Screen::Starting);
        let Screen::Account(account) = screen else {
            self.screen = screen;
            return;
        };
        self.notice = None;
        let working = match account.kind {
            Kind::SignIn => Text::Unlocking,
            Kind::SetUp | Kind::Register | Kind::BeginAnew => Text::MakingKeys,
            _ => Text::Working,
        };
        match account.command(&device_name) {
            Some(command) => {
                self.came_by = account.came_by_code();
                self.screen = Screen::Working(account, working);
                self.command(command);
            }
            None => self.screen = Screen::Account(account),
        }
    }

    /// Escape on a form.
    pub(super) fn account_back(&mut self) {
        self.calm();
        let Some(account) = self.account() else {
            return;
        };
        let of_member = account.kind.of_member();
        if !account.back() {
            self.screen = match of_member {
                true => Screen::Home,
                false => Screen::Welcome(0),
            };
        }
    }

    /// Tab on a form: the other choice of passphrase, or "I have written it down".
    pub(super) fn account_tab(&mut self) {
        let Some(account) = self.account() else {
            return;
        };
        if !account.kind.chooses() {
            return;
        }
        match (account.step(), account.choice) {
            (Step::Passphrase, Choice::Offered) => account.choice = Choice::Own,
            (Step::Passphrase, Choice::Own) => account.choice = Choice::Offered,
            (Step::Again, Choice::Offered) => return self.account_submit(),
            _ => return,
        }
        self.calm();
        self.want_offer();
    }

    /// Another passphrase, please.
    pub(super) fn account_another(&mut self) {
        if let Some(account) = self.account()
            && account.offering()
        {
            account.offered = None;
            self.want_offer();
        }
    }
}
