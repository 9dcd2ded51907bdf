//! Bodies whose time is over: nobody is given them any more (`entries`), and a sweep takes them out of the database.

use std::time::Duration;

use crate::{Error, Service};

/// Bodies that one unit of work drops: short, so that messages hardly wait for it.
const AT_ONCE: u32 = 200;
/// Between two sweeps.
const EVERY: Duration = Duration::from_secs(60);

impl Service {
    /// Drops the bodies of everything that has expired; how many.
    ///
    /// # Errors
    /// [`Error::Storage`].
    pub async fn sweep(&self) -> Result<u64, Error> {
        let now = self.clock.now();
        let mut dropped = 0;
        loop {
            let count = storage::write(self.storage.as_ref(), move |unit| {
                Ok::<_, Error>(unit.drop_expired(now, AT_ONCE)?)
            })
            .await?;
            dropped += count as u64;
            if count < AT_ONCE as usize {
                return Ok(dropped);
            }
        }
    }

    /// Sweeps every minute, for ever. What fails (a full disk) is tried again at the next one.
    pub async fn keep_sweeping(self) {
        let mut minutes = tokio::time::interval(EVERY);
        minutes.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            minutes.tick().await;
            if let Err(error) = self.sweep_closed().await {
                tracing::warn!(%error, "telling conversations of closed accounts");
            }
            match self.sweep().await {
                Ok(0) => {}
                Ok(dropped) => tracing::debug!(dropped, "expired messages"),
                Err(error) => tracing::warn!(%error, "dropping expired messages"),
            }
        }
    }
}
