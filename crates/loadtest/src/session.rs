//! A light connection: real requests, and events that are only counted.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use client_native::{Dialer, Socket, is_resumed};
use futures_util::{SinkExt, Stream, StreamExt, stream};
use protocol::{
    Bytes, Method, Request, ServerFrame, WireError, decode, encode,
    events::Hello,
    methods::sync::{Cursor, StartSync, SyncStarted},
};
use testkit::Member;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;

use crate::{error::Error, peek::peek};

/// No answer within this time: the server is taken for dead (docs/protocol.md, section 3).
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// What is waited after a refusal that names no time.
const PAUSE_MS: u32 = 1000;
/// Requests that wait for their answers when many are made.
const WINDOW: usize = 32;
/// Connections that are opened at the same time, except where they are to come all at once.
pub(crate) const OPENING: usize = 32;

/// A member of the load test. Its lock is never held across a request.
pub(crate) type Someone = Arc<Mutex<Member>>;

pub(crate) fn lock(member: &Someone) -> MutexGuard<'_, Member> {
    member.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection.
pub(crate) struct Session {
    socket: Socket,
    pub(crate) hello: Hello,
    next_id: u64,
}

impl Session {
    /// A connection that is not signed in.
    pub(crate) async fn open(dialer: &Dialer) -> Result<Self, Error> {
        let mut socket = dialer.dial().await?;
        let frame: ServerFrame = decode(&next(&mut socket).await?)?;
        let hello = match (frame.event.as_deref(), frame.data) {
            (Some("hello"), Some(data)) => decode(&data)?,
            _ => return Err(Error::Closed("there was no hello".to_owned())),
        };
        Ok(Self {
            socket,
            hello,
            next_id: 0,
        })
    }

    /// Whether its TLS handshake was a short one.
    pub(crate) fn is_resumed(&self) -> bool {
        is_resumed(&self.socket)
    }

    /// A connection that is signed in.
    pub(crate) async fn resume(dialer: &Dialer, member: &Someone) -> Result<Self, Error> {
        let mut session = Self::open(dialer).await?;
        let hello = &session.hello;
        let params = lock(member).resume(hello.incarnation, hello.challenge);
        session.call(&params).await?;
        Ok(session)
    }

    /// A connection that is signed in and gets events.
    pub(crate) async fn synced(
        dialer: &Dialer,
        member: &Someone,
        cursors: Vec<Cursor>,
    ) -> Result<(Self, SyncStarted), Error> {
        let mut session = Self::resume(dialer, member).await?;
        let params = StartSync {
            incarnation: Some(session.hello.incarnation),
            cursors,
        };
        let started = session.call(&params).await?;
        Ok((session, started))
    }

    /// Sends a request; gives its id.
    pub(crate) async fn request<M: Method>(&mut self, params: &M) -> Result<u64, Error> {
        self.next_id += 1;
        let frame = encode(&Request::new(self.next_id, params));
        let sent = self.socket.send(Message::Binary(frame)).await;
        sent.map_err(|error| Error::Closed(error.to_string()))?;
        Ok(self.next_id)
    }

    /// The next frame. Safe to be dropped while it waits.
    pub(crate) async fn next(&mut self) -> Result<Bytes, Error> {
        next(&mut self.socket).await
    }

    /// One request and its answer; waits and tries again where the server says so.
    pub(crate) async fn call<M: Method>(&mut self, params: &M) -> Result<M::Reply, Error> {
        let mut replies = self.call_all(std::slice::from_ref(params)).await?;
        replies
            .pop()
            .ok_or_else(|| Error::Closed("no answer".to_owned()))
    }

    /// Many requests, several on their way at a time; the answers in the order of the requests.
    pub(crate) async fn call_all<M: Method>(&mut self, all: &[M]) -> Result<Vec<M::Reply>, Error> {
        let mut todo: VecDeque<usize> = (0..all.len()).collect();
        let mut asked: Vec<(u64, usize)> = Vec::new();
        let mut replies: Vec<Option<M::Reply>> = all.iter().map(|_| None).collect();
        loop {
            while asked.len() < WINDOW
                && let Some(n) = todo.pop_front()
            {
                asked.push((self.request(&all[n]).await?, n));
            }
            if asked.is_empty() {
                return Ok(replies.into_iter().flatten().collect());
            }
            let frame = self.answer(M::NAME).await?;
            let Some(at) = asked.iter().position(|(id, _)| Some(*id) == frame.id) else {
                continue;
            };
            let (_, n) = asked.swap_remove(at);
            match (frame.ok, frame.err) {
                (Some(ok), _) => replies[n] = Some(decode(&ok)?),
                (None, Some(error)) => {
                    pause(M::NAME, error).await?;
                    todo.push_back(n);
                }
                (None, None) => return Err(Error::Closed("an empty answer".to_owned())),
            }
        }
    }

    /// The next frame that answers a request.
    async fn answer(&mut self, method: &'static str) -> Result<ServerFrame, Error> {
        loop {
            let frame = timeout(PATIENCE, self.next()).await;
            let frame = frame.map_err(|_| Error::Slow {
                what: method,
                seconds: PATIENCE.as_secs(),
            })??;
            if peek(&frame).is_some_and(|peeked| peeked.id.is_some()) {
                return Ok(decode(&frame)?);
            }
        }
    }
}

async fn next(socket: &mut Socket) -> Result<Bytes, Error> {
    loop {
        match socket.next().await {
            Some(Ok(Message::Binary(frame))) => return Ok(frame),
            Some(Ok(Message::Close(_))) => {
                return Err(Error::Closed("the server closed it".to_owned()));
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(Error::Closed(error.to_string())),
            None => return Err(Error::Closed("end of stream".to_owned())),
        }
    }
}

/// Waits as long as a refusal says; a refusal for good is an error.
pub(crate) async fn pause(method: &'static str, error: WireError) -> Result<(), Error> {
    if !error.retryable {
        return Err(Error::Refused { method, error });
    }
    let ms = error.retry_after_ms.unwrap_or(PAUSE_MS);
    sleep(Duration::from_millis(u64::from(ms))).await;
    Ok(())
}

/// Runs jobs as tasks, at most `width` at the same time; their results in order.
pub(crate) async fn in_parallel<T, F>(
    width: usize,
    jobs: impl Iterator<Item = F>,
) -> Result<Vec<T>, Error>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    collect(stream::iter(jobs).map(tokio::spawn).buffered(width)).await
}

async fn collect<T>(
    results: impl Stream<Item = Result<Result<T, Error>, tokio::task::JoinError>>,
) -> Result<Vec<T>, Error> {
    let mut results = std::pin::pin!(results);
    let mut all = Vec::new();
    while let Some(result) = results.next().await {
        all.push(result??);
    }
    Ok(all)
}
