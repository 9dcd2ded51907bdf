//! Records of the vault that its head does not cover: settings, drafts, read cursors, titles, pictures. What changes here is kept at once
//! and written to the vault a little later; what other devices write is fetched when the server tells of it, and at sync.
//!
//! Of each record there is what the vault holds, and beside it what this device wants there. A write replaces the version
//! that this device knows and no other; if another device was first, its record is fetched, and what is wanted here is
//! put over it: what a person is typing on this device is never lost to another one.

use std::collections::{BTreeMap, BTreeSet};

use ambient::Millis;
use e2ee::vault::{
    Cursor, Draft, Hidden, Picture, RecordKind, RecordName, Settings, Title, open_record,
    seal_record,
};
use protocol::{
    Bytes, ConversationId, decode, encode,
    events::RecordChange,
    limits::LOOKUP_MAX,
    methods::vault::{GetRecords, RecordDelete, RecordPut, Records, VaultWrite, kind},
};
use serde::{Deserialize, Serialize};

use crate::{
    Engine, Failure, Space, Store, Update,
    conversation::{
        given::{Given, picture_name, title_name},
        hiding::hidden_name,
    },
    pending::{HOLD_MS, Pending},
    vault::{Job, own_name, wire_name},
};

/// Records written at once.
const AT_ONCE: usize = 100;
/// How often a vault key that is not known is looked for on one connection.
const KEYLESS: u32 = 100;

/// One record.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The version that `theirs` is of; 0 = there is none.
    version: u64,
    /// What the vault holds; empty = nothing. Of a picture only when it was said: all of these are at hand all the time.
    theirs: Bytes,
    /// What this device wants there instead; empty = nothing.
    mine: Option<Bytes>,
}

/// What is to be done about a record that is wanted otherwise.
enum Target {
    /// To be written so; empty = to be deleted.
    Write(Bytes),
    /// Nothing: it is so already.
    Settled,
    /// Nothing: a newer app's record stands there, and is left alone.
    Newer,
}

/// A record on its way to the server.
struct Sent {
    name: RecordName,
    version: u64,
    mine: Bytes,
    written: Bytes,
}

/// All of them, as this device knows them.
#[derive(Default)]
pub(crate) struct Loose {
    kept: BTreeMap<RecordName, Kept>,
    /// When to write what is wanted.
    due: BTreeMap<RecordName, Millis>,
    /// Records to be fetched.
    wanted: BTreeSet<RecordName>,
    sent: Vec<Sent>,
    held: Option<Millis>,
    /// How often a record on this connection was sealed under a vault key that is not known.
    keyless: u32,
}

/// Whether the record is one of these.
fn is_loose(record: RecordKind) -> bool {
    !kind::covered(record as u8)
}

fn store_key(name: &RecordName) -> Vec<u8> {
    [&[name.kind as u8], name.id.as_slice()].concat()
}

pub(crate) fn draft_name(id: ConversationId) -> RecordName {
    RecordName::new(RecordKind::Draft, id.as_bytes())
}

pub(crate) fn cursor_name(id: ConversationId) -> RecordName {
    RecordName::new(RecordKind::Cursor, id.as_bytes())
}

/// What is kept here of a record of the vault.
fn shortened(kind: RecordKind, plain: Bytes) -> Bytes {
    let picture = (kind == RecordKind::Picture).then(|| Picture::decode(&plain));
    match picture {
        Some(Ok(picture)) => match Picture::new(&[], picture.seq).encode() {
            Ok(short) => Bytes::copy_from_slice(&short),
            Err(_) => plain,
        },
        _ => plain,
    }
}

impl Kept {
    /// What counts on this device.
    pub(crate) fn effective(&self) -> &Bytes {
        self.mine.as_ref().unwrap_or(&self.theirs)
    }

    /// What the vault holds; empty = nothing.
    pub(crate) fn theirs(&self) -> &Bytes {
        &self.theirs
    }

    /// What this device wants there instead. Of settings, those that it changes.
    pub(crate) fn mine(&self) -> Option<&Bytes> {
        self.mine.as_ref()
    }

