//! How many jobs a worker has at once: those that it runs, and where builds are short some more.
//!
//! One transaction for each job would take longer than a short build, so that jobs are taken ahead:
//! never more than are likely to begin within a blink, so that other workers don't miss them.

use std::time::Duration;

use tokio::time::Instant;

/// How far ahead jobs are taken, at the pace of the builds that ended last.
const AHEAD: Duration = Duration::from_millis(50);

/// Most jobs that are taken ahead.
const MOST: usize = 128;

/// The pace of a worker.
pub(super) struct Pace {
    /// How many builds run at once.
    parallel: usize,
    /// When the builds that ended last were recorded.
    since: Instant,
}

impl Pace {
    pub(super) fn new(parallel: usize) -> Self {
        Self {
            parallel,
            since: Instant::now(),
        }
    }

    /// How many jobs to have from now on, after `ended` builds have ended since the last call.
    pub(super) fn jobs(&mut self, ended: usize) -> usize {
        let took = self.since.elapsed();
        self.since = Instant::now();
        self.parallel.max(ahead(ended, took).min(MOST))
    }
}

/// How many builds end [`AHEAD`], when as many `ended` within the time `took`.
fn ahead(ended: usize, took: Duration) -> usize {
    let micros = took.as_micros().max(1);
    let ended = u128::try_from(ended).unwrap_or(u128::MAX);
    let jobs = ended.saturating_mul(AHEAD.as_micros()) / micros;
    usize::try_from(jobs).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_are_taken_ahead_where_builds_are_short() {
        let millis = Duration::from_millis;
        assert_eq!(ahead(2, millis(2000)), 0);
        assert_eq!(ahead(1, millis(50)), 1);
        assert_eq!(ahead(2, millis(5)), 20);
        assert_eq!(ahead(20, Duration::ZERO), 20 * 50_000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_has_at_least_what_it_runs_and_never_much_more() {
        let mut pace = Pace::new(4);
        tokio::time::advance(Duration::from_secs(60)).await;
        assert_eq!(pace.jobs(4), 4);
        tokio::time::advance(Duration::from_millis(10)).await;
        assert_eq!(pace.jobs(4), 20);
        tokio::time::advance(Duration::from_millis(1)).await;
        assert_eq!(pace.jobs(20), MOST);
        tokio::time::advance(Duration::from_millis(100)).await;
        assert_eq!(pace.jobs(1), 4);
    }
}
