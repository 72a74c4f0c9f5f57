//! Waiting for SQLite's write lock.
//!
//! SQLite keeps no queue: whoever asks at the right moment gets the lock, and its own way of waiting asks ever
//! more seldom, ten times a second in the end. Another process that begins its next transaction as soon as it
//! has committed one, as a batch of claims does, shuts such a writer out for as long as it has work. So a
//! writer asks the more often the longer it has waited, and the one that has waited longest is the
//! likeliest to be next.

use std::time::Duration;

use tokio::time::Instant;

/// How long a writer waits. Others hold the lock for milliseconds, a pass for as long as it takes: a longer
/// wait means that another process keeps it.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// How long a writer that has just come waits before it asks again, and how long one that has waited for
/// half a second.
const LONGEST_PAUSE: Duration = Duration::from_millis(16);
const SHORTEST_PAUSE: Duration = Duration::from_millis(1);

/// A wait that has begun.
pub(super) struct Wait {
    begun: Instant,
    patience: Duration,
}

impl Wait {
    pub(super) fn begin(patience: Duration) -> Self {
        Self {
            begun: Instant::now(),
            patience,
        }
    }

    /// How long to wait before asking again; none when it is over.
    pub(super) fn pause(&self) -> Option<Duration> {
        let waited = self.begun.elapsed();
        let left = self.patience.saturating_sub(waited);
        let pause = LONGEST_PAUSE.saturating_sub(waited / 32);
        (!left.is_zero()).then(|| pause.max(SHORTEST_PAUSE).min(left))
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_longer_a_writer_has_waited_the_sooner_it_asks() {
        let wait = Wait::begin(PATIENCE);
        let mut pauses = Vec::new();
        for _ in 0..4 {
            pauses.push(wait.pause().unwrap().as_micros());
            advance(Duration::from_millis(160)).await;
        }
        assert_eq!(pauses, [16_000, 11_000, 6_000, 1_000]);
        advance(Duration::from_secs(9)).await;
        assert_eq!(wait.pause(), Some(SHORTEST_PAUSE));
        advance(Duration::from_millis(360)).await;
        assert_eq!(wait.pause(), None);
    }
}
