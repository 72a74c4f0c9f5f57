//! Carries out a plan: one pass, one transaction, what can fail behind savepoints.
//!
//! The plan leaves no choice to the executor. It decides nothing about pools; it works out the rows
//! of each step, writes them on the condition that the step still applies, and reports what came of
//! it. What has moved since the snapshot is a lost race, counted and left to the next pass. A step
//! that fails is undone and reported, and the others go on.
//!
//! All steps are one set: the number of statements grows neither with presets nor with workspaces, only
//! with steps that fail.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::actions::state;
use crate::builds::deletion::{Deletes, LastId};
use crate::builds::{BuildContent, NewBuild, Unbuildable};
use crate::model::{
    Action, DeleteReason, Plan, PrebuildStatus, Preset, PresetPlan, Snapshot, Time, Transition,
};
use crate::reconcile::build_writer::{BuildWriter, Foreseen, deletion, new_build, new_workspaces};
use crate::reconcile::outcome::{Done, Executed, Outcome};
use crate::reconcile::steps::{MAX_SET, Place, Step, Work, sets, split};
use crate::store::{Expected, LastBuild, Pass, Postings, StoreError};

/// What a plan is carried out on: the snapshot that it was made from, and the rows that its steps
/// are about.
pub(super) struct Planned<'a> {
    pub snapshot: &'a Snapshot,
    /// The latest build of every running workspace.
    pub running_builds: &'a BTreeMap<Uuid, Uuid>,
    /// The jobs that can be cancelled, by preset.
    pub pending_jobs: &'a BTreeMap<Uuid, Vec<Uuid>>,
}

/// Reads what the builds of the plan are made of, ends the transaction that has read, and works them out.
pub(super) async fn prepare(
    pass: &mut Pass,
    plan: &Plan,
    planned: &Planned<'_>,
    now: Time,
) -> Result<BuildWriter, StoreError> {
    let mut work = entries(plan, planned.snapshot);
    work.retain(|(entry, _)| entry.has_steps());
    let foreseen = foresee(&work, planned);
    let created = foreseen.created.iter().chain(&foreseen.cancelled);
    let versions: BTreeSet<Uuid> = created
        .map(|(_, version_id)| *version_id)
        .chain(foreseen.deleted.iter().map(|last| last.version_id))
        .collect();
    let versions: Vec<Uuid> = versions.into_iter().collect();
    BuildWriter::new(pass, &versions, foreseen, now).await
}

/// Writes the plan through `pass`, whose write transaction has begun, and leaves the commit to the
/// caller. `on_progress` is called with the number of workspaces that are done.
///
/// # Errors
/// Only when the pass can't go on at all. A failure that concerns a preset is in its report.
pub(super) async fn execute(
    pass: &mut Pass,
    plan: &Plan,
    planned: &Planned<'_>,
    writer: BuildWriter,
    on_progress: &mut dyn FnMut(usize),
) -> Result<Executed, StoreError> {
    let entries = entries(plan, planned.snapshot);
    let limited = newly_limited(&entries, planned.snapshot);
    let unmarked = set_status(pass, limited, PrebuildStatus::HardLimited).await?;
    let work: Vec<(&PresetPlan, &Preset)> = entries
        .into_iter()
        .filter(|(entry, preset)| entry.has_steps() || unmarked.contains_key(&preset.id))
        .collect();
    if work.is_empty() {
        return Ok(Executed::default());
    }
    let mut executor = Executor {
        writer,
        running_builds: planned.running_builds,
        outcome: Outcome::new(work.iter().map(|(entry, _)| *entry)),
        invalid: BTreeMap::new(),
    };
    let mut steps = Vec::new();
    for (number, (entry, preset)) in work.into_iter().enumerate() {
        if let Some(error) = unmarked.get(&preset.id) {
            executor.outcome.fail(Place(number, 0), error.clone());
            continue;
        }
        for (action_number, action) in entry.actions.iter().enumerate() {
            let place = Place(number, action_number);
            match action {
                Action::Create {
                    count,
                    blocked_by: None,
                } => {
                    if let Some(content) = executor.writer.take_first_build(preset.id) {
                        steps.extend(executor.new_create(place, preset, *count, content));
                    }
                }
                Action::Delete {
                    reason,
                    workspace_ids,
                } => {
                    // Who promotes the version again needs its members.
                    let unused = *reason == DeleteReason::Inactive;
                    let unused = unused.then_some(preset.template_version_id);
                    steps.extend(split(place, workspace_ids, |ids| Work::Delete(ids, unused)));
                }
                Action::CancelPending { .. } => {
                    let jobs = planned.pending_jobs.get(&preset.id);
                    let jobs = jobs.map_or(&[] as &[Uuid], Vec::as_slice);
                    steps.extend(split(place, jobs, Work::Cancel));
                }
                Action::Create { .. } | Action::Backoff { .. } => {}
            }
        }
    }
    executor.mark_invalid(pass).await?;
    for set in sets(&steps) {
        executor.carry_out(pass, set).await?;
        on_progress(set.iter().map(|step| step.work.size()).sum());
    }
    Ok(executor.outcome.into_executed())
}

