//! Waits until queued delete builds are done.
//!
//! Polls on a session that can only read, one statement at a time, and asks for unfinished jobs only.
//! Changes nothing: a wait that is given up leaves the jobs to the provisioners.

use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::model::JobStatus;
use crate::reconcile::removal::{Entry, Fate};
use crate::store::{Store, StoreError};

/// Between two looks. A delete takes seconds at least.
const POLL: Duration = Duration::from_millis(500);

/// Waits until every queued delete build is done, for at most `patience`. What came of each is in its
/// entry. `on_progress` hears how many are done.
pub(crate) async fn wait(
    store: &Store,
    entries: &mut [Entry],
    patience: Option<Duration>,
    on_progress: &mut dyn FnMut(u64),
) -> Result<(), StoreError> {
    let deadline = patience.map(|patience| Instant::now() + patience);
    let total = unfinished(entries).len();
    if total == 0 {
        return Ok(());
    }
    let mut reader = store.open_reader().await?;
    loop {
        let jobs = unfinished(entries);
        let outcomes = reader.read_jobs(&jobs).await?;
        for entry in entries.iter_mut() {
            let outcome = entry.job_id.and_then(|job| outcomes.get(&job));
            match outcome.map(|outcome| outcome.status) {
                Some(JobStatus::Succeeded) => entry.outcome = Fate::Deleted,
                Some(JobStatus::Failed | JobStatus::Canceled) => {
                    let error = outcome.and_then(|outcome| outcome.error.clone());
                    entry.fail(error.unwrap_or_else(|| "the delete build was cancelled".into()));
                }
                None if entry.outcome == Fate::Queued => {
                    entry.fail("the job of its delete build is gone".to_owned());
                }
                _ => {}
            }
        }
        let left = unfinished(entries).len();
        on_progress((total - left) as u64);
        let now = Instant::now();
        if left == 0 || deadline.is_some_and(|deadline| now >= deadline) {
            reader.close().await;
            return Ok(());
        }
        let rest = deadline.map_or(POLL, |deadline| deadline - now);
        tokio::time::sleep(POLL.min(rest)).await;
    }
}

fn unfinished(entries: &[Entry]) -> Vec<Uuid> {
    entries
        .iter()
        .filter(|entry| entry.outcome == Fate::Queued)
        .filter_map(|entry| entry.job_id)
        .collect()
}
