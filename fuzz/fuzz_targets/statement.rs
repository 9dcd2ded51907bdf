//! Statements and what they say: what decodes is its own encoding, and nobody but the leaf key's holder makes one.
#![no_main]

use e2ee::{
    content::Context,
    identity::{AccountKey, LeafCertificate, Purpose},
    signing::SigningKey,
    statement::{Complaint, ReplacementLink, Restart, Statement},
    transcript::EntryKind,
};
use libfuzzer_sys::fuzz_target;
use protocol::{ConversationId, InstanceId, MemberId};

fuzz_target!(|data: &[u8]| {
    if let Ok(said) = Complaint::decode(data) {
        assert_eq!(said.encode(), data);
    }
    if let Ok(said) = Restart::decode(data) {
        assert_eq!(said.encode(), data);
    }
    if let Ok(said) = ReplacementLink::decode(data) {
        assert_eq!(said.encode(), data);
    }
    let at = Context {
        instance: InstanceId([1; 16]),
        conversation: ConversationId([7; 16]),
        restart: 1,
        epoch: 8,
        sender: MemberId([2; 16]),
    };
    // A key that signs nothing in the vectors, which may serve as a corpus.
    let (account, key) = (
        AccountKey::from_seed(&[0x66; 32], 1),
        SigningKey::from_seed(&[0x67; 32]),
    );
    let purpose = Purpose::Conversation;
    let leaf = LeafCertificate::issue(&account, at.instance, at.sender, &key.public(), 5, purpose);
    for kind in [EntryKind::Leave, EntryKind::Complaint, EntryKind::Restart] {
        let opened = Statement::open(data, &at, kind, &|_| Some(leaf.clone()));
        assert!(opened.is_err(), "forged");
    }
});
