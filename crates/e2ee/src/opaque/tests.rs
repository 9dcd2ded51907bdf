//! OPAQUE: the RFC's vectors for our groups, our own, and refusals.

use opaque_ke::{
    CipherSuite, ClientLogin, ClientLoginFinishParameters, ClientRegistration,
    ClientRegistrationFinishParameters, CredentialFinalization, CredentialRequest,
    CredentialResponse, Identifiers, RegistrationRequest, RegistrationResponse, Ristretto255,
    ServerLogin, ServerLoginParameters, ServerRegistration, ServerSetup, TripleDh, ksf::Identity,
};
use protocol::{InstanceId, MemberId};
use rand::{CryptoRng, RngCore};
use serde_json::{Value, json};

use super::*;
use crate::{
    passphrase::prepare,
    testing::{check_vectors, rng},
};

const INSTANCE: InstanceId = InstanceId([0x11; 16]);
const ALICE: MemberId = MemberId([0xa1; 16]);
const CHEAP: Stretching = Stretching::MINIMUM;

/// The suite of RFC 9807's vectors: ours, without stretching.
struct RfcSuite;

impl CipherSuite for RfcSuite {
    type OprfCs = Ristretto255;
    type KeyExchange = TripleDh<Ristretto255, sha2::Sha512>;
    type Ksf = Identity;
}

/// Gives out the vectors' "random" bytes in order, round and round.
struct Scripted {
    bytes: Vec<u8>,
    at: usize,
}

fn scripted(parts: &[&[u8]]) -> Scripted {
    Scripted {
        bytes: parts.concat(),
        at: 0,
    }
}

impl RngCore for Scripted {
    fn next_u32(&mut self) -> u32 {
        unreachable!("the library fills bytes")
    }

    fn next_u64(&mut self) -> u64 {
        unreachable!("the library fills bytes")
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        for byte in out {
            *byte = self.bytes[self.at % self.bytes.len()];
            self.at += 1;
        }
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand::Error> {
        self.fill_bytes(out);
        Ok(())
    }
}

impl CryptoRng for Scripted {}

/// One of the RFC's vectors.
struct Rfc(Value);

impl Rfc {
    fn all() -> Vec<Self> {
        let all: Vec<Value> =
            serde_json::from_str(include_str!("../../vectors/rfc9807.json")).unwrap();
        all.into_iter().map(Self).collect()
    }

    fn optional(&self, key: &str) -> Option<Vec<u8>> {
        self.0[key].as_str().map(|text| hex::decode(text).unwrap())
    }

    fn get(&self, key: &str) -> Vec<u8> {
        self.optional(key).unwrap_or_default()
    }

    fn setup(&self) -> ServerSetup<RfcSuite> {
        let bytes = [
            self.get("oprf_seed"),
            self.get("server_private_key"),
            self.get("client_public_key"),
        ];
        ServerSetup::deserialize(&bytes.concat()).unwrap()
    }

