//! Builds that only take time, for trying things out and for tests of everything around builds.
//!
//! Starts no process. The same seed gives every job the same duration and the same outcome, in
//! whatever order and by whichever worker jobs are run.

use std::time::Duration;

use tokio::sync::oneshot;

use crate::provision::build::{Built, Log};
use crate::provision::resources::default_resources;
use crate::store::{BuildOutcome, Job, LogLevel};

#[derive(Clone, Copy, Debug)]
pub(crate) struct Simulate {
    pub shortest: Duration,
    pub longest: Duration,
    /// Share of the builds that fail, from 0 to 1.
    pub failure_rate: f64,
    /// Decides durations and failures, together with the job's id.
    pub seed: u64,
}

impl Simulate {
    pub(super) async fn build(&self, job: &Job, log: &Log, stop: oneshot::Receiver<()>) -> Built {
        let (duration, fails) = self.plan(job);
        let text = format!(
            "Simulating a build of {}",
            humantime::format_duration(duration)
        );
        log.write(LogLevel::Info, &text).await;
        // The clock of sleeps is one of milliseconds: to sleep for no time takes some.
        if !duration.is_zero() {
            tokio::select! {
                () = tokio::time::sleep(duration) => {}
                Ok(()) = stop => return Built::plain(BuildOutcome::Canceled),
            }
        }
        if fails {
            log.write(LogLevel::Error, "simulated failure").await;
            return Built::plain(BuildOutcome::Failed("simulated failure".to_owned()));
        }
        Built::plain(BuildOutcome::Succeeded(default_resources(job.transition)))
    }

    /// How long the build takes, and whether it fails.
    fn plan(&self, job: &Job) -> (Duration, bool) {
        let (high, low) = job.id.as_u64_pair();
        let mut random = fastrand::Rng::with_seed(self.seed ^ high ^ low.rotate_left(1));
        let spread = self.longest.saturating_sub(self.shortest);
        let duration = self.shortest + spread.mul_f64(random.f64());
        // Whole milliseconds read better.
        let millis = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
        (
            Duration::from_millis(millis),
            random.f64() < self.failure_rate,
        )
    }
}
