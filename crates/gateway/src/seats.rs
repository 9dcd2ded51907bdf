//! How many of something one address, and everybody together, may hold at a time.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex},
};

use tokio::sync::Notify;

use crate::{config::network, lock};

struct Taken {
    total: u32,
    by_network: HashMap<IpAddr, u32>,
}

/// Counts seats by address. Bounded by the total.
pub(crate) struct Seats {
    each: u32,
    total: u32,
    taken: Mutex<Taken>,
    freed: Notify,
}

/// A seat; given back when dropped.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    network: IpAddr,
}

impl Seats {
    pub(crate) fn new(each: u32, total: u32) -> Arc<Self> {
        Arc::new(Self {
            each,
            total,
            taken: Mutex::new(Taken {
                total: 0,
                by_network: HashMap::new(),
            }),
            freed: Notify::new(),
        })
    }

    /// A seat, unless the address or all together hold too many.
    pub(crate) fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let network = network(address);
        let mut taken = lock(&self.taken);
        if taken.total >= self.total {
            return None;
        }
        let held = taken.by_network.get(&network).copied().unwrap_or(0);
        if held >= self.each {
            return None;
        }
        taken.by_network.insert(network, held + 1);
        taken.total += 1;
        Some(Seat {
            seats: Arc::clone(self),
            network,
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

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = lock(&self.seats.taken);
        taken.total = taken.total.saturating_sub(1);
        if let Some(held) = taken.by_network.get_mut(&self.network) {
            *held -= 1;
            if *held == 0 {
                taken.by_network.remove(&self.network);
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
            lock(&seats.taken).by_network[&c],
            2,
            "mapped addresses are the same"
        );
    }
}
