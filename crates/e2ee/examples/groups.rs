//! What single acts in groups cost a member's device, and what they put on the wire: `cargo run --profile fast --package e2ee
//! --example groups [members…]`, and in Chromium by `cargo xtask lighthouse`. Prints a table; each time is the median of several.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "prints what it measures by the machine's own clock, and ends when something fails"
)]

use std::collections::BTreeMap;

use e2ee::{
    identity::{AccountCertificate, AccountKey, RootIdentity, Roster},
    mls::{
        Anchor, Change, CommitContext, Conversation, Expected, KeyPackage, NewKeyPackage, Prepared,
        public::PublicConversation,
    },
    policy::{Departures, Policy},
};
use protocol::{ConversationId, DeviceId, Hash32, InstanceId, MemberId};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

const NOW: u64 = 1_790_000_000_000;
const INSTANCE: InstanceId = InstanceId([1; 16]);
const CHAT: ConversationId = ConversationId([2; 16]);
/// Members added by one commit, as the client does.
const AT_ONCE: usize = 50;
const ROUNDS: usize = 5;

/// Milliseconds, and the lines: of the process, or of the browser's page.
#[cfg(not(target_arch = "wasm32"))]
mod host {
    use std::{sync::LazyLock, time::Instant};

    static BEGUN: LazyLock<Instant> = LazyLock::new(Instant::now);

    pub fn now() -> f64 {
        BEGUN.elapsed().as_secs_f64() * 1000.0
    }

    pub fn log(line: &str) {
        println!("{line}");
    }
}

#[cfg(target_arch = "wasm32")]
mod host {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = performance)]
        pub fn now() -> f64;
        #[wasm_bindgen(js_namespace = console)]
        pub fn log(line: &str);
    }
}

struct Known(BTreeMap<MemberId, AccountCertificate>);

impl Roster for Known {
    fn certificate(&self, member: MemberId, _: u32) -> Option<AccountCertificate> {
        self.0.get(&member).cloned()
    }

    fn newest_generation(&self, member: MemberId) -> Option<u32> {
        self.0.get(&member).map(|known| known.generation)
    }
}

struct World {
    rng: ChaCha20Rng,
    accounts: Vec<AccountKey>,
    ids: Vec<MemberId>,
    known: Known,
}

impl World {
    fn new(members: usize) -> Self {
        let mut world = Self {
            rng: ChaCha20Rng::seed_from_u64(7),
            accounts: Vec::new(),
            ids: Vec::new(),
            known: Known(BTreeMap::new()),
        };
        for n in 1..=members as u64 {
            let mut id = [0; 16];
            id[8..].copy_from_slice(&n.to_be_bytes());
            let root = RootIdentity::generate(&mut world.rng);
            let account = AccountKey::generate(&mut world.rng, 1);
            let public = account.public();
            let certified = root.certify(INSTANCE, MemberId(id), "login", "Name", &public, 1);
            world.known.0.insert(MemberId(id), certified.unwrap());
            world.accounts.push(account);
            world.ids.push(MemberId(id));
        }
        world
    }

    fn package(&mut self, n: usize) -> NewKeyPackage {
        let (account, id) = (&self.accounts[n], self.ids[n]);
        KeyPackage::generate(&mut self.rng, account, INSTANCE, id, NOW, false).unwrap()
    }

    fn prepare(&mut self, from: &Conversation, change: &Change<'_>, link: bool) -> Prepared {
        let context = CommitContext {
            seen_seq: 9,
            seen_hash: Hash32([9; 32]),
            vault_head: 9,
            device: DeviceId([9; 16]),
        };
        let rng = &mut self.rng;
        let made = from.prepare(rng, change, context, link, &self.known, NOW);
        made.unwrap()
    }
}

/// Milliseconds, the median of several, and what came of the last.
fn median<T>(mut act: impl FnMut() -> T) -> (f64, T) {
    let mut times = Vec::new();
    let mut last = None;
    for _ in 0..ROUNDS {
        let begun = host::now();
        last = Some(act());
        times.push(host::now() - begun);
    }
    times.sort_by(f64::total_cmp);
    (times[ROUNDS / 2], last.unwrap())
}

fn record(of: &Conversation) -> Vec<u8> {
    let anchor = Anchor {
        seq: 9,
        transcript: Hash32([9; 32]),
        log_epoch: of.epoch(),
        log_restart: of.restart(),
    };
    of.record_at(anchor).to_vec()
}

