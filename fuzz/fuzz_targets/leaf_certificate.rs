//! Leaf certificates, repair requests and succession statements: what decodes is its own encoding, and nobody but the account key's holder makes one.
#![no_main]

use e2ee::identity::{
    AccountCertificate, AccountKey, LeafCertificate, RootIdentity, Succession, follow_successions,
};
use e2ee::repair::RepairRequest;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok((request, _)) = RepairRequest::decode(data) {
        let account = AccountKey::from_seed(&[0x66; 32], 1);
        let made = request.sign(&account);
        assert_eq!(made[..made.len() - 64], data[..data.len() - 64]);
    }
    if let Ok(said) = Succession::decode(data) {
        let root = RootIdentity::from_seed(&[1; 32]);
        let account = AccountKey::from_seed(&[0x66; 32], 1);
        let known = root
            .certify(said.instance, said.member, "a", "A", &account.public(), 1)
            .expect("short names");
        assert!(said.verify(&known).is_err(), "forged");
        let newest = said.certificate.clone();
        let found = follow_successions(&known, &newest, &[newest.clone()], &[said]);
        assert!(found.is_none(), "forged");
    }
    let Ok(leaf) = LeafCertificate::decode(data) else {
        return;
    };
    assert_eq!(leaf.bytes(), data);
    let _ = leaf.is_fresh(leaf.issued_at);
    let root = RootIdentity::from_seed(&[1; 32]);
    // A key that signs nothing in the vectors, which may serve as a corpus.
    let account = AccountKey::from_seed(&[0x66; 32], leaf.generation);
    let certificate: AccountCertificate = root
        .certify(
            leaf.instance,
            leaf.member,
            "a",
            "A",
            &account.public(),
            leaf.generation,
        )
        .expect("short names");
    assert!(leaf.verify(&certificate).is_err(), "forged");

    let made = LeafCertificate::issue(
        &account,
        leaf.instance,
        leaf.member,
        &leaf.leaf,
        leaf.issued_at,
        leaf.purpose,
    );
    let read = LeafCertificate::decode(made.bytes()).expect("what was issued");
    read.verify(&certificate).expect("by the right key");
    assert_eq!(
        made.bytes()[..made.bytes().len() - 64],
        data[..data.len() - 64]
    );
});
