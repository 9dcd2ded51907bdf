//! Nobody did what their role did not allow: judged from the log alone, by rules written down here once more, so that a mistake in
//! those that server and clients share is seen.

use std::collections::{BTreeMap, BTreeSet};

use e2ee::{mls::CommitData, policy::Role};
use protocol::{
    ConversationId, MemberId,
    methods::conversations::{Entry, kind},
};

use crate::play::Play;

/// What a group's log says of rights, up to some entry.
#[derive(Default)]
struct Rights {
    roles: BTreeMap<MemberId, Role>,
    announcements: bool,
}

impl Rights {
    fn of(&self, member: MemberId) -> Role {
        self.roles.get(&member).copied().unwrap_or_default()
    }
}

/// Goes through the log of every group, up to where it was founded anew: from there on roles follow from two trees.
pub(super) async fn are_never_overstepped(play: &Play) {
    for id in groups(play) {
        let entries = super::entries(play, id).await;
        let mut rights = Rights::default();
        for entry in entries.iter().take_while(|entry| entry.restart == 0) {
            match entry.kind {
                kind::MESSAGE => may_write(entry, &rights),
                kind::COMMIT => may_change(entry, &mut rights),
                _ => {}
            }
        }
    }
}

fn groups(play: &Play) -> BTreeSet<ConversationId> {
    let devices = 0..play.world.devices.len();
    let engines = devices.filter(|number| !play.out.contains_key(number));
    let rows = engines.flat_map(|number| play.world.engine(number).conversations());
    rows.filter(|row| !row.direct)
        .map(|row| row.conversation)
        .collect()
}

fn may_write(entry: &Entry, rights: &Rights) {
    let least = match rights.announcements {
        true => Role::GroupAdmin,
        false => Role::Member,
    };
    let role = rights.of(entry.sender);
    assert!(
        role >= least,
        "a {role:?} wrote {} in {}",
        entry.seq,
        entry.conversation
    );
}

fn may_change(entry: &Entry, rights: &mut Rights) {
    let (_, data) = CommitData::peek(entry.body.as_ref().unwrap()).unwrap();
    let said = data.said;
    if entry.epoch == 0 {
        rights.roles.insert(entry.sender, Role::Owner);
    }
    let own = rights.of(entry.sender);
    let place = (entry.conversation, entry.seq);
    let repaired = |m: &MemberId| said.added.contains(m) && said.removed.contains(m);
    if !said.left {
        let governs = said.added.iter().any(|m| !repaired(m))
            || said.removed.iter().any(|m| !repaired(m))
            || said.announcements.is_some()
            || said.history.is_some()
            || said.timer_s.is_some()
            || !said.roles.is_empty();
        assert!(
            !governs || own >= Role::GroupAdmin,
            "a {own:?} governs: {said:?} at {place:?}"
        );
        for member in said.removed.iter().filter(|m| !repaired(m)) {
            assert!(rights.of(*member) <= own, "{said:?} at {place:?}");
        }
        for (member, role) in &said.roles {
            let higher = rights.of(*member).max(*role);
            assert!(higher <= own, "{said:?} by a {own:?} at {place:?}");
        }
        assert!(
            said.removed.is_empty() || own >= Role::Member,
            "a {own:?} repairs at {place:?}"
        );
    }
    for member in said.removed.iter().filter(|m| !repaired(m)) {
        rights.roles.remove(member);
    }
    rights.roles.extend(said.roles.iter().copied());
    rights.announcements = said.announcements.unwrap_or(rights.announcements);
}
