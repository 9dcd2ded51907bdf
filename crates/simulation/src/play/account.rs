//! What members do with their own accounts: sign devices out, change passphrases, keep drafts and settings.

use client::{
    Command, Doing, Update,
    view::{Language, Settings, Theme},
};
use e2ee::passphrase::{self, Passphrase};
use rand::{Rng, seq::SliceRandom};

use super::{Changing, Play, SOON};

impl Play {
    /// A member signs one of their devices out, or the device does it itself.
    pub(super) async fn sign_out(&mut self, member: usize, by: usize) {
        let devices = &self.members[member].devices;
        if devices.len() < 2 {
            return;
        }
        let Some(device) = devices.choose(&mut self.world.chance).copied() else {
            return;
        };
        let Some(id) = self.world.engine(device).device() else {
            return;
        };
        self.world
            .tell(format!("device {by} signs out device {device}"));
        if by == device {
            self.world.command(by, Command::SignOut).await;
            self.is_out(member, device);
        } else {
            let command = Command::SignOutDevice { device: id };
            self.world.command(by, command).await;
        }
    }

    /// From now on this device is out: it learns nothing any more, and what it had not sent is lost.
    pub(super) fn is_out(&mut self, member: usize, device: usize) {
        self.members[member].devices.retain(|d| *d != device);
        self.members[member].keys_changed = true;
        let said = self.said_on.remove(&device).unwrap_or_default();
        self.may_be_lost.extend(said);
        self.out.insert(device, self.count);
    }

    /// The same, where a story has done it.
    pub fn sign_out_in_story(&mut self, member: usize, device: usize) {
        self.is_out(member, device);
    }

    /// Finds out which devices the server refuses.
    pub(super) async fn notice_sign_outs(&mut self) {
        if !self.world.server.is_up() {
            return;
        }
        for member in 0..self.members.len() {
            for device in self.members[member].devices.clone() {
                let Some(id) = self.world.engine(device).device() else {
                    continue;
                };
                let out = storage::read(self.world.server.storage(), move |reader| {
                    reader.is_signed_out(id)
                });
                let out: bool = out.await.unwrap();
                if out {
                    self.world.tell(format!("device {device} is out"));
                    self.is_out(member, device);
                }
            }
        }
    }

    pub(super) async fn change_passphrase(&mut self, member: usize, device: usize) {
        if self.is_changing(member) {
            return;
        }
        let new = self.another_passphrase();
        let old = self.members[member].passphrase.clone();
        let command = match self.world.chance.gen_range(0..10) {
            0..4 => Command::SetApproval {
                old,
                new: new.clone(),
                required: self.world.chance.gen_bool(0.7),
            },
            n => Command::ChangePassphrase {
                old,
                new: new.clone(),
                may_be_known: n < 7,
            },
        };
        let what = match &command {
            Command::SetApproval { required, .. } => format!("sets approval to {required}"),
            Command::ChangePassphrase { may_be_known, .. } => {
                format!("changes the passphrase ({may_be_known})")
            }
            _ => String::new(),
        };
        self.world.tell(format!("device {device} {what}"));
        self.is_to_have(member, device, new, Doing::ChangingPassphrase);
        self.world.command(device, command).await;
    }

    /// Whether something is under way that needs the passphrase: that is one thing at a time, a second one would take the place of
    /// the first.
    pub(super) fn is_changing(&self, member: usize) -> bool {
        self.members[member].changing.is_some() || self.members[member].codes.len() > 1
    }

    pub(super) fn another_passphrase(&mut self) -> Passphrase {
        let word = self.world.chance.gen_range(0..1_000_000);
        passphrase::prepare(&format!("another horse {word}")).unwrap()
    }

    /// A device is about to set this passphrase.
    pub(super) fn is_to_have(
        &mut self,
        member: usize,
        device: usize,
        new: Passphrase,
        doing: Doing,
    ) {
        let updates = self.world.devices[device].updates.len();
        // a device that was just signing in with the old one may find the vault sealed to it no more
        self.members[member].keys_changed = true;
        self.members[member].changing = Some(Changing {
            new,
            device,
            doing,
            updates,
        });
    }

    /// Which passphrase is in force: by trying. What the device was told must be true.
    pub(super) async fn settle_passphrases(&mut self) {
        for member in 0..self.members.len() {
            let Some(changing) = self.members[member].changing.take() else {
                continue;
            };
            let updates = self.world.devices[changing.device].updates.iter();
            let told = updates.skip(changing.updates).find_map(|u| match u {
                Update::Done(doing) if *doing == changing.doing => Some(true),
                Update::Failed { doing, .. } if *doing == changing.doing => Some(false),
                _ => None,
            });
            let before = self.members[member].passphrase.clone();
            self.members[member].passphrase = changing.new;
            let changed = self.can_sign_in(member).await;
            if !changed {
                self.members[member].passphrase = before;
                assert!(self.can_sign_in(member).await, "one of the two is in force");
            }
            assert!(
                told.is_none_or(|told| told == changed),
                "member {member} was told {told:?}"
            );
            if changing.doing == Doing::BeginningAnew {
                self.has_begun_anew(member, changing.device, changed);
            }
        }
    }

    async fn can_sign_in(&mut self, member: usize) -> bool {
        let device = self.world.add_device(member).await;
        self.send_sign_in(member, device).await;
        self.is_signed_in(member, device).await
    }

    /// Waits for the end of a sign-in that was asked for.
    pub(super) async fn is_signed_in(&mut self, member: usize, device: usize) -> bool {
        let until = self.world.now() + SOON;
        let failed = |w: &crate::World| {
            let updates = &w.devices[device].updates;
            let failed = |u: &Update| matches!(u, Update::Failed { doing, .. } if *doing == Doing::SigningIn);
            updates.iter().any(failed)
        };
        let ended = |w: &crate::World| w.engine(device).me().is_some() || failed(w);
        let waits = |w: &crate::World| w.engine(device).sign_in_approval().is_some();
        assert!(
            self.world.run(until, |w| ended(w) || waits(w)).await,
            "no answer to a sign-in"
        );
        if !ended(&self.world) {
            self.let_in(member).await;
        }
        let until = self.world.now() + SOON;
        assert!(self.world.run(until, ended).await, "it was not let in");
        let signed_in = self.world.engine(device).me().is_some();
        if signed_in {
            self.members[member].devices.push(device);
        } else {
            self.out.insert(device, self.count);
        }
        signed_in
    }

    pub(super) async fn save_draft(&mut self, device: usize) {
        let views = self.world.engine(device).conversations();
        let Some(view) = views.choose(&mut self.world.chance) else {
            return;
        };
        let number: u32 = self.world.chance.gen_range(0..100);
        let text = match number {
            0..20 => String::new(),
            _ => format!("{} and {number}", view.draft),
        };
        let conversation = view.conversation;
        let command = Command::SaveDraft { conversation, text };
        self.world.command(device, command).await;
    }

    pub(super) async fn save_settings(&mut self, device: usize) {
        let settings = Settings {
            language: *[Language::System, Language::English, Language::French]
                .choose(&mut self.world.chance)
                .unwrap(),
            theme: *[Theme::System, Theme::Light, Theme::Dark]
                .choose(&mut self.world.chance)
                .unwrap(),
            enter_sends: self.world.chance.gen_bool(0.5),
            receipts: self.world.chance.gen_bool(0.8),
            recovery_reminded: self.world.chance.gen_bool(0.5),
            sign_in_notices: self.world.chance.gen_bool(0.5),
        };
        self.world
            .command(device, Command::SaveSettings(settings))
            .await;
    }
}
