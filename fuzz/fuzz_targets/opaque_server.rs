//! Everything a stranger can send to the sign-in, and what a server can answer to a client.
#![no_main]

use std::sync::LazyLock;

use e2ee::{
    opaque::{OprfSeed, Registration, SignIn, Stretching, server},
    passphrase,
};
use libfuzzer_sys::fuzz_target;
use protocol::{InstanceId, MemberId};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

const MEMBER: MemberId = MemberId([4; 16]);
const INSTANCE: InstanceId = InstanceId([5; 16]);

struct Account {
    seed: OprfSeed,
    record: Vec<u8>,
    ke1: Vec<u8>,
}

static ACCOUNT: LazyLock<Account> = LazyLock::new(|| {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let seed = OprfSeed::generate(&mut rng).expect("a seed");
    let words = passphrase::generate(&mut rng, passphrase::Language::English);
    let (client, request) = Registration::start(&mut rng, &words).expect("a start");
    let response = server::registration_response(&seed, &request, MEMBER).expect("an answer");
    let done = client
        .finish(&mut rng, &response, INSTANCE, &Stretching::MINIMUM)
        .expect("an end");
    let (_, ke1) = SignIn::start(&mut rng, &words).expect("a start");
    Account {
        record: server::registration_record(&done.upload).expect("a record"),
        seed,
        ke1,
    }
});

fuzz_target!(|data: &[u8]| {
    let account = &*ACCOUNT;
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let _ = OprfSeed::from_bytes(data);
    let _ = server::registration_response(&account.seed, data, MEMBER);
    if let Ok(record) = server::registration_record(data) {
        // Whatever was registered: sign-in answers or refuses, and does not panic.
        let _ = server::sign_in_start(
            &mut rng,
            &account.seed,
            Some(&record),
            &account.ke1,
            MEMBER,
            INSTANCE,
        );
    }
    for record in [Some(account.record.as_slice()), None] {
        let _ = server::sign_in_start(&mut rng, &account.seed, record, data, MEMBER, INSTANCE);
        let (state, _) = server::sign_in_start(
            &mut rng,
            &account.seed,
            record,
            &account.ke1,
            MEMBER,
            INSTANCE,
        )
        .expect("a good KE1");
        assert!(server::sign_in_finish(&state, data).is_err(), "guessed KE3");
    }
    let _ = server::sign_in_finish(data, &[0; 64]);

    let words = passphrase::prepare("guess").expect("a passphrase");
    let (client, _) = SignIn::start(&mut rng, &words).expect("a start");
    assert!(
        client
            .finish(&mut rng, data, INSTANCE, &Stretching::MINIMUM)
            .is_err()
    );
    let (client, _) = Registration::start(&mut rng, &words).expect("a start");
    let _ = client.finish(&mut rng, data, INSTANCE, &Stretching::MINIMUM);
});
