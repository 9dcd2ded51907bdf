//! The vault through its trait: compare-and-swap, events, sizes, a database that can't write.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use bus::{Bus, Delivery, LocalBus, Topic};
use protocol::{
    Bytes, ErrorCode, InstanceId, ServerFrame, WireError, decode,
    details::VaultConflict,
    events::Event,
    limits::LOOKUP_MAX,
    methods::{
        account::{OrganisationRole, Stretching},
        vault::{GetHeads, GetRecords, RecordName, RecordPut, VaultWrite, kind},
    },
};
use storage::{
    Storage,
    accounts::{Account, Device},
};
use storage_sqlite::{Options, SqliteStorage, Synchronous, Work};
use testkit::{Member, Newcomer};
use vault::{Error, Service, Vault};

struct Server {
    service: Service,
    storage: Arc<dyn Storage>,
    bus: Arc<LocalBus>,
    anna: Member,
    _folder: tempfile::TempDir,
}

async fn start() -> Server {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        synchronous: Synchronous::Off,
        work: Work::InPlace,
        ..Options::default()
    };
    let storage: Arc<dyn Storage> = Arc::new(SqliteStorage::open(folder.path(), &options).unwrap());
    let anna = Newcomer::new(1, InstanceId([1; 16]), "anna", "Anna").into_member();
    let account = Account {
        member: anna.member,
        login_name: "anna".to_owned(),
        skeleton: "anna".to_owned(),
        display_name: "Anna".to_owned(),
        role: OrganisationRole::Member,
        opaque_record: Vec::new(),
        stretching: Stretching {
            memory_kib: 8,
            passes: 1,
            lanes: 1,
        },
        certificate: Bytes::copy_from_slice(anna.certificate.bytes()),
        generation: 1,
        created: 0,
    };
    storage::write(storage.as_ref(), move |unit| unit.insert_account(&account))
        .await
        .unwrap();
    let bus = Arc::new(LocalBus::new());
    Server {
        service: Service::new(Arc::clone(&storage), Arc::clone(&bus) as Arc<dyn Bus>),
        storage,
        bus,
        anna,
        _folder: folder,
    }
}

fn settings(id: u8, expected: u64, bytes: usize) -> VaultWrite {
    VaultWrite {
        puts: vec![RecordPut {
            name: RecordName {
                kind: kind::SETTINGS,
                id: vec![id].into(),
            },
            expected,
            version: expected + 1,
            bytes: vec![id; bytes].into(),
        }],
        ..VaultWrite::default()
    }
}

#[tokio::test]
async fn writes_are_told_and_read_back() {
    let mut server = start().await;
    let mut told = server.bus.subscribe(10);
    told.topics.add(Topic::Member(server.anna.member));
    let (member, device) = (server.anna.member, server.anna.device_id());
    let write = server.anna.write_pin(b"ben", b"pin", 1);
    let sealed = write.puts[0].bytes.clone();
    let written = server.service.write(member, device, write).await.unwrap();
    assert_eq!(written.head, 1);

    let Some(Delivery::Notice(notice)) = told.deliveries.try_recv() else {
        panic!("nothing was told");
    };
    let frame: ServerFrame = decode(&notice.frame).unwrap();
    let event = Event::decode(&frame.event.unwrap(), &frame.data.unwrap()).unwrap();
    let Event::Vault(changed) = event else {
        panic!("{event:?}");
    };
    assert_eq!(changed.head, 1);
    assert_eq!(changed.changes.len(), 1);
    assert_eq!(changed.changes[0].version, 1);

    let manifest = server.service.manifest(member).await.unwrap();
    assert_eq!(manifest.records.len(), 1);
    assert!(manifest.head.is_some());
    let get = GetRecords {
        names: vec![manifest.records[0].name.clone()],
    };
    let records = server.service.get(member, get.clone()).await.unwrap();
    assert_eq!(records.records[0].bytes, sealed);
    // Nobody else's vault has it.
    let other = protocol::MemberId([9; 16]);
    assert!(
        server
            .service
            .get(other, get)
            .await
            .unwrap()
            .records
            .is_empty()
    );
    assert!(server.service.manifest(other).await.unwrap().head.is_none());
}

