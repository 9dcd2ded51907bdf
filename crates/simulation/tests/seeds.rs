//! Random plays. `CHATALK_SIM_SEEDS=N` plays more of them, `CHATALK_SIM_MINUTES=N` as many as that time takes,
//! `CHATALK_SIM_SEED=S` one alone.
#![allow(clippy::unwrap_used)]

use ambient::{Clock, SystemClock};
use simulation::{Faults, check, play::Play};

/// Seeds that CI plays.
const SEEDS: u64 = 200;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Which seeds are played, and until when (ms since 1970).
fn bounds() -> (u64, u64) {
    let minutes = number("CHATALK_SIM_MINUTES");
    let until = minutes.map_or(u64::MAX, |n| SystemClock.now() + n * 60_000);
    let seeds = number("CHATALK_SIM_SEEDS");
    let seeds = seeds.unwrap_or(if minutes.is_some() { u64::MAX } else { SEEDS });
    (seeds, until)
}

/// Plays one seed and gives its story, and what everybody has in the end.
fn run(seed: u64) -> (Vec<String>, Vec<String>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut play = Play::begin(seed, 2 + usize::try_from(seed % 3).unwrap()).await;
        let faults = Faults {
            delay_ms: 20 + seed % 7 * 100,
            lost: u32::try_from(seed % 5 * 5).unwrap(),
            repeated: u32::try_from(seed % 4 * 10).unwrap(),
            cut: u32::try_from(seed % 3 * 10).unwrap(),
        };
        play.storm(40, faults).await;
        play.heal_and_check().await;
        let outcome = check::outcome(&play);
        (play.world.story, outcome)
    })
}

#[test]
fn quiet_play() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut play = Play::begin(1, 2).await;
        play.storm(20, Faults::default()).await;
        play.heal_and_check().await;
        assert!(!play.said.is_empty(), "nothing was said");
    });
}

#[test]
fn the_same_seed_gives_the_same_play() {
    let (story, outcome) = run(7);
    assert!(outcome.len() > 100, "something came of it");
    assert_eq!((story, outcome), run(7));
}

macro_rules! plays {
    ($($name:ident: $part:literal,)*) => {
        $(
            #[test]
            fn $name() {
                if let Some(seed) = number("CHATALK_SIM_SEED") {
                    if $part == 0 { run(seed); }
                    return;
                }
                let (all, until) = bounds();
                for seed in ($part..all).step_by(8) {
                    if SystemClock.now() >= until {
                        return;
                    }
                    let played = std::panic::catch_unwind(|| run(seed));
                    assert!(played.is_ok(), "seed {seed} failed: CHATALK_SIM_SEED={seed} plays it alone");
                }
            }
        )*
    };
}

plays! {
    plays_0: 0, plays_1: 1, plays_2: 2, plays_3: 3, plays_4: 4, plays_5: 5, plays_6: 6, plays_7: 7,
}
