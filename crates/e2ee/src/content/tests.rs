//! Sealing and opening, and everything that must not open.

use std::{cell::RefCell, collections::HashSet};

use protocol::{DeviceId, MessageId};
use serde_json::json;

use super::*;
use crate::{
    identity::{AccountKey, LeafCertificate, Purpose},
    signing::SigningKey,
    testing::{check_vectors, rng},
};

struct Author {
    secret: EpochSecret,
    at: Context,
    key: SigningKey,
    certificate: LeafCertificate,
}

impl Author {
    fn new() -> Self {
        let (instance, sender) = (InstanceId([1; 16]), MemberId([2; 16]));
        let account = AccountKey::from_seed(&[3; 32], 1);
        let key = SigningKey::from_seed(&[4; 32]);
        let purpose = Purpose::Conversation;
        let certificate =
            LeafCertificate::issue(&account, instance, sender, &key.public(), 5, purpose);
        Self {
            secret: EpochSecret::new([6; 32]),
            at: Context {
                instance,
                conversation: ConversationId([7; 16]),
                restart: 1,
                epoch: 8,
                sender,
            },
            key,
            certificate,
        }
    }

    fn seal(&self, seed: u64, body: &Body) -> Vec<u8> {
        let name = self.certificate.name();
        seal_message(
            &mut rng(seed),
            &self.secret,
            &self.at,
            &self.key,
            name,
            body,
        )
        .unwrap()
    }

    fn open(&self, sealed: &[u8]) -> Result<Opened, ContentError> {
        self.open_at(&self.secret, &self.at, sealed)
    }

    fn open_at(
        &self,
        secret: &EpochSecret,
        at: &Context,
        sealed: &[u8],
    ) -> Result<Opened, ContentError> {
        let find = |name| (name == self.certificate.name()).then(|| self.certificate.clone());
        open_message(secret, at, sealed, &find)
    }

    fn receipt(&self, seed: u64) -> Vec<u8> {
        let receipt = Receipt::new(9, 8, 7, DeviceId([6; 16]));
        let name = self.certificate.name();
        seal_receipt(
            &mut rng(seed),
            &self.secret,
            &self.at,
            &self.key,
            name,
            &receipt,
        )
        .unwrap()
    }
}

fn body(text: &str) -> Body {
    let seen = Seen {
        seq: 10,
        hash: Hash32([11; 32]),
    };
    let (id, device) = (MessageId([12; 16]), DeviceId([13; 16]));
    let mut body = Body::new(id, BodyKind::Text, 14, seen, device, 15);
    body.text = Some(text.into());
    body
}

fn full_body() -> Body {
    let mut full = body("grüezi 你好 🌍");
    full.edit_of = Some(MessageId([16; 16]));
    full.reply_to = Some(Target {
        sender: MemberId([17; 16]),
        id: MessageId([18; 16]),
    });
    full.reaction = Some(Reaction {
        sender: MemberId([17; 16]),
        id: MessageId([18; 16]),
        emoji: "👍".into(),
    });
    full.mentions = vec![MemberId([19; 16])];
    full.timer_s = Some(3600);
    full.directory_head = Some(serde_bytes::ByteBuf::from(vec![20; 32]));
    full
}

fn picture_body() -> Body {
    let mut picture = body("");
    (picture.kind, picture.text) = (BodyKind::Picture, None);
    picture.given_at = Some(9);
    picture.picture = Some(serde_bytes::ByteBuf::from([0xff, 0xd8, 0xff, 0xd9]));
    picture
}

