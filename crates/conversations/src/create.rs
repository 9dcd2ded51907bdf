//! Founding a conversation.

use std::sync::Arc;

use e2ee::{
    mls::public::PublicConversation,
    policy::{Departures, Kind},
    transcript::{Transcript, body_hash},
};
use protocol::{
    Bytes, DeviceId, Hash32, MemberId,
    limits::{COMMIT_BYTES_MAX, GROUP_INFO_BYTES_MAX},
    methods::conversations::{Accepted, CreateConversation, kind},
};
use storage::{
    Reader, StorageError, UnitOfWork,
    conversations::{Checkpoint, Conversation, Membership, Range},
    unique,
};

use crate::{
    Error, Service,
    append::{Draft, accepted, append, check_session},
    events::{self, Told},
    public::{self, Registered},
    summary::{self, Arrival},
    welcomes,
};

/// A founding that was checked.
struct Founding {
    state: Arc<PublicConversation>,
    /// The two, in ascending order, when it is direct.
    direct: Option<(MemberId, MemberId)>,
    /// Leaf certificates of all members: their names and bytes.
    certificates: Vec<(Hash32, Bytes)>,
    checkpoint: Option<Checkpoint>,
}

/// What came of it.
enum Created {
    New(Box<Told>),
    Known(Accepted),
}

impl Service {
    pub(crate) async fn do_create(
        &self,
        member: MemberId,
        device: DeviceId,
        params: CreateConversation,
    ) -> Result<Accepted, Error> {
        if params.group_info.len() > GROUP_INFO_BYTES_MAX || params.commit.len() > COMMIT_BYTES_MAX
        {
            return Err(Error::TooLarge("the commit or its group info"));
        }
        let params = Arc::new(params);
        let hash = body_hash(&params.commit);
        let (service, checked) = (self.clone(), Arc::clone(&params));
        let looked_at = self.read_trees(member, move |reader| {
            match repeated(reader, &checked, member, hash)? {
                Some(first) => Ok(Err(first)),
                None => service.check_founding(reader, member, &checked).map(Ok),
            }
        });
        let founding = looked_at.await?;
        let founding = match founding {
            Ok(founding) => founding,
            Err(first) => return Ok(first),
        };
        let state = Arc::clone(&founding.state);
        let id = params.conversation;
        let (service, bus) = (self.clone(), Arc::clone(&self.bus));
        let created = storage::write_then(
            self.storage.as_ref(),
            move |unit| {
                check_session(unit, device)?;
                service.write_founding(unit, member, &params, &founding, hash)
            },
            move |created| {
                if let Created::New(told) = created {
                    told.publish(bus.as_ref());
                }
            },
        )
        .await?;
        self.cache.keep(id, &state);
        Ok(match created {
            Created::New(told) => accepted(&told.entry),
            Created::Known(first) => first,
        })
    }

    fn check_founding(
        &self,
        reader: &dyn Reader,
        founder: MemberId,
        params: &CreateConversation,
    ) -> Result<Founding, Error> {
        let roster = Registered::new(reader);
        let founded = roster.verdict(PublicConversation::found(
            &params.group_info,
            params.conversation,
            self.instance,
            founder,
            &roster,
        ))?;
        if founded.policy().restart != 0 {
            return Err(Error::CommitRefused(
                "a new conversation has the restart number 0".to_owned(),
            ));
        }
        let nobody = Departures::default();
        let checked = public::check(reader, &founded, &params.commit, founder, &nobody)?;
        welcomes::check(&params.welcomes, &checked.packages)?;
        let members = checked.next.members();
        if members.len() > self.config.members_max {
            return Err(Error::Full);
        }
        let direct = direct_pair(&checked.next)?;
        let certificates = founded
            .members()
            .into_iter()
            .chain(members)
            .map(|(_, certificate)| certificate);
        Ok(Founding {
            direct,
            certificates: certificates
                .map(|leaf| (leaf.name(), Bytes::copy_from_slice(leaf.bytes())))
                .collect(),
            checkpoint: public::checkpoint(&checked.next),
            state: Arc::new(checked.next),
        })
    }

