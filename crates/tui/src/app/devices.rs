//! The devices of this member: which there are, signing them out, and the change of keys that follows.

use client::{Command, Doing, view::DeviceView};
use protocol::DeviceId;

use super::{App, Effect, Home, Panel, Question, Screen, choice, ways};
use crate::{clean, texts::Text};

impl App {
    /// `/devices`: nothing is shown before they are known as they are now.
    pub(super) fn show_devices(&mut self) {
        self.devices = None;
        self.home.panel(Panel::Devices);
        self.command(Command::ListDevices);
    }

    /// A device came: what was known of them is old.
    pub(super) fn device_came(&mut self) {
        if self.home.panel == Some(Panel::Devices) {
            self.command(Command::ListDevices);
        } else {
            self.devices = None;
        }
    }

    /// The devices as they are now: this one first, then as they came, so that the numbers of the others stay.
    pub(super) fn devices_are(&mut self, mut devices: Vec<DeviceView>) {
        devices.sort_by_key(|one| (!one.current, one.created, one.device));
        self.devices = Some(devices);
    }

    /// `/signout`: this device, another one by its number, or all others. Nothing is done before `/yes`.
    pub(super) fn sign_out(&mut self, rest: &str) {
        if choice(rest) == Some(true) {
            return self.answer_yes();
        }
        match rest {
            "" => self.ask_sign_out(),
            "others" | "autres" => self.ask_sign_out_others(),
            number => self.ask_sign_out_device(number),
        }
    }

    fn ask_sign_out(&mut self) {
        let rows = self.home.conversations.iter();
        let waiting = rows.filter(|row| {
            let last = row.last.as_ref();
            last.is_some_and(|last| {
                last.own && last.state == Some(client::view::SendState::Waiting)
            })
        });
        let waiting = u64::try_from(waiting.count()).unwrap_or(u64::MAX);
        let lost = match waiting {
            0 => String::new(),
            n => self.language.count(n, Text::LostOne, Text::LostMany) + " ",
        };
        let told = self.language.fill(Text::SignOutSure, &[&lost]);
        self.ask(Question::SignOut, told);
    }

    fn ask_sign_out_others(&mut self) {
        // all that there are by then: how many was shown here may be old
        self.ask(Question::SignOutOthers, self.say(Text::SignOutOthersSure));
    }

    fn ask_sign_out_device(&mut self, number: &str) {
        let Some(devices) = &self.devices else {
            self.show_devices();
            return self.warn(self.say(Text::DevicesFirst));
        };
        let place = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        match place.and_then(|n| devices.get(n)) {
            Some(one) if one.current => self.ask_sign_out(),
            Some(one) => {
                let since = self.zone.day_name(one.created, self.now, self.language);
                let name = clean::fit(&one.name, 40);
                let question = Question::SignOutDevice(one.device);
                let told = self.language.fill(Text::SignOutSureOf, &[&name, &since]);
                self.ask(question, told);
            }
            None => {
                let number = clean::fit(number, 24);
                self.warn(self.language.fill(Text::NoSuchDevice, &[&number]));
            }
        }
    }

    pub(super) fn sign_out_device(&mut self, device: DeviceId) {
        self.ending = Some(device);
        self.command(Command::SignOutDevice { device });
    }

    /// Another device is shut out, or all of them.
    pub(super) fn others_signed_out(&mut self, doing: Doing) {
        let one = self.ending.take();
        self.ended(doing, one);
        self.tell(self.say(match doing {
            Doing::SigningOutDevice => Text::DeviceSignedOut,
            _ => Text::OthersSignedOut,
        }));
        // what is shown is shown as it is now
        self.command(Command::ListDevices);
    }

    /// How far the change of keys is.
    pub(super) fn keys_change(&mut self, done: u64, total: u64) {
        let before = self.changing_keys.take();
        if done < total {
            self.changing_keys = Some((done, total));
        } else if before.is_some() && self.notice.is_none() {
            self.tell(self.say(Text::KeysChanged));
        }
    }

    /// What is said of a change of keys, while there is one.
    #[must_use]
    pub fn keys_told(&self) -> Option<String> {
        let (done, total) = self.changing_keys?;
        let numbers = [&*done.to_string(), &*total.to_string()];
        Some(self.language.fill(Text::ChangingKeys, &numbers))
    }

    /// What was kept here is gone.
    pub(super) fn wiped(&mut self) {
        self.me = None;
        self.home = Home::default();
        self.signed_out = false;
        self.came_by = None;
        self.forgotten = None;
        self.forgotten_others.clear();
        self.approvals = client::view::ApprovalsView::default();
        self.approving = None;
        self.waits = None;
        self.heard = super::news::Heard::default();
        self.ending = None;
        self.devices = None;
        self.changing_keys = None;
        self.recovery = client::view::RecoveryView::default();
        self.told_of_recovery = ways::Told::default();
        self.settings = client::view::Settings::default();
        self.screen = Screen::Welcome(0);
        if std::mem::take(&mut self.left_unheard) {
            self.alarm(self.say(Text::LeftUnheard));
        } else {
            self.tell(self.say(Text::LeftHere));
        }
        self.effect(Effect::Snapshot);
    }
}
