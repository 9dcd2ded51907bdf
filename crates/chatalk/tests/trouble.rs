//! A disk that is full or fails, a database that is locked, a folder that can't be written: the server says so in
//! words, reading goes on, what people write waits with them, and goes out by itself when it can.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, missing_docs)]

mod common;

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use client::view::ConnectionView;
use common::{FAST, Person, Server, Wire, invited, now, passphrase, signed_in};
use protocol::{
    ConversationId, ErrorCode,
    events::ServerState,
    methods::{people::FindPeople, vault::GetManifest},
};
use rustix::process::{Resource, Rlimit, prlimit};
use storage_sqlite::DATABASE_FILE;
use tempfile::TempDir;

const CHATALK: &str = env!("CARGO_BIN_EXE_chatalk");

/// Two people with real clients who talk, and a member who looks at the server's answers.
struct Talk {
    anna: Person,
    ben: Person,
    conversation: ConversationId,
    said: Vec<String>,
    cem: (testkit::Member, Wire),
    _folder: TempDir,
}

impl Talk {
    async fn start(server: &Server, folder: TempDir) -> Self {
        let mut anna = Person::open(server, folder.path().join("anna"), "anna");
        let code = server.set_up_code.clone().unwrap();
        anna.set_up(&code, &passphrase("something of anna's own"))
            .await;
        let mut ben = Person::open(server, folder.path().join("ben"), "ben");
        ben.register(&anna.invite().await, &passphrase("and something of ben's"))
            .await;
        let conversation = anna.talk_to("ben").await;
        assert_eq!(ben.ready().await, conversation);
        let cem = invited(server, &anna.invite().await, 9, "cem").await;
        let mut talk = Self {
            cem,
            anna,
            ben,
            conversation,
            said: Vec::new(),
            _folder: folder,
        };
        talk.say("before").await;
        talk.everybody_has_all().await;
        talk
    }

    /// Each says one thing; the next thing only when the one before is with their client.
    async fn say(&mut self, what: &str) {
        for (person, name) in [(&self.anna, "anna"), (&self.ben, "ben")] {
            let text = format!("{name}: {what} {}", self.said.len());
            person.say(self.conversation, &text).await;
            self.said.push(text);
        }
    }

    /// Both know that nothing can be written now; gives the words.
    async fn told_read_only(&mut self) -> String {
        let read_only =
            |engine: &client::Engine<client_native::SqliteStore>| match engine.connection() {
                ConnectionView::ReadOnly { reason } => Some(reason),
                _ => None,
            };
        let reason = self.anna.until("being told", read_only).await;
        assert_eq!(self.ben.until("being told", read_only).await, reason);
        reason
    }

    async fn everybody_has_all(&mut self) {
        let mut all = self.anna.texts(self.conversation, self.said.len()).await;
        assert_eq!(
            self.ben.texts(self.conversation, self.said.len()).await,
            all
        );
        all.sort();
        let mut said = self.said.clone();
        said.sort();
        assert_eq!(all, said, "nothing lost, nothing twice");
    }

    /// Cem's connection ended with the server.
    async fn cem_comes_back(&mut self, server: &Server) {
        self.cem.1 = signed_in(server, &self.cem.0).await;
    }

    /// Nothing that writes is done, everything that reads is; and who comes back is let in.
    async fn reading_goes_on(&mut self, server: &Server) {
        let (cem, wire) = &mut self.cem;
        let before = wire.call(&GetManifest {}).await.unwrap();
        let vault = cem.vault.clone();
        let write = cem.write_pin(&[1; 16], b"a pin", now());
        cem.vault = vault;
        let refused = wire.call(&write).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::ReadOnly);
        assert!(refused.retryable && !refused.message.is_empty());
        assert_eq!(
            wire.call(&GetManifest {}).await.unwrap(),
            before,
            "nothing half-written"
        );
        let find = FindPeople {
            query: String::new(),
            limit: 10,
        };
        assert_eq!(wire.call(&find).await.unwrap().people.len(), 3);
        let again = signed_in(server, cem).await;
        assert!(matches!(again.hello.state, ServerState::ReadOnly { .. }));
    }

    /// Ben closes his client while his messages wait, and opens it again.
    async fn ben_comes_back(mut self, server: &Server) -> Self {
        let folder = self.ben.close().await;
        self.ben = Person::open(server, folder, "ben");
        self.told_read_only().await;
        self
    }
}

