//! Policies and the rights: one encoding, and nobody gets a role above the author's own.
#![no_main]

use e2ee::policy::{CommitChange, Departures, Policy, Role, check_change};
use libfuzzer_sys::fuzz_target;
use protocol::MemberId;

fuzz_target!(|data: &[u8]| {
    let Ok(policy) = Policy::decode(data) else {
        return;
    };
    policy.check().expect("only such are read");
    let again = Policy::decode(&policy.encode()).expect("what was written");
    assert_eq!(again, policy);
    let before = Policy::group(policy.instance, policy.conversation, MemberId([1; 16]));
    let change = CommitChange {
        policy: Some(policy.clone()),
        ..CommitChange::default()
    };
    for author in [MemberId([1; 16]), MemberId([2; 16])] {
        let allowed = check_change(&before, &change, author, &Departures::default()).is_ok();
        assert!(!allowed || before == policy || before.role_of(author) >= Role::GroupAdmin);
    }
});
