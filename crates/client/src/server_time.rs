//! What time it is for the server. Messages disappear by its clock: that of a device may be wrong by a year.

use ambient::Millis;
use protocol::{decode, encode};
use serde::{Deserialize, Serialize};

use crate::{Engine, Failure, Space, Store};

const KEY: &[u8] = b"server time";
/// Inputs come at least as often as heartbeats: a longer step is a machine that slept, or a clock that was set.
const LEAP_MS: Millis = 15 * 60 * 1000;
/// A clock that goes back by more than this was set.
const BACK_MS: Millis = 60 * 1000;
/// A difference that changes by less is not written again.
const DRIFT_MS: i64 = 10_000;

/// By how much the server's clock is ahead of this device's.
#[derive(Clone, Copy, Default)]
pub(crate) struct ServerTime {
    ahead: i64,
    /// The server has said so since this device's clock began to run evenly.
    sure: bool,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    ahead: i64,
}

impl ServerTime {
    pub(crate) fn load(&mut self, store: &impl Store) -> Result<(), Failure> {
        if !self.sure
            && let Some(bytes) = store.get(Space::Own, KEY)?
        {
            self.ahead = decode::<Stored>(&bytes)?.ahead;
        }
        Ok(())
    }

    /// The server's time at the device's `now`.
    fn at(self, now: Millis) -> u64 {
        now.saturating_add_signed(self.ahead)
    }

    /// The device's time at the server's `time`.
    fn here(self, time: u64) -> Millis {
        time.saturating_add_signed(self.ahead.saturating_neg())
    }
}

impl<S: Store> Engine<S> {
    /// Takes the time of an input. After a leap nothing is deleted by the clock before the server has said the time anew.
    pub(crate) fn set_now(&mut self, now: Millis) {
        let leap = now > self.now.saturating_add(LEAP_MS) || now.saturating_add(BACK_MS) < self.now;
        self.now = now;
        if leap && std::mem::take(&mut self.server_time.sure) && self.connection.greeted() {
            self.hang_up(); // the next hello tells
            self.lost_connection();
        }
    }

    /// The server has said what time it is.
    pub(crate) fn server_says(&mut self, time: u64) {
        let ahead = time.cast_signed().saturating_sub(self.now.cast_signed());
        let moved = ahead.abs_diff(self.server_time.ahead) > DRIFT_MS.unsigned_abs();
        self.server_time = ServerTime { ahead, sure: true };
        if moved && self.own.is_some() {
            let stored = encode(&Stored { ahead }).to_vec();
            self.batch.put(Space::Own, KEY.to_vec(), stored);
        }
    }

    /// The server's time now, as far as this device can tell (ms since 1970).
    pub(crate) fn server_now(&self) -> u64 {
        self.server_time.at(self.now)
    }

    /// The same, where the server itself has said so lately: what is deleted by it is gone.
    pub(crate) fn sure_server_now(&self) -> Option<u64> {
        self.server_time.sure.then(|| self.server_now())
    }

    /// When it will be this time for the server, by the clock of this device.
    pub(crate) fn when_server_has(&self, time: u64) -> Option<Millis> {
        self.server_time.sure.then(|| self.server_time.here(time))
    }
}
