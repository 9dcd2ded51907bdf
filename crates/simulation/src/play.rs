//! A play: members register, then everything happens at random, then the faults end and all must be well.

mod account;
mod groups;
mod recovery;
mod timed;
mod ways;

use std::collections::{BTreeMap, BTreeSet};

use client::{
    Command, Doing, NewAccount, Update,
    view::{GroupView, Role},
};
use e2ee::{
    passphrase::{self, Passphrase},
    recovery::RecoveryCode,
};
use protocol::{ConversationId, MemberId, methods::vault::kind};
use rand::{Rng, seq::SliceRandom};

use crate::{
    check,
    world::{Faults, World},
};

/// A member of the play.
pub struct Member {
    /// Login name.
    pub name: String,
    /// Passphrase.
    pub passphrase: Passphrase,
    /// Id, once registered.
    pub id: MemberId,
    /// Devices that are signed in, or were meant to be.
    pub devices: Vec<usize>,
    /// A change of the passphrase whose end is not known.
    pub changing: Option<Changing>,
    /// The recovery codes of which one is in force: one, or two while it is not known whether a change was taken. None stands
    /// for no code.
    pub codes: Vec<Option<RecoveryCode>>,
    /// The keys were changed: devices whose own were not in the vault by then have lost it.
    pub keys_changed: bool,
}

/// A change of the passphrase under way.
pub struct Changing {
    /// The new one.
    pub new: Passphrase,
    /// The device that does it.
    pub device: usize,
    /// What it does: changes the passphrase, or begins anew, which ends everything of before.
    pub doing: Doing,
    /// How much it had been told before.
    pub updates: usize,
}

/// A play and what must be true of it at the end.
pub struct Play {
    /// The world.
    pub world: World,
    /// The members.
    pub members: Vec<Member>,
    /// Everything said, by conversation: (member, text).
    pub said: BTreeMap<ConversationId, Vec<(usize, String)>>,
    /// Devices that are signed out, and how many messages had been said by then.
    pub out: BTreeMap<usize, usize>,
    /// What was said on devices that were signed out before it was sent, perhaps.
    pub may_be_lost: BTreeSet<String>,
    said_on: BTreeMap<usize, Vec<String>>,
    count: usize,
    /// Somebody has another identity, or may have.
    another_identity: bool,
    /// A device has a new app.
    updated: bool,
    /// What may stand still until an admin founds it anew.
    broken: BTreeSet<ConversationId>,
}

/// Time in which something that nothing hinders must be done (ms).
const SOON: u64 = 60_000;
/// Time in which everything must be well again after the faults have ended (ms).
const HEALED: u64 = 600_000;

/// Whether somebody else in a group may found it anew. Where its only admin breaks it, it stays so.
fn another_may_mend(group: &GroupView) -> bool {
    let admins = group.roles.iter().filter(|(_, r)| *r >= Role::GroupAdmin);
    admins.count() > usize::from(group.role >= Role::GroupAdmin)
}

impl Play {
    /// Registers `count` members, one device each, in a world without faults.
    pub async fn begin(seed: u64, count: usize) -> Self {
        let mut play = Self {
            world: World::new(seed).await,
            members: Vec::new(),
            said: BTreeMap::new(),
            out: BTreeMap::new(),
            may_be_lost: BTreeSet::new(),
            said_on: BTreeMap::new(),
            count: 0,
            another_identity: false,
            updated: false,
            broken: BTreeSet::new(),
        };
        for n in 0..count {
            play.register(n).await;
        }
        play
    }

    async fn register(&mut self, n: usize) {
        let name = format!("member{n}");
        let text = format!("correct horse battery staple {n}");
        let passphrase = passphrase::prepare(&text).unwrap();
        let device = self.world.add_device(n).await;
        let account = NewAccount {
            login_name: name.clone(),
            display_name: format!("Member {n}"),
            passphrase: passphrase.clone(),
            device_name: "first device".to_owned(),
        };
        let command = if n == 0 {
            Command::SetUp {
                code: self.world.server.set_up_code.clone().unwrap(),
                organisation: "The Daily Test".to_owned(),
                account,
            }
        } else {
            Command::Register {
                invitation: self.invitation().await,
                account,
            }
        };
        self.world.command(device, command).await;
        self.idle(&[device]).await;
        let id = self.world.engine(device).me().unwrap().member;
        self.members.push(Member {
            name,
            passphrase,
            id,
            devices: vec![device],
            changing: None,
            codes: vec![None],
            keys_changed: false,
        });
    }

