//! The members of the load test.

use std::{collections::VecDeque, sync::Arc};

use ambient::{Clock, Random, SystemClock, SystemRandom, random_bytes};
use client_native::Dialer;
use e2ee::{identity::root_fingerprint, invitation::Invitation, opaque::Stretching};
use protocol::{
    Bytes, ErrorCode, Hash32, InvitationId,
    methods::account::{CreateInvitation, Stretching as WireStretching, Ticket},
};
use testkit::Newcomer;

use crate::{
    error::Error,
    options::Options,
    session::{OPENING, Session, Someone, in_parallel, lock},
};

/// Name of the organisation, where the load test makes it.
const ORGANISATION: &str = "Load test";

pub(crate) fn now() -> u64 {
    SystemClock.now()
}

/// Where members come from.
enum Source {
    /// An admin who invites.
    Admin(Someone),
    /// Invitations that were given.
    Links(VecDeque<Invitation>),
}

/// Everybody registered so far.
pub(crate) struct Crowd {
    pub(crate) dialer: Arc<Dialer>,
    source: Source,
    members: Vec<Someone>,
    /// Tells the names of this run from those of others on the same instance.
    run: String,
    named: usize,
}

impl Crowd {
    /// Sets the instance up, or takes the invitations.
    pub(crate) async fn new(dialer: Dialer, options: &Options) -> Result<Self, Error> {
        let mut crowd = Self {
            dialer: Arc::new(dialer),
            source: Source::Links(VecDeque::new()),
            members: Vec::new(),
            run: random_bytes::<4>(&SystemRandom)
                .iter()
                .map(|b| format!("{:02}", b % 100))
                .collect(),
            named: 0,
        };
        if let Some(code) = &options.set_up_code {
            let ticket = Ticket::SetUp { code: code.clone() };
            let name = crowd.name();
            let admin = register(Arc::clone(&crowd.dialer), name, ticket, true).await?;
            crowd.members.push(Arc::clone(&admin));
            crowd.source = Source::Admin(admin);
        } else {
            let links = options
                .invitation
                .iter()
                .map(|link| Invitation::decode(link));
            let links: Result<_, _> = links.collect();
            crowd.source = Source::Links(links.map_err(|error| Error::Limit(error.to_string()))?);
        }
        Ok(crowd)
    }

    /// A login name that nobody has.
    pub(crate) fn name(&mut self) -> String {
        self.named += 1;
        format!("load{}x{}", self.run, self.named)
    }

    /// That many members; registers those that are missing.
    pub(crate) async fn members(&mut self, count: usize) -> Result<Vec<Someone>, Error> {
        let missing = count.saturating_sub(self.members.len());
        if let Source::Links(links) = &self.source
            && links.len() < missing
        {
            return Err(Error::TooFew {
                needed: count,
                there: self.members.len() + links.len(),
            });
        }
        let mut jobs = Vec::new();
        for invitation in self.invitations(missing).await? {
            let secret = Bytes::copy_from_slice(invitation.secret());
            let ticket = Ticket::Invitation { secret };
            let name = self.name();
            jobs.push(register(Arc::clone(&self.dialer), name, ticket, false));
        }
        let new = in_parallel(OPENING, jobs.into_iter()).await?;
        self.members.extend(new);
        Ok(self.members[..count].to_vec())
    }

    /// Everybody that there can be up to `count`: all registered, and more where there are invitations.
    pub(crate) async fn up_to(&mut self, count: usize) -> Result<Vec<Someone>, Error> {
        let possible = match &self.source {
            Source::Admin(_) => count,
            Source::Links(links) => count.min(self.members.len() + links.len()),
        };
        self.members(possible).await
    }

    /// Fresh invitations, good for one registration each.
    pub(crate) async fn invitations(&mut self, count: usize) -> Result<Vec<Invitation>, Error> {
        match &mut self.source {
            Source::Links(links) if links.len() < count => Err(Error::TooFew {
                needed: self.members.len() + count,
                there: self.members.len() + links.len(),
            }),
            Source::Links(links) => Ok(links.drain(..count).collect()),
            Source::Admin(_) if count == 0 => Ok(Vec::new()),
            Source::Admin(admin) => invite(&self.dialer, &Arc::clone(admin), count).await,
        }
    }
}

/// Invitations of the admin, on a connection of its own: one that idles between scenarios would be closed.
async fn invite(dialer: &Dialer, admin: &Someone, count: usize) -> Result<Vec<Invitation>, Error> {
    let mut session = Session::resume(dialer, admin).await?;
    let mut made = Vec::new();
    let mut requests = Vec::new();
    for _ in 0..count {
        let mut rng = ambient::generator(&SystemRandom);
        let inviter = lock(admin);
        let root = root_fingerprint(&inviter.certificate.root);
        // the server says the real authority and addresses
        let placeholder = vec!["localhost:1".to_owned()];
        let invitation = Invitation::generate(
            &mut rng,
            inviter.member,
            root,
            Hash32::default(),
            placeholder,
        )
        .map_err(|error| Error::Limit(error.to_string()))?;
        requests.push(CreateInvitation {
            invitation: InvitationId(random_bytes(&SystemRandom)),
            secret_hash: e2ee::invitation::secret_hash(invitation.secret()),
        });
        made.push(invitation);
    }
    let replies = session.call_all(&requests).await?;
    for (invitation, reply) in made.iter_mut().zip(replies) {
        invitation.ca = reply.ca;
        invitation.addresses = reply.addresses;
    }
    Ok(made)
}

/// Registers one member, with the cost of key stretching that the server asks for.
async fn register(
    dialer: Arc<Dialer>,
    name: String,
    ticket: Ticket,
    first: bool,
) -> Result<Someone, Error> {
    let mut session = Session::open(&dialer).await?;
    let mut seed = [0; 8];
    SystemRandom.fill(&mut seed);
    let seed = u64::from_be_bytes(seed);
    let mut newcomer = Newcomer::new(seed, session.hello.instance, &name, &name);
    let (start, registration) = newcomer.start(&ticket);
    let started = session.call(&start).await.map_err(explain)?;
    newcomer.stretching = stretching(started.stretching_floor);
    // a thread of its own: at production's cost this computes for a while
    let organisation = first.then_some(ORGANISATION);
    let computed = tokio::task::spawn_blocking(move || {
        newcomer.finish(&ticket, registration, &started, organisation, now())
    });
    let (finish, member) = computed.await?;
    session.call(&finish).await?;
    Ok(Arc::new(std::sync::Mutex::new(member)))
}

fn stretching(floor: WireStretching) -> Stretching {
    Stretching {
        memory_kib: floor.memory_kib,
        passes: floor.passes,
        lanes: floor.lanes,
    }
}

/// A set-up code that was used already needs another way in.
fn explain(error: Error) -> Error {
    match error {
        Error::Refused { error, .. } if error.code == ErrorCode::SetUpCodeWrong => Error::Limit(
            "the set-up code is wrong, or the instance has members already: then give invitations"
                .to_owned(),
        ),
        error => error,
    }
}
