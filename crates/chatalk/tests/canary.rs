//! A journey with known words and keys; then the server's disk, its log at its most talkative and the decrypted frames
//! are searched for them, in every usual form.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::path::Path;

use client::{Command, Space, Store};
use client_native::SqliteStore;
use common::{
    FAST, Person, Server, Wire, entries, invited, needles, needles::Needles, now, passphrase,
    sign_in,
};
use e2ee::{
    opaque::SignIn,
    passphrase::Passphrase,
    vault::{RecordKind, RootRecord, WrapKey},
};
use protocol::{
    ConversationId, Request, ServerFrame, decode,
    methods::{
        account::SignInStart,
        vault::{GetRecords, RecordName},
    },
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;

const ANNA_PHRASE: &str = "quokka vellichor Zephyrine 7 marmalade";
const BEN_PHRASE: &str = "Ungezähmter Wellensittich über Łódź 42";
const WRONG_PHRASE: &str = "borborygmus flibbertigibbet 19 sardines";
const TEXTS: &[&str] = &[
    "syzygy-CANARY-one: the heron lands at midnight",
    "Секретное слово: журавль-ЖЫТЬ-42",
    "秘密的话语：白鹤在午夜降落",
    "مالك الحزين يهبط عند منتصف الليل",
    "👩🏽‍🚀🦩🕛 flamingo-CANARY",
    "{\"json\": \"CANARY <quoted> & 'escaped' = 100%\"}",
];
const PIN_NOTE: &[u8] = b"a private note about ben: CANARY-in-the-vault";
/// Names are certified to everybody: the search must find this one.
const ALLOWED_NAME: &str = "findable.anna";

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_the_content_and_no_key_reaches_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let frames = folder.path().join("frames");
    let tap = format!("--tap-frames={}", frames.display());
    let options = [FAST, &["--log=trace,tungstenite::protocol=trace", &tap]].concat();
    let mut server = Server::start(&folder.path().join("data"), &options);
    let code = server.set_up_code.clone().unwrap();

    let mut secrets = Needles::default();
    // Tickets go to the server when they are spent: into three kinds of frames, and nowhere else.
    let mut tickets = Needles::default();
    tickets.add_text("set-up code", &code);
    tickets.add_text("set-up code without dashes", &code.replace('-', ""));

    let (mut anna, anna_folder) = person(&server, folder.path(), "anna", ALLOWED_NAME);
    anna.set_up(&code, &passphrase(ANNA_PHRASE)).await;
    let link = anna.invite().await;
    let secret = *e2ee::invitation::Invitation::decode(&link)
        .unwrap()
        .secret();
    tickets.add("secret of the invitation", &secret);
    secrets.add_text("link of the invitation", link.split_once('#').unwrap().1);
    let (mut ben, ben_folder) = person(&server, folder.path(), "ben", "ben");
    ben.register(&link, &passphrase(BEN_PHRASE)).await;
    let conversation = talk(&mut anna, &mut ben).await;
    let cem = a_member_of_the_kit(&server, &mut anna).await;

    // A device of Anna's that begins from nothing, and a guess that fails.
    let (mut fresh, fresh_folder) = person(&server, folder.path(), "fresh", ALLOWED_NAME);
    fresh.sign_in(&passphrase(ANNA_PHRASE)).await;
    assert_eq!(fresh.ready().await, conversation);
    assert_eq!(fresh.all_texts(conversation, TEXTS.len()).await, TEXTS);
    guess(&server).await;

    for (name, phrase) in [
        ("Anna", ANNA_PHRASE),
        ("Ben", BEN_PHRASE),
        ("a guess", WRONG_PHRASE),
    ] {
        secrets.add_text(format!("passphrase of {name}"), phrase);
    }
    for text in TEXTS {
        secrets.add_text(format!("message {text:?}"), text);
        // whatever cuts texts into words would leave these
        for word in text.split_whitespace().filter(|word| word.len() >= 12) {
            secrets.add_text(format!("word {word:?}"), word);
        }
    }
    secrets.add_text("syzygy", "syzygy-CANARY");
    secrets.add("a pin's note", PIN_NOTE);
    add_keys_of_a_sign_in(&mut secrets, &server, (11, ALLOWED_NAME), ANNA_PHRASE).await;
    add_keys_of_a_sign_in(&mut secrets, &server, (12, "ben"), BEN_PHRASE).await;
    secrets.add("root seed of Cem", &*cem.root.seed());
    secrets.add("account seed of Cem", &*cem.account.seed());
    secrets.add("device keys of Cem", &cem.device.to_bytes()[19..]);

    // The write-ahead log as a crash leaves it, then the database as an orderly end leaves it.
    server.kill();
    assert!(
        server
            .folder
            .join("chatalk.sqlite-wal")
            .metadata()
            .unwrap()
            .len()
            > 100_000
    );
    for person in [anna, ben, fresh] {
        person.close().await;
    }
    for folder in [&anna_folder, &ben_folder, &fresh_folder] {
        add_keys_of_a_store(&mut secrets, folder);
    }
    let seed = std::fs::read(server.folder.join("oprf.seed")).unwrap();
    let mut seeds = Needles::default();
    seeds.add("OPRF seed", &seed[3..67]);
    seeds.add("private key of OPAQUE", &seed[67..99]);

    search(&server, &frames, [&secrets, &tickets, &seeds]);
    // The tap begins a new file with each start; these frames were searched.
    server.start_again();
    let mut wire = Wire::connect(&server).await;
    sign_in(&mut wire, 77, ALLOWED_NAME, &passphrase(ANNA_PHRASE))
        .await
        .unwrap();
    wire.sync().await;
    assert!(entries(&mut wire, conversation, 1).await.len() > TEXTS.len());
    server.stop();
    search(&server, &frames, [&secrets, &tickets, &seeds]);
}