    fn target(&self, kind: RecordKind) -> Target {
        let Some(mine) = &self.mine else {
            return Target::Settled;
        };
        let theirs = &self.theirs;
        let (written, newer) = match kind {
            RecordKind::Settings => {
                let base = Settings::decode(theirs);
                let changes = Settings::decode(mine).unwrap_or_default();
                let merged = base.clone().unwrap_or_default().with(&changes);
                (Bytes::copy_from_slice(&merged.encode()), base.err())
            }
            RecordKind::Cursor => {
                let (theirs, mine_read) = (Cursor::decode(theirs), Cursor::decode(mine));
                let ahead = matches!((&theirs, mine_read), (Ok(t), Ok(m)) if t.read >= m.read);
                let written = if ahead { &self.theirs } else { mine };
                (written.clone(), theirs.err())
            }
            RecordKind::Title => {
                let (theirs, own) = (Title::decode(theirs), Title::decode(mine));
                let ahead = matches!((&theirs, own), (Ok(t), Ok(m)) if t.seq >= m.seq);
                let written = if ahead { &self.theirs } else { mine };
                (written.clone(), theirs.err())
            }
            RecordKind::Picture => {
                let (theirs, own) = (Picture::decode(theirs), Picture::decode(mine));
                let ahead = matches!((&theirs, own), (Ok(t), Ok(m)) if t.seq >= m.seq);
                let written = if ahead { &self.theirs } else { mine };
                (written.clone(), theirs.err())
            }
            RecordKind::Hidden => (mine.clone(), Hidden::decode(theirs).err()),
            _ => (mine.clone(), Draft::decode(theirs).err()),
        };
        match newer {
            Some(e2ee::Error::UnknownVersion { .. }) => Target::Newer,
            _ if written == *theirs => Target::Settled,
            _ => Target::Write(written),
        }
    }
}

impl Loose {
    pub(crate) fn load(&mut self, store: &impl Store, now: Millis) -> Result<(), Failure> {
        for (key, value) in store.range(Space::Loose, &[], &[0xff], usize::MAX, false)? {
            let Some((kind, id)) = key.split_first() else {
                continue;
            };
            let Ok(kind) = RecordKind::try_from(*kind) else {
                continue;
            };
            let kept: Kept = decode(&value)?;
            let name = RecordName::new(kind, id);
            if kept.mine.is_some() {
                self.due.insert(name.clone(), now);
            }
            self.kept.insert(name, kept);
        }
        Ok(())
    }

    pub(crate) fn get(&self, name: &RecordName) -> Option<&Kept> {
        self.kept.get(name)
    }

    /// What is due is written once it is known what stands there.
    fn due(&self) -> impl Iterator<Item = (&RecordName, Millis)> {
        let known = self
            .due
            .iter()
            .filter(|(name, _)| !self.wanted.contains(*name));
        known.map(|(name, at)| (name, *at))
    }

    pub(crate) fn connection_ended(&mut self) {
        self.held = None;
        self.keyless = 0;
    }

    /// Nothing waits to be written or fetched.
    pub(crate) fn is_idle(&self) -> bool {
        self.due.is_empty() && self.wanted.is_empty() && self.sent.is_empty()
    }
}

impl<S: Store> Engine<S> {
    /// This device wants a record to be so (empty = gone); it is kept at once, and written `after` this time.
    pub(crate) fn want_loose(&mut self, name: RecordName, mine: Bytes, after: Millis) {
        let kept = self.loose.kept.entry(name.clone()).or_default();
        if *kept.effective() == mine {
            return;
        }
        kept.mine = Some(mine);
        self.loose.due.insert(name.clone(), self.now + after);
        self.save_loose(&name);
        self.batch.durable = true;
    }

    fn save_loose(&mut self, name: &RecordName) {
        let key = store_key(name);
        match self.loose.kept.get(name) {
            Some(kept) if *kept != Kept::default() => {
                self.batch.put(Space::Loose, key, encode(kept).to_vec());
            }
            _ => {
                self.loose.kept.remove(name);
                self.batch.delete(Space::Loose, key);
            }
        }
    }

    /// Asks for all of them: the head does not tell whether they changed.
    pub(crate) fn want_all_loose(&mut self) {
        let settings = RecordName::only(RecordKind::Settings);
        let of_conversations = self.conversations.keys();
        let of_conversations =
            of_conversations.flat_map(|id| [draft_name(*id), cursor_name(*id), hidden_name(*id)]);
        let groups = self.conversations.iter().filter(|(_, c)| !c.rec.direct);
        let groups = groups.flat_map(|(id, c)| {
            // pictures are large, and who follows the log hears of a new one there
            let unknown = !c.rec.anchored || c.rec.picture.is_none();
            let picture = unknown.then(|| picture_name(*id));
            [Some(title_name(*id)), picture]
        });
        let all = of_conversations.chain(groups.flatten());
        self.loose.wanted.extend(all.chain([settings]));
    }

