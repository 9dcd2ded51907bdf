//! The driver's time: the wall clock, but never backwards.

use ambient::Millis;

/// Runs on the browser's monotonic clock from the wall-clock time at which it was made, and follows the wall clock when
/// that is ahead (the machine slept). A wall clock that is set back does not stop the timers.
pub struct Steady {
    base: Millis,
    since: f64,
}

/// What the browser's clocks say.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Milliseconds since 1970.
    pub wall: Millis,
    /// Milliseconds since some moment, never backwards.
    pub monotonic: f64,
}

/// Ahead by more than this (ms) means that the machine slept or its clock was set.
const LEAP: Millis = 2_000;
/// The longest sleep (ms), so that a leap is noticed.
const LONGEST: Millis = 10_000;

impl Steady {
    /// Starts at the wall clock.
    #[must_use]
    pub fn new(now: Reading) -> Self {
        Self {
            base: now.wall,
            since: now.monotonic,
        }
    }

    fn steady(&self, now: Reading) -> Millis {
        // from float to integer: saturates, and makes zero of what is no number
        let ran = (now.monotonic - self.since) as Millis;
        self.base.saturating_add(ran)
    }

    /// The time, and whether it leapt ahead since it was last asked.
    pub fn now(&mut self, now: Reading) -> (Millis, bool) {
        let steady = self.steady(now);
        if now.wall > steady.saturating_add(LEAP) {
            *self = Self::new(now);
            return (now.wall, true);
        }
        (steady, false)
    }

    /// How long to sleep until then (ms).
    #[must_use]
    pub fn until(&self, now: Reading, deadline: Option<Millis>) -> Millis {
        let wait = deadline.map_or(LONGEST, |at| at.saturating_sub(self.steady(now)));
        wait.clamp(1, LONGEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(wall: Millis, monotonic: f64) -> Reading {
        Reading { wall, monotonic }
    }

    #[test]
    fn never_goes_back_and_notices_leaps() {
        let mut clock = Steady::new(at(1_000_000, 50.0));
        let back = at(400_000, 550.4);
        assert_eq!(clock.now(back), (1_000_500, false));
        assert_eq!(clock.until(back, Some(1_000_700)), 200);
        assert_eq!(clock.until(back, Some(0)), 1);
        assert_eq!(clock.until(back, None), 10_000);
        let woke = at(9_000_000, 560.0);
        assert_eq!(clock.now(woke), (9_000_000, true), "the machine slept");
        assert_eq!(clock.now(woke), (9_000_000, false), "told once");
        assert_eq!(clock.now(at(9_000_000, 100.0)), (9_000_000, false));
    }
}
