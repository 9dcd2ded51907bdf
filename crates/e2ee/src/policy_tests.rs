//! The rights, case by case, and the policy's encoding.

use super::*;

const fn m(n: u8) -> MemberId {
    MemberId([n; 16])
}

const OWNER: MemberId = m(1);
const ADMIN: MemberId = m(2);
const PLAIN: MemberId = m(3);
const READER: MemberId = m(4);
const OTHER: MemberId = m(5);
const NEW: MemberId = m(6);

fn group() -> Policy {
    let mut policy = Policy::group(InstanceId([8; 16]), ConversationId([9; 16]), OWNER);
    policy.roles.insert(ADMIN, Role::GroupAdmin);
    policy.roles.insert(READER, Role::ReadOnly);
    policy
}

fn direct() -> Policy {
    Policy::direct(InstanceId([8; 16]), ConversationId([9; 16]), m(1), m(2))
}

fn set(roles: &[(MemberId, Option<Role>)]) -> CommitChange {
    let mut policy = group();
    for (member, role) in roles {
        match role {
            Some(role) => policy.roles.insert(*member, *role),
            None => policy.roles.remove(member),
        };
    }
    CommitChange {
        policy: Some(policy),
        ..CommitChange::default()
    }
}

fn adds(member: MemberId) -> CommitChange {
    CommitChange {
        added: vec![member],
        ..CommitChange::default()
    }
}

/// With the role dropped, as an honest client does.
fn removes(member: MemberId) -> CommitChange {
    let mut policy = group();
    let listed = policy.roles.remove(&member).is_some();
    CommitChange {
        removed: vec![member],
        policy: listed.then_some(policy),
        ..CommitChange::default()
    }
}

fn repairs(member: MemberId) -> CommitChange {
    CommitChange {
        added: vec![member],
        removed: vec![member],
        ..CommitChange::default()
    }
}

fn check(change: &CommitChange, author: MemberId) -> std::result::Result<(), RightsError> {
    check_change(&group(), change, author, &Departures::default())
}

