//! The main journey through all three services: set up, invite, register, find, claim, found, join, write, read.
#![allow(clippy::unwrap_used)]

mod server;

use accounts::Accounts;
use bus::Topic;
use conversations::Conversations;
use protocol::{
    events::Event,
    methods::{
        conversations::{GetEntries, GetReceipts, GetTree, GetWelcome},
        people::FindPeople,
        sync::{Cursor, StartSync},
        vault::GetRecords,
    },
};
use server::{Server, device, heard};
use testkit::Change;
use vault::Vault;

fn everything(conversation: protocol::ConversationId) -> GetEntries {
    GetEntries {
        conversation,
        from: 1,
        limit: 100,
        commits_only: false,
    }
}

#[tokio::test]
async fn two_members_talk() {
    let server = Server::start().await;
    assert!(server.accounts.hello().await.unwrap().set_up_needed);
    let mut anna = server.set_up().await;
    let hello = server.accounts.hello().await.unwrap();
    assert!(!hello.set_up_needed);
    assert_eq!(hello.organisation, "Example");
    let mut ben = server.invite(&mut anna, 2, "ben").await;

    // They find each other.
    let query = FindPeople {
        query: "BE".to_owned(),
        limit: 10,
    };
    let found = server
        .accounts
        .find_people(anna.member, query)
        .await
        .unwrap();
    assert_eq!(found.people.len(), 1);
    assert_eq!(found.people[0].member, ben.member);
    assert_eq!(
        found.people[0].certificates,
        [ben.certificate.bytes().to_vec()]
    );

    // Anna founds a direct conversation.
    let mut to_ben = server.listen(Topic::Member(ben.member));
    let id = anna.conversation_id();
    let package = server.claim(&anna, ben.member).await;
    let create = anna.found_direct(id, ben.member, package, server::START);
    let conversations = &server.conversations;
    let accepted = conversations
        .create(anna.member, device(&anna), create)
        .await
        .unwrap();
    assert_eq!(accepted.seq, 1);
    let events = heard(&mut to_ben);
    let [Event::KeyPackagesLow(low), Event::Conversation(told)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(low.left, 2);
    assert!(told.summary.welcome && told.summary.direct);
    assert_eq!(told.summary.members.len(), 2);

    // Ben joins by the Welcome, which then is gone.
    let get = GetWelcome { conversation: id };
    let welcome = conversations
        .welcome(ben.member, get.clone())
        .await
        .unwrap();
    let joined = ben.join(id, &welcome, server::START);
    server
        .vault
        .write(ben.member, device(&ben), joined)
        .await
        .unwrap();
    conversations.welcome(ben.member, get).await.unwrap_err();
    let log = conversations
        .entries(anna.member, everything(id))
        .await
        .unwrap();
    anna.follow(&log.entries[0]);
    assert_eq!(anna.transcript(id), ben.transcript(id));

    // They write.
    let mut log = server.listen(Topic::Conversation(id));
    for (i, text) in ["hello", "как дела?", "👍🏽"].into_iter().enumerate() {
        let (author, reader) = if i % 2 == 0 {
            (&mut anna, &mut ben)
        } else {
            (&mut ben, &mut anna)
        };
        let send = author.seal(id, text, server::START);
        let accepted = conversations
            .send(author.member, device(author), send)
            .await
            .unwrap();
        assert_eq!(accepted.seq, i as u64 + 2);
        let events = heard(&mut log);
        let [Event::Entry(new)] = &events[..] else {
            panic!("{events:?}");
        };
        assert_eq!(reader.follow(&new.entry).as_deref(), Some(text));
        assert_eq!(author.follow(&new.entry).as_deref(), Some(text));
    }

    // Receipts.
    let receipt = ben.seal_receipt(id, 4, server::START);
    conversations
        .put_receipt(ben.member, receipt)
        .await
        .unwrap();
    let get = GetReceipts { conversation: id };
    let receipts = conversations.receipts(anna.member, get).await.unwrap();
    assert_eq!(receipts.receipts.len(), 1);
    assert_eq!(anna.open_receipt(&receipts.receipts[0]), 4);

    // Catching up.
    let sync = StartSync {
        incarnation: Some(hello.incarnation),
        cursors: vec![Cursor {
            conversation: id,
            seq: 4,
        }],
    };
    let synced = conversations.sync(ben.member, sync.clone()).await.unwrap();
    assert!(!synced.snapshot_needed && synced.changed.is_empty() && synced.gone.is_empty());
    assert_eq!(synced.vault_head, ben.vault.head_number());
    assert_eq!(synced.key_packages_left, 2);
    let fresh = StartSync {
        incarnation: None,
        cursors: Vec::new(),
    };
    let synced = conversations.sync(ben.member, fresh).await.unwrap();
    assert_eq!(synced.changed[0].head_seq, 4);
}

#[tokio::test]
async fn a_group_lives_through_changes_of_its_members_and_keys() {
    let server = Server::start().await;
    let mut anna = server.set_up().await;
    let mut ben = server.invite(&mut anna, 2, "ben").await;
    let mut cleo = server.invite(&mut anna, 3, "cleo").await;
    ben.learn(&cleo.certificate);
    cleo.learn(&ben.certificate);
    let conversations = &server.conversations;
    let id = anna.conversation_id();
    let with_ben = vec![(ben.member, server.claim(&anna, ben.member).await)];
    let create = anna.found_group(id, with_ben, server::START);
    conversations
        .create(anna.member, device(&anna), create)
        .await
        .unwrap();
    let get = GetWelcome { conversation: id };
    let welcome = conversations
        .welcome(ben.member, get.clone())
        .await
        .unwrap();
    let write = ben.join(id, &welcome, server::START);
    server
        .vault
        .write(ben.member, device(&ben), write)
        .await
        .unwrap();
    let page = conversations
        .entries(anna.member, everything(id))
        .await
        .unwrap();
    anna.follow(&page.entries[0]);

    // Twenty key updates, by turns: past more than one checkpoint of a large group.
    let mut log = server.listen(Topic::Conversation(id));
    for turn in 0..20 {
        let author = if turn % 2 == 0 { &mut anna } else { &mut ben };
        let update = Change {
            update: true,
            ..Change::default()
        };
        let commit = author.change(id, update, server::START);
        let (member, own) = (author.member, device(author));
        conversations.commit(member, own, commit).await.unwrap();
        for event in heard(&mut log) {
            let Event::Entry(new) = event else { panic!() };
            anna.follow(&new.entry);
            ben.follow(&new.entry);
        }
    }
    assert_eq!(anna.epoch(id), 21);

    // Cleo comes, from a cut: she sees nothing of before.
    let mut to_cleo = server.listen(Topic::Member(cleo.member));
    let add = Change {
        add: vec![(cleo.member, server.claim(&anna, cleo.member).await)],
        cut: true,
        ..Change::default()
    };
    let commit = anna.change(id, add, server::START);
    let accepted = conversations
        .commit(anna.member, device(&anna), commit)
        .await
        .unwrap();
    assert_eq!(accepted.seq, 22);
    let events = heard(&mut to_cleo);
    let [Event::KeyPackagesLow(_), Event::Conversation(told)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(told.summary.first_seq, 22);
    let welcome = conversations.welcome(cleo.member, get).await.unwrap();
    let write = cleo.join(id, &welcome, server::START);
    server
        .vault
        .write(cleo.member, device(&cleo), write)
        .await
        .unwrap();
    let page = conversations
        .entries(cleo.member, everything(id))
        .await
        .unwrap();
    assert_eq!(page.entries[0].seq, 22);
    assert_eq!(page.head_seq, 22);
    for event in heard(&mut log) {
        let Event::Entry(new) = event else { panic!() };
        anna.follow(&new.entry);
        ben.follow(&new.entry);
    }
    // Trees: of her time she gets them, also from before the newest; of earlier times only the others do.
    for (member, epoch, there) in [
        (cleo.member, 22, true),
        (cleo.member, 21, false),
        (anna.member, 21, true),
        (anna.member, 1, true),
        (anna.member, 23, false),
        (anna.member, 0, false),
    ] {
        let tree = GetTree {
            conversation: id,
            epoch,
            restart: None,
        };
        let got = conversations.tree(member, tree).await;
        assert_eq!(got.is_ok(), there, "epoch {epoch}: {got:?}");
    }
    let send = cleo.seal(id, "hello all", server::START);
    conversations
        .send(cleo.member, device(&cleo), send)
        .await
        .unwrap();
    let events = heard(&mut log);
    let [Event::Entry(new)] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(ben.follow(&new.entry).as_deref(), Some("hello all"));
    anna.follow(&new.entry);

    // Ben goes: he is told, and gets nothing more.
    let mut to_ben = server.listen(Topic::Member(ben.member));
    let remove = Change {
        remove: vec![ben.member],
        ..Change::default()
    };
    let commit = anna.change(id, remove, server::START);
    conversations
        .commit(anna.member, device(&anna), commit)
        .await
        .unwrap();
    assert!(matches!(
        heard(&mut to_ben)[..],
        [Event::ConversationGone(_)]
    ));
    let refused = conversations.entries(ben.member, everything(id)).await;
    assert_eq!(refused.unwrap_err(), conversations::Error::NotAMember);
    let sync = StartSync {
        incarnation: Some(server.accounts.incarnation()),
        cursors: vec![Cursor {
            conversation: id,
            seq: 23,
        }],
    };
    let synced = conversations.sync(ben.member, sync).await.unwrap();
    assert_eq!(synced.gone, [id]);
}

#[tokio::test]
async fn a_vault_is_read_back() {
    let server = Server::start().await;
    let anna = server.set_up().await;
    let manifest = server.vault.manifest(anna.member).await.unwrap();
    // wraps, root, identity, three key packages and the last-resort one
    assert_eq!(manifest.records.len(), 7);
    let head = e2ee::vault::Head::decode(&manifest.head.unwrap()).unwrap();
    head.verify(&anna.certificate).unwrap();
    let names = manifest.records.iter().map(|line| line.name.clone());
    let get = GetRecords {
        names: names.collect(),
    };
    let records = server.vault.get(anna.member, get).await.unwrap();
    assert_eq!(records.records.len(), 7);
    assert!(!records.more);
}