#[tokio::test]
async fn old_versions_and_heads_are_refused_and_nothing_is_told() {
    let mut server = start().await;
    let (member, device) = (server.anna.member, server.anna.device_id());
    let first = server.anna.write_pin(b"ben", b"pin", 1);
    server
        .service
        .write(member, device, first.clone())
        .await
        .unwrap();
    server
        .service
        .write(member, device, settings(1, 0, 10))
        .await
        .unwrap();
    let mut told = server.bus.subscribe(10);
    told.topics.add(Topic::Member(member));
    let mut headless = server.anna.write_pin(b"cleo", b"pin", 1);
    headless.head = None;
    for (write, code) in [
        (first, ErrorCode::VaultConflict),
        (settings(1, 0, 10), ErrorCode::VaultConflict),
        (settings(1, 7, 10), ErrorCode::VaultConflict),
        (headless, ErrorCode::VaultInvalid),
    ] {
        let refused = server
            .service
            .write(member, device, write)
            .await
            .unwrap_err();
        let wire = WireError::from(refused);
        assert_eq!(wire.code, code);
        if code == ErrorCode::VaultConflict {
            let details: VaultConflict = decode(&wire.data.unwrap()).unwrap();
            assert_eq!(details.head, 1);
        }
    }
    assert!(told.deliveries.try_recv().is_none());
}

#[tokio::test]
async fn answers_end_early_when_they_grow_large() {
    let server = start().await;
    let (member, device) = (server.anna.member, server.anna.device_id());
    let mut names = Vec::new();
    for id in 0..6 {
        let write = settings(id, 0, 400 * 1024);
        names.push(write.puts[0].name.clone());
        server.service.write(member, device, write).await.unwrap();
    }
    let mut found = 0;
    let mut pages = 0;
    while found < names.len() {
        let get = GetRecords {
            names: names[found..].to_vec(),
        };
        let page = server.service.get(member, get).await.unwrap();
        assert!(!page.records.is_empty());
        found += page.records.len();
        pages += 1;
        assert_eq!(page.more, found < names.len());
    }
    assert_eq!(pages, 2);
    let many = GetRecords {
        names: vec![names[0].clone(); LOOKUP_MAX + 1],
    };
    let refused = server.service.get(member, many).await;
    assert!(matches!(refused, Err(Error::TooMany { .. })));
}

#[tokio::test]
async fn all_heads_are_kept_as_a_chain() {
    let mut server = start().await;
    let (member, device) = (server.anna.member, server.anna.device_id());
    let mut written = Vec::new();
    for n in 0..4u8 {
        let write = server.anna.write_pin(&[n], b"pin", 1);
        written.push(write.head.clone().unwrap().bytes);
        server.service.write(member, device, write).await.unwrap();
    }
    let heads = async |of, from, limit| {
        let get = GetHeads { from, limit };
        server.service.heads(of, get).await.unwrap().heads
    };
    assert_eq!(heads(member, 0, u32::MAX).await, written);
    assert_eq!(heads(member, 2, 2).await, written[1..3]);
    assert!(heads(member, 5, 10).await.is_empty());
    assert!(heads(member, 1, 0).await.is_empty());
    let newest = server.service.manifest(member).await.unwrap().head;
    assert_eq!(newest.as_ref(), written.last());
    assert!(heads(protocol::MemberId([9; 16]), 0, 10).await.is_empty());
}

#[tokio::test]
async fn a_device_that_was_signed_out_writes_no_more() {
    let mut server = start().await;
    let (member, device) = (server.anna.member, server.anna.device_id());
    let known = Device {
        device,
        member,
        name: "Phone".to_owned(),
        signing_key: [1; 32],
        wrap_key: Vec::new(),
        created: 0,
        last_seen: 0,
        revoked: false,
    };
    storage::write(server.storage.as_ref(), move |unit| {
        unit.insert_device(&known)
    })
    .await
    .unwrap();
    let write = server.anna.write_pin(b"ben", b"pin", 1);
    server.service.write(member, device, write).await.unwrap();
    storage::write(server.storage.as_ref(), move |unit| {
        unit.revoke_device(device, 1)
    })
    .await
    .unwrap();
    let write = server.anna.write_pin(b"cleo", b"pin", 1);
    let refused = server.service.write(member, device, write.clone()).await;
    assert_eq!(refused.clone().unwrap_err(), Error::SessionRefused);
    let wire = WireError::from(refused.unwrap_err());
    assert_eq!(wire.code, ErrorCode::SessionRefused);
    assert_eq!(
        server.service.manifest(member).await.unwrap().records.len(),
        1
    );
    let other = protocol::DeviceId([9; 16]);
    server.service.write(member, other, write).await.unwrap();
}