    /// An invitation by the first member.
    pub async fn invitation(&mut self) -> String {
        let admin = self.members[0].devices[0];
        self.world.devices[admin].updates.clear();
        self.world.command(admin, Command::Invite).await;
        let until = self.world.now() + SOON;
        let link = |world: &World| {
            world.devices[admin].updates.iter().find_map(|u| match u {
                Update::Invitation { link, .. } => Some(link.clone()),
                _ => None,
            })
        };
        assert!(
            self.world.run(until, |w| link(w).is_some()).await,
            "no invitation"
        );
        link(&self.world).unwrap()
    }

    async fn idle(&mut self, devices: &[usize]) {
        let until = self.world.now() + SOON;
        let idle = |w: &World| {
            devices
                .iter()
                .all(|d| w.engine(*d).me().is_some() && w.engine(*d).is_idle())
        };
        if !self.world.run(until, idle).await {
            let told = devices.iter().map(|d| &self.world.devices[*d].updates);
            panic!("not idle: {:?}", told.collect::<Vec<_>>());
        }
    }

    /// Lets everything happen at random for `steps` steps, with faults.
    pub async fn storm(&mut self, steps: u64, faults: Faults) {
        let steps: Vec<u64> = (0..steps).collect();
        self.storm_of(&steps, faults).await;
    }

    /// The same with these steps alone: each has chances of its own, so that others can be left out.
    pub async fn storm_of(&mut self, steps: &[u64], faults: Faults) {
        self.world.faults = faults;
        for step in steps {
            self.world.begin_step(*step);
            self.act().await;
            let pause = self.world.chance.gen_range(0..3_000);
            let until = self.world.now() + pause;
            self.world.run(until, |_| false).await;
            self.notice_sign_outs().await;
        }
    }

    async fn act(&mut self) {
        let member = self.world.chance.gen_range(0..self.members.len());
        let device = *self.members[member]
            .devices
            .choose(&mut self.world.chance)
            .unwrap();
        match self.world.chance.gen_range(0..100) {
            0..34 => self.say(member, device).await,
            34..35 => self.forget_passphrase(member, device).await,
            35..36 => self.begin_anew(member).await,
            36..38 => self.accept_somebody(member, device).await,
            38..40 => self.let_somebody_in(device).await,
            40..46 => self.change_group(device).await,
            46..47 => self.set_timer(device).await,
            47..51 => self.save_draft(device).await,
            51..53 => self.save_settings(device).await,
            53..54 => self.sign_out(member, device).await,
            54..55 => self.wedge(device).await,
            55..56 => self.change_passphrase(member, device).await,
            56..57 => self.change_recovery(member, device).await,
            57..67 => self.open(member, device).await,
            67..70 => self.found_group(member, device).await,
            70..75 => self.read(device).await,
            75..80 => self.update_keys(device).await,
            80..81 => self.update_app(device).await,
            81..86 => {
                self.world.tell(format!("device {device} crashes"));
                self.world.crash_device(device);
                self.world.start_device(device).await;
            }
            86..92 => {
                self.world.tell(format!("device {device} is cut off"));
                self.world.cut(device);
            }
            92..94 => self.restart_server().await,
            94..95 => self.be_read_only().await,
            95..97 => {
                let ms = self.world.chance.gen_range(5_000..25_000);
                self.world
                    .tell(format!("device {device} hears nothing for a while"));
                self.world.stall(device, ms);
            }
            97..98 => self.lose_records(device),
            _ => self.sign_in(member).await,
        }
    }

    /// A device gets an app of the next suite. Not where somebody has another identity: a conversation whose suite is lower than
    /// that of all apps, with somebody in it who needs a new leaf under another identity, stands still for them (ADR 0014).
    async fn update_app(&mut self, device: usize) {
        if self.another_identity {
            return;
        }
        self.updated = true;
        self.world.tell(format!("device {device} gets a new app"));
        self.world.update_app(device).await;
    }