    /// Asks for one of them.
    pub(crate) fn want_record(&mut self, name: RecordName) {
        self.loose.wanted.insert(name);
    }

    /// The vault was written, by whichever device.
    pub(crate) fn loose_changed(&mut self, changes: &[RecordChange]) {
        for change in changes {
            let Some(name) = own_name(&change.name).filter(|name| is_loose(name.kind)) else {
                continue;
            };
            let known = self.loose.kept.get(&name).map_or(0, |kept| kept.version);
            let mut sent = self.loose.sent.iter();
            let mine = sent.any(|s| s.name == name && s.version == change.version);
            if change.version != known && !mine {
                self.loose.wanted.insert(name);
            }
        }
    }

    /// Fetches what is wanted. Never while something is on its way there: an answer is what stands now.
    pub(crate) fn work_loose(&mut self) {
        let held = self.loose.held.is_some_and(|at| at > self.now);
        if !self.loose.sent.is_empty() || self.loose.wanted.is_empty() || held {
            return;
        }
        if !self.knows_vault() || self.fetching_loose() {
            return; // with the newest vault key
        }
        let names: Vec<RecordName> = self.loose.wanted.iter().take(LOOKUP_MAX).cloned().collect();
        for name in &names {
            self.loose.wanted.remove(name);
        }
        let wire = names.iter().map(wire_name).collect();
        self.request(&GetRecords { names: wire }, Pending::Loose(names));
    }

    pub(crate) fn loose_came(&mut self, asked: Vec<RecordName>, result: Result<Records, Failure>) {
        let found = match result {
            Ok(found) => found,
            Err(_) => {
                self.loose.wanted.extend(asked);
                self.loose.held = Some(self.now + HOLD_MS);
                return;
            }
        };
        for name in asked {
            let record = found
                .records
                .iter()
                .find(|r| own_name(&r.name).as_ref() == Some(&name));
            match record {
                Some(record) => self.loose_record(name, record.version, &record.bytes),
                None if found.more => {
                    self.loose.wanted.insert(name);
                }
                None => self.theirs_is(name, 0, Bytes::new()),
            }
        }
    }

    fn loose_record(&mut self, name: RecordName, version: u64, bytes: &[u8]) {
        let Some(own) = &self.own else { return };
        match open_record(&own.vault_keys, own.member, &name, version, bytes) {
            Ok(plain) => self.theirs_is(name, version, Bytes::copy_from_slice(&plain)),
            Err(e2ee::Error::NoKey(_)) if self.loose.keyless < KEYLESS => {
                // sealed under a vault key that another device has just made
                self.loose.keyless += 1;
                self.loose.wanted.insert(name);
                self.keys_are_stale();
            }
            // nothing that can be read: as if there were nothing, to be replaced
            Err(_) => self.theirs_is(name, version, Bytes::new()),
        }
    }

    fn theirs_is(&mut self, name: RecordName, version: u64, theirs: Bytes) {
        if version == 0 && !self.loose.kept.contains_key(&name) {
            return;
        }
        self.picture_is(&name, &theirs);
        let theirs = shortened(name.kind, theirs);
        let kept = self.loose.kept.entry(name.clone()).or_default();
        let changed = kept.theirs != theirs;
        if !changed && kept.version == version {
            return;
        }
        (kept.version, kept.theirs) = (version, theirs);
        self.save_loose(&name);
        if changed {
            self.loose_is_new(&name);
        }
    }

    /// The vault holds a picture: this device may lack it, also where nothing changed.
    fn picture_is(&mut self, name: &RecordName, plain: &[u8]) {
        let id = ConversationId::from_slice(&name.id);
        if let (RecordKind::Picture, Ok(id)) = (name.kind, id)
            && let Ok(picture) = Picture::decode(plain)
        {
            let given = Given::Picture(picture.picture.into());
            self.given_elsewhere(id, picture.seq, &given);
        }
    }

