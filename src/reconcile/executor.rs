//! Carries out a plan: one pass, one transaction, every step behind a savepoint.
//!
//! The plan leaves no choice to the executor. It decides nothing about pools; it works out the rows
//! of each step, writes them on the condition that the step still applies, and reports what came of
//! it. What has moved since the snapshot is a lost race, counted and left to the next pass. A step
//! that fails is undone and reported, and the others go on.
//!
//! The number of statements grows with the presets that have work, never with workspaces.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::builds::{self, NewBuild, Unbuildable};
use crate::model::report::PresetReport;
use crate::model::text::count;
use crate::model::{Action, Plan, PrebuildStatus, Preset, PresetPlan, Snapshot, Time, Transition};
use crate::reconcile::build_writer::{BuildWriter, new_build, new_workspaces};
use crate::store::{LastBuild, Pass, Postings, StepError, StoreError};

/// What a plan is carried out on: the snapshot that it was made from, and the latest build of every
/// running workspace in it.
pub(super) struct Planned<'a> {
    pub snapshot: &'a Snapshot,
    /// Latest builds by workspace.
    pub running_builds: &'a BTreeMap<Uuid, Uuid>,
}

/// What came of a plan.
#[derive(Default)]
pub(super) struct Executed {
    /// Presets that had something to do, in the plan's order.
    pub presets: Vec<PresetReport>,
    /// Jobs to wake provisioners for once the transaction is committed.
    pub postings: Postings,
}

