//! Ways back in, and who is let in: forgotten passphrases, resets by an admin, approval of sign-ins, and what contacts have to
//! accept afterwards.

use client::{
    Command, Doing, Update,
    view::{ApprovalStep, WaitingSignIn},
};
use protocol::{DeviceId, MemberId};
use rand::{Rng, seq::SliceRandom};

use super::{Play, SOON};
use crate::check;

/// The longest time that somebody who does several things one after the other takes between them (ms).
const HESITATION: u64 = 5_000;
/// How long somebody waits for a link, or for the end of beginning anew, in the storm (ms).
const PATIENCE: u64 = 90_000;

impl Play {
    async fn hesitate(&mut self) {
        let pause = self.world.chance.gen_range(0..HESITATION);
        let until = self.world.now() + pause;
        self.world.run(until, |_| false).await;
    }

    /// A member has forgotten the passphrase: this device asks, another one or an admin approves, and a new one is set. In
    /// the storm each of the three may be lost, or too early.
    pub(super) async fn forget_passphrase(&mut self, member: usize, device: usize) {
        if self.is_changing(member) || self.updated {
            return;
        }
        self.another_identity = true;
        self.world.tell(format!(
            "member {member} has forgotten the passphrase, says device {device}"
        ));
        self.world.command(device, Command::AskForgotten).await;
        self.hesitate().await;
        let them = self.members[member].id;
        let own = self.members[member].devices.iter();
        let mut approve: Vec<(usize, Option<MemberId>)> =
            own.filter(|d| **d != device).map(|d| (*d, None)).collect();
        if member != 0 {
            let admin = self.members[0].devices.iter();
            approve.extend(admin.map(|d| (*d, Some(them))));
        }
        if let Some((by, member)) = approve.choose(&mut self.world.chance).copied() {
            self.world.tell(format!("device {by} approves"));
            self.world
                .command(by, Command::ApproveForgotten { member })
                .await;
            self.hesitate().await;
        }
        let new = self.another_passphrase();
        self.world.renewed.insert(them);
        self.is_to_have(member, device, new.clone(), Doing::ChangingPassphrase);
        self.members[member].codes.push(None); // it ends with the passphrase
        self.world
            .command(device, Command::ReplaceForgotten { new })
            .await;
    }

    /// A member has lost every way in: an admin makes a link, and they begin anew on a fresh device.
    pub(super) async fn begin_anew(&mut self, member: usize) {
        let admin = self.members[0].devices.choose(&mut self.world.chance);
        let Some(admin) = admin.copied().filter(|_| member != 0 && !self.updated) else {
            return;
        };
        // what was only just begun reaches the server first, and others
        let until = self.world.now() + SOON;
        self.world.run(until, |_| false).await;
        if self.is_changing(member) || !self.others_can_take_back(member).await {
            return;
        }
        self.another_identity = true;
        self.world
            .tell(format!("device {admin} resets member {member}"));
        let them = self.members[member].id;
        let before = self.world.devices[admin].updates.len();
        self.world
            .command(admin, Command::ResetMember { member: them })
            .await;
        let link = |w: &crate::World| {
            let updates = w.devices[admin].updates.iter();
            updates.skip(before).find_map(|u| match u {
                Update::ResetLink { member, link, .. } if *member == them => Some(link.clone()),
                _ => None,
            })
        };
        let until = self.world.now() + PATIENCE;
        self.world.run(until, |w| link(w).is_some()).await;
        let Some(link) = link(&self.world) else {
            return;
        };
        let device = self.world.add_device(member).await;
        self.world
            .tell(format!("member {member} begins anew on device {device}"));
        let passphrase = self.another_passphrase();
        self.world.renewed.insert(them);
        self.is_to_have(member, device, passphrase.clone(), Doing::BeginningAnew);
        let command = Command::BeginAnew {
            link,
            passphrase,
            device_name: "begun anew".to_owned(),
        };
        self.world.command(device, command).await;
        let there = |w: &crate::World| {
            let engine = w.devices[device].engine.as_ref();
            engine.is_some_and(|e| e.me().is_some())
        };
        let until = self.world.now() + PATIENCE;
        if self.world.run(until, there).await {
            self.members[member].devices.push(device);
        }
    }

    /// Whether somebody else is in every conversation of this member, and so can take them in again. Where nobody is, what was
    /// there is lost to all, as it must be.
    async fn others_can_take_back(&self, member: usize) -> bool {
        let others = self.members.iter().enumerate();
        let others = others.filter(|(n, _)| *n != member);
        let devices = others.flat_map(|(_, other)| &other.devices);
        let engines = devices.filter_map(|d| self.world.devices[*d].engine.as_ref());
        let rows: Vec<_> = engines.flat_map(client::Engine::conversations).collect();
        let there = |id| {
            rows.iter()
                .any(|r| r.conversation == id && r.ready && !r.gone)
        };
        let all = check::conversations_of(self, self.members[member].id).await;
        all.into_iter().all(there)
    }

