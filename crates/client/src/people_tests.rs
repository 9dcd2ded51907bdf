//! What the server alone says of somebody's earlier identities.
#![allow(clippy::unwrap_used)]

use e2ee::{
    identity::{AccountKey, Purpose, RootIdentity},
    signing::SigningKey,
};
use protocol::InstanceId;

use super::*;

const INSTANCE: InstanceId = InstanceId([1; 16]);
const THEM: MemberId = MemberId([2; 16]);

fn certificate(root: u8, generation: u32) -> AccountCertificate {
    let account = AccountKey::from_seed(&[root; 32], generation);
    let root = RootIdentity::from_seed(&[root; 32]);
    let made = root.certify(INSTANCE, THEM, "ben", "Ben", &account.public(), generation);
    made.unwrap()
}

/// People who were met when the server said that they had another identity before.
fn met() -> People {
    let (made_up, genuine) = (certificate(9, 1), certificate(3, 2));
    let mut people = People::default();
    let mut pin = Pin::first(&genuine, 0);
    pin.claim_roots(&[made_up.root, genuine.root]);
    people.pins.insert(THEM, pin);
    people.add_to_roster(THEM, vec![made_up, genuine], 0);
    people
}

#[test]
fn an_identity_that_the_server_alone_says_is_no_ground_to_join() {
    let people = met();
    assert!(people.of_before().certificate(THEM, 1).is_some());
    let now = 1_000 * GRACE_MS;
    let (to_judge, to_commit) = (people.to_judge(now), people.to_commit());
    let rosters: [&dyn Roster; 3] = [&people, &to_judge, &to_commit];
    for roster in rosters {
        assert_eq!(
            roster.certificate(THEM, 1),
            None,
            "a Welcome's tree, a commit"
        );
        assert!(roster.certificate(THEM, 2).is_some());
    }
}

#[test]
fn only_an_answer_to_what_was_asked_since_says_that_something_is_lacking() {
    let mut people = met();
    people.needs(THEM, 5);
    people.answered(THEM, 1); // to what was asked before
    assert!(!people.lacks(THEM, 5, 2));
    people.asked(THEM);
    people.needs(THEM, 6);
    people.answered(THEM, 3);
    assert!(people.lacks(THEM, 5, 4) && !people.lacks(THEM, 6, 4));
    assert!(!people.lacks(THEM, 5, 3 + LACKING_MS));
}

#[test]
fn what_was_taken_by_the_servers_word_ends_when_the_number_is_compared() {
    let mut people = met();
    let account = AccountKey::from_seed(&[9; 32], 1);
    let key = SigningKey::from_seed(&[7; 32]).public();
    let purpose = Purpose::Conversation;
    let leaf = LeafCertificate::issue(&account, INSTANCE, THEM, &key, 0, purpose);
    assert!(!people.is_given_up(&leaf));
    people.pins.get_mut(&THEM).unwrap().set_verified(true);
    people.trim_roster(THEM);
    assert!(people.is_given_up(&leaf));
    people.add_to_roster(THEM, vec![certificate(9, 1), certificate(3, 2)], 0);
    assert!(people.of_before().certificate(THEM, 1).is_none());
    assert!(people.of_before().certificate(THEM, 2).is_some());
}
