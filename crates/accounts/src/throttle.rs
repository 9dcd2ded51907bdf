//! Limits on guessing: so many attempts an hour for each key, all of them at once if need be (generic cell rate
//! algorithm, ITU-T I.371, with a burst of one hour). Bounded: what has recovered most is forgotten first.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use crate::{Error, Origin, config::HOUR};

/// Attempts an hour for each key.
pub(crate) struct Throttle<K> {
    /// Milliseconds that one attempt costs.
    cost: u64,
    capacity: usize,
    /// Until when the attempts so far are paid for; at most one hour ahead.
    paid_until: Mutex<HashMap<K, u64>>,
}

impl<K: Eq + Hash> Throttle<K> {
    pub(crate) fn new(per_hour: u32, capacity: usize) -> Self {
        Self {
            cost: HOUR.div_ceil(u64::from(per_hour.max(1))),
            capacity: capacity.max(2),
            paid_until: Mutex::default(),
        }
    }

    /// Makes an attempt. One that may turn out to be no guess is taken all the same, and given back then: of many at
    /// the same time no more pass than may.
    pub(crate) fn take(&self, key: K, now: u64) -> Result<(), Error> {
        let mut table = self.lock();
        let paid = table.get(&key).copied().unwrap_or(now).max(now);
        let waiting = (paid + self.cost).saturating_sub(now + HOUR);
        if waiting > 0 {
            return Err(Error::TooManyAttempts {
                retry_after_ms: u32::try_from(waiting).unwrap_or(u32::MAX),
            });
        }
        if table.len() >= self.capacity && !table.contains_key(&key) {
            forget(&mut table, now, self.capacity);
        }
        let paid = table.entry(key).or_insert(now);
        *paid = (*paid).max(now) + self.cost;
        Ok(())
    }

    /// Gives an attempt back: it was no guess.
    pub(crate) fn give_back(&self, key: &K) {
        if let Some(paid) = self.lock().get_mut(key) {
            *paid = paid.saturating_sub(self.cost);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<K, u64>> {
        self.paid_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes room: first what has recovered wholly, then the half that has recovered most.
fn forget<K: Eq + Hash>(table: &mut HashMap<K, u64>, now: u64, capacity: usize) {
    table.retain(|_, paid| *paid > now);
    if table.len() >= capacity {
        let mut times: Vec<u64> = table.values().copied().collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        table.retain(|_, paid| *paid > median);
    }
}

/// What an address counts as: an IPv6 host owns its whole /64 network.
pub(crate) fn network(from: &Origin) -> IpAddr {
    match from.address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waiting(result: Result<(), Error>) -> u32 {
        match result {
            Err(Error::TooManyAttempts { retry_after_ms }) => retry_after_ms,
            other => panic!("expected a refusal, got {other:?}"),
        }
    }

    #[test]
    fn an_hours_attempts_at_once_then_one_at_a_time() {
        let throttle = Throttle::new(30, 10);
        let now = 1_000_000;
        for _ in 0..30 {
            throttle.take("anna", now).unwrap();
        }
        assert_eq!(waiting(throttle.take("anna", now)), 120_000);
        throttle.take("ben", now).unwrap();
        assert_eq!(waiting(throttle.take("anna", now + 60_000)), 60_000);
        throttle.take("anna", now + 120_000).unwrap();
        assert_eq!(waiting(throttle.take("anna", now + 120_000)), 120_000);
    }

    #[test]
    fn a_refusal_costs_nothing_and_an_attempt_can_be_given_back() {
        let throttle = Throttle::new(1, 10);
        throttle.take("anna", 0).unwrap();
        for _ in 0..100 {
            assert_eq!(waiting(throttle.take("anna", 0)), 3_600_000);
        }
        throttle.give_back(&"anna");
        throttle.take("anna", 0).unwrap();
    }

    #[test]
    fn a_flood_of_keys_forgets_the_recovered_first() {
        let throttle = Throttle::new(10, 100);
        for _ in 0..10 {
            throttle.take(u32::MAX, 0).unwrap();
        }
        for key in 0..10_000 {
            throttle.take(key, 0).unwrap();
        }
        assert!(throttle.lock().len() <= 100);
        waiting(throttle.take(u32::MAX, 0));
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let at = |text: &str| {
            network(&Origin {
                address: text.parse().unwrap(),
            })
        };
        assert_eq!(at("2001:db8::1"), at("2001:db8::ffff:1"));
        assert_ne!(at("2001:db8::1"), at("2001:db8:0:1::1"));
        assert_ne!(at("192.0.2.1"), at("192.0.2.2"));
        assert_eq!(at("::ffff:192.0.2.1"), at("192.0.2.1"));
    }
}
