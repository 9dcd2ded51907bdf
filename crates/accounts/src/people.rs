//! People and leaf certificates.

use protocol::{
    MemberId,
    limits::LOOKUP_MAX,
    methods::{
        account::OrganisationRole,
        people::{Certificates, FindPeople, GetCertificates, GetPeople, People, Person, ResetMark},
    },
};
use storage::{Reader, accounts::Account, search};

use crate::{Error, Service, forgotten};

/// Longest query, in bytes.
const QUERY_MAX: usize = protocol::limits::NAME_BYTES_MAX;

impl Service {
    pub(crate) async fn do_find_people(
        &self,
        asks: MemberId,
        params: FindPeople,
    ) -> Result<People, Error> {
        if params.query.len() > QUERY_MAX {
            return Err(Error::BadRequest("the query is longer than a name can be"));
        }
        let limit = params.limit.min(LOOKUP_MAX as u32);
        let query = search::fold(params.query.trim());
        let now = self.now();
        storage::read(self.storage(), move |reader| {
            let admin = is_admin(reader, asks)?;
            let found = reader.find_accounts(&query, limit)?;
            let people = found.into_iter().map(|account| {
                let seen_by_admin = admin.then_some(now);
                person(reader, &account, seen_by_admin)
            });
            Ok(People {
                people: people.collect::<Result<_, Error>>()?,
            })
        })
        .await
    }

    pub(crate) async fn do_get_people(
        &self,
        asks: MemberId,
        params: GetPeople,
    ) -> Result<People, Error> {
        if params.members.len() > LOOKUP_MAX {
            return Err(Error::BadRequest("too many members in one request"));
        }
        let now = self.now();
        storage::read(self.storage(), move |reader| {
            let admin = is_admin(reader, asks)?.then_some(now);
            let mut people = Vec::new();
            for member in params.members {
                if let Some(account) = reader.account(member)? {
                    people.push((account.login_name.clone(), person(reader, &account, admin)?));
                }
            }
            people.sort_by(|a, b| a.0.cmp(&b.0));
            people.dedup_by(|a, b| a.1.member == b.1.member);
            Ok(People {
                people: people.into_iter().map(|(_, person)| person).collect(),
            })
        })
        .await
    }

    pub(crate) async fn do_certificates(
        &self,
        params: GetCertificates,
    ) -> Result<Certificates, Error> {
        if params.names.len() > LOOKUP_MAX {
            return Err(Error::BadRequest("too many names in one request"));
        }
        storage::read(self.storage(), move |reader| {
            let mut certificates = Vec::new();
            for name in params.names {
                certificates.extend(reader.leaf_certificate(name)?);
            }
            Ok(Certificates { certificates })
        })
        .await
    }
}

fn is_admin(reader: &dyn Reader, member: MemberId) -> Result<bool, Error> {
    let account = reader.account(member)?;
    Ok(account.is_some_and(|account| account.role == OrganisationRole::Admin))
}

/// `admin`: the time, where an admin asks.
fn person(reader: &dyn Reader, account: &Account, admin: Option<u64>) -> Result<Person, Error> {
    let reset = reader.reset_of(account.member)?;
    let forgotten = admin.map(|now| forgotten::told(reader, account.member, now));
    Ok(Person {
        successions: reader.successions(account.member)?,
        reset: reset.map(|(by, at)| ResetMark { by, at }),
        forgotten: forgotten.transpose()?.flatten(),
        member: account.member,
        certificates: reader.account_certificates(account.member)?,
        role: account.role,
        suspended: reader.is_suspended(account.member)?,
    })
}
