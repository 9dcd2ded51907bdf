//! Members of the test kit over real sockets: TLS, WebSocket, frames.

use std::{collections::VecDeque, io, sync::Arc, time::Duration};

use ambient::{Clock, SystemClock};
use e2ee::passphrase::Passphrase;
use futures_util::{SinkExt, StreamExt};
use protocol::{
    Bytes, ConversationId, Event, Method, Request, ServerFrame, WireError, decode, encode,
    events::Hello,
    limits::{SOCKET_PATH, SUBPROTOCOL},
    methods::{
        account::{SignInFinish, SignInStart, SignedIn, Ticket},
        conversations::{Entry, GetEntries, GetWelcome},
        people::ClaimKeyPackage,
        sync::StartSync,
    },
};
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, ServerName, pem::PemObject},
};
use testkit::{Member, Newcomer, SigningIn};
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{
        Message, client::IntoClientRequest, http::HeaderValue, protocol::WebSocketConfig,
    },
};

use super::{Endpoint, Server};

type Failed = Box<dyn std::error::Error + Send + Sync>;

/// Longer than anything takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// One connection.
pub struct Wire {
    socket: WebSocketStream<TlsStream<TcpStream>>,
    pub hello: Hello,
    next_id: u64,
    /// Events that came while a reply was waited for.
    pub events: VecDeque<Event>,
}

pub fn now() -> u64 {
    SystemClock.now()
}

impl Wire {
    /// Connects and reads hello.
    pub async fn connect(server: &Server) -> Self {
        Self::try_connect(server).await.unwrap()
    }

    pub async fn try_connect(server: &Server) -> Result<Self, Failed> {
        Self::try_connect_to(&server.endpoint()).await
    }

    pub async fn try_connect_to(server: &Endpoint) -> Result<Self, Failed> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(&server.authority)?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(("127.0.0.1", server.port)).await?;
        stream.set_nodelay(true)?;
        let name = ServerName::try_from("localhost")?;
        let tls = TlsConnector::from(Arc::new(config))
            .connect(name, stream)
            .await?;
        let mut request =
            format!("wss://localhost:{}{SOCKET_PATH}", server.port).into_client_request()?;
        let headers = request.headers_mut();
        headers.insert(
            "sec-websocket-protocol",
            HeaderValue::from_static(SUBPROTOCOL),
        );
        let limits = WebSocketConfig::default()
            .max_message_size(Some(64 << 20))
            .max_frame_size(Some(64 << 20));
        let (socket, _) = client_async_with_config(request, tls, Some(limits)).await?;
        let mut wire = Self {
            socket,
            hello: empty_hello(),
            next_id: 0,
            events: VecDeque::new(),
        };
        match wire.next().await.map(event) {
            Some(Event::Hello(hello)) => wire.hello = *hello,
            _ => return Err(io::Error::other("no hello").into()),
        }
        Ok(wire)
    }

    /// The next frame; none when the connection has ended.
    pub async fn next(&mut self) -> Option<ServerFrame> {
        Some(decode(&self.next_bytes().await?).unwrap())
    }

    /// The same as it came.
    pub async fn next_bytes(&mut self) -> Option<Bytes> {
        loop {
            match timeout(PATIENCE, self.socket.next())
                .await
                .expect("the server is silent")
            {
                Some(Ok(Message::Binary(bytes))) => return Some(bytes),
                Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(other)) => panic!("{other:?}"),
            }
        }
    }

    /// Sends bytes as one frame; false when the connection has ended.
    pub async fn raw(&mut self, bytes: impl Into<Bytes>) -> bool {
        self.socket
            .send(Message::Binary(bytes.into()))
            .await
            .is_ok()
    }

    /// Sends a request without waiting for the reply.
    pub async fn post<M: Method>(&mut self, params: &M) -> Option<u64> {
        self.next_id += 1;
        let frame = encode(&Request::new(self.next_id, params));
        self.raw(frame).await.then_some(self.next_id)
    }

    /// Sends a request and waits for the reply.
    pub async fn call<M: Method>(&mut self, params: &M) -> Result<M::Reply, WireError> {
        let id = self.post(params).await.expect("the connection has ended");
        let frame = self.reply(id).await;
        match (frame.ok, frame.err) {
            (Some(ok), None) => Ok(decode(&ok).unwrap()),
            (None, Some(error)) => Err(error),
            other => panic!("{other:?}"),
        }
    }

    /// Waits for the reply to a request.
    pub async fn reply(&mut self, id: u64) -> ServerFrame {
        loop {
            let frame = self.next().await.expect("the connection has ended");
            if frame.event.is_some() {
                self.events.push_back(event(frame));
            } else {
                assert_eq!(frame.id, Some(id), "{frame:?}");
                return frame;
            }
        }
    }

    /// The next event, of those that came already or one that comes.
    pub async fn event(&mut self) -> Event {
        match self.events.pop_front() {
            Some(event) => event,
            None => event(self.next().await.expect("the connection has ended")),
        }
    }

    /// Waits for an event of this kind; others before it go.
    pub async fn event_like<T>(&mut self, pick: impl Fn(Event) -> Option<T>) -> T {
        loop {
            if let Some(found) = pick(self.event().await) {
                return found;
            }
        }
    }

    /// Signs in by the device's key, and subscribes.
    pub async fn resume(&mut self, member: &Member) -> Result<SignedIn, WireError> {
        let proof = member.resume(self.hello.incarnation, self.hello.challenge);
        let signed_in = self.call(&proof).await?;
        self.sync().await;
        Ok(signed_in)
    }

    pub async fn sync(&mut self) {
        let start = StartSync {
            incarnation: Some(self.hello.incarnation),
            cursors: Vec::new(),
        };
        self.call(&start).await.unwrap();
    }
}

