//! Deletes what a clean-up has selected, and waits until that is done.
//!
//! Through the pass's own delete builds, under its lock and with its conditions: a workspace that
//! was claimed, built or deleted since it was selected is left alone, a lost race. Works in chunks,
//! each one transaction and a fixed number of statements: cut off in the middle, whole chunks have
//! happened, and the next clean-up selects what is left. Must not decide which workspaces to delete.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use tokio::time::Instant;
use uuid::Uuid;

use crate::actions::leftovers::Candidate;
use crate::builds::{self, NewBuild};
use crate::model::{JobStatus, Time, Transition};
use crate::reconcile::builder::{Builder, new_build};
use crate::store::{Pass, Store, StoreError};

/// Workspaces in a transaction: enough to make its cost small beside theirs, few enough that no
/// claim waits for long on SQLite.
const CHUNK: usize = 500;

/// How to delete.
#[derive(Clone, Copy, Debug)]
pub(crate) struct How {
    /// Whether to give up the provisioner state, and with it whatever still exists outside.
    pub orphan: bool,
    /// How long to wait for the lock between two transactions, where it has to be taken again.
    pub wait_lock: Duration,
}

/// What came of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Fate {
    /// Only listed.
    Listed,
    /// Its delete build waits for a provisioner.
    Queued,
    /// It is gone.
    Deleted,
    /// Something else has happened to it meanwhile: it was left alone.
    LostRace,
    /// It could not be deleted.
    Failed,
}

/// A selected workspace and what came of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    /// The workspace.
    #[serde(flatten)]
    pub candidate: Candidate,
    /// What came of it.
    pub outcome: Fate,
    /// The job of its delete build.
    pub job_id: Option<Uuid>,
    /// Why it could not be deleted.
    pub problem: Option<String>,
}

impl Entry {
    /// A workspace to which nothing has happened yet.
    pub(crate) fn listed(candidate: Candidate) -> Self {
        Self {
            candidate,
            outcome: Fate::Listed,
            job_id: None,
            problem: None,
        }
    }

    fn settle(&mut self, outcome: Fate, job_id: Option<Uuid>) {
        self.outcome = outcome;
        self.job_id = job_id;
    }

    pub(crate) fn fail(&mut self, problem: String) {
        self.outcome = Fate::Failed;
        self.problem = Some(problem);
    }
}

/// Deletes the listed workspaces through `pass`, which holds the lock. `on_progress` hears how many
/// are done.
///
/// # Errors
/// When it can't go on. Chunks that are committed stay so. What concerns workspaces is in their
/// entries.
pub(crate) async fn remove(
    pass: &mut Pass,
    entries: &mut [Entry],
    how: How,
    now: Time,
    on_progress: &mut dyn FnMut(u64),
) -> Result<()> {
    let versions: BTreeSet<Uuid> = entries
        .iter()
        .map(|entry| entry.candidate.template_version_id)
        .collect();
    let versions: Vec<Uuid> = versions.into_iter().collect();
    let mut builder = Builder::new(pass, &versions, now).await?;
    let mut postings: BTreeMap<String, usize> = BTreeMap::new();
    let total = entries.len();
    let mut done = 0;
    for chunk in entries.chunks_mut(CHUNK) {
        let size = chunk.len();
        let so_far = || {
            format!("{done} of {total} workspaces were done before; run it again for the others")
        };
        let begun = if done == 0 {
            builder.pass.begin().await.map(|()| true)
        } else {
            builder.pass.begin_next(how.wait_lock).await
        };
        if !begun.with_context(so_far)? {
            bail!("another process has taken the lock: {}", so_far());
        }
        let posted = remove_chunk(&mut builder, chunk, how.orphan)
            .await
            .with_context(so_far)?;
        builder.pass.commit().await.with_context(so_far)?;
        for payload in posted {
            *postings.entry(payload).or_default() += 1;
        }
        done += size;
        on_progress(done as u64);
    }
    let postings: Vec<(String, usize)> = postings.into_iter().collect();
    if let Err(error) = builder.pass.notify_jobs(&postings).await {
        // Provisioners poll, so that nothing is lost but time.
        tracing::warn!(%error, "provisioners could not be woken");
    }
    Ok(())
}

/// Deletes one chunk behind a savepoint: what the database refuses fails this chunk, and the others
/// go on. Returns the payloads of the jobs queued.
async fn remove_chunk(
    builder: &mut Builder<'_>,
    chunk: &mut [Entry],
    orphan: bool,
) -> Result<Vec<String>, StoreError> {
    builder.pass.savepoint().await?;
    match queue_deletes(builder, chunk, orphan).await {
        Ok(posted) => {
            builder.pass.release_savepoint().await?;
            Ok(posted)
        }
        Err(error) if error.is_connection_lost() => Err(error),
        Err(error) => {
            builder.pass.rollback_savepoint().await?;
            for entry in chunk {
                entry.fail(error.in_one_line());
            }
            Ok(Vec::new())
        }
    }
}

async fn queue_deletes(
    builder: &mut Builder<'_>,
    chunk: &mut [Entry],
    orphan: bool,
) -> Result<Vec<String>, StoreError> {
    let mut unbuilt = BTreeMap::new();
    let mut built = Vec::new();
    for entry in chunk.iter() {
        let candidate = &entry.candidate;
        match candidate.last_build_id {
            Some(build) => built.push((candidate.id, build)),
            None => {
                unbuilt.insert(candidate.id, candidate.template_version_id);
            }
        }
    }
    let mut problems = BTreeMap::new();
    let mut builds = Vec::new();
    if !built.is_empty() {
        for last in builder.pass.lock_running(&built).await? {
            match builder.delete_build(&last, !orphan) {
                Ok(build) => builds.push(build),
                Err(problem) => {
                    problems.insert(last.workspace_id, problem.to_string());
                }
            }
        }
    }
    // Nothing was ever built, so that there is no state to keep.
    let mut orphans = if orphan {
        std::mem::take(&mut builds)
    } else {
        Vec::new()
    };
    if !unbuilt.is_empty() {
        let ids: Vec<Uuid> = unbuilt.keys().copied().collect();
        for id in builder.pass.lock_unbuilt(&ids).await? {
            let version = unbuilt.get(&id).map(|version| builder.version(*version));
            match version.map(|version| version.and_then(builds::delete_unbuilt)) {
                Some(Ok(content)) => {
                    orphans.push(new_build(id, 1, Transition::Delete, false, content));
                }
                Some(Err(problem)) => {
                    problems.insert(id, problem.to_string());
                }
                None => {}
            }
        }
    }
    let queued = builder.insert(&builds).await?;
    let orphans = builder.insert_orphans(&orphans).await?;

    let by_workspace = |builds: &[&NewBuild]| -> BTreeMap<Uuid, Uuid> {
        builds
            .iter()
            .map(|build| (build.workspace_id, build.job_id))
            .collect()
    };
    let waiting: Vec<&NewBuild> = queued.into_iter().chain(orphans.waiting).collect();
    let (queued, completed) = (by_workspace(&waiting), by_workspace(&orphans.completed));
    for entry in chunk {
        let id = entry.candidate.id;
        if let Some(job) = queued.get(&id) {
            entry.settle(Fate::Queued, Some(*job));
        } else if let Some(job) = completed.get(&id) {
            entry.settle(Fate::Deleted, Some(*job));
        } else if let Some(problem) = problems.remove(&id) {
            entry.fail(problem);
        } else {
            entry.settle(Fate::LostRace, None);
        }
    }
    Ok(waiting.into_iter().map(NewBuild::posting).collect())
}

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