    /// What came of beginning anew is known: with it, this device is there and the recovery code is not.
    pub(super) fn has_begun_anew(&mut self, member: usize, device: usize, changed: bool) {
        let there = self.members[member].devices.contains(&device);
        let signed_in = self.world.engine(device).me().is_some();
        match (there, signed_in && changed) {
            (false, true) => self.members[member].devices.push(device),
            (_, false) => self.is_out(member, device),
            (true, true) => {}
        }
        if changed {
            self.members[member].codes = vec![None];
        }
    }

    /// A member looks at what a device tells of somebody whose identity has changed, and goes on with them.
    pub(super) async fn accept_somebody(&mut self, member: usize, device: usize) {
        if self.world.devices[device].engine.is_none() {
            return;
        }
        let changed = self.changed_for(member, device);
        let Some(them) = changed.choose(&mut self.world.chance).copied() else {
            return;
        };
        self.accept(device, them).await;
    }

    fn changed_for(&self, member: usize, device: usize) -> Vec<MemberId> {
        let engine = self.world.engine(device);
        let others = self.members.iter().map(|other| other.id);
        let others = others.filter(|other| *other != self.members[member].id);
        others
            .filter(|other| {
                engine
                    .person(*other)
                    .is_some_and(|person| person.identity_changed)
            })
            .collect()
    }

    async fn accept(&mut self, device: usize, member: MemberId) {
        self.world
            .tell(format!("device {device} accepts the identity of {member}"));
        let number = self.world.engine(device).safety_number(member);
        self.world
            .command(device, Command::AcceptIdentity { member, number })
            .await;
    }

    /// Everybody goes on with everybody.
    pub(super) async fn accept_all(&mut self) {
        for _ in 0..2 {
            let until = self.world.now() + SOON;
            self.world.run(until, |_| false).await;
            for member in 0..self.members.len() {
                for device in self.members[member].devices.clone() {
                    for them in self.changed_for(member, device) {
                        self.accept(device, them).await;
                    }
                }
            }
        }
    }

    /// The sign-ins that this device shows, and that it can do something about.
    fn waiting_at(&self, device: usize) -> Vec<WaitingSignIn> {
        let engine = self.world.devices[device].engine.as_ref();
        engine.map_or_else(Vec::new, |engine| engine.approvals().waiting)
    }

    /// A member lets a sign-in in, or goes on with it, or refuses it.
    pub(super) async fn let_somebody_in(&mut self, device: usize) {
        let waiting = self.waiting_at(device);
        let Some(sign_in) = waiting.choose(&mut self.world.chance).cloned() else {
            return;
        };
        if self.world.chance.gen_bool(0.1) {
            self.world
                .tell(format!("device {device} refuses a sign-in"));
            let deny = Command::DenyApproval {
                device: sign_in.device,
            };
            self.world.command(device, deny).await;
            return;
        }
        self.let_this_in(device, sign_in.device).await;
    }

    /// Compares the codes of a sign-in, and lets it in if they are alike.
    async fn let_this_in(&mut self, device: usize, new: DeviceId) {
        self.world.tell(format!("device {device} lets one in"));
        self.world
            .command(device, Command::ClaimApproval { device: new })
            .await;
        let code = |w: &crate::World| {
            let approvals = w.devices[device].engine.as_ref()?.approvals();
            let shown = approvals.waiting.into_iter().find(|s| s.device == new)?;
            match shown.step {
                ApprovalStep::Code(code) => Some(code),
                _ => None,
            }
        };
        let until = self.world.now() + SOON / 2;
        self.world.run(until, |w| code(w).is_some()).await;
        let Some(code) = code(&self.world) else {
            return;
        };
        let there = self.world.devices.iter().any(|d| {
            let approval = d.engine.as_ref().and_then(client::Engine::sign_in_approval);
            approval.and_then(|approval| approval.code).as_ref() == Some(&code)
        });
        if there {
            self.world
                .command(device, Command::GrantApproval { device: new })
                .await;
        }
    }

    /// Devices of this member let all of theirs in that wait.
    pub(super) async fn let_in(&mut self, member: usize) {
        for _ in 0..6 {
            let until = self.world.now() + HESITATION;
            self.world.run(until, |_| false).await;
            let devices = self.members[member].devices.iter().copied();
            let mut at = devices.filter_map(|device| {
                let first = self.waiting_at(device).into_iter().next()?;
                Some((device, first.device))
            });
            let Some((by, new)) = at.next() else {
                return;
            };
            self.let_this_in(by, new).await;
        }
    }

    /// Everybody lets all of their own devices in that wait.
    pub(super) async fn let_all_in(&mut self) {
        let until = self.world.now() + SOON;
        self.world.run(until, |_| false).await;
        for member in 0..self.members.len() {
            self.let_in(member).await;
        }
    }
}