    /// A record is another than before, by another device.
    fn loose_is_new(&mut self, name: &RecordName) {
        match name.kind {
            RecordKind::Settings => self.settings_changed(),
            RecordKind::Cursor => {
                let Some(kept) = self.loose.kept.get(name) else {
                    return;
                };
                let read = Cursor::decode(&kept.theirs).map(|cursor| cursor.read);
                if let (Ok(read), Ok(id)) = (read, ConversationId::from_slice(&name.id)) {
                    self.read_elsewhere(id, read);
                }
            }
            RecordKind::Title => {
                let Some(kept) = self.loose.get(name) else {
                    return;
                };
                let title = Title::decode(kept.theirs());
                if let (Ok(title), Ok(id)) = (title, ConversationId::from_slice(&name.id)) {
                    self.given_elsewhere(id, title.seq, &Given::Title(title.title));
                }
            }
            _ => self.tell(Update::Conversations),
        }
    }

    /// What stands of it is known.
    pub(crate) fn knows_loose(&self, name: &RecordName) -> bool {
        !self.loose.wanted.contains(name) && !self.fetching_loose()
    }

    fn fetching_loose(&self) -> bool {
        self.connection.count(|p| matches!(p, Pending::Loose(_))) > 0
    }

    /// Whether something is due to be written.
    pub(crate) fn loose_due(&self) -> bool {
        !self.fetching_loose() && self.loose.due().any(|(_, at)| at <= self.now)
    }

    /// When there is something to write, or to fetch again.
    pub(crate) fn loose_deadline(&self) -> Option<Millis> {
        let writable = !self.fetching_loose() && self.can_write_vault(&Job::Loose);
        let due = self.loose.due().filter(|_| writable).map(|(_, at)| at);
        let held = self.loose.held.filter(|at| *at > self.now);
        due.chain(held).min()
    }

    /// Writes what is due; none when there was nothing to do after all.
    pub(crate) fn loose_write(&mut self) -> Result<Option<VaultWrite>, Failure> {
        let now = self.now;
        let due = self.loose.due().filter(|(_, at)| *at <= now);
        let due: Vec<RecordName> = due.map(|(name, _)| name.clone()).take(AT_ONCE).collect();
        let mut write = VaultWrite::default();
        for name in due {
            self.loose.due.remove(&name);
            self.add_loose(name, &mut write)?;
        }
        Ok((!self.loose.sent.is_empty()).then_some(write))
    }

    fn add_loose(&mut self, name: RecordName, write: &mut VaultWrite) -> Result<(), Failure> {
        let (Some(own), Some(kept)) = (&self.own, self.loose.kept.get_mut(&name)) else {
            return Ok(());
        };
        let target = match kept.target(name.kind) {
            Target::Write(bytes) => bytes,
            Target::Settled => {
                kept.mine = None;
                self.save_loose(&name);
                return Ok(());
            }
            Target::Newer => return Ok(()),
        };
        let (expected, mine) = (kept.version, kept.mine.clone().unwrap_or_default());
        if target.is_empty() {
            let name = wire_name(&name);
            write.deletes.push(RecordDelete { name, expected });
        } else {
            let version = expected + 1;
            let (keys, member) = (&own.vault_keys, own.member);
            let bytes = seal_record(keys, member, &name, version, &target, &mut self.rng)?;
            write.puts.push(RecordPut {
                name: wire_name(&name),
                expected,
                version,
                bytes: bytes.into(),
            });
        }
        let version = if target.is_empty() { 0 } else { expected + 1 };
        self.loose.sent.push(Sent {
            name,
            version,
            mine,
            written: target,
        });
        Ok(())
    }

    /// The server has them.
    pub(crate) fn loose_written(&mut self) {
        for sent in std::mem::take(&mut self.loose.sent) {
            if let Some(kept) = self.loose.kept.get_mut(&sent.name) {
                let written = shortened(sent.name.kind, sent.written);
                (kept.version, kept.theirs) = (sent.version, written);
                if kept.mine.as_ref() == Some(&sent.mine) {
                    kept.mine = None;
                }
                self.save_loose(&sent.name);
            }
        }
        // after a crash what was written must not be wanted again: another device may have changed it since
        self.batch.durable = true;
    }

    /// The server has not taken them, or nobody knows: what stands is fetched, and what is wanted tried again.
    pub(crate) fn loose_refused(&mut self) {
        for sent in std::mem::take(&mut self.loose.sent) {
            self.loose.wanted.insert(sent.name.clone());
            self.loose.due.entry(sent.name).or_insert(self.now);
        }
    }
}
