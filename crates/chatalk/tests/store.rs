//! What a real client keeps in its folder after a real journey is what the fixture of client-native holds.
#![allow(clippy::unwrap_used, missing_docs)]

mod common;
#[path = "../../client-native/tests/fixture/mod.rs"]
mod fixture;

use std::path::Path;

use client::{Command, view::SendState};
use client_native::Folder;
use common::{FAST, Person, Server, passphrase};
use fixture::{TALK, WAITING};

#[tokio::test(flavor = "multi_thread")]
async fn a_journey_leaves_a_folder_that_is_read_without_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(&folder.path().join("data"), FAST);
    let (anna_folder, ben_folder) = (folder.path().join("anna"), folder.path().join("ben"));
    let mut anna = Person::open(&server, &anna_folder, "anna");
    Folder::new(&anna_folder).remember(&anna.peer).unwrap();
    let code = server.set_up_code.clone().unwrap();
    anna.set_up(&code, &passphrase("the words of the fixture"))
        .await;
    let mut ben = Person::open(&server, &ben_folder, "ben");
    ben.register(&anna.invite().await, &passphrase("other words of it"))
        .await;
    let conversation = anna.talk_to("ben").await;
    assert_eq!(ben.ready().await, conversation);
    for (n, (author, text)) in TALK.iter().enumerate() {
        if n == 4 {
            anna.command(Command::UpdateKeys { conversation }).await;
            anna.items(conversation, n + 2).await;
        }
        let person = if *author == "a" { &anna } else { &ben };
        person.say(conversation, text).await;
        anna.texts(conversation, n + 1).await;
        ben.texts(conversation, n + 1).await;
        if n == 0 {
            ben.command(Command::MarkRead {
                conversation,
                seq: 2,
            })
            .await;
        } else if n == 2 {
            // the first of Ben's is read, the second is not
            anna.command(Command::MarkRead {
                conversation,
                seq: 3,
            })
            .await;
        }
    }
    anna.until("the receipt of the first", move |engine| {
        let page = engine.timeline(conversation, None, 100).unwrap();
        let first = page.items.iter().find(|item| item.state.is_some())?;
        (first.state == Some(SendState::Read)).then_some(())
    })
    .await;
    server.stop();
    anna.offline().await;
    anna.say(conversation, WAITING).await;
    anna.close().await;
    ben.close().await;
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../client-native/fixtures/v1");
    if std::env::var_os("CHATALK_WRITE_FIXTURES").is_some() && !kept.exists() {
        fixture::copy(&anna_folder, &kept);
    }
    fixture::is_read(&anna_folder);
    fixture::is_written_on(&anna_folder);
}