    fn server_rng(&self) -> Scripted {
        let masking_key = self.optional("masking_key").unwrap_or(vec![0; 64]);
        scripted(&[
            &masking_key,
            &self.get("masking_nonce"),
            &self.get("server_keyshare_seed"),
            &self.get("server_nonce"),
        ])
    }
}

/// Random scalars are made from 64 little-endian bytes: the vector's 32 and these are exactly the vector's scalar.
const WIDE: [u8; 32] = [0; 32];

fn register(rfc: &Rfc, ids: Identifiers) {
    let password = rfc.get("password");
    let started = ClientRegistration::<RfcSuite>::start(
        &mut scripted(&[&rfc.get("blind_registration"), &WIDE]),
        &password,
    )
    .unwrap();
    assert_eq!(
        started.message.serialize().to_vec(),
        rfc.get("registration_request")
    );
    let request = RegistrationRequest::deserialize(&rfc.get("registration_request")).unwrap();
    let answer =
        ServerRegistration::start(&rfc.setup(), request, &rfc.get("credential_identifier"))
            .unwrap();
    assert_eq!(
        answer.message.serialize().to_vec(),
        rfc.get("registration_response")
    );
    let done = started
        .state
        .finish(
            &mut scripted(&[&rfc.get("envelope_nonce")]),
            &password,
            RegistrationResponse::deserialize(&rfc.get("registration_response")).unwrap(),
            ClientRegistrationFinishParameters::new(ids, None),
        )
        .unwrap();
    assert_eq!(
        done.message.serialize().to_vec(),
        rfc.get("registration_upload")
    );
    assert_eq!(done.export_key.to_vec(), rfc.get("export_key"));
}

fn sign_in(rfc: &Rfc, ids: Identifiers) {
    let password = rfc.get("password");
    let context = rfc.get("Context");
    let started = ClientLogin::<RfcSuite>::start(
        &mut scripted(&[
            &rfc.get("blind_login"),
            &WIDE,
            &rfc.get("client_keyshare_seed"),
            &rfc.get("client_nonce"),
        ]),
        &password,
    )
    .unwrap();
    assert_eq!(started.message.serialize().to_vec(), rfc.get("KE1"));
    let server = answer(rfc, ids, true);
    assert_eq!(server.message.serialize().to_vec(), rfc.get("KE2"));
    let done = started
        .state
        .finish(
            &mut scripted(&[&[0; 32]]),
            &password,
            CredentialResponse::deserialize(&rfc.get("KE2")).unwrap(),
            ClientLoginFinishParameters::new(Some(&context), ids, None),
        )
        .unwrap();
    assert_eq!(done.message.serialize().to_vec(), rfc.get("KE3"));
    assert_eq!(done.export_key.to_vec(), rfc.get("export_key"));
    assert_eq!(done.session_key.to_vec(), rfc.get("session_key"));
    let finished = server
        .state
        .finish(
            CredentialFinalization::deserialize(&rfc.get("KE3")).unwrap(),
            ServerLoginParameters {
                context: Some(&context),
                identifiers: ids,
            },
        )
        .unwrap();
    assert_eq!(finished.session_key.to_vec(), rfc.get("session_key"));
}

fn answer(
    rfc: &Rfc,
    identifiers: Identifiers,
    known: bool,
) -> opaque_ke::ServerLoginStartResult<RfcSuite> {
    let record =
        known.then(|| ServerRegistration::deserialize(&rfc.get("registration_upload")).unwrap());
    ServerLogin::start(
        &mut rfc.server_rng(),
        &rfc.setup(),
        record,
        CredentialRequest::deserialize(&rfc.get("KE1")).unwrap(),
        &rfc.get("credential_identifier"),
        ServerLoginParameters {
            context: Some(&rfc.get("Context")),
            identifiers,
        },
    )
    .unwrap()
}

struct Account {
    seed: OprfSeed,
    record: Vec<u8>,
    export_key: ExportKey,
}

fn registered(passphrase: &str, stretching: &Stretching) -> Account {
    let mut rng = rng(1);
    let seed = OprfSeed::generate(&mut rng).unwrap();
    let (client, request) = Registration::start(&mut rng, &prepare(passphrase).unwrap()).unwrap();
    let response = server::registration_response(&seed, &request, ALICE).unwrap();
    let outcome = client
        .finish(&mut rng, &response, INSTANCE, stretching)
        .unwrap();
    Account {
        record: server::registration_record(&outcome.upload).unwrap(),
        export_key: outcome.export_key,
        seed,
    }
}

/// Signs in and gives the export key after the server accepted.
fn signed_in(
    account: &Account,
    known: bool,
    passphrase: &str,
    instance: InstanceId,
    stretching: &Stretching,
) -> Result<ExportKey, OpaqueError> {
    let mut rng = rng(2);
    let (client, ke1) = SignIn::start(&mut rng, &prepare(passphrase).unwrap())?;
    let record = known.then_some(account.record.as_slice());
    let (state, ke2) =
        server::sign_in_start(&mut rng, &account.seed, record, &ke1, ALICE, INSTANCE)?;
    let outcome = client.finish(&mut rng, &ke2, instance, stretching)?;
    server::sign_in_finish(&state, &outcome.ke3)?;
    Ok(outcome.export_key)
}

test_everywhere! {
    fn rfc9807_vectors() {
        let mut real = 0;
        let mut fake = 0;
        for rfc in Rfc::all() {
            let (client, server) = (rfc.optional("client_identity"), rfc.optional("server_identity"));
            let ids = Identifiers { client: client.as_deref(), server: server.as_deref() };
            if rfc.0["title"].as_str().unwrap().contains("Real") {
                register(&rfc, ids);
                sign_in(&rfc, ids);
                real += 1;
            } else {
                assert_eq!(answer(&rfc, ids, false).message.serialize().to_vec(), rfc.get("KE2"));
                fake += 1;
            }
        }
        assert_eq!((real, fake), (2, 1));
    }

    fn vectors() {
        let mut r = rng(3);
        let seed = OprfSeed::generate(&mut r).unwrap();
        let passphrase = prepare("correct horse battery staple").unwrap();
        let (client, request) = Registration::start(&mut r, &passphrase).unwrap();
        let response = server::registration_response(&seed, &request, ALICE).unwrap();
        let outcome = client.finish(&mut r, &response, INSTANCE, &CHEAP).unwrap();
        let (client, ke1) = SignIn::start(&mut r, &passphrase).unwrap();
        let (state, ke2) = server::sign_in_start(
            &mut r, &seed, Some(&outcome.upload), &ke1, ALICE, INSTANCE,
        ).unwrap();
        let done = client.finish(&mut r, &ke2, INSTANCE, &CHEAP).unwrap();
        server::sign_in_finish(&state, &done.ke3).unwrap();
        let made = json!({
            "instance": INSTANCE.to_string(),
            "member": ALICE.to_string(),
            "passphrase": "correct horse battery staple",
            "stretching": CHEAP,
            "oprf_seed_file": hex::encode(seed.to_bytes()),
            "registration_request": hex::encode(request),
            "registration_response": hex::encode(response),
            "registration_upload": hex::encode(&outcome.upload),
            "ke1": hex::encode(ke1), "ke2": hex::encode(ke2), "ke3": hex::encode(&done.ke3),
            "export_key": hex::encode(outcome.export_key.as_bytes()),
            "session_key": hex::encode(&done.session_key),
            "unknown_member_id_of_nobody": server::unknown_member_id(&seed, "nobody").to_string(),
        });
        check_vectors("opaque.json", include_str!("../../vectors/opaque.json"), &made);
    }

    fn registration_then_sign_in_gives_the_same_export_key() {
        let account = registered("my passphrase", &CHEAP);
        let export = signed_in(&account, true, "my passphrase", INSTANCE, &CHEAP).unwrap();
        assert!(export.is_same(&account.export_key));
        // Prepared alike: other spaces and decomposed letters are the same passphrase.
        let account = registered("caf\u{e9} au lait", &CHEAP);
        let export =
            signed_in(&account, true, " cafe\u{301}\u{a0}au lait ", INSTANCE, &CHEAP).unwrap();
        assert!(export.is_same(&account.export_key));
    }

    fn wrong_passphrases_names_instances_and_costs_look_alike() {
        let account = registered("my passphrase", &CHEAP);
        let wrong = OpaqueError::WrongNameOrPassphrase;
        let refused = |known, passphrase, instance, stretching: &Stretching| {
            signed_in(&account, known, passphrase, instance, stretching).unwrap_err()
        };
        let dearer = Stretching { passes: 2, ..CHEAP };
        assert_eq!(refused(true, "my Passphrase", INSTANCE, &CHEAP), wrong);
        assert_eq!(refused(false, "my passphrase", INSTANCE, &CHEAP), wrong);
        assert_eq!(refused(true, "my passphrase", InstanceId([9; 16]), &CHEAP), wrong);
        assert_eq!(refused(true, "my passphrase", INSTANCE, &dearer), wrong);
    }

    fn answers_for_unknown_names_have_the_same_length_and_stay_the_same_person() {
        let account = registered("x y z", &CHEAP);
        let mut rng = rng(5);
        let (_, ke1) = SignIn::start(&mut rng, &prepare("guess").unwrap()).unwrap();
        let nobody = server::unknown_member_id(&account.seed, "nobody");
        let mut ask = |record, id| {
            server::sign_in_start(&mut rng, &account.seed, record, &ke1, id, INSTANCE).unwrap().1
        };
        let real = ask(Some(account.record.as_slice()), ALICE);
        let (fake, again) = (ask(None, nobody), ask(None, nobody));
        assert_eq!((real.len(), fake.len()), (KE2_LEN, KE2_LEN));
        assert_eq!(fake[..32], again[..32], "the OPRF of one name never changes");
        assert_ne!(fake[32..], again[32..]);
        assert_ne!(nobody, server::unknown_member_id(&account.seed, "nobody else"));
        let other = OprfSeed::generate(&mut crate::testing::rng(77)).unwrap();
        assert_ne!(nobody, server::unknown_member_id(&other, "nobody"));
    }

    fn a_forged_or_replayed_finish_is_refused() {
        let account = registered("x y z", &CHEAP);
        let mut rng = rng(6);
        let (client, ke1) = SignIn::start(&mut rng, &prepare("x y z").unwrap()).unwrap();
        let record = Some(account.record.as_slice());
        let mut start = || {
            server::sign_in_start(&mut rng, &account.seed, record, &ke1, ALICE, INSTANCE).unwrap()
        };
        let ((state, ke2), (other_state, _)) = (start(), start());
        let done = client.finish(&mut crate::testing::rng(8), &ke2, INSTANCE, &CHEAP).unwrap();
        server::sign_in_finish(&state, &done.ke3).unwrap();
        let wrong = Err(OpaqueError::WrongNameOrPassphrase);
        assert_eq!(server::sign_in_finish(&other_state, &done.ke3), wrong);
        for i in 0..KE3_LEN {
            let mut bad = done.ke3.clone();
            bad[i] ^= 1;
            assert_eq!(server::sign_in_finish(&state, &bad), wrong);
        }
        assert!(server::sign_in_finish(&state, &done.ke3[1..]).is_err());
        assert!(server::sign_in_finish(&state[..20], &done.ke3).is_err());
    }

    fn a_changed_answer_gives_the_client_nothing() {
        let account = registered("x y z", &CHEAP);
        let mut rng = rng(6);
        let (_, ke1) = SignIn::start(&mut rng, &prepare("x y z").unwrap()).unwrap();
        let record = Some(account.record.as_slice());
        let (_, ke2) =
            server::sign_in_start(&mut rng, &account.seed, record, &ke1, ALICE, INSTANCE).unwrap();
        for i in (0..KE2_LEN).step_by(5) {
            let mut bad = ke2.clone();
            bad[i] ^= 1;
            // The same client state: started with the same randomness.
            let (client, _) =
                SignIn::start(&mut crate::testing::rng(6), &prepare("x y z").unwrap()).unwrap();
            assert!(client.finish(&mut rng, &bad, INSTANCE, &CHEAP).is_err(), "byte {i}");
        }
    }

    fn wrong_lengths_are_refused() {
        let account = registered("x y z", &CHEAP);
        let mut r = rng(1);
        for len in [0, 31, 33, 63, 65, 95, 97, 191, 193, 319, 321, 5000] {
            let bytes = vec![0u8; len];
            assert!(server::registration_response(&account.seed, &bytes, ALICE).is_err());
            assert!(server::registration_record(&bytes).is_err());
            let answer =
                server::sign_in_start(&mut r, &account.seed, None, &bytes, ALICE, INSTANCE);
            assert!(answer.is_err());
            let (client, _) = SignIn::start(&mut r, &prepare("x").unwrap()).unwrap();
            assert!(client.finish(&mut r, &bytes, INSTANCE, &CHEAP).is_err());
            let (client, _) = Registration::start(&mut r, &prepare("x").unwrap()).unwrap();
            assert!(client.finish(&mut r, &bytes, INSTANCE, &CHEAP).is_err());
            assert!(OprfSeed::from_bytes(&bytes).is_err());
        }
        // The neutral element as a blinded passphrase, or what is no element, is the sender's fault.
        for byte in [0, 0xff] {
            let answer = server::registration_response(&account.seed, &[byte; 32], ALICE);
            assert_eq!(answer, Err(OpaqueError::Malformed("registration request")));
            let bytes = [byte; KE1_LEN];
            let answer =
                server::sign_in_start(&mut r, &account.seed, None, &bytes, ALICE, INSTANCE);
            assert_eq!(answer.err(), Some(OpaqueError::Malformed("sign-in request")));
        }
    }

    fn the_seed_file_is_read_back() {
        let seed = OprfSeed::generate(&mut rng(1)).unwrap();
        let bytes = seed.to_bytes();
        assert_eq!(bytes.len(), 131);
        let read = OprfSeed::from_bytes(&bytes).unwrap();
        assert_eq!(read.to_bytes(), bytes);
        for i in 0..bytes.len() {
            assert!(OprfSeed::from_bytes(&bytes[..i]).is_err());
        }
        assert!(OprfSeed::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
    }

    fn costs_have_limits() {
        let mega = Stretching { memory_kib: 1024 * 1024 + 1, passes: 1, lanes: 1 };
        assert_eq!(mega.validate_for_login(), Err(OpaqueError::TooCostly));
        let long = Stretching { passes: 17, ..CHEAP };
        assert_eq!(long.validate_for_login(), Err(OpaqueError::TooCostly));
        let wide = Stretching { lanes: u32::MAX, ..CHEAP };
        assert_eq!(wide.validate_for_login(), Err(OpaqueError::TooCostly));
        for bad in [
            Stretching { memory_kib: 7, ..CHEAP },
            Stretching { passes: 0, ..CHEAP },
            Stretching { lanes: 0, ..CHEAP },
            Stretching { lanes: 2, ..CHEAP },
        ] {
            assert!(bad.validate_for_login().is_err());
        }
        CHEAP.validate_for_login().unwrap();
        Stretching::LIMIT.validate_for_login().unwrap();
        let least = Stretching::PRODUCTION;
        assert_eq!(CHEAP.validate_for_registration(&least), Err(OpaqueError::TooCheap));
        least.validate_for_registration(&least).unwrap();
        let less_memory = Stretching { memory_kib: 32 * 1024, passes: 16, lanes: 1 };
        assert_eq!(less_memory.validate_for_registration(&least), Err(OpaqueError::TooCheap));
    }

    fn production_cost_works() {
        let account = registered("x y z", &Stretching::PRODUCTION);
        signed_in(&account, true, "x y z", INSTANCE, &Stretching::PRODUCTION).unwrap();
    }
}
