//! Carries out a plan: one pass, one transaction, every preset behind a savepoint.
//!
//! The plan leaves no choice to the executor. It decides nothing about pools; it works out the rows
//! of each step, writes them on the condition that the step still applies, and reports what came of
//! it. What has moved since the snapshot is a lost race, counted and left to the next pass. A preset
//! that fails is undone and reported, and the others go on.
//!
//! The number of statements grows with the presets that have work, never with workspaces.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::builds::{self, NewBuild, Unbuildable};
use crate::model::report::PresetReport;
use crate::model::text::count;
use crate::model::{Action, Plan, PrebuildStatus, Preset, PresetPlan, Snapshot, Time, Transition};
use crate::reconcile::builder::{Builder, new_build, new_workspaces};
use crate::store::{LastBuild, Pass, StoreError};

/// What a plan is carried out on: the snapshot that it was made from, and the latest build of every
/// running workspace in it.
pub(crate) struct Basis<'a> {
    pub snapshot: &'a Snapshot,
    /// Latest builds by workspace.
    pub running_builds: &'a BTreeMap<Uuid, Uuid>,
}

/// What came of a plan.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Presets that had something to do, in the plan's order.
    pub presets: Vec<PresetReport>,
    /// Jobs to tell provisioners about once the transaction is committed: distinct payloads, each
    /// with the number of jobs it stands for.
    pub postings: Vec<(String, usize)>,
}

/// Writes the plan through `pass`, whose write transaction has begun, and leaves the commit to the
/// caller. `on_progress` hears of every preset that is done.
///
/// # Errors
/// Only when the pass can't go on at all. A failure that concerns a preset is in its outcome.
pub(crate) async fn execute(
    pass: &mut Pass,
    plan: &Plan,
    basis: &Basis<'_>,
    now: Time,
    on_progress: &mut dyn FnMut(&PresetReport),
) -> Result<Outcome, StoreError> {
    let mut outcome = Outcome::default();
    let presets: BTreeMap<Uuid, &Preset> = basis
        .snapshot
        .presets
        .iter()
        .map(|preset| (preset.id, preset))
        .collect();
    let unmarked = mark_hard_limited(pass, plan, &presets).await?;
    let work: Vec<&PresetPlan> = plan
        .presets
        .iter()
        .filter(|entry| has_work(entry) || unmarked.contains_key(&entry.preset.id))
        .collect();
    if work.is_empty() {
        return Ok(outcome);
    }
    let versions = needed_versions(&work, &presets, basis);
    let mut executor = Executor {
        builder: Builder::new(pass, &versions, now).await?,
        running_builds: basis.running_builds,
    };
    let mut postings: BTreeMap<String, usize> = BTreeMap::new();
    for entry in work {
        let Some(preset) = presets.get(&entry.preset.id) else {
            continue;
        };
        let (preset_outcome, posted) = match unmarked.get(&entry.preset.id) {
            Some(error) => (PresetReport::failed(entry, error.clone()), Vec::new()),
            None => executor.carry_out_preset(entry, preset).await?,
        };
        on_progress(&preset_outcome);
        outcome.presets.push(preset_outcome);
        for payload in posted {
            *postings.entry(payload).or_default() += 1;
        }
    }
    outcome.postings = postings.into_iter().collect();
    Ok(outcome)
}

/// Whether a preset has steps that write.
fn has_work(entry: &PresetPlan) -> bool {
    entry.actions.iter().any(|action| match action {
        Action::Create { blocked_by, .. } => blocked_by.is_none(),
        Action::Delete { .. } | Action::CancelPending { .. } => true,
        Action::Backoff { .. } => false,
    })
}

/// The versions whose builds the steps make: the presets' own for creates and cancellations, those
/// of the running workspaces for deletes.
fn needed_versions(
    work: &[&PresetPlan],
    presets: &BTreeMap<Uuid, &Preset>,
    basis: &Basis<'_>,
) -> Vec<Uuid> {
    let running: BTreeMap<Uuid, Uuid> = basis
        .snapshot
        .running
        .iter()
        .map(|workspace| (workspace.id, workspace.template_version_id))
        .collect();
    let mut versions = BTreeSet::new();
    for entry in work {
        versions.extend(
            presets
                .get(&entry.preset.id)
                .map(|preset| preset.template_version_id),
        );
        for action in &entry.actions {
            if let Action::Delete { workspace_ids, .. } = action {
                versions.extend(workspace_ids.iter().filter_map(|id| running.get(id)));
            }
        }
    }
    versions.into_iter().collect()
}

