//! Who reads what: everything from the time in a conversation, as the log has it, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use client::view::{ConversationView, GroupView, ItemBody, Role, SendState};
use e2ee::{mls::CommitData, policy::History, transcript::body_hash};
use protocol::{
    ConversationId, MemberId,
    methods::conversations::{Entry, kind},
};

use crate::play::Play;

/// One time of somebody in a conversation: from which entry on they may read, and the commit that took them out.
struct Stay {
    from: u64,
    /// From which entry on everything is readable: later than `from`, if they have another identity since.
    reads: u64,
    until: Option<u64>,
    /// The commit that took them in: nothing leads to what disappears and was said before it.
    joined: u64,
}

/// What the server has of a conversation, and what devices read in it.
pub(super) struct Log {
    stays: BTreeMap<MemberId, Vec<Stay>>,
    /// What stands where: who said it, and what.
    texts: BTreeMap<u64, (MemberId, String)>,
    /// Which of it disappears.
    timed: BTreeSet<u64>,
    /// Which of it was said where nobody could follow but who said it.
    alone: BTreeSet<u64>,
}

/// What a log says of who was there, and of its entries.
struct Told {
    stays: BTreeMap<MemberId, Vec<Stay>>,
    timed: BTreeSet<u64>,
    alone: BTreeSet<u64>,
}

/// The logs of all conversations. What devices read at one place must be the same.
pub(super) async fn logs(play: &Play) -> BTreeMap<ConversationId, Log> {
    let mut ids: Vec<ConversationId> = Vec::new();
    for number in 0..play.world.devices.len() {
        let followed = play.world.engine(number).followed();
        ids.extend(followed.into_iter().map(|(id, _, _)| id));
    }
    ids.sort_unstable();
    ids.dedup();
    let mut logs = BTreeMap::new();
    for id in ids {
        let told = stays(play, id).await;
        logs.insert(
            id,
            Log {
                stays: told.stays,
                texts: texts(play, id),
                timed: told.timed,
                alone: told.alone,
            },
        );
    }
    logs
}

/// Entries after a commit that was broken, in its group.
fn alone(play: &Play, entries: &[Entry]) -> BTreeSet<u64> {
    let broken = |e: &&Entry| play.world.spoilt.contains(&e.body_hash);
    let broken: Vec<_> = entries.iter().filter(broken).collect();
    let after = |e: &&Entry| {
        let mut broken = broken.iter();
        broken.any(|b| b.restart == e.restart && b.epoch < e.epoch)
    };
    entries.iter().filter(after).map(|e| e.seq).collect()
}

async fn stays(play: &Play, id: ConversationId) -> Told {
    let entries = super::entries(play, id).await;
    let read = storage::read(play.world.server.storage(), move |reader| {
        reader.members(id)
    });
    let members: Vec<_> = read.await.unwrap();
    let mut stays: BTreeMap<MemberId, Vec<Stay>> = BTreeMap::new();
    let timed = entries.iter().filter(|e| e.timed).map(|e| e.seq).collect();
    let mut rules = Rules {
        history: History::SinceJoined,
        cut: 1,
    };
    for entry in &entries {
        match entry.kind {
            kind::COMMIT => moves(entry, &mut stays, &mut rules),
            kind::LEAVE => ends(&mut stays, entry.sender, entry.seq),
            _ => {}
        }
    }
    for membership in members {
        let last = stays.get(&membership.member).and_then(|all| all.last());
        let last = last.unwrap();
        assert_eq!(last.until, None, "a member of {id} that no commit added");
        assert_eq!(last.from, membership.first_seq, "of a member of {id}");
    }
    Told {
        stays,
        timed,
        alone: alone(play, &entries),
    }
}

fn ends(stays: &mut BTreeMap<MemberId, Vec<Stay>>, member: MemberId, seq: u64) {
    let last = stays.get_mut(&member).and_then(|all| all.last_mut());
    let until = last.unwrap().until.replace(seq);
    assert_eq!(until, None, "somebody goes who was not there");
}

/// What newcomers may read.
struct Rules {
    history: History,
    /// The last commit from which nothing leads back.
    cut: u64,
}