    async fn be_read_only(&mut self) {
        self.world.tell("the server's disk is full".to_owned());
        self.world.server.set_read_only(Some("the disk is full"));
        for _ in 0..3 {
            let member = self.world.chance.gen_range(0..self.members.len());
            let device = self.members[member].devices[0];
            self.say(member, device).await;
            let pause = self.world.chance.gen_range(0..5_000);
            let until = self.world.now() + pause;
            self.world.run(until, |_| false).await;
        }
        self.world.server.set_read_only(None);
        self.world
            .tell("the server's disk has room again".to_owned());
    }

    async fn say(&mut self, member: usize, device: usize) {
        let Some(engine) = &self.world.devices[device].engine else {
            return;
        };
        let there: Vec<ConversationId> = engine
            .conversations()
            .into_iter()
            .filter(|c| c.ready && !c.gone)
            .filter(|c| c.group.as_ref().is_none_or(|group| group.may_write))
            .filter(|c| !c.identity_changed && !c.outdated) // the app takes nothing before that is settled
            .map(|c| c.conversation)
            .collect();
        let Some(id) = there.choose(&mut self.world.chance).copied() else {
            return;
        };
        self.count += 1;
        let text = format!("message {} — héllo мир 你好 🐈", self.count);
        self.world.tell(format!("device {device} says {text}"));
        let command = Command::SendText {
            conversation: id,
            text: text.clone(),
        };
        self.world.command(device, command).await;
        self.said_on.entry(device).or_default().push(text.clone());
        self.said.entry(id).or_default().push((member, text));
    }

    async fn open(&mut self, member: usize, device: usize) {
        let other = self.world.chance.gen_range(0..self.members.len());
        if other == member {
            return;
        }
        self.world.tell(format!(
            "device {device} opens a conversation with member {other}"
        ));
        let id = self.members[other].id;
        self.world
            .command(device, Command::OpenDirect { member: id })
            .await;
    }