/// Writes the plan through `pass`, whose write transaction has begun, and leaves the commit to the
/// caller. `on_progress` is called with every preset that is done.
///
/// # Errors
/// Only when the pass can't go on at all. A failure that concerns a preset is in its report.
pub(super) async fn execute(
    pass: &mut Pass,
    plan: &Plan,
    planned: &Planned<'_>,
    now: Time,
    on_progress: &mut dyn FnMut(&PresetReport),
) -> Result<Executed, StoreError> {
    let presets: BTreeMap<Uuid, &Preset> = planned
        .snapshot
        .presets
        .iter()
        .map(|preset| (preset.id, preset))
        .collect();
    let entries = plan
        .presets
        .iter()
        .filter_map(|entry| Some((entry, *presets.get(&entry.preset.id)?)));
    let unmarked = mark_hard_limited(pass, entries.clone()).await?;
    let work: Vec<(&PresetPlan, &Preset)> = entries
        .filter(|(entry, preset)| has_work(entry) || unmarked.contains_key(&preset.id))
        .collect();
    if work.is_empty() {
        return Ok(Executed::default());
    }
    let versions = needed_versions(&work, planned.snapshot);
    let mut executor = Executor {
        writer: BuildWriter::new(pass, &versions, now).await?,
        running_builds: planned.running_builds,
        postings: Postings::default(),
    };
    let mut reports = Vec::new();
    for (entry, preset) in work {
        let mut report = PresetReport::untouched(entry);
        match unmarked.get(&preset.id) {
            Some(error) => report.add_error(error),
            None => executor.execute(pass, entry, preset, &mut report).await?,
        }
        on_progress(&report);
        reports.push(report);
    }
    Ok(Executed {
        presets: reports,
        postings: executor.postings,
    })
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
fn needed_versions(work: &[(&PresetPlan, &Preset)], snapshot: &Snapshot) -> Vec<Uuid> {
    let running: BTreeMap<Uuid, Uuid> = snapshot
        .running
        .iter()
        .map(|workspace| (workspace.id, workspace.template_version_id))
        .collect();
    let mut versions = BTreeSet::new();
    for (entry, preset) in work {
        versions.insert(preset.template_version_id);
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
    entries: impl Iterator<Item = (&PresetPlan, &Preset)>,
) -> Result<BTreeMap<Uuid, String>, StoreError> {
    let mut unmarked = BTreeMap::new();
    let status = PrebuildStatus::HardLimited;
    for (entry, preset) in entries {
        if entry.hard_limited
            && preset.prebuild_status != status
            && let Err(error) = set_status(pass, preset.id, status).await?
        {
            unmarked.insert(preset.id, error.to_string());
        }
    }
    Ok(unmarked)
}

/// Stores the status of a preset, or says why it can't be stored: older releases don't know all.
async fn set_status(
    pass: &mut Pass,
    preset_id: Uuid,
    status: PrebuildStatus,
) -> Result<Result<(), StepError>, StoreError> {
    pass.try_step(async |pass| Ok(pass.set_prebuild_status(preset_id, status).await?))
        .await
}

/// What all presets of a pass share.
struct Executor<'a> {
    writer: BuildWriter,
    running_builds: &'a BTreeMap<Uuid, Uuid>,
    postings: Postings,
}

impl Executor<'_> {
    /// Carries out the steps of one preset, each by itself: a create that can't be built must not
    /// keep expired workspaces alive.
    async fn execute(
        &mut self,
        pass: &mut Pass,
        entry: &PresetPlan,
        preset: &Preset,
        report: &mut PresetReport,
    ) -> Result<(), StoreError> {
        for action in &entry.actions {
            let step = async |pass: &mut Pass| match action {
                Action::Create {
                    count,
                    blocked_by: None,
                } => self.create(pass, preset, *count, report).await,
                Action::Delete { workspace_ids, .. } => {
                    self.delete(pass, workspace_ids, report).await
                }
                Action::CancelPending { count } => {
                    self.cancel_pending(pass, preset.id, *count, report).await
                }
                Action::Create { .. } | Action::Backoff { .. } => Ok(()),
            };
            if let Err(error) = pass.try_step(step).await? {
                report.add_error(&explain(pass, action, preset, error).await?);
            }
        }
        Ok(())
    }

    async fn create(
        &mut self,
        pass: &mut Pass,
        preset: &Preset,
        count: i64,
        report: &mut PresetReport,
    ) -> Result<(), StepError> {
        let version = self.writer.version(preset.template_version_id)?;
        let content = builds::first_start(version, preset.id)?;
        let workspaces = new_workspaces(count, self.writer.now)?;
        let inserted = pass
            .insert_workspaces(preset.template_version_id, &workspaces)
            .await?;
        let builds: Vec<NewBuild> = inserted
            .iter()
            .map(|id| new_build(*id, 1, Transition::Start, false, content.clone()))
            .collect();
        self.writer.insert(pass, &builds).await?;
        report.lost_races += missing(workspaces.len(), inserted.len());
        report.created.extend(inserted);
        self.postings.extend(&builds);
        Ok(())
    }

    /// Deletes what can be deleted: one workspace whose build can't be made keeps no other.
    async fn delete(
        &mut self,
        pass: &mut Pass,
        workspace_ids: &[Uuid],
        report: &mut PresetReport,
    ) -> Result<(), StepError> {
        let latest: Vec<(Uuid, Uuid)> = workspace_ids
            .iter()
            .filter_map(|id| Some((*id, *self.running_builds.get(id)?)))
            .collect();
        let locked = pass.lock_running(&latest).await?;
        self.writer.read_missing_versions(pass, &locked).await?;
        let (builds, undeletable) = self.delete_builds(&locked, true);
        let inserted = self.writer.insert(pass, &builds).await?;
        let deleted: BTreeSet<Uuid> = inserted.iter().map(|build| build.workspace_id).collect();
        report.lost_races += missing(workspace_ids.len(), deleted.len() + undeletable.len());
        // In the plan's order, which is oldest first.
        let in_order = workspace_ids.iter().filter(|id| deleted.contains(id));
        report.deleted.extend(in_order);
        if let Some(problem) = summarize(&undeletable) {
            report.add_error(&problem);
        }
        self.postings.extend(inserted);
        Ok(())
    }

    /// Cancels jobs and removes their workspaces in the same step, because to a later pass they would
    /// look like workspaces that a person cancelled, which are left alone. Nothing was built yet, so
    /// the removal has no state to work on, and completes at once where no provisioner is alive to
    /// run it.
    async fn cancel_pending(
        &mut self,
        pass: &mut Pass,
        preset_id: Uuid,
        count: i64,
        report: &mut PresetReport,
    ) -> Result<(), StepError> {
        let cancelled = pass.cancel_pending(preset_id, self.writer.now).await?;
        let removable = &cancelled.removable;
        self.writer.read_missing_versions(pass, removable).await?;
        let (builds, mut undeletable) = self.delete_builds(removable, false);
        if let Some((_, problem)) = undeletable.pop() {
            return Err(problem.into());
        }
        let orphans = self.writer.insert_orphans(pass, &builds).await?;
        let planned = usize::try_from(count).unwrap_or(0);
        report.lost_races += missing(planned, cancelled.jobs.len());
        report.cancelled.extend(cancelled.jobs);
        self.postings.extend(orphans.waiting);
        Ok(())
    }

    /// The builds that delete these workspaces, and the workspaces for which none can be made.
    fn delete_builds(
        &self,
        last_builds: &[LastBuild],
        keep_state: bool,
    ) -> (Vec<NewBuild>, Vec<(Uuid, Unbuildable)>) {
        let mut builds = Vec::new();
        let mut undeletable = Vec::new();
        for last in last_builds {
            match self.writer.delete_build(last, keep_state) {
                Ok(build) => builds.push(build),
                Err(problem) => undeletable.push((last.workspace_id, problem)),
            }
        }
        (builds, undeletable)
    }
}

/// Says why a step was undone, and marks a preset whose builds can't be valid.
async fn explain(
    pass: &mut Pass,
    action: &Action,
    preset: &Preset,
    error: StepError,
) -> Result<String, StoreError> {
    let StepError::Unbuildable(problem) = error else {
        return Ok(error.to_string());
    };
    if let Action::CancelPending { .. } = action {
        return Ok(format!("can't cancel: {problem}"));
    }
    let mut text = format!("can't create: {problem}");
    if problem.is_validation_failure()
        && let Err(error) = set_status(pass, preset.id, PrebuildStatus::ValidationFailed).await?
    {
        text.push_str(&format!(
            "; this could not be stored as the preset's status ({error}), so that every pass tries \
             again"
        ));
    }
    Ok(text)
}

/// How many workspaces can't be deleted, and why the first one can't.
fn summarize(undeletable: &[(Uuid, Unbuildable)]) -> Option<String> {
    let (workspace, problem) = undeletable.first()?;
    let others = match undeletable.len() - 1 {
        0 => String::new(),
        others => format!(" ({others} more can't be deleted either)"),
    };
    Some(format!(
        "can't delete workspace {workspace}: {problem}{others}"
    ))
}

/// How many of the expected rows were not found.
fn missing(expected: usize, found: usize) -> i64 {
    count(expected.saturating_sub(found))
}
