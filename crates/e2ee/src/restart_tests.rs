//! Who may found a conversation anew, and with whom.

use std::collections::BTreeMap;

use protocol::{ConversationId, InstanceId};

use super::*;
use crate::policy::History;

const ME: MemberId = MemberId([1; 16]);
const BEN: MemberId = MemberId([2; 16]);
const CARLA: MemberId = MemberId([3; 16]);
const DORA: MemberId = MemberId([4; 16]);

fn group(members: &[MemberId], roles: &[(MemberId, Role)]) -> Standing {
    let policy = Policy::group(InstanceId([1; 16]), ConversationId([2; 16]), ME);
    Standing {
        policy: Policy {
            roles: roles.iter().copied().collect(),
            history: History::All,
            ..policy
        },
        members: members.to_vec(),
    }
}

fn anew(by: MemberId, offender: Option<MemberId>) -> Anew<'static> {
    Anew {
        by,
        reason: Reason::Complaint,
        offender,
        left: &[],
    }
}

test_everywhere! {
    fn who_made_the_commit_goes_and_everybody_else_stays() {
        let roles = [(ME, Role::Owner), (BEN, Role::GroupAdmin)];
        let before = group(&[ME, BEN, CARLA], &roles);
        let after = group(&[ME, BEN, CARLA, DORA], &roles);
        let anew = anew(ME, Some(BEN));
        assert_eq!(who_stays(&before, &after, &anew), [ME, CARLA], "newcomers are added again");
        let mut new = group(&[CARLA, ME], &[(ME, Role::Owner)]);
        new.policy.restart = 1;
        assert_eq!(check_restart(&before, &after, &anew, &new), Ok(vec![]));
        for members in [&[CARLA][..], &[ME, CARLA, BEN], &[ME, CARLA, DORA]] {
            let new = Standing { members: members.to_vec(), ..new.clone() };
            assert_eq!(check_restart(&before, &after, &anew, &new), Err(RightsError::Fixed));
        }
        let mut other = new.clone();
        other.policy.history = History::SinceJoined;
        assert_eq!(check_restart(&before, &after, &anew, &other), Err(RightsError::Fixed));
        let mut raised = new.clone();
        raised.policy.roles.insert(CARLA, Role::GroupAdmin);
        assert_eq!(check_restart(&before, &after, &anew, &raised), Err(RightsError::Fixed));
        let mut again = new;
        again.policy.restart = 0;
        assert_eq!(check_restart(&before, &after, &anew, &again), Err(RightsError::Fixed));
    }

    fn nobody_puts_out_somebody_above_themselves() {
        let roles = [(ME, Role::Owner), (BEN, Role::GroupAdmin), (CARLA, Role::GroupAdmin)];
        let before = group(&[ME, BEN, CARLA], &roles);
        assert_eq!(who_stays(&before, &before, &anew(BEN, Some(ME))), [ME, BEN, CARLA]);
        assert_eq!(who_stays(&before, &before, &anew(BEN, Some(CARLA))), [ME, BEN]);
        assert_eq!(who_stays(&before, &before, &anew(BEN, Some(BEN))), [ME, BEN, CARLA]);
        assert_eq!(who_stays(&before, &before, &anew(BEN, None)), [ME, BEN, CARLA]);
    }

    fn only_admins_of_then_and_now_restart() {
        let before = group(&[ME, BEN, CARLA], &[(ME, Role::Owner), (BEN, Role::GroupAdmin)]);
        assert_eq!(may_restart(&before, &before, BEN), Ok(()));
        assert_eq!(may_restart(&before, &before, CARLA), Err(RightsError::Role));
        let lowered = group(&[ME, BEN, CARLA], &[(ME, Role::Owner)]);
        assert_eq!(may_restart(&before, &lowered, BEN), Err(RightsError::Role));
        assert_eq!(may_restart(&lowered, &before, BEN), Err(RightsError::Role));
        let removed = Standing { members: vec![ME, CARLA], ..before.clone() };
        assert_eq!(may_restart(&before, &removed, BEN), Err(RightsError::Role));
        assert_eq!(may_restart(&removed, &before, BEN), Err(RightsError::Role));
    }

    fn who_has_left_does_not_come_back() {
        let before = group(&[ME, BEN, CARLA], &[(ME, Role::Owner)]);
        let anew = Anew { left: &[CARLA], ..anew(ME, None) };
        assert_eq!(who_stays(&before, &before, &anew), [ME, BEN]);
    }

    fn in_a_direct_conversation_both_stay() {
        let policy = Policy::direct(InstanceId([1; 16]), ConversationId([2; 16]), ME, BEN);
        let both = Standing { policy, members: vec![ME, BEN] };
        let anew = Anew { left: &[BEN], ..anew(ME, Some(BEN)) };
        assert_eq!(who_stays(&both, &both, &anew), [ME, BEN]);
        let mut new = both.clone();
        new.policy.restart = 1;
        assert_eq!(check_restart(&both, &both, &anew, &new), Ok(vec![]));
        new.members = vec![ME];
        assert_eq!(check_restart(&both, &both, &anew, &new), Err(RightsError::Fixed), "nobody is left out");
    }

    fn what_was_taken_or_made_up_does_not_count() {
        let roles = |ben, carla| [(ME, Role::Owner), (BEN, ben), (CARLA, carla)];
        let all = [ME, BEN, CARLA];
        let before = group(&all, &roles(Role::Owner, Role::GroupAdmin));
        let after = group(&all, &roles(Role::GroupAdmin, Role::Owner));
        let policy = new_policy(&before.policy, &after.policy, ME, &all);
        let lower = roles(Role::GroupAdmin, Role::GroupAdmin);
        assert_eq!(policy.roles, lower.into_iter().collect());
        // who was an owner, and is none any more, puts out no owner who complains of nothing
        assert_eq!(who_stays(&before, &after, &anew(BEN, Some(ME))), all);
        let mut demoted = group(&all, &roles(Role::GroupAdmin, Role::ReadOnly));
        demoted.policy.restart = 1;
        let mut old = demoted.clone();
        old.policy.roles = before.policy.roles.clone();
        let lowered = group(&all, &roles(Role::GroupAdmin, Role::ReadOnly));
        assert_eq!(check_restart(&before, &lowered, &anew(BEN, None), &demoted), Ok(vec![]));
        assert_eq!(check_restart(&before, &lowered, &anew(BEN, None), &old), Err(RightsError::Fixed));
    }

    fn no_admin_undoes_what_an_owner_gave_or_handed_over() {
        let all = [ME, BEN, CARLA];
        let admin = (BEN, Role::GroupAdmin);
        let before = group(&all, &[(ME, Role::Owner), admin]);
        for after in [
            vec![(ME, Role::Owner), admin, (CARLA, Role::Owner)], // a promotion
            vec![admin, (CARLA, Role::Owner)], // handed over
            vec![(ME, Role::GroupAdmin), admin, (CARLA, Role::Owner)],
        ] {
            let current = group(&all, &after);
            let policy = new_policy(&before.policy, &current.policy, BEN, &all);
            assert_eq!(policy.roles, after.into_iter().collect());
            let mut new = Standing { policy, members: all.to_vec() };
            assert_eq!(check_restart(&before, &current, &anew(BEN, Some(ME)), &new), Ok(vec![]));
            new.policy.roles.remove(&CARLA);
            let refused = check_restart(&before, &current, &anew(BEN, Some(ME)), &new);
            assert_eq!(refused, Err(RightsError::Fixed));
        }
        // to somebody who came since: whoever goes back before that leaves the group without its owner
        let current = group(&[ME, BEN, CARLA, DORA], &[admin, (DORA, Role::Owner)]);
        assert_eq!(may_restart(&before, &current, BEN), Err(RightsError::Role));
        assert_eq!(may_restart(&current, &current, BEN), Ok(()));
    }

    fn for_want_of_a_key_package_nobody_is_left_out_above_oneself() {
        let before = group(&[ME, BEN, CARLA], &[(ME, Role::Owner), (BEN, Role::GroupAdmin)]);
        let without = |by: MemberId, members: &[MemberId]| {
            left_out(&before, &before, &anew(by, None), members)
        };
        assert_eq!(without(ME, &[ME, CARLA]), Ok(vec![BEN]));
        assert_eq!(without(ME, &[ME]), Ok(vec![BEN, CARLA]));
        assert_eq!(without(BEN, &[ME, BEN]), Ok(vec![CARLA]));
        assert_eq!(without(BEN, &[BEN, CARLA]), Err(RightsError::Fixed), "the owner waits for nobody's package");
        assert_eq!(without(BEN, &[ME, CARLA]), Err(RightsError::Fixed), "the founder is in it");
        assert_eq!(without(BEN, &[ME, BEN, CARLA, DORA]), Err(RightsError::Fixed));
    }

    fn a26_for_the_suites_sake_everybody_is_taken_along_and_only_upward() {
        let roles = [(ME, Role::Owner), (BEN, Role::GroupAdmin)];
        let before = group(&[ME, BEN, CARLA, DORA], &roles);
        let over = Anew { reason: Reason::Suite, left: &[DORA], ..anew(ME, None) };
        let with = |members: &[MemberId]| left_out(&before, &before, &over, members);
        assert_eq!(with(&[ME, BEN, CARLA]), Ok(vec![]));
        assert_eq!(with(&[ME, BEN]), Err(RightsError::Fixed), "who has an old app is waited for");
        assert_eq!(with(&[ME, BEN, CARLA, DORA]), Err(RightsError::Fixed), "who has left stays out");
        let may = |reason| [(1, 2), (1, 1), (2, 1)].map(|(from, to)| may_go_over(reason, from, to));
        assert_eq!(may(Reason::Suite), [true, false, false]);
        assert_eq!(may(Reason::Complaint), [true, true, false]);
    }

    fn what_a_commit_says_gives_how_it_stands_after_it() {
        let before = group(&[ME, BEN, CARLA], &[(ME, Role::Owner), (BEN, Role::GroupAdmin)]);
        let change = CommitChange {
            added: vec![DORA, CARLA],
            removed: vec![BEN, CARLA],
            ..CommitChange::default()
        };
        let after = before.after(&change, &[(ME, Role::Member), (CARLA, Role::ReadOnly)]);
        assert_eq!(after.members, [ME, CARLA, DORA]);
        assert_eq!(after.policy.roles, BTreeMap::from([(CARLA, Role::ReadOnly)]));
    }
}
