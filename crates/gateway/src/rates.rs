//! Token buckets by account or address, in a table of bounded size.

use std::{collections::HashMap, hash::Hash, sync::Mutex};

use ambient::Millis;

use crate::{config::Rate, lock};

#[derive(Clone, Copy)]
struct Bucket {
    /// Thousandths of a request.
    level: u64,
    at: Millis,
}

impl Bucket {
    /// Fills up to now and takes one, or says how many milliseconds until there is one.
    fn take(&mut self, rate: Rate, now: Millis) -> Result<(), u32> {
        let per_second = u64::from(rate.per_second.max(1));
        let full = u64::from(rate.burst.max(1)) * 1000;
        let passed = now.saturating_sub(self.at);
        self.level = full.min(self.level.saturating_add(passed.saturating_mul(per_second)));
        self.at = now;
        if self.level >= 1000 {
            self.level -= 1000;
            return Ok(());
        }
        let wait = (1000 - self.level).div_ceil(per_second);
        Err(u32::try_from(wait).unwrap_or(u32::MAX))
    }
}

struct Generations<K> {
    young: HashMap<K, Bucket>,
    old: HashMap<K, Bucket>,
}

/// Buckets by key. Bounded by two generations: when the young one is full the old one is forgotten, so that what was
/// used lately stays. Who is forgotten has a full bucket again.
pub(crate) struct Buckets<K> {
    rate: Rate,
    half: usize,
    generations: Mutex<Generations<K>>,
}

impl<K: Hash + Eq + Copy> Buckets<K> {
    pub(crate) fn new(rate: Rate, capacity: usize) -> Self {
        Self {
            rate,
            half: (capacity / 2).max(1),
            generations: Mutex::new(Generations {
                young: HashMap::new(),
                old: HashMap::new(),
            }),
        }
    }

    /// Takes one token of `key`.
    ///
    /// # Errors
    /// The milliseconds until there is one.
    pub(crate) fn take(&self, key: K, now: Millis) -> Result<(), u32> {
        let mut generations = lock(&self.generations);
        if let Some(bucket) = generations.young.get_mut(&key) {
            return bucket.take(self.rate, now);
        }
        let mut bucket = generations.old.remove(&key).unwrap_or(Bucket {
            level: u64::from(self.rate.burst.max(1)) * 1000,
            at: now,
        });
        let verdict = bucket.take(self.rate, now);
        if generations.young.len() >= self.half {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(key, bucket);
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_the_rate_holds() {
        let buckets = Buckets::new(
            Rate {
                per_second: 10,
                burst: 3,
            },
            8,
        );
        for _ in 0..3 {
            assert_eq!(buckets.take("a", 1000), Ok(()));
        }
        assert_eq!(buckets.take("a", 1000), Err(100));
        assert_eq!(buckets.take("b", 1000), Ok(()), "others are not disturbed");
        assert_eq!(buckets.take("a", 1099), Err(1));
        assert_eq!(buckets.take("a", 1100), Ok(()));
        assert_eq!(buckets.take("a", 1100), Err(100));
        assert_eq!(
            buckets.take("a", 500),
            Err(100),
            "a clock that goes back gives nothing"
        );
    }

    #[test]
    fn the_table_stays_bounded_and_keeps_who_is_active() {
        let rate = Rate {
            per_second: 1,
            burst: 1,
        };
        let buckets = Buckets::new(rate, 100);
        assert_eq!(buckets.take(u32::MAX, 0), Ok(()));
        for key in 0..10_000u32 {
            let _ = buckets.take(key, 0);
            assert_eq!(
                buckets.take(u32::MAX, 0),
                Err(1000),
                "active, so remembered"
            );
        }
        let generations = lock(&buckets.generations);
        assert!(generations.young.len() + generations.old.len() <= 100);
    }
}