/// All that the author sends: commit, Welcomes, link, and the new state for the vault.
fn size(prepared: &Prepared) -> usize {
    let welcomes = prepared.welcomes.iter();
    let welcomes: usize = welcomes.map(|(_, _, welcome)| welcome.len()).sum();
    let link = prepared.link.as_ref().map_or(0, Vec::len);
    prepared.commit.len() + welcomes + link + record(&prepared.next).len()
}

#[allow(clippy::cast_precision_loss, reason = "a few megabytes")]
fn row(members: usize, what: &str, ms: f64, bytes: usize) {
    let kb = bytes as f64 / 1024.0;
    host::log(&format!("| {members} | {what} | {ms:.1} | {kb:.1} |"));
}

/// The founder, somebody who was added first, and the server.
fn group(world: &mut World, members: usize) -> (Conversation, Conversation, PublicConversation) {
    let author = world.ids[0];
    let policy = Policy::group(INSTANCE, CHAT, author);
    let account = world.accounts[0].clone();
    let founded = Conversation::found(&mut world.rng, &account, author, &policy, NOW).unwrap();
    let info = &founded.group_info;
    let mut server = PublicConversation::found(info, CHAT, INSTANCE, author, &world.known).unwrap();
    let mut anna = founded.conversation;
    let mut ben: Option<Conversation> = None;
    let nobody = Departures::default();
    let (mut whole, mut sent) = (0.0, 0);
    let mut next = 1;
    while next < members {
        let end = members.min(next + AT_ONCE);
        let packages: Vec<_> = (next..end).map(|n| world.package(n)).collect();
        let add = (next..end).zip(&packages);
        let add = add.map(|(n, p)| (world.ids[n], p.public.clone())).collect();
        let change = Change {
            add,
            ..Change::default()
        };
        let begun = host::now();
        let made = world.prepare(&anna, &change, false);
        whole += host::now() - begun;
        sent += size(&made);
        let (commit, known) = (&made.commit, &world.known);
        server = server
            .check_commit(commit, author, known, &nobody)
            .unwrap()
            .next;
        ben = match ben {
            Some(ben) => ben.process(commit, author, known, &nobody).unwrap().next,
            None => {
                let expected = Expected {
                    instance: INSTANCE,
                    conversation: CHAT,
                    restart: 0,
                    me: world.ids[next],
                };
                let (welcome, tree) = (&made.welcomes[0].2, made.next.tree().unwrap());
                let joined =
                    Conversation::join(welcome, &tree, &packages[0].record, expected, known);
                Some(joined.unwrap())
            }
        };
        anna = made.next;
        next = end;
    }
    row(
        members,
        "make the group, 50 members at a time (all)",
        whole,
        sent,
    );
    (anna, ben.unwrap(), server)
}

fn measure(members: usize) {
    let mut world = World::new(members + 1);
    let (anna, ben, server) = group(&mut world, members);
    let founder = world.accounts[0].clone();
    let package = world.package(members);
    let changes = [
        (
            "add one",
            false,
            Change {
                add: vec![(world.ids[members], package.public.clone())],
                ..Change::default()
            },
        ),
        (
            "remove one",
            true,
            Change {
                remove: vec![world.ids[members - 1]],
                ..Change::default()
            },
        ),
        (
            "new keys",
            true,
            Change {
                update: Some(&founder),
                ..Change::default()
            },
        ),
    ];
    let nobody = Departures::default();
    let author = world.ids[0];
    for (what, link, change) in &changes {
        let (ms, made) = median(|| world.prepare(&anna, change, *link));
        row(members, what, ms, size(&made));
        let (commit, known) = (&made.commit, &world.known);
        let (ms, _) = median(|| ben.process(commit, author, known, &nobody).unwrap());
        row(members, &format!("{what}: follow"), ms, commit.len());
        let (ms, _) = median(|| server.check_commit(commit, author, known, &nobody).unwrap());
        row(
            members,
            &format!("{what}: the server's check"),
            ms,
            commit.len(),
        );
    }
    let (record, tree) = (record(&anna), anna.tree().unwrap());
    let (ms, _) = median(|| Conversation::restore_at(&record, &tree).unwrap());
    row(
        members,
        "open on a fresh device",
        ms,
        record.len() + tree.len(),
    );
}

fn main() {
    let sizes = std::env::args().skip(1);
    let sizes: Vec<usize> = sizes.filter_map(|n| n.parse().ok()).collect();
    host::log("| members | act | ms | KB |\n| --- | --- | --- | --- |");
    let default = [10, 100, 1000];
    for members in if sizes.is_empty() {
        &default[..]
    } else {
        &sizes
    } {
        measure(*members);
    }
}
