//! Deletes what a clean-up has selected, and waits until that is done.
//!
//! Through the pass's own delete builds, under its lock and with its conditions: a workspace that
//! was claimed, built or deleted since it was selected is left alone, a lost race. Works in chunks,
//! each one transaction and a fixed number of statements: cut off in the middle, whole chunks have
//! happened, and the next clean-up selects what is left. Never decides which workspaces to delete.

pub(crate) mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use serde::Serialize;
use tokio::time::Instant;
use uuid::Uuid;

use crate::actions::leftovers::Candidate;
use crate::builds::deletion::{Deletes, LastId, buildable, delete_unbuilt, not_rendered};
use crate::builds::{NewBuild, Unbuildable};
use crate::error::Failure;
use crate::model::{Diagnostic, JobStatus, Time};
use crate::reconcile::build_writer::{BuildWriter, Foreseen, deletion};
use crate::store::{Expected, Pass, Postings, Reader, Store, StoreError};

/// Workspaces in a transaction: enough to make its own cost small, few enough that no claim waits
/// for long on SQLite.
const CHUNK: usize = 500;

#[derive(Clone, Copy, Debug)]
pub(crate) struct RemovalOptions {
    /// Whether to give up the provisioner state, and with it whatever still exists outside.
    pub orphan: bool,
    /// How long to wait for the lock, which is taken anew for every transaction.
    pub wait_lock: Duration,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RemovalOutcome {
    Listed,
    /// Its delete build waits for a provisioner.
    Queued,
    Deleted,
    /// Something else has happened to it meanwhile: it was left alone.
    LostRace,
    Failed,
}

/// A selected workspace and what came of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Removal {
    #[serde(flatten)]
    pub candidate: Candidate,
    pub outcome: RemovalOutcome,
    /// The job of its delete build.
    pub job_id: Option<Uuid>,
    pub problem: Option<String>,
    /// What is to be said about its delete build.
    pub diagnostics: Vec<Diagnostic>,
}

impl Removal {
    /// A workspace to which nothing has happened yet.
    pub(crate) fn listed(candidate: Candidate) -> Self {
        Self {
            candidate,
            outcome: RemovalOutcome::Listed,
            job_id: None,
            problem: None,
            diagnostics: Vec::new(),
        }
    }

    fn fail(&mut self, problem: String) {
        self.outcome = RemovalOutcome::Failed;
        self.problem = Some(problem);
    }
}

/// Deletes the listed workspaces through `pass`. `on_progress` is called with
/// the number that is done.
///
/// # Errors
/// When it can't go on. Chunks that are committed stay so. What concerns single workspaces is in
/// their removals.
pub(crate) async fn remove(
    pass: &mut Pass,
    removals: &mut [Removal],
    options: RemovalOptions,
    now: Time,
    on_progress: &mut dyn FnMut(u64),
) -> Result<()> {
    let foreseen = Foreseen {
        deleted: last_ids(removals),
        ..Foreseen::default()
    };
    let writer = BuildWriter::new(pass, &versions_of(removals), foreseen, now).await?;
    let mut postings = Postings::default();
    let total = removals.len();
    let mut done = 0;
    let mut result = Ok(());
    for chunk in removals.chunks_mut(CHUNK) {
        result = match remove_chunk(pass, &writer, chunk, options, &mut postings).await {
            Ok(true) => Ok(()),
            Ok(false) if done == 0 => {
                let problem = "another process has taken the lock; nothing was done";
                Err(Failure::locked(problem).into())
            }
            Ok(false) => Err(anyhow!("another process has taken the lock")),
            Err(error) => Err(error.into()),
        };
        if result.is_err() {
            break;
        }
        done += chunk.len();
        on_progress(done as u64);
    }
    if let Err(error) = pass.notify_jobs(&postings).await {
        // Provisioners also poll, so that only time is lost.
        tracing::warn!(%error, "provisioners could not be notified");
    }
    match done {
        0 => result,
        _ => result.with_context(|| {
            format!("{done} of {total} workspaces were done before; run it again for the others")
        }),
    }
}

/// Deletes one chunk in a transaction. False: another process holds the lock.
async fn remove_chunk(
    pass: &mut Pass,
    writer: &BuildWriter,
    chunk: &mut [Removal],
    options: RemovalOptions,
    postings: &mut Postings,
) -> Result<bool, StoreError> {
    if !pass.begin(options.wait_lock).await? {
        return Ok(false);
    }
    // What the database refuses fails alone, and the others go on.
    let step =
        async |pass: &mut Pass, part| queue_deletes(writer, pass, part, options.orphan).await;
    let mut made = Vec::new();
    let mut waiting = Postings::default();
    for (part, result) in pass.try_set(chunk, step).await? {
        match result {
            Ok((removals, queued)) => {
                made.extend(removals);
                waiting.merge(queued);
            }
            Err(error) => made.extend(part.iter().cloned().map(|mut removal| {
                if error.is_contended() {
                    removal.outcome = RemovalOutcome::LostRace;
                } else {
                    removal.fail(error.in_one_line());
                }
                removal
            })),
        }
    }
    pass.commit().await?;
    chunk.clone_from_slice(&made);
    postings.merge(waiting);
    Ok(true)
}

/// The template versions that the workspaces are on.
fn versions_of(removals: &[Removal]) -> Vec<Uuid> {
    let versions = removals.iter().map(|it| it.candidate.template_version_id);
    let versions: BTreeSet<Uuid> = versions.collect();
    versions.into_iter().collect()
}