fn moves(entry: &Entry, stays: &mut BTreeMap<MemberId, Vec<Stay>>, rules: &mut Rules) {
    let (_, data) = CommitData::peek(entry.body.as_ref().unwrap()).unwrap();
    let said = data.said;
    if entry.epoch == 0 && entry.restart > 0 {
        // founded anew: who is in the new group goes on where they were
        let stay = |m: &MemberId| *m == entry.sender || said.added.contains(m);
        let open = stays
            .iter()
            .filter(|(_, all)| all.last().is_some_and(|s| s.until.is_none()));
        let gone: Vec<MemberId> = open.map(|(m, _)| *m).filter(|m| !stay(m)).collect();
        for member in gone {
            ends(stays, member, entry.seq);
        }
        return;
    }
    rules.history = said.history.unwrap_or(rules.history);
    let all = rules.history == History::All && entry.link.is_some();
    let from = if all { 1 } else { entry.seq };
    if entry.link.is_none() && !said.added.is_empty() {
        rules.cut = entry.seq;
    }
    let reads = from.max(rules.cut);
    if said.left {
        // their time has ended before
        for member in &said.removed {
            let last = stays.get(member).and_then(|all| all.last());
            assert!(
                last.unwrap().until.is_some(),
                "who did not leave was taken out"
            );
        }
    }
    let removed = said.removed.iter().filter(|m| !said.added.contains(m));
    for member in removed.filter(|_| !said.left) {
        ends(stays, *member, entry.seq);
    }
    let repaired = said.added.iter().filter(|m| said.removed.contains(m));
    for member in repaired.filter(|_| entry.link.is_none()) {
        // under another identity: nothing leads back from the new leaf
        if let Some(stay) = stays.get_mut(member).and_then(|all| all.last_mut()) {
            (stay.reads, stay.joined) = (entry.seq, entry.seq);
        }
    }
    let founder = (entry.epoch == 0).then_some(entry.sender);
    let added = said.added.iter().filter(|m| !said.removed.contains(m));
    for member in added.copied().chain(founder) {
        stays.entry(member).or_default().push(Stay {
            from,
            reads,
            until: None,
            joined: entry.seq,
        });
    }
}

fn texts(play: &Play, id: ConversationId) -> BTreeMap<u64, (MemberId, String)> {
    let mut texts: BTreeMap<u64, (MemberId, String)> = BTreeMap::new();
    for number in 0..play.world.devices.len() {
        let Ok(page) = play.world.engine(number).timeline(id, None, 100_000) else {
            continue;
        };
        for item in page.items {
            let (Some(seq), ItemBody::Text(text)) = (item.seq, item.body) else {
                continue;
            };
            let said = (item.sender, text);
            let there = texts.entry(seq).or_insert_with(|| said.clone());
            assert_eq!(
                *there, said,
                "device {number} reads something else at {seq}"
            );
        }
    }
    texts
}

/// A device reads everything from the times of its member, and nothing from other times.
pub(super) fn reads_what_it_may(
    play: &Play,
    device: usize,
    member: MemberId,
    logs: &BTreeMap<ConversationId, Log>,
) {
    let engine = play.world.engine(device);
    for row in engine.conversations() {
        let id = row.conversation;
        let log = &logs[&id];
        let stays = log.stays.get(&member).map_or(&[][..], Vec::as_slice);
        let mut reads = BTreeMap::new();
        for item in engine.timeline(id, None, 100_000).unwrap().items {
            match item.body {
                ItemBody::Text(text) => {
                    let Some(seq) = item.seq else {
                        assert!(
                            row.gone || !may_write(&row),
                            "device {device} still waits with {text}"
                        );
                        continue;
                    };
                    assert_ne!(
                        item.state,
                        Some(SendState::Waiting),
                        "device {device}: {text}"
                    );
                    let inside = stays
                        .iter()
                        .any(|s| s.from <= seq && s.until.is_none_or(|until| seq < until));
                    assert!(
                        inside,
                        "device {device} reads {text} at {seq} in {id}, when its member was not in it"
                    );
                    reads.insert(seq, text);
                }
                ItemBody::Created
                | ItemBody::KeysUpdated
                | ItemBody::Title(_)
                | ItemBody::Picture { .. }
                | ItemBody::Left
                | ItemBody::Relinked
                | ItemBody::Complaint { .. }
                | ItemBody::Restarted { .. }
                | ItemBody::Unreadable
                | ItemBody::Members { .. } => {}
                _ if item.seq.is_some_and(|seq| log.alone.contains(&seq)) => {}
                other => panic!("device {device} has {other:?} at {:?} in {id}", item.seq),
            }
        }
        let Some(stay) = stays.last().filter(|_| !row.gone) else {
            continue;
        };
        for (seq, (_, text)) in log.texts.range(stay.reads..) {
            let before = log.timed.contains(seq) && *seq < stay.joined;
            assert!(
                before || log.alone.contains(seq) || reads.contains_key(seq),
                "device {device} does not read {text} at {seq} in {id}"
            );
        }
    }
}