    async fn found_group(&mut self, member: usize, device: usize) {
        let others = self
            .members
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != member);
        let mut members: Vec<MemberId> = others.map(|(_, m)| m.id).collect();
        if self.world.chance.gen_bool(0.5) {
            members.shuffle(&mut self.world.chance);
            members.truncate(1);
        }
        let title = match self.world.chance.gen_bool(0.7) {
            true => self.a_title(),
            false => String::new(),
        };
        self.world.tell(format!(
            "device {device} makes a group of {} called {title:?}",
            members.len() + 1
        ));
        self.world
            .command(device, Command::CreateGroup { title, members })
            .await;
    }

    async fn read(&mut self, device: usize) {
        let Some(engine) = &self.world.devices[device].engine else {
            return;
        };
        let followed = engine.followed();
        if let Some((conversation, seq, _)) = followed.choose(&mut self.world.chance).copied() {
            self.world
                .command(device, Command::MarkRead { conversation, seq })
                .await;
        }
    }

    async fn update_keys(&mut self, device: usize) {
        let Some(engine) = &self.world.devices[device].engine else {
            return;
        };
        let ids: Vec<_> = engine
            .conversations()
            .into_iter()
            .map(|c| c.conversation)
            .collect();
        if let Some(conversation) = ids.choose(&mut self.world.chance).copied() {
            self.world.tell(format!("device {device} changes keys"));
            self.world
                .command(device, Command::UpdateKeys { conversation })
                .await;
        }
    }

    /// The app of this device makes a commit that the others can't follow.
    async fn wedge(&mut self, device: usize) {
        let Some(engine) = &self.world.devices[device].engine else {
            return;
        };
        let rows = engine.conversations().into_iter();
        let there: Vec<_> = rows
            .filter(|c| c.ready && !c.gone)
            .filter(|c| c.group.as_ref().is_none_or(another_may_mend))
            .collect();
        let Some(row) = there.choose(&mut self.world.chance) else {
            return;
        };
        let conversation = row.conversation;
        self.world
            .tell(format!("device {device} breaks {conversation}"));
        self.world.spoil = Some((device, conversation));
        self.broken.insert(conversation);
        self.world
            .command(device, Command::UpdateKeys { conversation })
            .await;
    }

    async fn restart_server(&mut self) {
        self.world.tell("the server crashes".to_owned());
        self.world.crash_server().await;
        let pause = self.world.chance.gen_range(0..10_000);
        let until = self.world.now() + pause;
        self.world.run(until, |_| false).await;
        self.world.server.start().await;
        self.world.tell("the server is there again".to_owned());
    }

    async fn sign_in(&mut self, member: usize) {
        if self.members[member].devices.len() >= 3 {
            return;
        }
        let device = self.world.add_device(member).await;
        self.world
            .tell(format!("member {member} signs in on device {device}"));
        if self.world.chance.gen_bool(0.2) {
            self.lose_records(device);
        }
        self.members[member].devices.push(device);
        self.send_sign_in(member, device).await;
    }

    /// From now on the vault gives this device nothing that opens conversations.
    fn lose_records(&mut self, device: usize) {
        let lost: &[u8] = match self.world.chance.gen_bool(0.7) {
            true => &[kind::MLS_STATE],
            false => &[kind::MLS_STATE, kind::KEY_PACKAGE],
        };
        self.world.tell(format!(
            "the vault gives device {device} no records of {lost:?}"
        ));
        self.world.losing.insert(device, lost);
    }

    async fn send_sign_in(&mut self, member: usize, device: usize) {
        let command = Command::SignIn {
            login_name: self.members[member].name.clone(),
            passphrase: self.members[member].passphrase.clone(),
            device_name: format!("device {device}"),
        };
        self.world.command(device, command).await;
    }

    /// Ends the faults, lets everything come to rest, signs every member in on a fresh device, and checks it all.
    pub async fn heal_and_check(&mut self) {
        self.world.faults = Faults::default();
        self.world.losing.clear();
        self.world.spoil = None;
        if !self.world.server.is_up() {
            self.world.server.start().await;
        }
        for device in 0..self.world.devices.len() {
            self.world.cut(device);
        }
        self.update_all_apps().await;
        // what was lost on the way is settled, and what the server has not told yet
        let until = self.world.now() + SOON;
        self.world.run(until, |_| false).await;
        self.notice_sign_outs().await;
        self.settle_passphrases().await;
        self.notice_sign_outs().await;
        self.settle_codes().await;
        self.sign_in_again().await;
        self.let_all_in().await;
        self.accept_all().await;
        self.rest().await;
        for member in 0..self.members.len() {
            let device = self.world.add_device(member).await;
            self.members[member].devices.push(device);
            self.send_sign_in(member, device).await;
        }
        self.let_all_in().await;
        self.rest().await;
        self.load_all_history().await;
        check::all_is_well(self).await;
        self.outlive_timers().await;
    }

    /// Where one app knows the second suite, all do in the end: older ones may have been left behind.
    async fn update_all_apps(&mut self) {
        let suite = self.world.suite;
        for device in 0..self.world.devices.len() {
            if self.world.devices[device].suite < suite {
                self.world.update_app(device).await;
            }
        }
    }

    /// Devices whose sign-in failed in the storm try again, as a person would; so do those from which another device has taken the
    /// vault, because it changed the keys before theirs were in it.
    async fn sign_in_again(&mut self) {
        for member in 0..self.members.len() {
            for device in self.members[member].devices.clone() {
                let engine = self.world.engine(device);
                let lost = engine.is_signed_out() && self.members[member].keys_changed;
                if engine.me().is_none() || lost {
                    self.send_sign_in(member, device).await;
                }
            }
        }
    }

    async fn rest(&mut self) {
        let until = self.world.now() + HEALED;
        let out = &self.out;
        let rested = |w: &World| {
            let mut those = w.devices.iter().enumerate();
            those.all(|(number, d)| {
                let engine = d.engine.as_ref();
                let rests = engine.is_some_and(|e| e.me().is_some() && e.is_idle());
                rests || out.contains_key(&number)
            })
        };
        if !self.world.run(until, rested).await {
            check::explain(self);
            panic!("not everything came to rest");
        }
        // receipts and the like
        let until = self.world.now() + SOON;
        self.world.run(until, |_| false).await;
    }

    async fn load_all_history(&mut self) {
        for device in 0..self.world.devices.len() {
            if self.out.contains_key(&device) {
                continue;
            }
            let views = self.world.engine(device).conversations();
            for view in views {
                let conversation = view.conversation;
                for _ in 0..1_000 {
                    let page = self
                        .world
                        .engine(device)
                        .timeline(conversation, None, 1)
                        .unwrap();
                    if !page.older_on_server {
                        break;
                    }
                    self.world
                        .command(device, Command::LoadOlder { conversation })
                        .await;
                    let until = self.world.now() + SOON;
                    self.world.run(until, |w| w.engine(device).is_idle()).await;
                }
            }
        }
    }
}
