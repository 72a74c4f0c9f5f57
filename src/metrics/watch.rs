//! Reading the numbers again and again, for a [`Recorder`]. What can't be read now is read later.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::demand::Counter;
use super::pools::read_pools;
use super::recorder::Recorder;
use super::timings::{Events, Window};
use crate::error::explain;
use crate::model::settings::Tuning;
use crate::service::ticks;
use crate::store::{Creations, JobTiming, Reader, Store};

/// How often to read the numbers of the pools, which is how often coderd does.
const POOLS_INTERVAL: Duration = Duration::from_secs(60);

/// How often to count workspaces, which takes a look at all of them.
const CREATIONS_INTERVAL: Duration = Duration::from_secs(5 * 60);

/// How long that may take, the opening of a session included.
const CREATIONS_PATIENCE: Duration = Duration::from_secs(20);

/// How often to look at what was asked of pools, and at jobs: about as often as Prometheus scrapes.
const JOBS_INTERVAL: Duration = Duration::from_secs(15);

/// How long such a look may take.
const JOBS_PATIENCE: Duration = Duration::from_secs(10);

/// Reads the numbers of the pools at once and then at every interval.
pub(crate) async fn watch_pools(store: Store, tuning: Tuning, recorder: Arc<Recorder>) {
    let mut ticks = ticks(POOLS_INTERVAL);
    let mut failure = None;
    loop {
        ticks.tick().await;
        match read_pools(&store, &tuning).await {
            Ok(pools) => {
                failure = None;
                recorder.set_pools(pools);
            }
            Err(error) => warn(
                &mut failure,
                &error,
                "metrics of the pools stay as they were",
            ),
        }
    }
}

/// Counts the workspaces that were created without a pool, at once and then at every interval. A reading of
/// its own: it looks at the first build of every workspace, and nothing else may wait for it or fail with it.
pub(crate) async fn watch_creations(store: Store, recorder: Arc<Recorder>) {
    let mut ticks = ticks(CREATIONS_INTERVAL);
    loop {
        ticks.tick().await;
        let read = tokio::time::timeout(CREATIONS_PATIENCE, read_creations(&store)).await;
        match read.context("workspaces could not be counted in time") {
            Ok(Ok(creations)) => recorder.set_creations(creations),
            Ok(Err(error)) | Err(error) => tracing::warn!(
                error = explain(&error),
                "the number of workspaces created without a pool stays as it was"
            ),
        }
    }
}

async fn read_creations(store: &Store) -> Result<Vec<Creations>> {
    let mut reader = store.open_reader().await?;
    let creations = reader.read_creations().await?;
    reader.close().await;
    Ok(creations)
}

/// Looks at what was asked of pools at once and then at every interval.
pub(crate) async fn watch_demand(store: Store, recorder: Arc<Recorder>) {
    let mut counter = None;
    let mut failure = None;
    let mut ticks = ticks(JOBS_INTERVAL);
    loop {
        ticks.tick().await;
        let read = tokio::time::timeout(JOBS_PATIENCE, read_demand(&store, &mut counter)).await;
        match read.context("claims and misses could not be read in time") {
            Ok(Ok(())) => {
                failure = None;
                if let Some(counter) = &counter {
                    recorder.set_asked(counter.asked.clone());
                }
            }
            Ok(Err(error)) | Err(error) => {
                warn(
                    &mut failure,
                    &error,
                    "metrics of claims and misses stay as they were",
                );
            }
        }
    }
}

/// Counts what was asked of pools since the look before, by the database's own clock.
async fn read_demand(store: &Store, counter: &mut Option<Counter>) -> Result<()> {
    let mut reader = store.open_reader().await?;
    let now = reader.now();
    let counter = counter.get_or_insert_with(|| Counter::new(now));
    let facts = reader.recent_demand(counter.since()).await?;
    reader.close().await;
    counter.add(&facts, now);
    Ok(())
}

/// Looks at jobs at once and then at every interval. Ends where coderd publishes their times itself.
pub(crate) async fn watch_jobs(store: Store, recorder: Arc<Recorder>) {
    let mut window = None;
    let mut session = None;
    let mut failure = None;
    let mut ticks = ticks(JOBS_INTERVAL);
    loop {
        ticks.tick().await;
        let read = read_jobs(&store, &mut session, &mut window);
        let read = tokio::time::timeout(JOBS_PATIENCE, read).await;
        match read.context("the times of jobs could not be read in time") {
            Ok(Ok(Some(jobs))) => {
                failure = None;
                for (job, news) in jobs {
                    recorder.timings().observe(&job, news);
                }
            }
            Ok(Ok(None)) => return,
            Ok(Err(error)) | Err(error) => {
                warn(&mut failure, &error, "metrics of builds stay as they were");
            }
        }
    }
}

/// Logs a failure, unless it is the one of the attempt before.
fn warn(before: &mut Option<String>, error: &anyhow::Error, what: &str) {
    let error = explain(error);
    if before.as_ref() != Some(&error) {
        tracing::warn!(error, "{what}");
        *before = Some(error);
    }
}

/// Reads the jobs that something has happened to, and what that is, by the database's own clock. A session that has proved good stays open: a look
/// costs less than opening one.
async fn read_jobs(
    store: &Store,
    session: &mut Option<Reader>,
    window: &mut Option<Window>,
) -> Result<Option<Vec<(JobTiming, Events)>>> {
    let mut reader = match session.take() {
        Some(reader) => reader,
        None => store.open_reader().await?,
    };
    let now = reader.now();
    let window = window.get_or_insert_with(|| Window::new(now));
    let jobs = reader.job_timings(window.since()).await?;
    *session = Some(reader);
    Ok(jobs.map(|jobs| {
        let news = window.news(&jobs, now);
        jobs.into_iter().zip(news).collect()
    }))
}
