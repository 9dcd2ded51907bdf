//! Databases of earlier versions are opened, brought up to date and read.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::{Path, PathBuf},
};

use protocol::{
    Bytes, ConversationId, DeviceId, Hash32, InvitationId, MemberId, MessageId,
    methods::{
        account::{OrganisationRole, Stretching},
        conversations::{Entry, Receipt, kind},
        vault::{Record, RecordName},
    },
};
use storage::{
    Reader, StorageError, UnitOfWork,
    accounts::{Account, Device, Invitation, KeyPackage},
    conversations::{Checkpoint, Conversation, Membership, PendingWelcome, Range},
    instance::key,
    read,
    vault::StoredHead,
    write,
};
use storage_sqlite::{DATABASE_FILE, Options, SqliteStorage};

type Outcome = Result<(), StorageError>;

const ANNA: MemberId = MemberId([0xa; 16]);
const BOB: MemberId = MemberId([0xb; 16]);
const NOW: u64 = 1_700_000_000_000;
const TALK: ConversationId = ConversationId([0xc; 16]);

fn bytes(n: u8, size: usize) -> Bytes {
    Bytes::from(vec![n; size])
}

fn account(member: MemberId, name: &str, display: &str, role: OrganisationRole) -> Account {
    Account {
        member,
        login_name: name.into(),
        skeleton: name.into(),
        display_name: display.into(),
        role,
        opaque_record: vec![1; 192],
        stretching: Stretching {
            memory_kib: 65_536,
            passes: 3,
            lanes: 1,
        },
        certificate: bytes(member.0[0], 200),
        generation: 1,
        created: 1_700_000_000_000,
    }
}

fn people() -> [Account; 2] {
    [
        account(ANNA, "anna", "Ånna Ωmega", OrganisationRole::Admin),
        account(BOB, "боб", "Боб 🙂", OrganisationRole::Member),
    ]
}

fn device() -> Device {
    Device {
        device: DeviceId([0xd; 16]),
        member: ANNA,
        name: "Laptop".into(),
        signing_key: [2; 32],
        wrap_key: vec![3; 1216],
        created: 1,
        last_seen: 2,
        revoked: true,
    }
}

fn invitation() -> Invitation {
    Invitation {
        invitation: InvitationId([1; 16]),
        secret_hash: Hash32([2; 32]),
        inviter: ANNA,
        expires: 1_800_000_000_000,
        uses_left: 1,
    }
}

fn package(n: u8, last_resort: bool) -> KeyPackage {
    KeyPackage {
        id: Hash32([n; 32]),
        package: bytes(n, 2668),
        last_resort,
        issued_at: NOW,
    }
}

fn record() -> Record {
    Record {
        name: RecordName {
            kind: 5,
            id: bytes(4, 20),
        },
        version: 7,
        bytes: bytes(5, 6000),
    }
}

fn head(number: u64) -> StoredHead {
    StoredHead {
        number,
        bytes: bytes(number as u8, 183),
    }
}

fn log() -> Vec<Entry> {
    let commit = Entry {
        conversation: TALK,
        restart: 0,
        seq: 1,
        kind: kind::COMMIT,
        sender: ANNA,
        epoch: 0,
        time: 1_700_000_000_001,
        expiry: 0,
        quiet: false,
        timed: false,
        message: None,
        body_hash: Hash32([7; 32]),
        body: Some(bytes(8, 3000)),
        link: Some(bytes(9, 80)),
    };
    let message = Entry {
        seq: 2,
        kind: kind::MESSAGE,
        sender: BOB,
        epoch: 1,
        expiry: 1_900_000_000_000,
        quiet: true,
        message: Some(MessageId([10; 16])),
        body: Some(bytes(11, 300)),
        link: None,
        ..commit.clone()
    };
    let redacted = Entry {
        seq: 3,
        kind: kind::MESSAGE,
        message: Some(MessageId([12; 16])),
        body: None,
        ..message.clone()
    };
    vec![commit, message, redacted]
}

fn membership(member: MemberId, first_seq: u64) -> Membership {
    Membership {
        conversation: TALK,
        member,
        first_seq,
    }
}

fn checkpoint() -> Checkpoint {
    Checkpoint {
        restart: 0,
        epoch: 1,
        bytes: bytes(13, 5400),
    }
}

fn welcome() -> PendingWelcome {
    PendingWelcome {
        member: BOB,
        key_package: Hash32([21; 32]),
        welcome: bytes(14, 1433),
        epoch: 1,
        seq: 1,
        transcript: Hash32([15; 32]),
    }
}

fn receipt() -> Receipt {
    Receipt {
        conversation: TALK,
        member: ANNA,
        epoch: 1,
        body: bytes(16, 320),
    }
}

/// Something in every table.
fn fill(unit: &mut dyn UnitOfWork) -> Outcome {
    unit.set_value(key::INSTANCE, Some(&[17; 16]))?;
    unit.set_value(key::ORGANISATION, Some("Örganisation".as_bytes()))?;
    for account in people() {
        unit.insert_account(&account)?;
    }
    unit.put_leaf_certificate(Hash32([18; 32]), &[19; 160])?;
    unit.insert_device(&device())?;
    unit.insert_invitation(&invitation())?;
    unit.insert_key_package(BOB, &package(20, true))?;
    for n in [21, 22, 23] {
        unit.insert_key_package(BOB, &package(n, false))?;
    }
    unit.claim_key_package(BOB, NOW)?;
    unit.put_record(ANNA, &record())?;
    unit.put_head(ANNA, &head(8))?;
    unit.put_head(ANNA, &head(9))?;
    unit.insert_conversation(&Conversation {
        conversation: TALK,
        restart: 0,
        direct: Some((ANNA, BOB)),
        epoch: 0,
        head_seq: 0,
        transcript: Hash32([0; 32]),
        created: 4,
    })?;
    for entry in log() {
        unit.append_entry(&entry, Hash32([entry.seq as u8; 32]), 1)?;
    }
    unit.insert_member(membership(ANNA, 1))?;
    unit.insert_member(membership(BOB, 2))?;
    unit.put_checkpoint(TALK, &checkpoint())?;
    unit.put_welcome(TALK, &welcome())?;
    unit.put_receipt(&receipt())
}