/// The last builds of those that were built.
fn last_ids(removals: &[Removal]) -> Vec<LastId> {
    let candidates = removals.iter().map(|removal| &removal.candidate);
    let built = candidates.filter_map(|it| {
        Some(LastId {
            workspace_id: it.id,
            build_id: it.last_build_id?,
            version_id: it.template_version_id,
        })
    });
    built.collect()
}

/// Deletes one part. Returns what came of each, in their order, and the jobs queued.
async fn queue_deletes(
    writer: &BuildWriter,
    pass: &mut Pass,
    part: &[Removal],
    orphan: bool,
) -> Result<(Vec<Removal>, Postings), StoreError> {
    let mut built = Vec::new();
    let mut unbuilt = BTreeMap::new();
    for removal in part {
        let candidate = &removal.candidate;
        match candidate.last_build_id {
            Some(build) => built.push(Expected::prebuilt(candidate.id, build)),
            None => {
                unbuilt.insert(candidate.id, candidate.template_version_id);
            }
        }
    }
    let mut builds = Vec::new();
    let mut problems = BTreeMap::new();
    let mut diagnostics = BTreeMap::new();
    let mut add = |workspace_id, build: Result<NewBuild, Unbuildable>| match build {
        Ok(build) => builds.push(build),
        Err(problem) => {
            problems.insert(workspace_id, problem.to_string());
        }
    };
    let mut deletes = writer.deletes();
    let locked = pass.lock_running(&built).await?;
    for last in &locked {
        let build = deletion(&mut deletes, last, !orphan).map(|deletion| {
            let found = not_rendered(deletion.carried_over).collect();
            diagnostics.insert(last.workspace_id, found);
            deletion.build
        });
        add(last.workspace_id, build);
    }
    let ids: Vec<Uuid> = unbuilt.keys().copied().collect();
    for id in pass.lock_unbuilt(&ids).await? {
        if let Some(version_id) = unbuilt.get(&id) {
            add(id, writer.delete_first_build(id, *version_id));
        }
    }
    let inserted = writer.insert(pass, &builds).await?;

    let mut outcomes = BTreeMap::new();
    for build in &inserted.waiting {
        outcomes.insert(build.workspace_id, (RemovalOutcome::Queued, build.job_id));
    }
    for build in inserted.completed {
        outcomes.insert(build.workspace_id, (RemovalOutcome::Deleted, build.job_id));
    }
    let removals = part.iter().cloned().map(|mut removal| {
        let id = removal.candidate.id;
        removal.diagnostics = diagnostics.remove(&id).unwrap_or_default();
        if let Some(problem) = problems.remove(&id) {
            removal.fail(problem);
        } else if let Some((outcome, job_id)) = outcomes.remove(&id) {
            removal.outcome = outcome;
            removal.job_id = Some(job_id);
        } else {
            removal.outcome = RemovalOutcome::LostRace;
        }
        removal
    });
    Ok((removals.collect(), inserted.waiting.into_iter().collect()))
}

/// Says of each listed workspace what is to be said about its delete build, and why there would be
/// none.
pub(crate) async fn foresee(
    reader: &mut Reader,
    removals: &mut [Removal],
) -> Result<(), StoreError> {
    let versions = reader.read_versions(&versions_of(removals)).await?;
    let last_builds = reader
        .read_last_builds(&last_ids(removals), &versions)
        .await?;
    let last_builds: BTreeMap<Uuid, _> = last_builds
        .iter()
        .map(|(workspace_id, last)| (*workspace_id, last.content()))
        .collect();
    let mut deletes = Deletes::on(&versions);
    for removal in removals {
        let candidate = &removal.candidate;
        let outcome = match last_builds.get(&candidate.id) {
            Some(last) => deletes.build(*last).map(|build| build.carried_over),
            None => buildable(&versions, candidate.template_version_id)
                .and_then(delete_unbuilt)
                .map(|_| None),
        };
        removal.diagnostics = match outcome {
            Ok(carried_over) => not_rendered(carried_over).collect(),
            Err(problem) => vec![Diagnostic::error(
                "delete_refused",
                format!("it can't be deleted: {problem}"),
            )],
        };
    }
    Ok(())
}

/// Time between two looks. A delete takes seconds at least.
const POLL: Duration = Duration::from_millis(500);

/// Waits until every queued delete build is done, for at most `patience`, and notes what came of
/// each. `on_progress` is called with the number that is done.
pub(crate) async fn wait(
    store: &Store,
    removals: &mut [Removal],
    patience: Option<Duration>,
    on_progress: &mut dyn FnMut(u64),
) -> Result<(), StoreError> {
    let deadline = patience.map(|patience| Instant::now() + patience);
    let total = queued_jobs(removals).len();
    if total == 0 {
        return Ok(());
    }
    let mut reader = store.open_reader().await?;
    loop {
        let jobs = reader.read_jobs(&queued_jobs(removals)).await?;
        for removal in removals.iter_mut() {
            let job = removal.job_id.and_then(|job| jobs.get(&job));
            match job.map(|job| job.status) {
                Some(JobStatus::Succeeded) => removal.outcome = RemovalOutcome::Deleted,
                Some(JobStatus::Failed | JobStatus::Canceled) => {
                    let error = job.and_then(|job| job.error.clone());
                    removal.fail(error.unwrap_or_else(|| "the delete build was cancelled".into()));
                }
                None if removal.outcome == RemovalOutcome::Queued => {
                    removal.fail("the job of its delete build is gone".to_owned());
                }
                _ => {}
            }
        }
        let left = queued_jobs(removals).len();
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

fn queued_jobs(removals: &[Removal]) -> Vec<Uuid> {
    removals
        .iter()
        .filter(|removal| removal.outcome == RemovalOutcome::Queued)
        .filter_map(|removal| removal.job_id)
        .collect()
}
