//! Suspending members, closing accounts.

use protocol::methods::{
    Done,
    account::OrganisationRole,
    own_account::CloseAccount,
    people::{CloseAccountOf, GetPeople, People, Person, SetOrganisationRole, Suspend},
};

use super::{
    cases::{Case, reply, request},
    samples as s,
};

pub fn cases() -> Vec<Case> {
    let suspended = Person {
        member: s::id(2),
        certificates: vec![s::bytes(2, 75)],
        role: OrganisationRole::Member,
        suspended: true,
        successions: vec![],
        reset: None,
        forgotten: None,
    };
    vec![
        request(
            "",
            CloseAccount {
                attempt: 5,
                ke3: s::bytes(0x27, 64),
            },
        ),
        reply::<CloseAccount>("", Done {}),
        request("", CloseAccountOf { member: s::id(2) }),
        reply::<CloseAccountOf>("", Done {}),
        request(
            "",
            Suspend {
                member: s::id(2),
                suspended: true,
            },
        ),
        reply::<Suspend>("", Done {}),
        request(
            "",
            SetOrganisationRole {
                member: s::id(2),
                role: OrganisationRole::Admin,
            },
        ),
        reply::<SetOrganisationRole>("", Done {}),
        reply::<GetPeople>(
            "-suspended",
            People {
                people: vec![suspended],
            },
        ),
    ]
}
