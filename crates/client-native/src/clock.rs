//! The driver's time: the wall clock, but never backwards.

use std::sync::Arc;

use ambient::{Clock, Millis};
use tokio::time::{Duration, Instant};

/// Runs on the machine's monotonic clock from the wall-clock time at which it was made, and follows the wall clock when
/// that is ahead (the machine slept). A wall clock that is set back does not stop the timers.
pub(crate) struct Steady {
    wall: Arc<dyn Clock>,
    base: Millis,
    since: Instant,
}

/// Ahead by more than this (ms) means that the machine slept or its clock was set.
const LEAP: Millis = 2_000;

impl Steady {
    pub(crate) fn new(wall: Arc<dyn Clock>) -> Self {
        let base = wall.now();
        Self {
            wall,
            base,
            since: Instant::now(),
        }
    }

    fn steady(&self) -> Millis {
        let ran = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.base.saturating_add(ran)
    }

    /// The time, and whether it leapt ahead since it was last asked.
    pub(crate) fn now(&mut self) -> (Millis, bool) {
        let (steady, wall) = (self.steady(), self.wall.now());
        if wall > steady.saturating_add(LEAP) {
            self.base = wall;
            self.since = Instant::now();
            return (wall, true);
        }
        (steady, false)
    }

    /// How long to sleep until then; at most ten seconds, so that a leap is noticed.
    pub(crate) fn until(&self, deadline: Option<Millis>) -> Duration {
        let wait = deadline.map_or(u64::MAX, |at| at.saturating_sub(self.steady()));
        Duration::from_millis(wait.clamp(1, 10_000))
    }
}

#[cfg(test)]
mod tests {
    use ambient::ManualClock;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn never_goes_back_and_notices_leaps() {
        let wall = ManualClock::new(1_000_000);
        let mut clock = Steady::new(Arc::new(wall.clone()));
        tokio::time::advance(Duration::from_millis(500)).await;
        wall.set(400_000);
        assert_eq!(
            clock.now(),
            (1_000_500, false),
            "a clock set back is not followed"
        );
        assert_eq!(clock.until(Some(1_000_700)), Duration::from_millis(200));
        assert_eq!(clock.until(Some(0)), Duration::from_millis(1));
        assert_eq!(clock.until(None), Duration::from_secs(10));
        wall.set(9_000_000);
        assert_eq!(clock.now(), (9_000_000, true), "the machine slept");
        assert_eq!(clock.now(), (9_000_000, false), "told once");
    }
}
