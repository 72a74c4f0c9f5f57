//! Reading the numbers again and again, for a [`Recorder`]. What can't be read now is read later.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::MissedTickBehavior;

use super::pools::read_pools;
use super::recorder::Recorder;
use super::timings::Window;
use crate::error::explain;
use crate::model::Time;
use crate::model::settings::Tuning;
use crate::store::{JobTiming, Reader, Store};

/// How often to read, which is how often coderd does.
const POOLS_INTERVAL: Duration = Duration::from_secs(60);

/// How often to look: about as often as Prometheus does.
const JOBS_INTERVAL: Duration = Duration::from_secs(15);

/// How long a look may take.
const JOBS_PATIENCE: Duration = Duration::from_secs(10);

/// Reads the numbers at once and then again and again, for `recorder`.
pub(crate) async fn watch_pools(
    store: Store,
    tuning: Tuning,
    clock: fn() -> Time,
    recorder: Arc<Recorder>,
) {
    let mut ticks = tokio::time::interval(POOLS_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
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

/// Looks at jobs again and again, for `recorder`. What can't be read now is read later.
pub(crate) async fn watch_jobs(store: Store, clock: fn() -> Time, recorder: Arc<Recorder>) {
    let mut window = Window::new(clock());
    let mut reader = None;
    let mut ticks = tokio::time::interval(JOBS_INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let now = clock();
        match read_jobs(&store, &mut reader, window.since()).await {
            Ok(jobs) => {
                let news = window.news(&jobs, now);
                for (job, news) in jobs.iter().zip(news) {
                    recorder.timings().observe(job, news);
                }
            }
            Err(error) => tracing::warn!(
                error = explain(&error),
                "metrics of builds stay as they were"
            ),
        }
    }
}

/// Reads the jobs that something has happened to, or gives up. A session that has proved good stays
/// open: a look costs less than opening one.
async fn read_jobs(
    store: &Store,
    session: &mut Option<Reader>,
    since: Time,
) -> Result<Vec<JobTiming>> {
    let open = session.take();
    let reading = async {
        let mut reader = match open {
            Some(reader) => reader,
            None => store.open_reader().await?,
        };
        let jobs = reader.job_timings(since).await?;
        anyhow::Ok((reader, jobs))
    };
    let (reader, jobs) = tokio::time::timeout(JOBS_PATIENCE, reading)
        .await
        .context("the times of jobs could not be read in time")??;
    *session = Some(reader);
    Ok(jobs)
}
