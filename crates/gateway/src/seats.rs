//! How many of something one holder, and everybody together, may hold at a time: connections of an address, bytes of a
//! member's requests.

use std::{
    collections::HashMap,
    hash::Hash,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use tokio::sync::Notify;

use crate::{config::network, lock};

struct Taken<K> {
    total: u32,
    by_holder: HashMap<K, u32>,
}

/// Counts seats by holder. Bounded by the total.
pub(crate) struct Seats<K: Hash + Eq + Copy = IpAddr> {
    each: u32,
    total: u32,
    taken: Mutex<Taken<K>>,
    freed: Notify,
}

/// Seats of one holder; given back when dropped.
pub(crate) struct Seat<K: Hash + Eq + Copy = IpAddr> {
    seats: Arc<Seats<K>>,
    holder: K,
    count: u32,
}

impl Seats<IpAddr> {
    /// A seat, unless the address or all together hold too many.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        self.take_some(network(address), 1)
    }
}

impl<K: Hash + Eq + Copy> Seats<K> {
    pub(crate) fn new(each: u32, total: u32) -> Arc<Self> {
        Arc::new(Self {
            each,
            total,
            taken: Mutex::new(Taken {
                total: 0,
                by_holder: HashMap::new(),
            }),
            freed: Notify::new(),
        })
    }

    /// So many seats, unless the holder or all together would hold too many.
    pub(crate) fn take_some(self: &Arc<Self>, holder: K, count: u32) -> Option<Seat<K>> {
        let mut taken = lock(&self.taken);
        let total = taken.total.saturating_add(count);
        let held = taken.by_holder.get(&holder).copied().unwrap_or(0);
        let held = held.saturating_add(count);
        if total > self.total || held > self.each {
            return None;
        }
        taken.by_holder.insert(holder, held);
        taken.total = total;
        Some(Seat {
            seats: Arc::clone(self),
            holder,
            count,
        })
    }

    /// Waits until no seat is taken.
    pub(crate) async fn all_free(&self) {
        loop {
            let freed = self.freed.notified();
            if self.taken() == 0 {
                return;
            }
            freed.await;
        }
    }

    /// Seats taken now.
    pub(crate) fn taken(&self) -> u32 {
        lock(&self.taken).total
    }
}

impl<K: Hash + Eq + Copy> Drop for Seat<K> {
    fn drop(&mut self) {
        let mut taken = lock(&self.seats.taken);
        taken.total = taken.total.saturating_sub(self.count);
        if let Some(held) = taken.by_holder.get_mut(&self.holder) {
            *held = held.saturating_sub(self.count);
            if *held == 0 {
                taken.by_holder.remove(&self.holder);
            }
        }
        let none = taken.total == 0;
        drop(taken);
        if none {
            self.seats.freed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_limited_by_network_and_in_total_and_come_back() {
        let seats = Seats::new(2, 3);
        let a: IpAddr = "2001:db8::1".parse().unwrap();
        let b: IpAddr = "2001:db8::2".parse().unwrap();
        let c: IpAddr = "192.0.2.1".parse().unwrap();
        let mapped: IpAddr = "::ffff:192.0.2.1".parse().unwrap();
        let first = seats.take(a).unwrap();
        let _second = seats.take(b).unwrap();
        assert!(seats.take(b).is_none(), "one /64 network is one address");
        let _third = seats.take(c).unwrap();
        assert!(seats.take(mapped).is_none(), "the total is reached");
        drop(first);
        let _fourth = seats.take(mapped).unwrap();
        assert_eq!(seats.taken(), 3);
        assert_eq!(
            lock(&seats.taken).by_holder[&c],
            2,
            "mapped addresses are the same"
        );
    }

    #[test]
    fn several_are_taken_together_or_not_at_all() {
        let seats = Seats::new(10, 15);
        let first = seats.take_some("anna", 8).unwrap();
        assert!(seats.take_some("anna", 3).is_none());
        assert!(seats.take_some("ben", 8).is_none(), "all together");
        let _second = seats.take_some("ben", 7).unwrap();
        drop(first);
        assert_eq!(seats.taken(), 7);
        let _whole = seats.take_some("anna", 8).unwrap();
        assert!(seats.take_some("cem", u32::MAX).is_none());
    }
}