fn check_people(reader: &dyn Reader) -> Outcome {
    assert_eq!(reader.value(key::INSTANCE)?, Some(vec![17; 16]));
    assert_eq!(
        reader.value(key::ORGANISATION)?,
        Some("Örganisation".into())
    );
    for account in people() {
        assert_eq!(reader.account(account.member)?, Some(account.clone()));
        assert_eq!(
            reader.member_by_skeleton(&account.skeleton)?,
            Some(account.member)
        );
        let certificates = reader.account_certificates(account.member)?;
        assert_eq!(certificates, std::slice::from_ref(&account.certificate));
        let found = reader.find_accounts(&account.display_name.to_uppercase(), 5)?;
        assert_eq!(found, [account]);
    }
    assert_eq!(
        reader.leaf_certificate(Hash32([18; 32]))?,
        Some(bytes(19, 160))
    );
    assert_eq!(reader.devices(ANNA)?, [device()]);
    assert_eq!(reader.devices_signed_in(ANNA, 10)?, []);
    // the first servers did not keep when
    assert_eq!(reader.devices_signed_out(ANNA, 10)?, [(device(), 1)]);
    assert!(reader.is_signed_out(device().device)?);
    assert_eq!(reader.invitation(Hash32([2; 32]))?, Some(invitation()));
    assert_eq!(reader.key_packages_left(BOB, NOW)?, 2);
    assert_eq!(reader.record(ANNA, &record().name)?, Some(record()));
    let manifest = reader.vault_manifest(ANNA)?;
    assert_eq!(manifest.len(), 1);
    // SHA-256 of 6000 bytes 05.
    let hash = manifest[0].hash.to_string();
    assert_eq!(
        hash,
        "f1bf0cafa56eee34fe81b6793436674c0b9beee9034912abaf8e936a28802061"
    );
    assert_eq!(reader.vault_head(ANNA)?, Some(head(9)));
    assert_eq!(reader.vault_heads(ANNA, 1, 10)?, [head(8), head(9)]);
    Ok(())
}

fn check_talk(reader: &dyn Reader) -> Outcome {
    let talk = reader.conversation(TALK)?.unwrap();
    assert_eq!(
        (talk.head_seq, talk.epoch, talk.transcript),
        (3, 1, Hash32([3; 32]))
    );
    assert_eq!((talk.direct, talk.created), (Some((ANNA, BOB)), 4));
    assert_eq!(reader.direct_between(BOB, ANNA)?, Some(TALK));
    let all = Range {
        from: 1,
        limit: 10,
        max_bytes: usize::MAX,
        commits_only: false,
    };
    assert_eq!(reader.entries(TALK, all)?, log());
    assert_eq!(reader.transcript_after(TALK, 2)?, Some(Hash32([2; 32])));
    let by_id = reader.entry_by_message(TALK, BOB, MessageId([10; 16]))?;
    assert_eq!(by_id.map(|(seq, ..)| seq), Some(2));
    assert_eq!(reader.commit_of_epoch(TALK, 0, 0)?, log().first().cloned());
    assert_eq!(
        reader.members(TALK)?,
        [membership(ANNA, 1), membership(BOB, 2)]
    );
    assert_eq!(reader.conversations_of(BOB)?, [membership(BOB, 2)]);
    assert_eq!(reader.checkpoint(TALK, 0, 5)?, Some(checkpoint()));
    assert_eq!(reader.welcome(TALK, BOB)?, Some(welcome()));
    assert_eq!(reader.receipts(TALK)?, [receipt()]);
    Ok(())
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

async fn make(file: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let storage = SqliteStorage::open(folder.path(), &Options::default()).unwrap();
    write(&storage, fill).await.unwrap();
    drop(storage); // carries its log over
    fs::copy(folder.path().join(DATABASE_FILE), file).unwrap();
}

#[tokio::test]
async fn version_1_is_read_and_written_on() {
    let file = fixture("v1.sqlite");
    if std::env::var_os("CHATALK_WRITE_FIXTURES").is_some() && !file.exists() {
        make(&file).await;
    }
    let folder = tempfile::tempdir().unwrap();
    fs::copy(&file, folder.path().join(DATABASE_FILE)).unwrap();
    let storage = SqliteStorage::open(folder.path(), &Options::default()).unwrap();
    read(&storage, |reader| {
        check_people(reader).and_then(|()| check_talk(reader))
    })
    .await
    .unwrap();
    // What was not counted by those who wrote it is counted now.
    let counted = read(&storage, |reader| reader.vault_bytes(ANNA)).await;
    assert_eq!(counted, Ok::<_, StorageError>(6000));
    let next = write(&storage, |unit| -> Result<_, StorageError> {
        let next = Entry {
            seq: 4,
            message: Some(MessageId([99; 16])),
            ..log()[1].clone()
        };
        unit.append_entry(&next, Hash32([4; 32]), 1)?;
        assert!(unit.spend_key_package(BOB, package(21, false).id)?);
        assert!(!unit.spend_key_package(BOB, package(21, false).id)?);
        unit.claim_key_package(BOB, NOW)
    });
    assert_eq!(
        next.await.unwrap(),
        Some(package(22, false)),
        "21 is used up"
    );
}