fn may_write(row: &ConversationView) -> bool {
    row.group.as_ref().is_none_or(|group| group.may_write)
}

/// Everything that was said is there once, by who said it, unless it waits on a device whose member may not write any more.
pub(super) fn everything_is_there(play: &Play, logs: &BTreeMap<ConversationId, Log>) {
    for (id, said) in &play.said {
        let log = logs.get(id);
        let mut there: Vec<_> =
            log.map_or_else(Vec::new, |log| log.texts.values().cloned().collect());
        let stuck = waiting(play, *id);
        let lost = |text: &String| {
            let may_be = play.may_be_lost.contains(text) || stuck.contains(text);
            may_be && !there.iter().any(|(_, there)| there == text)
        };
        let mut expected: Vec<_> = said
            .iter()
            .filter(|(_, text)| !lost(text))
            .map(|(member, text)| (play.members[*member].id, text.clone()))
            .collect();
        there.sort();
        expected.sort();
        assert_eq!(there, expected, "conversation {id}");
    }
}

/// Texts that no device will send any more.
fn waiting(play: &Play, id: ConversationId) -> Vec<String> {
    let mut texts = Vec::new();
    for number in 0..play.world.devices.len() {
        let engine = play.world.engine(number);
        let rows = engine.conversations().into_iter();
        let stuck = rows.filter(|row| row.gone || !may_write(row));
        for row in stuck.filter(|row| row.conversation == id) {
            let page = engine.timeline(row.conversation, None, 100_000).unwrap();
            let waits = page.items.into_iter().filter(|item| item.seq.is_none());
            texts.extend(waits.filter_map(|item| match item.body {
                ItemBody::Text(text) => Some(text),
                _ => None,
            }));
        }
    }
    texts
}

/// Whether the only admin of a group may have begun anew: nobody else may tell them what it is called, and how it
/// looks.
fn nobody_may_say_it(play: &Play, group: &GroupView) -> bool {
    let roles = group.roles.iter();
    let mut admins = roles.filter(|(_, role)| *role >= Role::GroupAdmin);
    let first = admins.next();
    first.is_some_and(|(member, _)| play.world.renewed.contains(member)) && admins.next().is_none()
}

/// Members, roles, rules, title and picture of a group are the same on all devices of all who are in it.
pub(super) fn groups_are_alike(play: &Play) {
    let mut seen = BTreeMap::new();
    let devices = play.members.iter().flat_map(|member| &member.devices);
    for number in devices {
        for row in play.world.engine(*number).conversations() {
            let Some(group) = row.group.clone().filter(|_| !row.gone) else {
                continue;
            };
            let mut roles = group.roles.clone();
            roles.sort_by_key(|(member, _)| *member);
            let named = group.named.then(|| row.title.clone());
            let named = named.filter(|_| !nobody_may_say_it(play, &group));
            let rules = (group.announcements, group.history_all, group.changing);
            let rules = (rules, row.timer_s);
            let picture = play.world.engine(*number).picture(row.conversation);
            let picture = picture.unwrap().map(|jpeg| body_hash(&jpeg));
            assert_eq!(picture, group.picture, "device {number} shows another");
            let picture = picture.filter(|_| !nobody_may_say_it(play, &group));
            let view = (roles, named, picture, rules);
            let first = seen
                .entry(row.conversation)
                .or_insert_with(|| (*number, view.clone()));
            assert_eq!(
                first.1, view,
                "devices {} and {number} see another {}",
                first.0, row.conversation
            );
        }
    }
}
