//! Messages that disappear: sealed under a secret of their own, and nothing else opens them.

use protocol::{DeviceId, MessageId};
use serde_json::json;

use super::*;
use crate::{
    identity::{AccountKey, LeafCertificate, Purpose},
    signing::SigningKey,
    testing::{check_vectors, rng},
};

struct Author {
    timed: TimedSecret,
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
            timed: TimedSecret::new([5; 32]),
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

    fn seal(&self, seed: u64) -> Vec<u8> {
        let name = self.certificate.name();
        let under = (&self.timed, &self.secret);
        seal_timed(&mut rng(seed), under, &self.at, &self.key, name, &body()).unwrap()
    }

    fn open(&self, timed: &TimedSecret, sealed: &[u8]) -> Result<Opened, ContentError> {
        let find = |name| (name == self.certificate.name()).then(|| self.certificate.clone());
        open_timed((timed, &self.secret), &self.at, sealed, &find)
    }
}

fn body() -> Body {
    let seen = Seen {
        seq: 10,
        hash: Hash32([11; 32]),
    };
    let (id, device) = (MessageId([12; 16]), DeviceId([13; 16]));
    let mut body = Body::new(id, BodyKind::Text, 14, seen, device, 15);
    (body.text, body.timer_s) = (Some("for an hour".into()), Some(3600));
    body
}

test_everywhere! {
    fn the_bytes_are_those_of_the_vectors() {
        let author = Author::new();
        let made = json!({
            "timed_secret": hex::encode(author.timed.as_bytes()),
            "epoch_secret": hex::encode(author.secret.as_bytes()),
            "record": hex::encode(&*author.timed.to_record(1_900_000_000_000)),
            "leaf_seed": hex::encode(&author.key.seed()[..]),
            "certificate": hex::encode(author.certificate.bytes()),
            "instance": author.at.instance.to_string(),
            "conversation": author.at.conversation.to_string(),
            "restart": author.at.restart,
            "epoch": author.at.epoch,
            "sender": author.at.sender.to_string(),
            "body": hex::encode(body().encode().unwrap()),
            "sealed": hex::encode(author.seal(1)),
        });
        check_vectors("timed.json", include_str!("../../vectors/timed.json"), &made);
        let opened = author.open(&author.timed, &author.seal(1)).unwrap();
        assert_eq!((opened.body, opened.certificate), (body(), author.certificate.name()));
        let (secret, until) = TimedSecret::from_record(&author.timed.to_record(7)).unwrap();
        assert!(secret == author.timed && until == 7);
        assert_eq!(format!("{secret:?}"), "TimedSecret(..)");
    }

    fn a_timed_message_is_no_message_and_the_other_way_round() {
        let author = Author::new();
        let find = |_| Some(author.certificate.clone());
        let sealed = author.seal(1);
        assert!(open_message(&author.secret, &author.at, &sealed, &find).is_err());
        // Not even where the two secrets are the same bytes.
        let (same, name) = (EpochSecret::new(*author.timed.as_bytes()), author.certificate.name());
        assert!(open_message(&same, &author.at, &sealed, &find).is_err());
        let plain = seal_message(&mut rng(1), &same, &author.at, &author.key, name, &body()).unwrap();
        assert!(author.open(&author.timed, &plain).is_err());
        assert!(open_receipt(&same, &author.at, &sealed, &find).is_err());
    }

    fn nothing_else_opens_it() {
        let author = Author::new();
        let sealed = author.seal(1);
        let wrong = Some(ContentError::CannotOpen);
        assert_eq!(author.open(&TimedSecret::new([9; 32]), &sealed).err(), wrong);
        // Who holds the secret of the epoch alone, because a chain led there, has nothing.
        let derived = TimedSecret::new(*author.secret.as_bytes());
        assert_eq!(author.open(&derived, &sealed).err(), wrong);
        let find = |_| Some(author.certificate.clone());
        let mut places = [author.at; 5];
        places[0].epoch += 1;
        places[1].conversation = ConversationId([9; 16]);
        places[2].restart += 1;
        places[3].instance = InstanceId([9; 16]);
        places[4].sender = MemberId([9; 16]);
        for at in &places {
            let under = (&author.timed, &author.secret);
            assert_eq!(open_timed(under, at, &sealed, &find).err(), wrong);
        }
        let other = EpochSecret::new([9; 32]); // another c_n
        assert_eq!(open_timed((&author.timed, &other), &author.at, &sealed, &find).err(), wrong);
        for at in 3..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(author.open(&author.timed, &changed).err(), wrong, "byte {at}");
        }
    }

    fn records_are_read_strictly() {
        let record = TimedSecret::new([5; 32]).to_record(9);
        for len in 0..record.len() {
            assert!(TimedSecret::from_record(&record[..len]).is_err());
        }
        assert!(TimedSecret::from_record(&[&record[..], &[0]].concat()).is_err());
        assert!(TimedSecret::from_slice(&[1; 31]).is_none());
    }
}