test_everywhere! {
    fn what_is_sealed_is_opened() {
        let author = Author::new();
        for body in [body(""), body("hello"), full_body(), picture_body(), body(&"x".repeat(MAX_TEXT))] {
            let opened = author.open(&author.seal(1, &body)).unwrap();
            assert_eq!(opened.body, body);
            assert_eq!(Body::decode(&opened.bytes).unwrap(), body);
            assert_eq!(opened.certificate, author.certificate.name());
        }
        let find = |_| Some(author.certificate.clone());
        let opened = open_receipt(&author.secret, &author.at, &author.receipt(1), &find).unwrap();
        assert_eq!(opened.receipt, Receipt::new(9, 8, 7, DeviceId([6; 16])));
    }

    fn the_bytes_are_those_of_the_vectors() {
        let author = Author::new();
        let lengths = [1usize, 255, 256, 257, 1000, 5000, 20_000, 70_000].map(|len| [len, padme(len)]);
        let made = json!({
            "epoch_secret": hex::encode(author.secret.as_bytes()),
            "commitment": author.secret.commitment().to_string(),
            "segment_head": hex::encode(&*author.secret.to_segment_head()),
            "leaf_seed": hex::encode(&author.key.seed()[..]),
            "certificate": hex::encode(author.certificate.bytes()),
            "certificate_name": author.certificate.name().to_string(),
            "instance": author.at.instance.to_string(),
            "conversation": author.at.conversation.to_string(),
            "restart": author.at.restart,
            "epoch": author.at.epoch,
            "sender": author.at.sender.to_string(),
            "messages": [
                { "body": hex::encode(body("hello").encode().unwrap()), "sealed": hex::encode(author.seal(1, &body("hello"))) },
                { "body": hex::encode(full_body().encode().unwrap()), "sealed": hex::encode(author.seal(2, &full_body())) },
                { "body": hex::encode(picture_body().encode().unwrap()), "sealed": hex::encode(author.seal(4, &picture_body())) },
            ],
            "receipt": { "body": hex::encode(Receipt::new(9, 8, 7, DeviceId([6; 16])).encode()), "sealed": hex::encode(author.receipt(3)) },
            "padme": lengths,
        });
        check_vectors("content.json", include_str!("../../vectors/content.json"), &made);
    }

    fn a_picture_is_there_in_pictures_alone_and_is_not_large() {
        let mut without = picture_body();
        without.picture = None;
        let mut beside = body("hello");
        beside.picture = picture_body().picture;
        for wrong in [without, beside] {
            assert_eq!(wrong.encode(), Err(ContentError::Malformed));
            let bytes = crate::suite::to_msgpack(&wrong);
            assert_eq!(Body::decode(&bytes).err(), Some(ContentError::Malformed));
        }
        let mut large = picture_body();
        large.picture = Some(serde_bytes::ByteBuf::from(vec![1; MAX_PICTURE]));
        assert!(Author::new().seal(1, &large).len() < protocol::limits::BODY_BYTES_MAX);
        large.picture = Some(serde_bytes::ByteBuf::from(vec![1; MAX_PICTURE + 1]));
        assert_eq!(large.encode(), Err(ContentError::TooLong));
        assert_eq!(Body::decode(&crate::suite::to_msgpack(&large)).err(), Some(ContentError::TooLong));
    }

    fn every_sealing_has_a_key_of_its_own() {
        let author = Author::new();
        let mut random = rng(1);
        let mut seen = HashSet::new();
        for _ in 0..200 {
            let name = author.certificate.name();
            let sealed = seal_message(&mut random, &author.secret, &author.at, &author.key, name, &body("again"));
            assert!(seen.insert(sealed.unwrap()[3..19].to_vec()), "a key id came twice");
        }
    }

    fn lengths_say_little() {
        let author = Author::new();
        let len = |text: &str| author.seal(1, &body(text)).len();
        assert_eq!(len("y"), len(&"no, not at all ".repeat(15)));
        assert_eq!(author.receipt(1).len(), 3 + 16 + 32 + 256 + 16);
    }

    fn another_place_does_not_open() {
        let author = Author::new();
        let sealed = author.seal(1, &body("hello"));
        let mut places = [author.at; 5];
        places[0].epoch += 1;
        places[1].conversation = ConversationId([9; 16]);
        places[2].restart += 1;
        places[3].instance = InstanceId([9; 16]);
        places[4].sender = MemberId([9; 16]);
        for at in &places {
            assert_eq!(author.open_at(&author.secret, at, &sealed).err(), Some(ContentError::CannotOpen));
        }
        let other = EpochSecret::new([9; 32]);
        assert_eq!(author.open_at(&other, &author.at, &sealed).err(), Some(ContentError::CannotOpen));
        // A receipt is not a message, nor the other way round.
        assert!(author.open(&author.receipt(1)).is_err());
        let find = |_| Some(author.certificate.clone());
        assert!(open_receipt(&author.secret, &author.at, &sealed, &find).is_err());
    }

    fn changed_bytes_do_not_open() {
        let author = Author::new();
        let sealed = author.seal(1, &body("hello"));
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            let expected = match at {
                0..=2 => None,
                _ => Some(ContentError::CannotOpen),
            };
            let error = author.open(&changed).err().unwrap();
            assert!(expected.is_none_or(|e| e == error), "byte {at}: {error}");
        }
        for len in 0..sealed.len() {
            assert!(author.open(&sealed[..len]).is_err());
        }
        let longer = [&sealed[..], &[0]].concat();
        assert!(author.open(&longer).is_err());
        assert_eq!(author.open(&[&[2, 0, 1][..], &sealed[3..]].concat()).err(), Some(ContentError::UnknownVersion));
        assert_eq!(author.open(&[&[1, 0, 2][..], &sealed[3..]].concat()).err(), Some(ContentError::UnknownVersion));
        assert_eq!(author.open(&vec![1; MAX_SEALED + 1]).err(), Some(ContentError::TooLong));
    }

    fn members_do_not_speak_for_each_other() {
        let author = Author::new();
        // Somebody else in the conversation knows the epoch's secret and seals as `sender`.
        let forger = SigningKey::from_seed(&[30; 32]);
        let account = AccountKey::from_seed(&[31; 32], 1);
        let own = LeafCertificate::issue(
            &account, author.at.instance, MemberId([32; 16]), &forger.public(), 5, Purpose::Conversation,
        );
        let forge = |name| {
            seal_message(&mut rng(1), &author.secret, &author.at, &forger, name, &body("forged")).unwrap()
        };
        let all = [own.clone(), author.certificate.clone()];
        let find = |name| all.iter().find(|c| c.name() == name).cloned();
        let open = |sealed: &[u8]| open_message(&author.secret, &author.at, sealed, &find).err();
        assert_eq!(open(&forge(own.name())), Some(ContentError::WrongSender));
        assert_eq!(open(&forge(author.certificate.name())), Some(ContentError::BadSignature));
        let unknown = Hash32([33; 32]);
        assert_eq!(open(&forge(unknown)), Some(ContentError::UnknownCertificate(unknown)));
        // A directory that gives another certificate than the one named is not believed.
        let wrong = |_| Some(own.clone());
        let sealed = author.seal(1, &body("true"));
        let error = open_message(&author.secret, &author.at, &sealed, &wrong).err();
        assert_eq!(error, Some(ContentError::UnknownCertificate(author.certificate.name())));
        // A certificate of another instance is not one of this.
        let elsewhere = LeafCertificate::issue(
            &account, InstanceId([9; 16]), author.at.sender, &forger.public(), 5, Purpose::Conversation,
        );
        let sealed = forge(elsewhere.name());
        let find = |_| Some(elsewhere.clone());
        let error = open_message(&author.secret, &author.at, &sealed, &find).err();
        assert_eq!(error, Some(ContentError::WrongSender));
    }

    fn a_missing_certificate_is_named_and_the_second_try_works() {
        let author = Author::new();
        let sealed = author.seal(1, &body("hello"));
        let known = RefCell::new(None);
        let find = |_| known.borrow().clone();
        let error = open_message(&author.secret, &author.at, &sealed, &find).err().unwrap();
        assert_eq!(error, ContentError::UnknownCertificate(author.certificate.name()));
        known.replace(Some(author.certificate.clone()));
        assert!(open_message(&author.secret, &author.at, &sealed, &find).is_ok());
    }

    fn what_a_later_version_writes_is_kept() {
        let author = Author::new();
        let mut poll = body("tea or coffee?");
        poll.kind = BodyKind::Other("poll".into());
        let opened = author.open(&author.seal(1, &poll)).unwrap();
        assert_eq!(opened.body.kind, BodyKind::Other("poll".into()));
        // Unknown fields are ignored, and still in the kept bytes.
        let mut more = body("hello").encode().unwrap();
        more[0] += 1;
        more.extend_from_slice(b"\xa4mood\xa5happy");
        assert_eq!(Body::decode(&more).unwrap(), body("hello"));
        let mut newer = body("hello").encode().unwrap();
        assert_eq!(newer[..4], [0x88, 0xa1, b'v', 1]);
        newer[3] = 2;
        assert_eq!(Body::decode(&newer).err(), Some(ContentError::UnknownVersion));
    }

    fn limits_hold_on_both_sides() {
        let mut long = body(&"x".repeat(MAX_TEXT + 1));
        assert_eq!(long.encode().err(), Some(ContentError::TooLong));
        let bytes = to_msgpack(&long).to_vec();
        assert_eq!(Body::decode(&bytes).err(), Some(ContentError::TooLong));
        long.text = None;
        long.mentions = vec![MemberId([1; 16]); 1001];
        assert!(long.encode().is_err());
        let mut emoji = full_body();
        emoji.reaction.as_mut().unwrap().emoji = "x".repeat(300);
        assert!(emoji.encode().is_err());
    }

    fn secrets_do_not_print() {
        let printed = format!("{:?} {:?}", EpochSecret::new([0xab; 32]), body("confidential"));
        assert!(!printed.contains("ab") || !printed.contains("171"));
        assert!(!printed.contains("confidential"));
    }

    fn segment_heads_come_back() {
        let secret = EpochSecret::new([5; 32]);
        let stored = secret.to_segment_head();
        assert_eq!(EpochSecret::from_segment_head(&stored).unwrap(), secret);
        assert!(EpochSecret::from_segment_head(&stored[1..]).is_err());
        assert!(EpochSecret::from_slice(&[1; 31]).is_none());
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;

    proptest::proptest! {
        #[test]
        fn any_text_comes_back(text in ".{0,200}", seed: u64) {
            let author = Author::new();
            let opened = author.open(&author.seal(seed, &body(&text))).unwrap();
            proptest::prop_assert_eq!(opened.body.text, Some(text));
        }

        #[test]
        fn any_bytes_are_refused_without_a_panic(bytes: Vec<u8>) {
            let author = Author::new();
            proptest::prop_assert!(author.open(&bytes).is_err());
            proptest::prop_assert!(author.open(&[&[1, 0, 1][..], &bytes].concat()).is_err());
            let _ = Body::decode(&bytes);
            let _ = Receipt::decode(&bytes);
            let _ = EpochSecret::from_segment_head(&bytes);
        }

        #[test]
        fn any_change_of_a_body_is_read_or_refused(at in 0usize..400, to: u8) {
            let mut bytes = full_body().encode().unwrap();
            let at = at % bytes.len();
            bytes[at] = to;
            if let Ok(read) = Body::decode(&bytes) {
                proptest::prop_assert_eq!(Body::decode(&read.encode().unwrap()).unwrap(), read);
            }
        }
    }
}
