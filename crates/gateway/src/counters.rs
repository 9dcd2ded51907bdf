//! What was refused, counted.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        #[derive(Default)]
        pub(crate) struct Counters { $(pub(crate) $name: Counter,)* }

        /// What a gateway has refused, dropped and carried since its start.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct Counts { $($(#[$doc])* pub $name: u64,)* }

        impl Counters {
            pub(crate) fn read(&self) -> Counts {
                Counts { $($name: self.$name.0.load(Ordering::Relaxed),)* }
            }
        }
    };
}

/// One counter.
#[derive(Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }
}

counters! {
    /// Connections that got a hello.
    connected,
    /// Connections refused because an address or all together hold too many.
    connections_refused,
    /// Requests that reached a service.
    requests,
    /// Frames that were no request.
    bad_frames,
    /// Frames beyond the size limit.
    too_large,
    /// Requests with malformed parameters.
    bad_requests,
    /// Requests of unknown methods.
    unknown_methods,
    /// Requests of modules that are switched off.
    modules_off,
    /// Requests before sign-in that need it, and sign-ins after it.
    out_of_order,
    /// Requests beyond a rate.
    rate_limited,
    /// Requests and unfinished frames for which there was no room beside what was at work.
    busy,
    /// Sign-ins and resumes that failed.
    sign_ins_refused,
    /// Events put into queues of connections.
    events,
    /// Times that a connection was told to resync.
    resyncs,
    /// Connections closed because nothing was heard of them.
    silent,
}
