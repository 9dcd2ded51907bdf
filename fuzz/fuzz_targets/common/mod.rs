//! Two members in a direct conversation, for the targets that need one.

use std::collections::BTreeMap;

use e2ee::{
    identity::{AccountCertificate, AccountKey, RootIdentity},
    mls::{
        Change, CommitContext, Conversation, KeyPackage, NewKeyPackage, public::PublicConversation,
    },
    policy::{Departures, Policy},
};
use protocol::{ConversationId, DeviceId, Hash32, InstanceId, MemberId};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

pub const INSTANCE: InstanceId = InstanceId([1; 16]);
pub const CHAT: ConversationId = ConversationId([2; 16]);
pub const ALICE: MemberId = MemberId([3; 16]);
pub const BOB: MemberId = MemberId([4; 16]);
pub const NOW: u64 = 1_795_000_000_000;

/// After the first commit, with a second one prepared by the founder.
#[allow(dead_code)]
pub struct World {
    pub roster: BTreeMap<(MemberId, u32), AccountCertificate>,
    pub package: NewKeyPackage,
    pub alice: Conversation,
    pub server: PublicConversation,
    pub commit: Vec<u8>,
    /// The second member's way in.
    pub welcome: Vec<u8>,
}

pub fn world() -> World {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let mut roster = BTreeMap::new();
    let accounts = [ALICE, BOB].map(|id| {
        let root = RootIdentity::generate(&mut rng);
        let account = AccountKey::generate(&mut rng, 1);
        let certificate = root.certify(INSTANCE, id, "a", "A", &account.public(), 1);
        roster.insert((id, 1), certificate.expect("short names"));
        account
    });
    let policy = Policy::direct(INSTANCE, CHAT, ALICE, BOB);
    let founded = Conversation::found(&mut rng, &accounts[0], ALICE, &policy, NOW).expect("found");
    let server = PublicConversation::found(&founded.group_info, CHAT, INSTANCE, ALICE, &roster);
    let package = KeyPackage::generate(&mut rng, &accounts[1], INSTANCE, BOB, NOW, false);
    let package = package.expect("a key package");
    let add = Change {
        add: vec![(BOB, package.public.clone())],
        ..Change::default()
    };
    let context = CommitContext {
        seen_seq: 1,
        seen_hash: Hash32([5; 32]),
        vault_head: 1,
        device: DeviceId([6; 16]),
    };
    let alone = founded.conversation;
    let added = alone.prepare(&mut rng, &add, context, false, &roster, NOW);
    let added = added.expect("an addition");
    let nobody = Departures::default();
    let checked =
        server
            .expect("a foundation")
            .check_commit(&added.commit, ALICE, &roster, &nobody);
    let update = Change {
        update: Some(&accounts[0]),
        ..Change::default()
    };
    let alice = added.next;
    let welcome = added.welcomes.into_iter().next().expect("a newcomer").2;
    let updated = alice.prepare(&mut rng, &update, context, true, &roster, NOW);
    World {
        roster,
        package,
        server: checked.expect("an honest commit").next,
        commit: updated.expect("an update").commit,
        alice,
        welcome,
    }
}

/// Changes `bytes` as `data` says: pairs of a position (two bytes) and what to xor there.
#[allow(dead_code)]
pub fn changed(bytes: &[u8], data: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for step in data.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([step[0], step[1]])) % out.len();
        out[at] ^= step[2];
    }
    out
}
