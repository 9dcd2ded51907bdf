//! Direct conversations between members of the load test.

use std::sync::Arc;

use client_native::Dialer;
use protocol::{
    ConversationId,
    methods::{
        conversations::{GetEntries, GetWelcome},
        people::ClaimKeyPackage,
    },
};

use crate::{
    crowd::{Crowd, now},
    error::Error,
    session::{OPENING, Session, Someone, in_parallel, lock},
};

/// Two members with a direct conversation, both ready to write.
#[derive(Clone)]
pub(crate) struct Pair {
    pub(crate) conversation: ConversationId,
    pub(crate) members: [Someone; 2],
}

/// Makes pairs out of the crowd until there are so many; pair n is of its members 2n and 2n+1.
pub(crate) async fn make(
    crowd: &mut Crowd,
    pairs: &mut Vec<Pair>,
    count: usize,
) -> Result<(), Error> {
    let members = crowd.members(2 * count.max(pairs.len())).await?;
    let dialer = Arc::clone(&crowd.dialer);
    let jobs = members.chunks_exact(2).skip(pairs.len()).map(|two| {
        let (dialer, a, b) = (
            Arc::clone(&dialer),
            Arc::clone(&two[0]),
            Arc::clone(&two[1]),
        );
        pair(dialer, a, b)
    });
    let jobs: Vec<_> = jobs.collect();
    pairs.extend(in_parallel(OPENING, jobs.into_iter()).await?);
    Ok(())
}

async fn pair(dialer: Arc<Dialer>, a: Someone, b: Someone) -> Result<Pair, Error> {
    acquaint(&a, &b);
    let mut founder = Session::resume(&dialer, &a).await?;
    let other = lock(&b).member;
    let package = founder.call(&ClaimKeyPackage { member: other }).await?;
    let (conversation, create) = {
        let mut a = lock(&a);
        let id = a.conversation_id();
        (id, a.found_direct(id, other, package, now()))
    };
    founder.call(&create).await?;
    follow(&mut founder, &a, conversation, 1).await?;
    let mut session = Session::resume(&dialer, &b).await?;
    let welcome = session.call(&GetWelcome { conversation }).await?;
    let write = lock(&b).join(conversation, &welcome, now());
    session.call(&write).await?;
    Ok(Pair {
        conversation,
        members: [a, b],
    })
}

/// Each learns the other's certificate.
pub(crate) fn acquaint(a: &Someone, b: &Someone) {
    let certificate = lock(a).certificate.clone();
    let mut b = lock(b);
    b.learn(&certificate);
    let certificate = b.certificate.clone();
    drop(b);
    lock(a).learn(&certificate);
}

/// Lets a member follow the log of a conversation from this seq on.
pub(crate) async fn follow(
    session: &mut Session,
    member: &Someone,
    conversation: ConversationId,
    from: u64,
) -> Result<(), Error> {
    let params = GetEntries {
        conversation,
        from,
        limit: 200,
        commits_only: false,
    };
    let page = session.call(&params).await?;
    let mut member = lock(member);
    for entry in &page.entries {
        member.follow(entry);
    }
    Ok(())
}