/// Whether carrying the plan out writes anything.
pub(super) fn has_writes(plan: &Plan, snapshot: &Snapshot) -> bool {
    let entries = entries(plan, snapshot);
    entries.iter().any(|(entry, _)| entry.has_steps())
        || !newly_limited(&entries, snapshot).is_empty()
}

/// What is planned for the presets of the snapshot.
fn entries<'a>(plan: &'a Plan, snapshot: &'a Snapshot) -> Vec<(&'a PresetPlan, &'a Preset)> {
    let presets = snapshot.presets.iter().map(|preset| (preset.id, preset));
    let presets: BTreeMap<Uuid, &Preset> = presets.collect();
    let entries = plan.presets.iter();
    entries
        .filter_map(|entry| Some((entry, *presets.get(&entry.preset.id)?)))
        .collect()
}

/// The presets that the snapshot found hard limited and that are not marked so. Nothing ever takes the mark
/// back: a new template version brings new presets.
fn newly_limited(entries: &[(&PresetPlan, &Preset)], snapshot: &Snapshot) -> Vec<Uuid> {
    let passed_over = state::passed_over(snapshot);
    entries
        .iter()
        .filter(|(entry, preset)| {
            entry.hard_limited && preset.prebuild_status != PrebuildStatus::HardLimited
        })
        .map(|(_, preset)| preset.id)
        .filter(|id| !passed_over.contains(id))
        .collect()
}

/// The builds that the steps make: on the presets' own versions for creates and cancellations, on those of the running
/// workspaces for deletes.
fn foresee(work: &[(&PresetPlan, &Preset)], planned: &Planned<'_>) -> Foreseen {
    let running = planned.snapshot.running.iter();
    let running: BTreeMap<Uuid, Uuid> = running
        .map(|workspace| (workspace.id, workspace.template_version_id))
        .collect();
    let last = |workspace_id: &Uuid| {
        Some(LastId {
            workspace_id: *workspace_id,
            build_id: *planned.running_builds.get(workspace_id)?,
            version_id: *running.get(workspace_id)?,
        })
    };
    let mut foreseen = Foreseen::default();
    for (entry, preset) in work {
        let of_preset = (preset.id, preset.template_version_id);
        for action in &entry.actions {
            match action {
                Action::Create {
                    blocked_by: None, ..
                } => foreseen.created.push(of_preset),
                Action::CancelPending { .. } => foreseen.cancelled.push(of_preset),
                Action::Delete { workspace_ids, .. } => {
                    foreseen
                        .deleted
                        .extend(workspace_ids.iter().filter_map(last));
                }
                Action::Create { .. } | Action::Backoff { .. } => {}
            }
        }
    }
    foreseen
}

/// Stores the status of presets. Returns those for which it can't be stored, with the reason: older
/// releases don't know all.
async fn set_status(
    pass: &mut Pass,
    presets: Vec<Uuid>,
    status: PrebuildStatus,
) -> Result<BTreeMap<Uuid, String>, StoreError> {
    let store = async |pass: &mut Pass, part| pass.set_prebuild_status(part, status).await;
    let parts = pass.try_set(&presets, store).await?;
    let failed = parts.into_iter().filter_map(|(part, result)| {
        let error = result.err()?.in_one_line();
        Some(part.iter().map(move |preset| (*preset, error.clone())))
    });
    Ok(failed.flatten().collect())
}

