//! Messages that disappear: members set timers, and in the end all of them run out.

use client::Command;
use rand::{Rng, seq::SliceRandom};

use super::Play;
use crate::check;

/// The timer that members set, in seconds: plays are over before anything disappears.
const TIMER_S: u64 = 3_600;

impl Play {
    /// Has messages disappear from now on, or not any more; now and then where the member may not say so.
    pub(super) async fn set_timer(&mut self, device: usize) {
        let Some(engine) = &self.world.devices[device].engine else {
            return;
        };
        let rows = engine.conversations().into_iter();
        let there: Vec<_> = rows
            .filter(|row| row.ready && !row.gone)
            .map(|row| row.conversation)
            .collect();
        let Some(conversation) = there.choose(&mut self.world.chance).copied() else {
            return;
        };
        let on = self.world.chance.gen_bool(0.7);
        let seconds = if on { TIMER_S } else { 0 };
        self.world.tell(format!(
            "device {device} sets the timer of {conversation} to {seconds}"
        ));
        let command = Command::SetTimer {
            conversation,
            seconds,
        };
        self.world.command(device, command).await;
    }

    /// Lets the timers run out, where there are any, in some of the plays: that takes long.
    pub(super) async fn outlive_timers(&mut self) {
        if !check::anything_is_timed(self).await || !self.world.chance.gen_bool(0.3) {
            return;
        }
        // the epoch is closed after half a timer at most, and its secret is kept for one more
        let until = self.world.now() + TIMER_S * 2_000;
        self.world.run(until, |_| false).await;
        self.world.server.sweep().await;
        check::nothing_timed_is_left(self).await;
    }
}
