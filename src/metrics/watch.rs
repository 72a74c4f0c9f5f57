//! Reading the numbers again and again, for a [`Recorder`]. What can't be read now is read later.

use std::convert::identity;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::Interval;

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

/// Something that is read at once and then at every interval.
struct Readings {
    ticks: Interval,
    /// How long a reading may take.
    patience: Duration,
    what: &'static str,
    /// What the reading before failed with.
    failure: Option<String>,
}

impl Readings {
    fn new(interval: Duration, patience: Duration, what: &'static str) -> Self {
        Self {
            ticks: ticks(interval),
            patience,
            what,
            failure: None,
        }
    }

    /// Waits for the next tick, and reads. None: that failed, which is logged unless the reading before failed with
    /// the same.
    async fn next<T>(&mut self, reading: impl Future<Output = Result<T>>) -> Option<T> {
        self.ticks.tick().await;
        let read = tokio::time::timeout(self.patience, reading).await;
        let read = read.with_context(|| format!("no answer within {:?}", self.patience));
        match read.and_then(identity) {
            Ok(read) => {
                self.failure = None;
                Some(read)
            }
            Err(error) => {
                let error = explain(&error);
                if self.failure.as_ref() != Some(&error) {
                    tracing::warn!(error, "metrics of {} stay as they were", self.what);
                    self.failure = Some(error);
                }
                None
            }
        }
    }
}

/// Reads the numbers of the pools.
pub(crate) async fn watch_pools(store: Store, tuning: Tuning, recorder: Arc<Recorder>) {
    let mut readings = Readings::new(POOLS_INTERVAL, POOLS_INTERVAL, "pools");
    loop {
        if let Some(pools) = readings.next(read_pools(&store, &tuning)).await {
            recorder.set_pools(pools);
        }
    }
}

/// Counts the workspaces that were created without a pool. A reading of its own: it looks at the first build of
/// every workspace, and nothing else may wait for it or fail with it.
pub(crate) async fn watch_creations(store: Store, recorder: Arc<Recorder>) {
    let what = "workspaces created without a pool";
    let mut readings = Readings::new(CREATIONS_INTERVAL, CREATIONS_PATIENCE, what);
    loop {
        if let Some(creations) = readings.next(read_creations(&store)).await {
            recorder.set_creations(creations);
        }
    }
}

/// Counts what is asked of pools.
pub(crate) async fn watch_demand(store: Store, recorder: Arc<Recorder>) {
    let mut readings = Readings::new(JOBS_INTERVAL, JOBS_PATIENCE, "claims and misses");
    let mut counter = None;
    loop {
        if let Some(counter) = readings.next(read_demand(&store, &mut counter)).await {
            recorder.set_asked(counter.asked.clone());
        }
    }
}

/// Takes the times of builds and waiting jobs. Ends where coderd publishes them itself.
pub(crate) async fn watch_jobs(store: Store, recorder: Arc<Recorder>) {
    let mut readings = Readings::new(JOBS_INTERVAL, JOBS_PATIENCE, "builds");
    let (mut session, mut window) = (None, None);
    loop {
        let reading = read_jobs(&store, &mut session, &mut window);
        let Some(read) = readings.next(reading).await else {
            continue;
        };
        let Some(jobs) = read else { return };
        for (job, news) in jobs {
            recorder.timings().observe(&job, news);
        }
    }
}

async fn read_creations(store: &Store) -> Result<Vec<Creations>> {
    let mut reader = store.open_reader().await?;
    let creations = reader.read_creations().await?;
    reader.close().await;
    Ok(creations)
}

/// Counts what was asked of pools since the look before, by the database's own clock.
async fn read_demand<'a>(store: &Store, counter: &'a mut Option<Counter>) -> Result<&'a Counter> {
    let mut reader = store.open_reader().await?;
    let now = reader.now();
    let counter = counter.get_or_insert_with(|| Counter::new(now));
    let facts = reader.recent_demand(counter.since()).await?;
    reader.close().await;
    counter.add(&facts, now);
    Ok(counter)
}

/// Reads the jobs that something has happened to, and what that is, by the database's own clock. A session that
/// has proved good stays open: a look costs less than opening one.
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