/// What all steps of a pass share.
struct Executor<'a> {
    writer: BuildWriter,
    /// The latest builds of running workspaces.
    running_builds: &'a BTreeMap<Uuid, Uuid>,
    outcome: Outcome,
    /// Presets whose builds can't be valid, and the creates that this is about.
    invalid: BTreeMap<Uuid, Place>,
}

impl Executor<'_> {
    /// The step that creates workspaces of a preset, if their builds can be made.
    fn new_create<'a>(
        &mut self,
        place: Place,
        preset: &Preset,
        count: i64,
        content: Result<BuildContent, Unbuildable>,
    ) -> Vec<Step<'a>> {
        let workspaces = new_workspaces(count, preset.template_version_id, self.writer.now);
        match content.and_then(|content| Ok((content, workspaces?))) {
            Ok((content, workspaces)) => workspaces
                .chunks(MAX_SET)
                .map(|workspaces| Step {
                    place,
                    work: Work::Create(workspaces.to_vec(), content.clone()),
                })
                .collect(),
            Err(problem) => {
                if problem.is_validation_failure() {
                    self.invalid.insert(preset.id, place);
                }
                self.outcome.fail(place, format!("can't create: {problem}"));
                Vec::new()
            }
        }
    }

    /// Marks the presets whose builds can't be valid.
    async fn mark_invalid(&mut self, pass: &mut Pass) -> Result<(), StoreError> {
        let presets = self.invalid.keys().copied().collect();
        let unstored = set_status(pass, presets, PrebuildStatus::ValidationFailed).await?;
        for (preset, error) in unstored {
            let place = self.invalid.get(&preset);
            if let Some(text) = place.and_then(|place| self.outcome.problems.get_mut(place)) {
                text.push_str(&format!(
                    "; this could not be stored as the preset's status ({error}), so that every \
                     pass tries again"
                ));
            }
        }
        Ok(())
    }

    /// Carries out a set of steps, each of them wholly or not at all.
    async fn carry_out(&mut self, pass: &mut Pass, set: &[Step<'_>]) -> Result<(), StoreError> {
        let write = async |pass: &mut Pass, part| self.write(pass, part).await;
        for (part, result) in pass.try_set(set, write).await? {
            match result {
                Ok((done, postings)) => {
                    for (step, done) in part.iter().zip(done) {
                        self.outcome.add(step, done);
                    }
                    self.outcome.postings.merge(postings);
                }
                Err(error) => {
                    for step in part {
                        if error.is_contended() {
                            self.outcome.add(step, Done::default());
                        } else {
                            self.outcome.fail(step.place, error.in_one_line());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Writes steps. Returns what came of each, and the jobs that wait for provisioners.
    async fn write(
        &mut self,
        pass: &mut Pass,
        steps: &[Step<'_>],
    ) -> Result<(Vec<Done>, Postings), StoreError> {
        let rows = self.lock(pass, steps).await?;
        let mut deletes = self.writer.deletes();
        let mut builds = Vec::new();
        let mut cancelled = Vec::new();
        let mut all: Vec<Done> = Vec::new();
        for step in steps {
            all.push(match &step.work {
                Work::Create(workspaces, content) => {
                    let ids = workspaces.iter().map(|workspace| workspace.id);
                    let ids: Vec<Uuid> = ids.filter(|id| rows.created.contains(id)).collect();
                    builds
                        .extend(ids.iter().map(|id| {
                            new_build(*id, 1, Transition::Start, false, content.clone())
                        }));
                    Done::all(ids)
                }
                Work::Delete(workspaces, _) => delete(&mut deletes, workspaces, &rows, &mut builds),
                Work::Cancel(jobs) => {
                    let done = cancel(&mut deletes, jobs, &rows, &mut builds);
                    cancelled.extend(&done.ids);
                    done
                }
            });
        }
        pass.cancel_jobs(&cancelled, self.writer.now).await?;
        let inserted = self.writer.insert(pass, &builds).await?;
        let deleted: BTreeSet<Uuid> = inserted.all().map(|build| build.workspace_id).collect();
        for (step, done) in steps.iter().zip(&mut all) {
            if let Work::Delete(..) = step.work {
                done.ids.retain(|id| deleted.contains(id));
            }
        }
        Ok((all, inserted.waiting.into_iter().collect()))
    }

    /// Locks the rows that the steps are about, creates workspaces, and reads the versions of builds
    /// that are on another one than expected.
    async fn lock(&mut self, pass: &mut Pass, steps: &[Step<'_>]) -> Result<Rows, StoreError> {
        let mut running = Vec::new();
        let mut jobs = Vec::new();
        let mut workspaces = Vec::new();
        for step in steps {
            match &step.work {
                Work::Create(new, _) => workspaces.extend(new),
                Work::Delete(ids, unused) => running.extend(ids.iter().filter_map(|id| {
                    Some(Expected {
                        unused_version_id: *unused,
                        ..Expected::prebuilt(*id, *self.running_builds.get(id)?)
                    })
                })),
                Work::Cancel(ids) => jobs.extend(*ids),
            }
        }
        let running = pass.lock_running(&running).await?;
        let pending = pass.lock_pending(&jobs).await?;
        let builds = running.iter().chain(pending.iter().map(|(build, _)| build));
        self.writer.read_missing_versions(pass, builds).await?;
        Ok(Rows {
            created: pass.insert_workspaces(&workspaces).await?,
            running: running
                .into_iter()
                .map(|build| (build.workspace_id, build))
                .collect(),
            pending: pending
                .into_iter()
                .map(|pending| (pending.0.job_id, pending))
                .collect(),
        })
    }
}

/// Deletes what can be deleted: one workspace whose build can't be made keeps no other.
fn delete<'r>(
    deletes: &mut Deletes<'r>,
    workspaces: &[Uuid],
    rows: &'r Rows,
    builds: &mut Vec<NewBuild>,
) -> Done {
    let mut done = Done::default();
    for id in workspaces {
        let last = rows.running.get(id);
        match last.map(|last| deletion(deletes, last, true)) {
            None => {}
            Some(Ok(deletion)) => {
                builds.push(deletion.build);
                done.carried_over.extend(deletion.carried_over);
                done.ids.push(*id);
            }
            Some(Err(problem)) => done.refuse(|| format!("can't delete workspace {id}: {problem}")),
        }
    }
    done.count_others("deleted");
    done
}

/// Cancels jobs and removes their workspaces in the same step, because to a later pass they would look
/// like workspaces that a person cancelled, which are left alone. Nothing was built yet, so the removal
/// has no state to work on, and completes at once where no provisioner is alive to run it. A job whose
/// removal can't be made is left alone, and keeps no other.
fn cancel<'r>(
    deletes: &mut Deletes<'r>,
    jobs: &[Uuid],
    rows: &'r Rows,
    builds: &mut Vec<NewBuild>,
) -> Done {
    let mut done = Done::default();
    for (last, is_removable) in jobs.iter().filter_map(|job| rows.pending.get(job)) {
        match is_removable.then(|| deletion(deletes, last, false)) {
            None => {}
            Some(Ok(removal)) => {
                builds.push(removal.build);
                done.carried_over.extend(removal.carried_over);
            }
            Some(Err(problem)) => {
                done.refuse(|| format!("can't cancel job {}: {problem}", last.job_id));
                continue;
            }
        }
        done.ids.push(last.job_id);
    }
    done.count_others("cancelled");
    done
}

/// The rows that steps go on from.
struct Rows {
    /// Workspaces that were created.
    created: BTreeSet<Uuid>,
    /// Latest builds of workspaces that can be deleted, by workspace.
    running: BTreeMap<Uuid, LastBuild>,
    /// First builds that can be cancelled, by job, and whether their workspace is to be removed.
    pending: BTreeMap<Uuid, (LastBuild, bool)>,
}
