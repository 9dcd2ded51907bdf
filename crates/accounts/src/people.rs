//! People and leaf certificates.

use protocol::{
    limits::LOOKUP_MAX,
    methods::people::{Certificates, FindPeople, GetCertificates, GetPeople, People, Person},
};
use storage::{Reader, accounts::Account, search};

use crate::{Error, Service};

/// Longest query, in bytes.
const QUERY_MAX: usize = protocol::limits::NAME_BYTES_MAX;

impl Service {
    pub(crate) async fn do_find_people(&self, params: FindPeople) -> Result<People, Error> {
        if params.query.len() > QUERY_MAX {
            return Err(Error::BadRequest("the query is longer than a name can be"));
        }
        let limit = params.limit.min(LOOKUP_MAX as u32);
        let query = search::fold(params.query.trim());
        storage::read(self.storage(), move |reader| {
            let found = reader.find_accounts(&query, limit)?;
            let people = found.into_iter().map(|account| person(reader, &account));
            Ok(People {
                people: people.collect::<Result<_, Error>>()?,
            })
        })
        .await
    }

    pub(crate) async fn do_get_people(&self, params: GetPeople) -> Result<People, Error> {
        if params.members.len() > LOOKUP_MAX {
            return Err(Error::BadRequest("too many members in one request"));
        }
        storage::read(self.storage(), move |reader| {
            let mut people = Vec::new();
            for member in params.members {
                if let Some(account) = reader.account(member)? {
                    people.push((account.login_name.clone(), person(reader, &account)?));
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

fn person(reader: &dyn Reader, account: &Account) -> Result<Person, Error> {
    Ok(Person {
        member: account.member,
        certificates: reader.account_certificates(account.member)?,
        role: account.role,
        suspended: reader.is_suspended(account.member)?,
    })
}