fn person(
    server: &Server,
    folder: &Path,
    device: &str,
    name: &str,
) -> (Person, std::path::PathBuf) {
    let folder = folder.join(device);
    (Person::open(server, &folder, name), folder)
}

/// They write, read, and change keys.
async fn talk(anna: &mut Person, ben: &mut Person) -> ConversationId {
    let conversation = anna.talk_to("ben").await;
    assert_eq!(ben.ready().await, conversation);
    for (i, text) in TEXTS.iter().enumerate() {
        let (author, reader) = if i % 2 == 0 {
            (&mut *anna, &mut *ben)
        } else {
            (&mut *ben, &mut *anna)
        };
        author.say(conversation, text).await;
        reader.texts(conversation, i + 1).await;
        let seq = author.until("own text", move |engine| {
            let page = engine.timeline(conversation, None, 1000).unwrap();
            let last = page.items.last().and_then(|item| item.seq);
            last.filter(|_| page.items.iter().all(|item| item.seq.is_some()))
        });
        let seq = seq.await;
        reader
            .command(Command::MarkRead { conversation, seq })
            .await;
        if i == 2 {
            let epoch = |engine: &client::Engine<SqliteStore>| engine.conversations().len();
            author.command(Command::UpdateKeys { conversation }).await;
            author.handle.query(epoch).await.unwrap();
        }
    }
    conversation
}

/// Somebody who writes a record of known words into their vault.
async fn a_member_of_the_kit(server: &Server, anna: &mut Person) -> testkit::Member {
    let (mut cem, mut wire) = invited(server, &anna.invite().await, 5, "cem").await;
    let write = cem.write_pin(&[7; 16], PIN_NOTE, now());
    wire.call(&write).await.unwrap();
    cem
}

async fn guess(server: &Server) {
    let mut wire = Wire::connect(server).await;
    let (start, signing_in) = testkit::SigningIn::start(3, ALLOWED_NAME, &passphrase(WRONG_PHRASE));
    let started = wire.call(&start).await.unwrap();
    assert!(
        signing_in
            .finish(&started.ke2, started.stretching, wire.hello.instance)
            .is_err()
    );
}

/// OPAQUE as docs/crypto.md says, from the library alone: the export key as bytes.
struct Suite;
impl opaque_ke::CipherSuite for Suite {
    type OprfCs = opaque_ke::Ristretto255;
    type KeyExchange = opaque_ke::TripleDh<opaque_ke::Ristretto255, sha2::Sha512>;
    type Ksf = argon2::Argon2<'static>;
}

async fn export_key(wire: &mut Wire, name: &str, phrase: &Passphrase) -> Vec<u8> {
    use opaque_ke::{ClientLogin, ClientLoginFinishParameters, CredentialResponse, Identifiers};
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let typed = phrase.reveal().as_bytes();
    let begun = ClientLogin::<Suite>::start(&mut rng, typed).unwrap();
    let start = SignInStart {
        login_name: name.to_owned(),
        ke1: begun.message.serialize().to_vec().into(),
    };
    let started = wire.call(&start).await.unwrap();
    let cost = started.stretching;
    let cost = argon2::Params::new(cost.memory_kib, cost.passes, cost.lanes, None).unwrap();
    let stretching = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, cost);
    let identifiers = Identifiers {
        client: None,
        server: Some(wire.hello.instance.as_bytes()),
    };
    let parameters =
        ClientLoginFinishParameters::new(Some(b"chatalk v1"), identifiers, Some(&stretching));
    let response = CredentialResponse::deserialize(&started.ke2).unwrap();
    let done = begun
        .state
        .finish(&mut rng, typed, response, parameters)
        .unwrap();
    done.export_key.to_vec()
}

