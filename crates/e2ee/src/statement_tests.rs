//! Statements come back as they were signed, and only there.

use protocol::ConversationId;
use serde_json::json;

use super::*;
use crate::{
    identity::{AccountKey, Purpose},
    links::LINK_LEN,
    testing::check_vectors,
};

const AT: Context = Context {
    instance: InstanceId([1; 16]),
    conversation: ConversationId([7; 16]),
    restart: 1,
    epoch: 8,
    sender: MemberId([2; 16]),
};

fn leaf() -> (SigningKey, LeafCertificate) {
    let (account, key) = (
        AccountKey::from_seed(&[3; 32], 1),
        SigningKey::from_seed(&[4; 32]),
    );
    let purpose = Purpose::Conversation;
    let certificate =
        LeafCertificate::issue(&account, AT.instance, AT.sender, &key.public(), 5, purpose);
    (key, certificate)
}

fn leave(content: &[u8]) -> (Statement, Vec<u8>) {
    let (key, certificate) = leaf();
    let statement = Statement {
        kind: EntryKind::Leave,
        seen: Seen {
            seq: 9,
            hash: Hash32([9; 32]),
        },
        device: DeviceId([6; 16]),
        certificate: certificate.name(),
        content: content.to_vec(),
    };
    let bytes = statement.sign(&AT, &key);
    (statement, bytes)
}

fn complaint() -> Complaint {
    Complaint {
        epoch: 7,
        commit: Hash32([5; 32]),
    }
}

fn restart() -> Restart {
    Restart {
        restart: 2,
        reason: Reason::Complaint,
        suite: 1,
        epoch: 7,
        c_n: Hash32([6; 32]),
        commit: Hash32([5; 32]),
        link: vec![3; LINK_LEN],
    }
}

fn open(bytes: &[u8], at: &Context, kind: EntryKind) -> Result<Statement, ContentError> {
    let (_, certificate) = leaf();
    let find = |name| (name == certificate.name()).then(|| certificate.clone());
    Statement::open(bytes, at, kind, &find)
}

test_everywhere! {
    fn what_was_signed_comes_back() {
        for content in [&b""[..], b"something"] {
            let (statement, bytes) = leave(content);
            assert_eq!(open(&bytes, &AT, EntryKind::Leave), Ok(statement));
        }
    }

    fn it_counts_only_where_it_was_said_and_as_what() {
        let (_, bytes) = leave(b"");
        let elsewhere = [
            Context { instance: InstanceId([0; 16]), ..AT },
            Context { conversation: ConversationId([0; 16]), ..AT },
            Context { restart: 0, ..AT },
            Context { epoch: 9, ..AT },
            Context { sender: MemberId([0; 16]), ..AT },
        ];
        for at in elsewhere {
            assert_eq!(open(&bytes, &at, EntryKind::Leave), Err(ContentError::CannotOpen), "{at:?}");
        }
        assert_eq!(open(&bytes, &AT, EntryKind::Complaint), Err(ContentError::CannotOpen));
    }

    fn every_bit_counts() {
        let (_, bytes) = leave(b"x");
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut bad = bytes.clone();
                bad[at] ^= 1 << bit;
                assert!(open(&bad, &AT, EntryKind::Leave).is_err(), "byte {at}, bit {bit}");
            }
        }
        for end in 0..bytes.len() {
            assert!(open(&bytes[..end], &AT, EntryKind::Leave).is_err());
        }
        let longer = [&bytes[..], b"x"].concat();
        assert!(open(&longer, &AT, EntryKind::Leave).is_err());
        assert_eq!(open(&[1; MAX_STATEMENT + 1], &AT, EntryKind::Leave), Err(ContentError::TooLong));
    }

    fn nobody_speaks_for_somebody_else() {
        let (_, bytes) = leave(b"");
        let name = leaf().1.name();
        let none = Statement::open(&bytes, &AT, EntryKind::Leave, &|_| None);
        assert_eq!(none, Err(ContentError::UnknownCertificate(name)));
        // By a leaf of their own, in the name of another member.
        let (key, _) = leaf();
        let (statement, _) = leave(b"");
        let at = Context { sender: MemberId([5; 16]), ..AT };
        let forged = statement.sign(&at, &key);
        assert_eq!(open(&forged, &at, EntryKind::Leave), Err(ContentError::WrongSender));
    }

    fn a_replacement_link_is_read_as_it_was_written() {
        let said = ReplacementLink { epoch: 7, link: vec![3; LINK_LEN] };
        let bytes = said.encode();
        assert_eq!(ReplacementLink::decode(&bytes).unwrap(), said);
        for end in 0..bytes.len() {
            assert!(ReplacementLink::decode(&bytes[..end]).is_err());
        }
        assert!(ReplacementLink::decode(&[&bytes[..], &[0]].concat()).is_err());
        let long = ReplacementLink { epoch: 7, link: vec![3; LINK_LEN + 1] };
        assert!(ReplacementLink::decode(&long.encode()).is_err());
    }

    fn complaints_and_restarts_are_read_as_they_were_written() {
        let said = complaint();
        let bytes = said.encode();
        assert_eq!(Complaint::decode(&bytes).unwrap(), said);
        for end in 0..bytes.len() {
            assert!(Complaint::decode(&bytes[..end]).is_err());
        }
        assert!(Complaint::decode(&[&bytes[..], &[0]].concat()).is_err());
        for reason in [Reason::Complaint, Reason::Suite] {
            let said = Restart { reason, ..restart() };
            let bytes = said.encode();
            assert_eq!(Restart::decode(&bytes).unwrap(), said);
            for end in 0..bytes.len() {
                assert!(Restart::decode(&bytes[..end]).is_err());
            }
            assert!(Restart::decode(&[&bytes[..], &[0]].concat()).is_err());
        }
        let mut unknown = restart().encode();
        unknown[4] = 3;
        assert!(Restart::decode(&unknown).is_err());
        let long = Restart { link: vec![3; LINK_LEN + 1], ..restart() };
        assert!(Restart::decode(&long.encode()).is_err());
    }

    fn the_bytes_are_those_of_the_vectors() {
        let (_, bytes) = leave(b"");
        let vectors = json!({
            "complaint": hex::encode(complaint().encode()),
            "restart": hex::encode(restart().encode()),
            "leaf_seed": hex::encode([4; 32]),
            "leave": hex::encode(&bytes),
        });
        check_vectors("statements.json", include_str!("../vectors/statements.json"), &vectors);
    }
}
