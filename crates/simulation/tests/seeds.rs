//! Random plays. `CHATALK_SIM_SEEDS=N` plays more of them, `CHATALK_SIM_MINUTES=N` as many as that time takes,
//! `CHATALK_SIM_SEED=S` one alone. A seed that fails is played again with fewer and fewer steps; what is told in the end is
//! the story of the shortest play that still fails.
#![allow(clippy::unwrap_used)]

use ambient::{Clock, SystemClock};
use std::{cell::RefCell, rc::Rc};

use simulation::{Faults, check, play::Play, shrink::shrink};

/// Seeds that CI plays.
const SEEDS: u64 = 200;
/// Steps of a play.
const STEPS: u64 = 40;
/// How often a failing play is played again to make it shorter.
const TRIES: usize = 60;

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
    let steps: Vec<u64> = (0..STEPS).collect();
    let told = Rc::default();
    let outcome = play(seed, &steps, &told);
    (told.take(), outcome)
}

/// Plays some steps of a seed. The story is told also when it ends badly.
fn play(seed: u64, steps: &[u64], told: &Rc<RefCell<Vec<String>>>) -> Vec<String> {
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
        play.world.tell_to(Rc::clone(told));
        play.storm_of(steps, faults).await;
        play.heal_and_check().await;
        check::outcome(&play)
    })
}

fn fails(seed: u64, steps: &[u64], told: &Rc<RefCell<Vec<String>>>) -> bool {
    told.borrow_mut().clear();
    let played = std::panic::AssertUnwindSafe(|| play(seed, steps, told));
    std::panic::catch_unwind(played).is_err()
}

/// Plays a seed; when that fails, tells the shortest play that fails too.
fn run_or_tell(seed: u64) {
    let told = Rc::default();
    let all: Vec<u64> = (0..STEPS).collect();
    if !fails(seed, &all, &told) {
        return;
    }
    // what the others fail with is not told
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let few = shrink(all, TRIES, |steps| fails(seed, steps, &told));
    std::panic::set_hook(hook);
    assert!(
        !fails(seed, &few, &told),
        "{}",
        in_words(seed, &few, &told.borrow())
    );
    panic!(
        "seed {seed} fails with all its steps, and not again: CHATALK_SIM_SEED={seed} plays it alone"
    );
}

fn in_words(seed: u64, steps: &[u64], story: &[String]) -> String {
    let story = story.join("\n  ");
    format!(
        "seed {seed} fails with these of its steps: {steps:?}\n  {story}\nCHATALK_SIM_SEED={seed} plays it alone"
    )
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
                    if $part == 0 { run_or_tell(seed); }
                    return;
                }
                let (all, until) = bounds();
                for seed in ($part..all).step_by(8) {
                    if SystemClock.now() >= until {
                        return;
                    }
                    run_or_tell(seed);
                }
            }
        )*
    };
}

plays! {
    plays_0: 0, plays_1: 1, plays_2: 2, plays_3: 3, plays_4: 4, plays_5: 5, plays_6: 6, plays_7: 7,
}