/// Export key and root seed of somebody, by their passphrase.
async fn add_keys_of_a_sign_in(
    needles: &mut Needles,
    server: &Server,
    (seed, name): (u64, &str),
    phrase: &str,
) {
    let phrase = passphrase(phrase);
    let mut wire = Wire::connect(server).await;
    let export = export_key(&mut wire, name, &phrase).await;
    needles.add(format!("export key of {name}, first half"), &export[..32]);
    needles.add(format!("export key of {name}, second half"), &export[32..]);

    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let (state, ke1) = SignIn::start(&mut rng, &phrase).unwrap();
    let start = SignInStart {
        login_name: name.to_owned(),
        ke1: ke1.into(),
    };
    let started = wire.call(&start).await.unwrap();
    let cost = e2ee::opaque::Stretching {
        memory_kib: started.stretching.memory_kib,
        passes: started.stretching.passes,
        lanes: started.stretching.lanes,
    };
    let outcome = state
        .finish(&mut rng, &started.ke2, wire.hello.instance, &cost)
        .unwrap();
    needles.add(format!("session key of {name}"), &outcome.session_key);
    let (member, _) = sign_in(&mut wire, seed, name, &phrase).await.unwrap();
    let get = GetRecords {
        names: vec![RecordName {
            kind: RecordKind::Root as u8,
            id: protocol::Bytes::new(),
        }],
    };
    let record = wire.call(&get).await.unwrap().records.remove(0);
    let wrap = WrapKey::from_export_key(&outcome.export_key, member.member).unwrap();
    let root = RootRecord::decode(&record.bytes).unwrap();
    let root = root.open(member.member, &wrap).unwrap();
    needles.add(format!("root seed of {name}"), &*root.seed());
}

/// Device, account, vault and epoch keys, and MLS's own, from a client's folder.
fn add_keys_of_a_store(needles: &mut Needles, folder: &Path) {
    let whose = folder.file_name().unwrap().to_string_lossy().into_owned();
    let store = SqliteStore::open(folder, &ambient::SystemRandom).unwrap();
    let own = map(&store.get(Space::Own, b"own").unwrap().unwrap());
    let device = bytes_of(&own, "device");
    needles.add(format!("device key of {whose}"), &device[19..51]);
    needles.add(format!("device wrap key of {whose}"), &device[51..83]);
    needles.add(
        format!("account seed of {whose}"),
        &bytes_of(&own, "account_seed"),
    );
    let vault_keys = bytes_of(&own, "vault_keys");
    for key in vault_keys[7..].chunks_exact(36) {
        needles.add(format!("vault key of {whose}"), &key[4..]);
    }
    let secrets = store
        .range(Space::Secrets, &[], &[0xff; 40], usize::MAX, false)
        .unwrap();
    assert!(!secrets.is_empty(), "the client keeps epoch secrets");
    for (_, secret) in &secrets {
        needles.add(format!("epoch secret of {whose}"), secret);
    }
    let states = store
        .range(Space::Conversations, &[], &[0xff; 18], usize::MAX, false)
        .unwrap();
    let mut mls = 0;
    for (_, state) in states.iter().filter(|(key, _)| key.last() == Some(&1)) {
        let record = map(&bytes_of(&map(state), "record"));
        let private = record
            .iter()
            .find(|(k, _)| k.as_str() == Some("private"))
            .unwrap();
        for entry in private.1.as_array().unwrap() {
            let (key, value) = (entry[0].as_slice().unwrap(), entry[1].as_slice().unwrap());
            // labels of docs/crypto.md, section 5: epoch and message secrets, private HPKE keys, the seed of the leaf's key
            match key[0] {
                17 | 19 | 21 => {
                    for secret in secrets_in(&rmpv::decode::read_value(&mut &value[..]).unwrap()) {
                        mls += 1;
                        needles.add(format!("MLS secret {} of {whose}", key[0]), &secret);
                    }
                }
                24 => {
                    mls += 1;
                    needles.add(format!("leaf seed of {whose}"), &value[value.len() - 32..]);
                }
                _ => {}
            }
        }
    }
    assert!(mls >= 4, "the client keeps MLS's secrets");
}

fn map(bytes: &[u8]) -> Vec<(rmpv::Value, rmpv::Value)> {
    match rmpv::decode::read_value(&mut &bytes[..]).unwrap() {
        rmpv::Value::Map(map) => map,
        other => panic!("{other}"),
    }
}

fn bytes_of(map: &[(rmpv::Value, rmpv::Value)], name: &str) -> Vec<u8> {
    let field = map.iter().find(|(key, _)| key.as_str() == Some(name));
    field.unwrap().1.as_slice().unwrap().to_vec()
}

