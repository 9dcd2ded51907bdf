//! The MLS working group's passive-client vectors (RFC 9420; mlswg/mls-implementations), those of the two suites that the
//! library's cryptography shares with ours but for the KEM: joining, following commits, epoch authenticators. Signing
//! and key derivation are the library's own; our store and provider stand aside, as the vectors use proposals by
//! reference and pre-shared keys, which the profile refuses.

use openmls::{
    prelude::{
        KeyPackageBundle, KeyPackageIn, MlsGroup, MlsGroupJoinConfig, MlsMessageBodyIn,
        ProcessedMessageContent, ProtocolMessage, RatchetTreeIn, StagedWelcome,
    },
    schedule::{ExternalPsk, PreSharedKeyId, Psk},
};
use openmls_libcrux_crypto::Provider;
use openmls_traits::{
    OpenMlsProvider,
    storage::StorageProvider,
    types::{Ciphersuite, HpkePrivateKey},
};
use serde::{Deserialize, Serialize};

use crate::mls::profile::{read, read_message};

#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Bytes(Vec<u8>);

impl TryFrom<String> for Bytes {
    type Error = hex::FromHexError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        hex::decode(text).map(Self)
    }
}

#[derive(Deserialize)]
struct ExternalKey {
    psk_id: Bytes,
    psk: Bytes,
}

#[derive(Deserialize)]
struct Epoch {
    proposals: Vec<Bytes>,
    commit: Bytes,
    epoch_authenticator: Bytes,
}

#[derive(Deserialize)]
struct Case {
    cipher_suite: u16,
    external_psks: Vec<ExternalKey>,
    key_package: Bytes,
    encryption_priv: Bytes,
    init_priv: Bytes,
    welcome: Bytes,
    ratchet_tree: Option<Bytes>,
    initial_epoch_authenticator: Bytes,
    epochs: Vec<Epoch>,
}

/// The library makes bundles only with keys of its own; what it stores can be written by hand.
#[derive(Serialize)]
struct Bundle {
    key_package: KeyPackageIn,
    private_init_key: HpkePrivateKey,
    private_encryption_key: EncryptionKey,
}

#[derive(Serialize)]
struct EncryptionKey {
    key: HpkePrivateKey,
}

fn store_keys(provider: &Provider, case: &Case) {
    let MlsMessageBodyIn::KeyPackage(package) = read_message(&case.key_package.0, "case").unwrap()
    else {
        panic!("a key package");
    };
    let bundle = Bundle {
        key_package: package,
        private_init_key: case.init_priv.0.clone().into(),
        private_encryption_key: EncryptionKey {
            key: case.encryption_priv.0.clone().into(),
        },
    };
    let bundle: KeyPackageBundle =
        rmp_serde::from_slice(&rmp_serde::to_vec_named(&bundle).unwrap()).unwrap();
    let reference = bundle.key_package().hash_ref(provider.crypto()).unwrap();
    let store = provider.storage();
    store.write_key_package(&reference, &bundle).unwrap();
    for key in &case.external_psks {
        let id = Psk::External(ExternalPsk::new(key.psk_id.0.clone()));
        let suite = Ciphersuite::try_from(case.cipher_suite).unwrap();
        let id = PreSharedKeyId::new(suite, provider.rand(), id).unwrap();
        id.store(provider, &key.psk.0).unwrap();
    }
}

fn join(provider: &Provider, case: &Case) -> MlsGroup {
    let MlsMessageBodyIn::Welcome(welcome) = read_message(&case.welcome.0, "case").unwrap() else {
        panic!("a welcome");
    };
    let config = MlsGroupJoinConfig::builder()
        .wire_format_policy(openmls::group::MIXED_PLAINTEXT_WIRE_FORMAT_POLICY)
        .number_of_resumption_psks(16)
        .build();
    let mut join = StagedWelcome::build_from_welcome(provider, &config, welcome).unwrap();
    if let Some(tree) = &case.ratchet_tree {
        join = join.with_ratchet_tree(read::<RatchetTreeIn>(&tree.0, "case").unwrap());
    }
    let staged = join.skip_lifetime_validation().build().unwrap();
    staged.into_group(provider).unwrap()
}

fn message(bytes: &Bytes) -> ProtocolMessage {
    match read_message(&bytes.0, "case").unwrap() {
        MlsMessageBodyIn::PublicMessage(message) => message.into(),
        MlsMessageBodyIn::PrivateMessage(message) => message.into(),
        _ => panic!("a handshake message"),
    }
}

/// Runs all cases; gives the number of cases and of commits followed.
fn run(cases: &str) -> (usize, usize) {
    let cases: Vec<Case> = serde_json::from_str(cases).unwrap();
    let mut commits = 0;
    for case in &cases {
        let provider = Provider::new().unwrap();
        store_keys(&provider, case);
        let mut group = join(&provider, case);
        let authenticator = |g: &MlsGroup| g.epoch_authenticator().as_slice().to_vec();
        assert_eq!(authenticator(&group), case.initial_epoch_authenticator.0);
        for epoch in &case.epochs {
            for proposal in &epoch.proposals {
                let processed = group.process_message(&provider, message(proposal)).unwrap();
                let ProcessedMessageContent::ProposalMessage(proposal) = processed.into_content()
                else {
                    panic!("a proposal");
                };
                let store = provider.storage();
                group.store_pending_proposal(store, *proposal).unwrap();
            }
            let processed = group
                .process_message(&provider, message(&epoch.commit))
                .unwrap();
            let ProcessedMessageContent::StagedCommitMessage(commit) = processed.into_content()
            else {
                panic!("a commit");
            };
            group.merge_staged_commit(&provider, *commit).unwrap();
            assert_eq!(authenticator(&group), epoch.epoch_authenticator.0);
            commits += 1;
        }
    }
    (cases.len(), commits)
}

test_everywhere! {
    fn joins_as_the_rfc_vectors_say() {
        let cases = include_str!("../../../vectors/rfc9420/passive-client-welcome.json");
        assert_eq!(run(cases), (16, 0));
    }

    fn follows_commits_as_the_rfc_vectors_say() {
        let cases = include_str!("../../../vectors/rfc9420/passive-client-handling-commit.json");
        assert_eq!(run(cases), (26, 52));
    }
}
