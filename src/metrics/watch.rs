//! Reading the numbers again and again, for a [`Recorder`]. What can't be read now is read later.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::pools::read_pools;
use super::recorder::Recorder;
use super::timings::Window;
use crate::error::explain;
use crate::model::Time;
use crate::model::settings::Tuning;
use crate::service::ticks;
use crate::store::{JobTiming, Reader, Store};

/// How often to read the numbers of the pools, which is how often coderd does.
const POOLS_INTERVAL: Duration = Duration::from_secs(60);

/// How often to look at jobs: about as often as Prometheus scrapes.
const JOBS_INTERVAL: Duration = Duration::from_secs(15);

/// How long a look at jobs may take.
const JOBS_PATIENCE: Duration = Duration::from_secs(10);

/// Reads the numbers of the pools at once and then at every interval.
pub(crate) async fn watch_pools(
    store: Store,
    tuning: Tuning,
    clock: fn() -> Time,
    recorder: Arc<Recorder>,
) {
    let mut ticks = ticks(POOLS_INTERVAL);
    loop {
        ticks.tick().await;
        match read_pools(&store, &tuning, clock()).await {
            Ok(pools) => recorder.set_pools(pools),
            Err(error) => tracing::warn!(
                error = explain(&error),
                "metrics of the pools stay as they were"
            ),
        }
    }
}

/// Looks at jobs at once and then at every interval. Ends where coderd publishes their times itself.
pub(crate) async fn watch_jobs(store: Store, clock: fn() -> Time, recorder: Arc<Recorder>) {
    let mut window = Window::new(clock());
    let mut session = None;
    let mut ticks = ticks(JOBS_INTERVAL);
    loop {
        ticks.tick().await;
        let now = clock();
        let read = read_jobs(&store, &mut session, window.since());
        let read = tokio::time::timeout(JOBS_PATIENCE, read).await;
        match read.context("the times of jobs could not be read in time") {
            Ok(Ok(Some(jobs))) => {
                for (job, news) in jobs.iter().zip(window.news(&jobs, now)) {
                    recorder.timings().observe(job, news);
                }
            }
            Ok(Ok(None)) => return,
            Ok(Err(error)) | Err(error) => tracing::warn!(
                error = explain(&error),
                "metrics of builds stay as they were"
            ),
        }
    }
}

/// Reads the jobs that something has happened to. A session that has proved good stays open: a look
/// costs less than opening one.
async fn read_jobs(
    store: &Store,
    session: &mut Option<Reader>,
    since: Time,
) -> Result<Option<Vec<JobTiming>>> {
    let mut reader = match session.take() {
        Some(reader) => reader,
        None => store.open_reader().await?,
    };
    let jobs = reader.job_timings(since).await?;
    *session = Some(reader);
    Ok(jobs)
}