/// Stores the status of presets that the snapshot found hard limited. Nothing ever takes it back:
/// a new template version brings new presets. Returns the presets whose status could not be stored,
/// with the reason: they are left alone in this pass.
async fn mark_hard_limited(
    pass: &mut Pass,
    plan: &Plan,
    presets: &BTreeMap<Uuid, &Preset>,
) -> Result<BTreeMap<Uuid, String>, StoreError> {
    let mut unmarked = BTreeMap::new();
    for entry in plan.presets.iter().filter(|entry| entry.hard_limited) {
        let stored = presets
            .get(&entry.preset.id)
            .map(|preset| preset.prebuild_status);
        if stored.is_some_and(|status| status != PrebuildStatus::HardLimited) {
            pass.savepoint().await?;
            let status = PrebuildStatus::HardLimited;
            match pass.set_prebuild_status(entry.preset.id, status).await {
                Ok(()) => pass.release_savepoint().await?,
                Err(error) if error.is_connection_lost() => return Err(error),
                Err(error) => {
                    pass.rollback_savepoint().await?;
                    unmarked.insert(entry.preset.id, error.in_one_line());
                }
            }
        }
    }
    Ok(unmarked)
}

/// Why a step was undone.
enum StepFailure {
    /// The database refused it.
    Store(StoreError),
    /// A create whose build can't be made.
    Create(Unbuildable),
    /// A cancellation whose delete build can't be made.
    Cancel(Unbuildable),
}

impl From<StoreError> for StepFailure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What all presets of a pass share.
struct Executor<'a> {
    builder: Builder<'a>,
    running_builds: &'a BTreeMap<Uuid, Uuid>,
}

/// What came of one step.
#[derive(Default)]
struct StepOutcome {
    created: Vec<Uuid>,
    deleted: Vec<Uuid>,
    cancelled: Vec<Uuid>,
    lost_races: i64,
    /// Why single workspaces were left out.
    problems: Vec<String>,
    /// Payloads of the jobs queued.
    postings: Vec<String>,
}