fn event(frame: ServerFrame) -> Event {
    Event::decode(&frame.event.unwrap(), &frame.data.unwrap()).unwrap()
}

fn empty_hello() -> Hello {
    Hello {
        protocol: 0,
        instance: Default::default(),
        incarnation: Default::default(),
        server: String::new(),
        organisation: String::new(),
        challenge: Default::default(),
        capabilities: Vec::new(),
        limits: Default::default(),
        time: 0,
        state: protocol::events::ServerState::Unknown,
    }
}

pub async fn register(
    wire: &mut Wire,
    seed: u64,
    name: &str,
    ticket: &Ticket,
    organisation: Option<&str>,
) -> Member {
    let mut newcomer = Newcomer::new(seed, wire.hello.instance, name, name);
    let (start, registration) = newcomer.start(ticket);
    let started = wire.call(&start).await.unwrap();
    let (finish, member) = newcomer.finish(ticket, registration, &started, organisation, now());
    wire.call(&finish).await.unwrap();
    wire.sync().await;
    member
}

/// The first member, with the set-up code.
pub async fn set_up(server: &Server, name: &str) -> (Member, Wire) {
    let mut wire = Wire::connect(server).await;
    let code = server.set_up_code.clone().unwrap();
    let member = register(&mut wire, 1, name, &Ticket::SetUp { code }, Some("Example")).await;
    (member, wire)
}

/// One more member; both learn each other's certificates.
pub async fn invite(
    server: &Server,
    (admin, by): (&mut Member, &mut Wire),
    seed: u64,
    name: &str,
) -> (Member, Wire) {
    let invited = admin.invite();
    by.call(&invited.params).await.unwrap();
    let mut wire = Wire::connect(server).await;
    let mut member = register(&mut wire, seed, name, &invited.ticket, None).await;
    member.learn(&admin.certificate);
    admin.learn(&member.certificate);
    (member, wire)
}

/// A member of the test kit, invited by somebody's link.
pub async fn invited(server: &Server, link: &str, seed: u64, name: &str) -> (Member, Wire) {
    let secret = *e2ee::invitation::Invitation::decode(link).unwrap().secret();
    let ticket = Ticket::Invitation {
        secret: Bytes::copy_from_slice(&secret),
    };
    let mut wire = Wire::connect(server).await;
    let member = register(&mut wire, seed, name, &ticket, None).await;
    (member, wire)
}

/// A new connection of a member.
pub async fn signed_in(server: &Server, member: &Member) -> Wire {
    let mut wire = Wire::connect(server).await;
    wire.resume(member).await.unwrap();
    wire
}

/// A fresh device of a member, by name and passphrase.
pub async fn sign_in(
    wire: &mut Wire,
    seed: u64,
    name: &str,
    passphrase: &Passphrase,
) -> Result<(SignedIn, e2ee::device::DeviceKeys), WireError> {
    let (start, signing_in): (SignInStart, _) = SigningIn::start(seed, name, passphrase);
    let started = wire.call(&start).await?;
    let (ke3, device, keys) = signing_in
        .finish(&started.ke2, started.stretching, wire.hello.instance)
        .unwrap();
    let finish = SignInFinish {
        attempt: started.attempt,
        ke3,
        device,
    };
    Ok((wire.call(&finish).await?, keys))
}

/// A group of the first with all others, joined by all.
pub async fn founded(members: &mut [(Member, Wire)]) -> ConversationId {
    let (founder, others) = members.split_first_mut().unwrap();
    let (anna, wire) = founder;
    let id = anna.conversation_id();
    let mut add = Vec::new();
    for (other, _) in others.iter() {
        let claim = ClaimKeyPackage {
            member: other.member,
        };
        add.push((other.member, wire.call(&claim).await.unwrap()));
    }
    let create = anna.found_group(id, add, now());
    wire.call(&create).await.unwrap();
    join_all(id, founder, others).await;
    id
}

/// A direct conversation of the first with the second, joined.
pub async fn direct(members: &mut [(Member, Wire)]) -> ConversationId {
    let (founder, others) = members.split_first_mut().unwrap();
    let (anna, wire) = founder;
    let id = anna.conversation_id();
    let other = others[0].0.member;
    let package = wire.call(&ClaimKeyPackage { member: other }).await.unwrap();
    let create = anna.found_direct(id, other, package, now());
    wire.call(&create).await.unwrap();
    join_all(id, founder, &mut others[..1]).await;
    id
}

async fn join_all(id: ConversationId, founder: &mut (Member, Wire), others: &mut [(Member, Wire)]) {
    let (anna, wire) = founder;
    for (member, theirs) in others {
        let welcome = theirs.call(&GetWelcome { conversation: id }).await.unwrap();
        let write = member.join(id, &welcome, now());
        theirs.call(&write).await.unwrap();
    }
    let first = entries(wire, id, 1).await;
    anna.follow(&first[0]);
}

/// The log from this seq to its end.
pub async fn entries(wire: &mut Wire, conversation: ConversationId, from: u64) -> Vec<Entry> {
    let mut all: Vec<Entry> = Vec::new();
    loop {
        let get = GetEntries {
            conversation,
            from: from + all.len() as u64,
            limit: 200,
            commits_only: false,
        };
        let page = wire.call(&get).await.unwrap();
        all.extend(page.entries);
        if from + all.len() as u64 > page.head_seq {
            return all;
        }
    }
}