/// All byte strings of 32 bytes.
fn secrets_in(value: &rmpv::Value) -> Vec<Vec<u8>> {
    match value {
        rmpv::Value::Binary(bytes) if bytes.len() == 32 => vec![bytes.clone()],
        rmpv::Value::Map(map) => map.iter().flat_map(|(_, v)| secrets_in(v)).collect(),
        rmpv::Value::Array(array) => array.iter().flat_map(secrets_in).collect(),
        _ => Vec::new(),
    }
}

/// Frames as the gateway saw them: (from a client, bytes).
fn read_frames(file: &Path) -> Vec<(bool, Vec<u8>)> {
    let bytes = std::fs::read(file).unwrap();
    let mut rest = &bytes[..];
    let mut frames = Vec::new();
    while !rest.is_empty() {
        let end = rest.iter().position(|b| *b == b'\n').unwrap();
        let line = std::str::from_utf8(&rest[..end]).unwrap();
        let words: Vec<&str> = line.split(' ').collect();
        let size: usize = words[2].parse().unwrap();
        frames.push((words[0] == "in", rest[end + 1..][..size].to_vec()));
        rest = &rest[end + 1 + size + 1..];
    }
    frames
}

fn search(server: &Server, frames: &Path, [secrets, tickets, seeds]: [&Needles; 3]) {
    const NOTHING: Vec<String> = Vec::new();
    let (in_secrets, in_tickets, in_seeds) = (secrets.search(), tickets.search(), seeds.search());
    let (found, size) = in_secrets.found_below(&server.folder, &[]);
    assert_eq!(found, NOTHING, "in the data folder");
    assert!(size > 100_000, "the folder was looked at");
    assert_eq!(in_tickets.found_below(&server.folder, &[]).0, NOTHING);
    assert_eq!(
        in_seeds.found_below(&server.folder, &["oprf.seed"]).0,
        NOTHING
    );
    let log = std::fs::read(server.log_file()).unwrap();
    let text = String::from_utf8_lossy(&log);
    assert!(text.contains("TRACE"), "the log is at its most talkative");
    for search in [&in_secrets, &in_tickets, &in_seeds] {
        assert_eq!(search.found(&log), NOTHING, "in the log");
    }
    let frames = read_frames(frames);
    assert!(frames.iter().any(|(from_client, _)| *from_client));
    assert!(frames.iter().any(|(from_client, _)| !from_client));
    for (from_client, frame) in &frames {
        assert_eq!(
            in_secrets.found(frame),
            NOTHING,
            "in {}",
            protocol::describe(frame)
        );
        assert_eq!(
            in_seeds.found(frame),
            NOTHING,
            "in {}",
            protocol::describe(frame)
        );
        let spends = *from_client && {
            let request: Request = decode(frame).unwrap();
            let method = request.method.as_str();
            matches!(
                method,
                "invitations.check" | "account.register_start" | "account.register_finish"
            )
        };
        if !from_client {
            decode::<ServerFrame>(frame).unwrap();
        }
        if !spends {
            assert_eq!(
                in_tickets.found(frame),
                NOTHING,
                "in {}",
                protocol::describe(frame)
            );
        }
    }
    the_search_finds_what_is_there(server, &frames);
}

/// The same search over the same places for what may be there.
fn the_search_finds_what_is_there(server: &Server, frames: &[(bool, Vec<u8>)]) {
    let mut allowed = Needles::default();
    allowed.add_text("name", ALLOWED_NAME);
    let search = allowed.search();
    let (found, _) = search.found_below(&server.folder, &[]);
    assert!(
        found
            .iter()
            .any(|f| f.contains("chatalk.sqlite") && f.ends_with("name as raw")),
        "{found:?}"
    );
    assert!(
        frames
            .iter()
            .any(|(from, frame)| *from && !search.found(frame).is_empty())
    );
}

#[test]
fn the_search_finds_every_form_wherever_it_lies() {
    let text = "Canary ÿ 白鹤 words";
    let mut wanted = Needles::default();
    wanted.add_text("words", text);
    wanted.add("key", &[0xe5; 32]);
    let search = wanted.search();
    assert!(search.found(&[0x55; 4096]).is_empty());
    for secret in [text.as_bytes(), &[0xe5; 32]] {
        for (form, bytes) in needles::forms(secret) {
            for offset in 0..5 {
                let mut hay = vec![b'x'; 1000 + offset];
                hay.extend_from_slice(&bytes);
                hay.extend_from_slice(&[b'y'; 100]);
                let found = search.found(&hay);
                assert!(found.iter().any(|f| f.ends_with(form)), "{form}: {found:?}");
            }
        }
    }
    // Base64 of something longer, whichever way it is cut.
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    for before in 0..6 {
        for after in 0..3 {
            let long = [&vec![1; before], text.as_bytes(), &vec![2; after]].concat();
            let found = search.found(STANDARD.encode(long).as_bytes());
            assert!(
                found.contains(&"words as base64".to_owned()),
                "{before} {after}"
            );
        }
    }
}