fn sound(database: &Path) {
    let database = rusqlite::Connection::open(database).unwrap();
    let verdict: String = database
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(verdict, "ok");
}

/// Ways to mount something that others do not see.
const MOUNTING: [[&str; 2]; 2] = [["unshare", "-m"], ["unshare", "-Urm"]];

/// Says plainly what this run has not shown.
#[allow(clippy::print_stderr)]
fn not_shown(what: &str) {
    eprintln!("NOT SHOWN: this user may mount nothing here, so there is no test of {what}.");
}

/// A server whose disk can be made to take nothing more.
struct Disk {
    server: Server,
    /// Where it is mounted, when it is a small disk of its own.
    mounted: Option<PathBuf>,
}

impl Disk {
    /// One whose files can be limited. Writing beyond the limit would end the process; as an error it is what a
    /// failing disk gives.
    fn failing(folder: &Path) -> Self {
        let deaf = ["sh", "-c", "trap '' XFSZ; exec \"$@\"", "sh", CHATALK];
        Self {
            server: Server::start_by(&deaf, folder, FAST),
            mounted: None,
        }
    }

    /// One of 12 MiB, where this user may mount one; otherwise the other kind.
    fn small(folder: &Path) -> Self {
        let mount = format!(
            "mount -t tmpfs -o size=12m,mode=700 none {}; exec \"$@\"",
            folder.display()
        );
        fs::create_dir(folder).unwrap();
        let mounts = |way: &&[&str; 2]| {
            let mut tried = Command::new(way[0]);
            tried.args([way[1], "sh", "-c", &mount, "sh", "true"]);
            tried
                .output()
                .is_ok_and(|out| out.status.success() && out.stderr.is_empty())
        };
        let Some(way) = MOUNTING.iter().find(mounts) else {
            not_shown("a full disk, a failing one takes its place");
            return Self::failing(folder);
        };
        let program = [way[0], way[1], "sh", "-c", &mount, "sh", CHATALK];
        let mut server = Server::start_by(&program, folder, FAST);
        // It is mounted for the server alone, and gone when the server is.
        let root = PathBuf::from(format!("/proc/{}/root", server.pid().as_raw_nonzero()));
        server.folder = root.join(folder.strip_prefix("/").unwrap());
        Self {
            mounted: Some(server.folder.clone()),
            server,
        }
    }

    fn take_no_more(&self) {
        let Some(mounted) = &self.mounted else {
            return self.limit_files(Some(4096));
        };
        let mut filler = File::create(mounted.join("filler")).unwrap();
        for size in [1 << 16, 1 << 12, 1] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
    }

    fn take_again(&self) {
        match &self.mounted {
            Some(mounted) => fs::remove_file(mounted.join("filler")).unwrap(),
            None => self.limit_files(None),
        }
    }

    fn limit_files(&self, bytes: Option<u64>) {
        let limit = Rlimit {
            current: bytes,
            maximum: None,
        };
        prlimit(Some(self.server.pid()), Resource::Fsize, limit).unwrap();
    }
}

