//! Guessing names and passphrases: answers and timing alike, attempts limited.

use std::time::{Duration, Instant};

use protocol::{
    Bytes, ErrorCode, Method, Request, decode, encode,
    methods::account::{NewDevice, SignInFinish, SignInStart, SignInStarted},
};
use rmpv::Value;
use testkit::SigningIn;

use super::{World, refusal};
use crate::common::{Wire, passphrase, sign_in};

/// Guesses that one name has in an hour, less than its limit.
const GUESSES: usize = 28;

/// Shape of a frame: fields, types and lengths, without random values.
fn shape(frame: &[u8]) -> String {
    let Value::Map(fields) = rmpv::decode::read_value(&mut &frame[..]).unwrap() else {
        panic!("a frame is a map");
    };
    let fields = fields.iter().map(|(name, value)| match value {
        Value::Binary(bytes) if name.as_str() == Some("ok") => format!("{name}: {}", shape(bytes)),
        Value::Binary(bytes) => format!("{name}: {} bytes", bytes.len()),
        // codes, messages and numbers are compared as they are
        other => format!("{name}: {other}"),
    });
    fields.collect::<Vec<_>>().join(", ")
}

/// Timing is what this measures, so it is the real clock's.
#[allow(clippy::disallowed_methods)]
async fn asked<M: Method>(wire: &mut Wire, id: u64, params: &M) -> (Bytes, Duration) {
    let frame = encode(&Request::new(id, params));
    let begun = Instant::now();
    assert!(wire.raw(frame).await);
    let bytes = wire.next_bytes().await.unwrap();
    (bytes, begun.elapsed())
}

struct Guess {
    shapes: [String; 2],
    sizes: [usize; 2],
    times: [Duration; 2],
}

/// A guess on a connection of its own, as a careful attacker makes it.
async fn guess(world: &World, seed: u64, name: &str) -> Guess {
    let mut wire = world.guest().await;
    let (start, signing_in): (SignInStart, _) =
        SigningIn::start(seed, name, &passphrase("a guess like any other"));
    let (first, start_time) = asked(&mut wire, 1, &start).await;
    let frame: protocol::ServerFrame = decode(&first).unwrap();
    let started: SignInStarted = decode(&frame.ok.unwrap()).unwrap();
    let device = NewDevice {
        device: signing_in.device.id(),
        name: "thief".into(),
        signing_key: Bytes::copy_from_slice(signing_in.device.signing_public().as_bytes()),
        wrap_key: Bytes::copy_from_slice(signing_in.device.wrap_public()),
    };
    let finish = SignInFinish {
        attempt: started.attempt,
        ke3: vec![9; 64].into(),
        device,
    };
    let (second, finish_time) = asked(&mut wire, 2, &finish).await;
    let shapes = [&first, &second].map(|frame| shape(frame));
    Guess {
        shapes,
        sizes: [first.len(), second.len()],
        times: [start_time, finish_time],
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_names_and_wrong_passphrases_answer_alike_and_as_fast() {
    let mut world = World::start().await;
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for n in 0..GUESSES {
        // in turn, so that a busy moment of the machine meets both
        let seed = 100 + n as u64;
        known.push(guess(&world, seed, "anna").await);
        unknown.push(guess(&world, seed, &format!("nob{n:02}")).await);
    }
    for guess in known.iter().chain(&unknown) {
        assert_eq!(guess.shapes, known[0].shapes);
        assert_eq!(guess.sizes, known[0].sizes);
    }
    assert!(known[0].shapes[1].contains("wrong_name_or_passphrase"));
    for step in 0..2 {
        let of =
            |guesses: &[Guess]| median(guesses.iter().map(|guess| guess.times[step]).collect());
        let (known, unknown) = (of(&known), of(&unknown));
        let (low, high) = (known.min(unknown), known.max(unknown));
        // This is coarse: it finds key stretching, or another wait, on one of the two ways alone. That both take the
        // same look-ups and give answers of the same shape is what accounts::guessing counts.
        assert!(
            high < low * 2 + Duration::from_millis(1),
            "step {step}: {known:?} and {unknown:?}"
        );
    }
    world.talk_on().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_run_out_for_the_name_and_who_is_signed_in_notices_nothing() {
    let mut world = World::start().await;
    let limit = world.anna.1.hello.limits.sign_ins_per_hour as usize;
    for name in ["anna", "nobody"] {
        for n in 0..limit {
            let guess = guess(&world, n as u64, name).await;
            assert!(guess.shapes[1].contains("wrong_name_or_passphrase"));
        }
        let mut wire = world.guest().await;
        let start = SigningIn::start(1, name, &world.anna.0.passphrase).0;
        let limited = refusal(&mut wire, &start).await;
        assert_eq!(limited.code, ErrorCode::RateLimited, "{name}");
        assert!(limited.retryable && limited.retry_after_ms.is_some());
    }
    // Her devices stay signed in and may come back; others sign in as ever.
    world.signed_in().await;
    let mut wire = world.guest().await;
    let ben = world.talkers[0].0.passphrase.clone();
    sign_in(&mut wire, 5, "ben", &ben).await.unwrap();
    world.talk_on().await;
}