test_everywhere! {
    fn everybody_updates_their_own_leaf() {
        let change = CommitChange { updated: true, ..CommitChange::default() };
        for author in [OWNER, ADMIN, PLAIN, READER] {
            assert_eq!(check(&change, author), Ok(()));
        }
    }

    fn admins_add_and_remove_others_do_not() {
        for author in [OWNER, ADMIN] {
            assert_eq!(check(&adds(NEW), author), Ok(()));
            assert_eq!(check(&removes(PLAIN), author), Ok(()));
            assert_eq!(check(&removes(READER), author), Ok(()));
        }
        for author in [PLAIN, READER, OTHER] {
            assert_eq!(check(&adds(NEW), author), Err(RightsError::Role));
            assert_eq!(check(&removes(OTHER), author), Err(RightsError::Role));
        }
        assert_eq!(check(&removes(OWNER), ADMIN), Err(RightsError::AboveSelf));
        assert_eq!(check(&removes(ADMIN), OWNER), Ok(()));
    }

    fn nobody_rises_above_themselves() {
        for (change, by_owner, by_admin) in [
            (set(&[(PLAIN, Some(Role::GroupAdmin))]), true, true),
            (set(&[(PLAIN, Some(Role::ReadOnly))]), true, true),
            (set(&[(READER, None)]), true, true),
            (set(&[(ADMIN, None)]), true, true),
            (set(&[(ADMIN, Some(Role::Owner))]), true, false),
            (set(&[(PLAIN, Some(Role::Owner))]), true, false),
            (set(&[(OWNER, None)]), true, false),
            (set(&[(OWNER, Some(Role::GroupAdmin))]), true, false),
        ] {
            assert_eq!(check(&change, OWNER).is_ok(), by_owner, "{change:?}");
            assert_eq!(check(&change, ADMIN).is_ok(), by_admin, "{change:?}");
            assert_eq!(check(&change, PLAIN), Err(RightsError::Role));
            assert_eq!(check(&change, READER), Err(RightsError::Role));
        }
    }

    fn an_added_member_gets_no_more_than_the_adder_has() {
        let mut change = set(&[(NEW, Some(Role::Owner))]);
        change.added = vec![NEW];
        assert_eq!(check(&change, OWNER), Ok(()));
        assert_eq!(check(&change, ADMIN), Err(RightsError::AboveSelf));
    }

    fn one_admin_always_remains_and_roles_go_with_their_members() {
        let last = set(&[(OWNER, None), (ADMIN, None)]);
        assert_eq!(check(&last, OWNER), Err(RightsError::NoAdmin));
        let stale = CommitChange { removed: vec![ADMIN], ..CommitChange::default() };
        assert_eq!(check(&stale, OWNER), Err(RightsError::Roles));
        let explicit = set(&[(PLAIN, Some(Role::Member))]);
        assert_eq!(check(&explicit, OWNER), Err(RightsError::Roles));
    }

    fn instance_conversation_kind_and_restart_stay() {
        type Turn = fn(&mut Policy);
        let turns: [Turn; 4] = [
            |p| p.instance = InstanceId([0; 16]),
            |p| p.conversation = ConversationId([0; 16]),
            |p| p.restart += 1,
            |p| *p = Policy { kind: Kind::Direct, ..p.clone() },
        ];
        for turn in turns {
            let mut policy = group();
            turn(&mut policy);
            let change = CommitChange { policy: Some(policy), ..CommitChange::default() };
            assert_eq!(check(&change, OWNER), Err(RightsError::Fixed));
        }
        let mut policy = group();
        (policy.history, policy.retention_s, policy.timer_s) = (History::All, 10, 7_200);
        let change = CommitChange { policy: Some(policy), ..CommitChange::default() };
        assert_eq!(check(&change, ADMIN), Ok(()));
        assert_eq!(check(&change, PLAIN), Err(RightsError::Role));
    }

    fn who_left_is_removed_by_anybody_and_nothing_else_with_it() {
        let left = Departures { left: vec![ADMIN, OTHER], successor: None };
        let check = |change: &CommitChange, author| check_change(&group(), change, author, &left);
        let mut both = removes(ADMIN);
        both.removed.push(OTHER);
        for author in [OWNER, PLAIN, READER] {
            assert_eq!(check(&both, author), Ok(()));
            assert_eq!(check(&removes(ADMIN), author), Err(RightsError::Departed), "the other one stays");
        }
        let mut roles = both.clone();
        roles.policy.as_mut().unwrap().roles.insert(PLAIN, Role::GroupAdmin);
        let mut more = both.clone();
        more.removed.push(READER);
        let mut other = both;
        other.added.push(m(77));
        for change in [roles, more, other, CommitChange::default()] {
            assert_eq!(check(&change, OWNER), Err(RightsError::Departed), "{change:?}");
        }
    }

    fn the_longest_standing_of_those_who_stay_and_write_follows() {
        let order = [READER, OTHER, PLAIN];
        assert_eq!(Departures::new(&group(), &order, &[]).successor, Some(OTHER));
        let left = Departures::new(&group(), &order, &[OTHER, m(99)]);
        assert_eq!((left.left, left.successor), (vec![OTHER], Some(PLAIN)));
        assert_eq!(Departures::new(&group(), &order, &[OTHER, PLAIN]).successor, Some(READER));
        assert_eq!(Departures::new(&group(), &order, &order).successor, None);
    }

    fn when_all_admins_left_the_successor_and_nobody_else_follows() {
        let gone = Departures { left: vec![OWNER, ADMIN], successor: Some(PLAIN) };
        let mut change = CommitChange { removed: vec![OWNER, ADMIN], ..CommitChange::default() };
        let tidy = tidied(&group(), &change, &gone);
        assert_eq!(tidy.role_of(PLAIN), Role::GroupAdmin);
        change.policy = Some(tidy.clone());
        for author in [PLAIN, READER, OTHER] {
            assert_eq!(check_change(&group(), &change, author, &gone), Ok(()));
        }
        let mut usurped = tidy;
        usurped.roles.remove(&PLAIN);
        usurped.roles.insert(OTHER, Role::GroupAdmin);
        change.policy = Some(usurped);
        assert_eq!(check_change(&group(), &change, OTHER, &gone), Err(RightsError::Departed));
        // No successor while an admin remains.
        let one = Departures { left: vec![ADMIN], successor: Some(PLAIN) };
        assert_eq!(tidied(&group(), &removes(ADMIN), &one).role_of(PLAIN), Role::Member);
    }

    fn repairs_are_for_all_who_may_write() {
        for member in [OWNER, PLAIN, READER] {
            for author in [OWNER, ADMIN, OTHER] {
                assert_eq!(check(&repairs(member), author), Ok(()));
            }
            assert_eq!(check(&repairs(member), READER), Err(RightsError::Role));
        }
        let mut raised = repairs(PLAIN);
        raised.policy = set(&[(PLAIN, Some(Role::GroupAdmin))]).policy;
        assert_eq!(check(&raised, OTHER), Err(RightsError::Role));
    }

    fn direct_conversations_stay_as_they_are() {
        let check = |change: &CommitChange| check_change(&direct(), change, m(1), &Departures { left: vec![m(2)], successor: None });
        assert_eq!(check(&adds(m(2))), Ok(()), "the second of the two, in epoch 0");
        assert_eq!(check(&repairs(m(2))), Ok(()));
        assert_eq!(check(&adds(m(3))), Err(RightsError::Direct));
        let remove = CommitChange { removed: vec![m(2)], ..CommitChange::default() };
        assert_eq!(check(&remove), Err(RightsError::Direct));
        let mut policy = direct();
        policy.timer_s = 3600;
        assert_eq!(check(&CommitChange { policy: Some(policy.clone()), ..CommitChange::default() }), Ok(()));
        policy.roles = BTreeMap::from([(m(1), Role::GroupAdmin), (m(3), Role::GroupAdmin)]);
        let change = CommitChange { policy: Some(policy), ..CommitChange::default() };
        assert_eq!(check(&change), Err(RightsError::Direct));
    }

    fn in_a_group_for_announcements_only_admins_write() {
        let mut policy = group();
        assert!(policy.may_write(PLAIN) && policy.may_write(ADMIN) && !policy.may_write(READER));
        policy.announcements = true;
        assert!(!policy.may_write(PLAIN) && policy.may_write(ADMIN) && policy.may_write(OWNER));
        assert_eq!(Policy { announcements: true, ..direct() }.check(), Err(RightsError::Direct));
    }

    fn policies_come_back_and_only_one_encoding_is_read() {
        let announcements = Policy { announcements: true, ..group() };
        for policy in [group(), direct(), announcements] {
            let bytes = policy.encode();
            assert_eq!(Policy::decode(&bytes).unwrap(), policy);
            for len in 0..bytes.len() {
                assert!(Policy::decode(&bytes[..len]).is_err());
            }
        }
        let mut twisted = group();
        twisted.roles = BTreeMap::from([(PLAIN, Role::ReadOnly)]);
        assert!(Policy::decode(&twisted.encode()).is_err(), "no admin");
        twisted.roles = BTreeMap::from([(OWNER, Role::Owner), (PLAIN, Role::Member)]);
        assert!(Policy::decode(&twisted.encode()).is_err(), "a listed plain member");
        let mut three = direct();
        three.roles.insert(m(3), Role::GroupAdmin);
        assert!(Policy::decode(&three.encode()).is_err());
        let same = Policy::direct(InstanceId([8; 16]), ConversationId([9; 16]), m(1), m(1));
        assert_eq!(same.check(), Err(RightsError::Direct));
        let mut large = group();
        for n in 0..2000u32 {
            let mut id = [7; 16];
            id[..4].copy_from_slice(&n.to_be_bytes());
            large.roles.insert(MemberId(id), Role::ReadOnly);
        }
        assert_eq!(Policy::decode(&large.encode()), Err(Error::TooLong("policy")));
    }

    fn roles_out_of_order_or_twice_are_refused() {
        let encode = |members: &[MemberId]| {
            let p = group();
            to_msgpack(&Wire {
                v: VERSION, instance: p.instance, conversation: p.conversation, kind: p.kind, restart: 0,
                history: p.history, retention_s: 0, timer_s: 0,
                announcements: false,
                roles: members.iter().map(|&member| Entry { member, role: Role::Owner }).collect(),
            })
        };
        assert!(Policy::decode(&encode(&[m(1), m(2)])).is_ok());
        assert!(Policy::decode(&encode(&[m(2), m(1)])).is_err());
        assert!(Policy::decode(&encode(&[m(1), m(1)])).is_err());
    }
}

#[cfg(not(target_arch = "wasm32"))]
proptest::proptest! {
    #[test]
    fn any_bytes_can_be_offered(bytes: Vec<u8>) {
        if let Ok(policy) = Policy::decode(&bytes) {
            proptest::prop_assert_eq!(Policy::decode(&policy.encode()).unwrap(), policy);
        }
    }

    #[test]
    fn no_role_can_be_raised_above_the_authors_own(
        author in 1u8..6, member in 1u8..7, role in proptest::option::of(0usize..4),
    ) {
        let role = role.map(|r| [Role::ReadOnly, Role::Member, Role::GroupAdmin, Role::Owner][r]);
        let change = set(&[(m(member), role)]);
        if check(&change, m(author)).is_ok() {
            let (before, after) = (group(), change.policy.unwrap());
            let own = before.role_of(m(author));
            proptest::prop_assert!(before == after || own >= Role::GroupAdmin);
            for (member, role) in &after.roles {
                proptest::prop_assert!(*role <= own || before.roles.get(member) == Some(role));
            }
        }
    }
}