    fn write_founding(
        &self,
        unit: &mut dyn UnitOfWork,
        founder: MemberId,
        params: &CreateConversation,
        founding: &Founding,
        hash: Hash32,
    ) -> Result<Created, Error> {
        let id = params.conversation;
        if let Some(first) = repeated(unit, params, founder, hash)? {
            return Ok(Created::Known(first));
        }
        let row = self.insert(unit, params, founding)?;
        let members = founding.state.members();
        for (member, _) in &members {
            unit.insert_member(Membership {
                conversation: id,
                member: *member,
                first_seq: 1,
            })?;
        }
        let draft = Draft {
            kind: kind::COMMIT,
            sender: founder,
            epoch: 0,
            time: row.created,
            expiry: 0,
            quiet: false,
            timed: false,
            message: None,
            body: params.commit.clone(),
            body_hash: hash,
            link: None,
        };
        let epoch = founding.state.epoch();
        let (entry, transcript) = append(unit, &row, draft, epoch)?;
        for (name, certificate) in &founding.certificates {
            unit.put_leaf_certificate(*name, certificate)?;
        }
        if let Some(checkpoint) = &founding.checkpoint {
            unit.put_checkpoint(id, checkpoint)?;
        }
        welcomes::put(unit, id, &params.welcomes, (epoch, entry.seq, transcript))?;
        let head = storage::vault::apply(unit, founder, &params.vault)?;
        let arrivals: Vec<Arrival> = members
            .into_iter()
            .map(|(member, _)| Arrival {
                member,
                first_seq: 1,
                welcome: member != founder,
            })
            .collect();
        Ok(Created::New(Box::new(Told {
            joined: summary::of_arrivals(unit, id, &arrivals, row.created)?,
            gone: Vec::new(),
            vault: events::vault(founder, &params.vault, head),
            before: None,
            entry,
        })))
    }

    fn insert(
        &self,
        unit: &mut dyn UnitOfWork,
        params: &CreateConversation,
        founding: &Founding,
    ) -> Result<Conversation, Error> {
        if let Some((a, b)) = founding.direct
            && let Some(existing) = unit.direct_between(a, b)?
        {
            return Err(Error::DirectExists(existing));
        }
        let row = Conversation {
            conversation: params.conversation,
            restart: 0,
            direct: founding.direct,
            epoch: 0,
            head_seq: 0,
            transcript: Transcript::start(self.instance, params.conversation).value(),
            created: self.clock.now(),
        };
        match unit.insert_conversation(&row) {
            Err(StorageError::Conflict {
                what: unique::CONVERSATION,
            }) => Err(Error::ConversationExists),
            other => Ok(other.map(|()| row)?),
        }
    }
}

/// The answer of before, when the same founding was accepted already; refused when the id is another's.
fn repeated<R: Reader + ?Sized>(
    reader: &R,
    params: &CreateConversation,
    founder: MemberId,
    hash: Hash32,
) -> Result<Option<Accepted>, Error> {
    if reader.conversation(params.conversation)?.is_none() {
        return Ok(None);
    }
    let range = Range {
        from: 1,
        limit: 1,
        max_bytes: 0,
        commits_only: true,
    };
    let first = reader
        .entries(params.conversation, range)?
        .into_iter()
        .next();
    first
        .filter(|entry| entry.seq == 1 && entry.sender == founder && entry.body_hash == hash)
        .map(|entry| Some(accepted(&entry)))
        .ok_or(Error::ConversationExists)
}

fn direct_pair(state: &PublicConversation) -> Result<Option<(MemberId, MemberId)>, Error> {
    if state.policy().kind != Kind::Direct {
        return Ok(None);
    }
    let mut members: Vec<MemberId> = state.members().into_iter().map(|(m, _)| m).collect();
    members.sort();
    match members[..] {
        [a, b] if state.policy().roles.keys().eq([&a, &b]) => Ok(Some((a, b))),
        _ => Err(Error::CommitRefused(
            "a direct conversation has exactly the two members of its policy".to_owned(),
        )),
    }
}
