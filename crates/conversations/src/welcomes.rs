//! Welcomes: exactly one for each newcomer, made for the key package that it names.

use std::collections::BTreeMap;

use e2ee::mls::public::welcome_references;
use protocol::{Hash32, MemberId, limits::COMMIT_BYTES_MAX, methods::conversations::NewWelcome};
use storage::{UnitOfWork, conversations::PendingWelcome};

use crate::Error;

/// Checks that `welcomes` are for who is added, by which key packages, and for nobody else.
pub(crate) fn check(welcomes: &[NewWelcome], added: &[(MemberId, Hash32)]) -> Result<(), Error> {
    let refused = |why: &str| Err(Error::CommitRefused(why.to_owned()));
    let by_member: BTreeMap<MemberId, &NewWelcome> =
        welcomes.iter().map(|new| (new.member, new)).collect();
    if by_member.len() != welcomes.len() || welcomes.len() != added.len() {
        return refused("there is one Welcome for each member who is added");
    }
    for (member, package) in added {
        let Some(new) = by_member.get(member) else {
            return refused("a member who is added has no Welcome");
        };
        if new.welcome.len() > COMMIT_BYTES_MAX {
            return Err(Error::TooLarge("a Welcome"));
        }
        if new.key_package != *package {
            return refused("a member is added by another key package than the request says");
        }
        let references = welcome_references(&new.welcome)
            .map_err(|error| Error::CommitRefused(error.to_string()))?;
        if !references.contains(&new.key_package) {
            return refused("a Welcome is for another key package than the request says");
        }
    }
    Ok(())
}

/// Keeps Welcomes until their members have joined. Their key packages must have been claimed, and are used up: who
/// repeats an accepted request is answered before it comes to this.
pub(crate) fn put(
    unit: &mut dyn UnitOfWork,
    id: protocol::ConversationId,
    welcomes: &[NewWelcome],
    (epoch, seq, transcript): (u64, u64, Hash32),
) -> Result<(), Error> {
    for new in welcomes {
        if !unit.spend_key_package(new.member, new.key_package)? {
            return Err(Error::KeyPackageInvalid);
        }
        unit.put_welcome(
            id,
            &PendingWelcome {
                member: new.member,
                key_package: new.key_package,
                welcome: new.welcome.clone(),
                epoch,
                seq,
                transcript,
            },
        )?;
    }
    Ok(())
}