impl Executor<'_> {
    /// Carries out the steps of one preset, each behind a savepoint: a create that can't be built
    /// must not keep expired workspaces alive. Returns what came of it and the payloads of the jobs
    /// queued.
    async fn carry_out_preset(
        &mut self,
        entry: &PresetPlan,
        preset: &Preset,
    ) -> Result<(PresetReport, Vec<String>), StoreError> {
        let mut outcome = PresetReport::untouched(entry);
        let mut postings = Vec::new();
        let mut errors = Vec::new();
        for action in &entry.actions {
            self.builder.pass.savepoint().await?;
            match self.carry_out_step(action, preset).await {
                Ok(step) => {
                    self.builder.pass.release_savepoint().await?;
                    outcome.created.extend(step.created);
                    outcome.deleted.extend(step.deleted);
                    outcome.cancelled.extend(step.cancelled);
                    outcome.lost_races += step.lost_races;
                    errors.extend(step.problems);
                    postings.extend(step.postings);
                }
                Err(failure) => errors.push(self.undo(failure, preset).await?),
            }
        }
        if !errors.is_empty() {
            outcome.error = Some(errors.join("; "));
        }
        Ok((outcome, postings))
    }

    /// Undoes a step that failed and says why, or ends the pass when it can't go on.
    async fn undo(&mut self, failure: StepFailure, preset: &Preset) -> Result<String, StoreError> {
        if let StepFailure::Store(error) = failure {
            if error.is_connection_lost() {
                return Err(error);
            }
            self.builder.pass.rollback_savepoint().await?;
            return Ok(error.in_one_line());
        }
        self.builder.pass.rollback_savepoint().await?;
        match failure {
            StepFailure::Store(error) => Err(error),
            StepFailure::Cancel(error) => Ok(format!("can't cancel: {error}")),
            StepFailure::Create(error) => {
                let mut text = format!("can't create: {error}");
                if error.is_validation_failure()
                    && let Some(error) = self.mark_validation_failed(preset).await?
                {
                    text.push_str(&format!(
                        "; this could not be stored as the preset's status ({error}), so that \
                         every pass tries again"
                    ));
                }
                Ok(text)
            }
        }
    }

    /// Returns why the status could not be stored, if so: older releases don't know it, and then the
    /// report is all there is.
    async fn mark_validation_failed(
        &mut self,
        preset: &Preset,
    ) -> Result<Option<StoreError>, StoreError> {
        self.builder.pass.savepoint().await?;
        let status = PrebuildStatus::ValidationFailed;
        match self
            .builder
            .pass
            .set_prebuild_status(preset.id, status)
            .await
        {
            Ok(()) => self.builder.pass.release_savepoint().await.map(|()| None),
            Err(error) if error.is_connection_lost() => Err(error),
            Err(error) => {
                self.builder.pass.rollback_savepoint().await?;
                Ok(Some(error))
            }
        }
    }

    async fn carry_out_step(
        &mut self,
        action: &Action,
        preset: &Preset,
    ) -> Result<StepOutcome, StepFailure> {
        match action {
            Action::Create {
                count,
                blocked_by: None,
            } => self.create(preset, *count).await,
            Action::Delete { workspace_ids, .. } => self.delete(workspace_ids).await,
            Action::CancelPending { count } => self.cancel_pending(preset, *count).await,
            Action::Create {
                blocked_by: Some(_),
                ..
            }
            | Action::Backoff { .. } => Ok(StepOutcome::default()),
        }
    }

    async fn create(&mut self, preset: &Preset, count: i64) -> Result<StepOutcome, StepFailure> {
        let version = self
            .builder
            .version(preset.template_version_id)
            .map_err(StepFailure::Create)?;
        let content = builds::first_start(version, preset.id).map_err(StepFailure::Create)?;
        let workspaces = new_workspaces(count, self.builder.now).map_err(StepFailure::Create)?;
        let inserted = self
            .builder
            .pass
            .insert_workspaces(preset.template_version_id, &workspaces)
            .await?;
        let builds: Vec<NewBuild> = inserted
            .iter()
            .map(|id| new_build(*id, 1, Transition::Start, false, content.clone()))
            .collect();
        self.builder.insert(&builds).await?;
        Ok(StepOutcome {
            lost_races: missing(workspaces.len(), inserted.len()),
            created: inserted.into_iter().collect(),
            postings: builds.iter().map(NewBuild::posting).collect(),
            ..StepOutcome::default()
        })
    }

    /// Deletes what can be deleted: one workspace whose build can't be made keeps no other.
    async fn delete(&mut self, workspace_ids: &[Uuid]) -> Result<StepOutcome, StepFailure> {
        let wanted: Vec<(Uuid, Uuid)> = workspace_ids
            .iter()
            .filter_map(|id| Some((*id, *self.running_builds.get(id)?)))
            .collect();
        let locked = self.builder.pass.lock_running(&wanted).await?;
        self.builder.read_missing_versions(&locked).await?;
        let (builds, problems) = self.delete_builds(&locked, true);
        let inserted = self.builder.insert(&builds).await?;
        let deleted: BTreeSet<Uuid> = inserted.iter().map(|build| build.workspace_id).collect();
        Ok(StepOutcome {
            lost_races: missing(workspace_ids.len(), deleted.len() + problems.len()),
            problems: told(&problems).into_iter().collect(),
            // In the plan's order, which is oldest first.
            deleted: workspace_ids
                .iter()
                .filter(|id| deleted.contains(id))
                .copied()
                .collect(),
            postings: inserted.into_iter().map(NewBuild::posting).collect(),
            ..StepOutcome::default()
        })
    }

    /// Cancels jobs and removes their workspaces in the same step, because a later pass could not
    /// tell them from workspaces that a person cancelled, which are left alone. Nothing was built
    /// yet, so the removal has no state to work on, and completes at once where no provisioner is
    /// alive to run it.
    async fn cancel_pending(
        &mut self,
        preset: &Preset,
        count: i64,
    ) -> Result<StepOutcome, StepFailure> {
        let cancelled = self
            .builder
            .pass
            .cancel_pending(preset.id, self.builder.now)
            .await?;
        self.builder
            .read_missing_versions(&cancelled.removable)
            .await?;
        let (builds, mut problems) = self.delete_builds(&cancelled.removable, false);
        if let Some((_, problem)) = problems.pop() {
            return Err(StepFailure::Cancel(problem));
        }
        let orphans = self.builder.insert_orphans(&builds).await?;
        Ok(StepOutcome {
            lost_races: missing(usize::try_from(count).unwrap_or(0), cancelled.jobs.len()),
            cancelled: cancelled.jobs,
            postings: orphans.waiting.into_iter().map(NewBuild::posting).collect(),
            ..StepOutcome::default()
        })
    }

    /// The builds that delete these workspaces, and the workspaces for which none can be made.
    fn delete_builds(
        &self,
        last_builds: &[LastBuild],
        keep_state: bool,
    ) -> (Vec<NewBuild>, Vec<(Uuid, Unbuildable)>) {
        let mut builds = Vec::new();
        let mut problems = Vec::new();
        for last in last_builds {
            match self.builder.delete_build(last, keep_state) {
                Ok(build) => builds.push(build),
                Err(problem) => problems.push((last.workspace_id, problem)),
            }
        }
        (builds, problems)
    }
}

/// Tells of workspaces that can't be deleted: how many, and of the first why.
fn told(problems: &[(Uuid, Unbuildable)]) -> Option<String> {
    let (workspace, problem) = problems.first()?;
    let others = match problems.len() - 1 {
        0 => String::new(),
        others => format!(" ({others} more can't be deleted either)"),
    };
    Some(format!(
        "can't delete workspace {workspace}: {problem}{others}"
    ))
}

/// How many of the wanted were not found.
fn missing(wanted: usize, found: usize) -> i64 {
    count(wanted.saturating_sub(found))
}