async fn takes_no_more_and_again(disk: Disk, folder: TempDir) {
    let mut talk = Talk::start(&disk.server, folder).await;
    let words = match disk.mounted {
        Some(_) => "the disk with the data folder is full; free some space",
        None => "the disk with the data folder fails",
    };
    for _ in 0..2 {
        disk.take_no_more();
        talk.say("while nothing can be written").await;
        let reason = talk.told_read_only().await;
        assert!(reason.contains(words), "{reason}");
        talk.say("and still").await;
        talk.reading_goes_on(&disk.server).await;
        talk = talk.ben_comes_back(&disk.server).await;
        disk.take_again();
        talk.everybody_has_all().await;
    }
    sound(&disk.server.folder.join(DATABASE_FILE));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_fails_is_told_and_everything_goes_out_when_it_works() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::failing(&folder.path().join("data"));
    Box::pin(takes_no_more_and_again(disk, folder)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_and_everything_goes_out_when_there_is_room() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::small(&folder.path().join("data"));
    Box::pin(takes_no_more_and_again(disk, folder)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_database_is_told_and_everything_goes_out_when_it_is_free() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&folder.path().join("data"), FAST);
    let mut talk = Talk::start(&server, folder).await;
    let file = server.folder.join(DATABASE_FILE);
    let other = rusqlite::Connection::open(&file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    talk.say("while it is locked").await;
    let reason = talk.told_read_only().await;
    assert!(
        reason.contains("another program holds the database locked"),
        "{reason}"
    );
    talk.reading_goes_on(&server).await;
    talk = talk.ben_comes_back(&server).await;
    other.execute_batch("ROLLBACK").unwrap();
    talk.everybody_has_all().await;
    drop(other);
    server.stop();
    sound(&file);
}

/// Starts the server again while it can write nothing; the two go on, and all goes out when it can.
async fn starts_read_only(
    server: &mut Server,
    mut talk: Talk,
    words: &str,
    start: impl FnOnce(&mut Server),
) -> Talk {
    start(server);
    let reason = server
        .read_only
        .clone()
        .expect("it says that it can't write");
    assert!(reason.contains(words), "{reason}");
    talk.say("while nothing can be written").await;
    assert_eq!(talk.told_read_only().await, reason);
    talk.cem_comes_back(server).await;
    talk.reading_goes_on(server).await;
    talk.ben_comes_back(server).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_on_a_locked_database_reads_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&folder.path().join("data"), FAST);
    let talk = Talk::start(&server, folder).await;
    let file = server.folder.join(DATABASE_FILE);
    server.kill();
    let other = rusqlite::Connection::open(&file).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let words = "another program holds the database locked";
    let mut talk = Box::pin(starts_read_only(
        &mut server,
        talk,
        words,
        Server::start_again,
    ))
    .await;
    other.execute_batch("ROLLBACK").unwrap();
    talk.everybody_has_all().await;
    drop(other);
    server.stop();
    sound(&file);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_starts_on_a_read_only_disk_reads_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&folder.path().join("data"), FAST);
    let data = server.folder.display().to_string();
    let mount =
        format!("mount --bind {data} {data} && mount -o remount,bind,ro {data} && exec \"$@\"");
    let mounts = |way: &&[&str; 2]| {
        let mut tried = Command::new(way[0]);
        tried.args([way[1], "sh", "-c", &mount, "sh", "true"]);
        tried.output().is_ok_and(|out| out.status.success())
    };
    let Some(way) = MOUNTING.iter().find(mounts) else {
        return not_shown("a start on a read-only disk");
    };
    let program = [way[0], way[1], "sh", "-c", &mount, "sh", CHATALK];
    let mut talk = Talk::start(&server, folder).await;
    let words = "read-only when the server started";
    // Once with a log that a crash left, once without one.
    for end in [Server::kill, Server::stop] {
        end(&mut server);
        let start = |server: &mut Server| server.start_again_by(&program);
        talk = Box::pin(starts_read_only(&mut server, talk, words, start)).await;
        server.kill();
        server.start_again();
        assert_eq!(server.read_only, None);
        talk.everybody_has_all().await;
    }
    server.stop();
    sound(&server.folder.join(DATABASE_FILE));
}

#[test]
fn a_folder_that_can_not_be_used_is_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "not a folder").unwrap();
    for data in [
        file.clone(),
        file.join("below"),
        PathBuf::from("/proc/chatalk"),
        PathBuf::from("/sys/chatalk"),
    ] {
        let mut serve = Command::new(CHATALK);
        serve
            .arg("serve")
            .arg("--listen=127.0.0.1:0")
            .arg("--local=off")
            .arg("--data")
            .arg(&data);
        let output = serve.output().unwrap();
        assert!(!output.status.success());
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(words.contains(&data.display().to_string()), "{words}");
        assert!(!words.contains("panicked"), "{words}");
    }
    assert_eq!(fs::read_to_string(file).unwrap(), "not a folder");
}
