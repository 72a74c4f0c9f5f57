//! Works builds out and writes them: what passes and clean-ups have in common.
//!
//! What is foreseen is worked out before a transaction writes, in which others may wait: a template can take seconds.
//! Versions and provisioners are read once for any number of builds, and a set of builds is a handful
//! of statements whatever its size. Decides nothing about pools or workspaces: which of them get
//! builds is up to the caller, and so are transactions. The only place of a pass where anything is
//! random: ids and names of new rows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::TimeDelta;
use uuid::Uuid;

use crate::builds::deletion::{Deletes, Held, KnownDeletes, LastId, buildable, delete_unbuilt};
use crate::builds::threads::in_threads;
use crate::builds::{self, BuildContent, BuildReason, Flow, NewBuild, Stage, Unbuildable, Version};
use crate::model::facts::Provisioner;
use crate::model::{PREBUILDS_USER_ID, Time, Transition};
use crate::store::{LastBuild, NewWorkspace, Pass, StoreError};

/// Makes builds at one instant.
pub(super) struct BuildWriter {
    /// When the builds are made.
    pub now: Time,
    versions: BTreeMap<Uuid, Version>,
    provisioners: Vec<Provisioner>,
    /// What was worked out before.
    first_builds: BTreeMap<Uuid, Result<BuildContent, Unbuildable>>,
    deletes: KnownDeletes,
}

/// The builds that are to be expected.
#[derive(Default)]
pub(super) struct Foreseen {
    /// Presets, with their versions, that workspaces are created of.
    pub created: Vec<(Uuid, Uuid)>,
    /// Presets, with their versions, whose workspaces go before anything was built of them.
    pub cancelled: Vec<(Uuid, Uuid)>,
    /// Workspaces that are deleted.
    pub deleted: Vec<LastId>,
}

/// Builds that were written.
pub(super) struct Inserted<'b> {
    /// Builds that a provisioner is to run.
    pub waiting: Vec<&'b NewBuild>,
    /// Delete builds without state that no provisioner would run: they are completed already.
    pub completed: Vec<&'b NewBuild>,
}

impl<'b> Inserted<'b> {
    pub(super) fn all(&self) -> impl Iterator<Item = &'b NewBuild> {
        self.waiting.iter().chain(&self.completed).copied()
    }
}

/// A build that deletes a workspace.
pub(super) struct Deletion {
    pub build: NewBuild,
    /// Why it takes the values and tags of the last build as they are, if it does.
    pub carried_over: Option<Unbuildable>,
}

/// The build that deletes a workspace.
pub(super) fn deletion<'b>(
    deletes: &mut Deletes<'b>,
    last: &'b LastBuild,
    keep_state: bool,
) -> Result<Deletion, Unbuildable> {
    let delete = deletes.build(last.content())?;
    let build = new_build(
        last.workspace_id,
        last.build_number + 1,
        Transition::Delete,
        keep_state,
        delete.content,
    );
    Ok(Deletion {
        build,
        carried_over: delete.carried_over,
    })
}

impl BuildWriter {
    /// Reads what builds on these versions are made of, ends the transaction that has read, and works out what is
    /// foreseen: on threads of its own, so that signals and time-outs come through.
    pub(super) async fn new(
        pass: &mut Pass,
        versions: &[Uuid],
        foreseen: Foreseen,
        now: Time,
    ) -> Result<Self, StoreError> {
        let versions = pass.read_versions(versions).await?;
        // Others are a matter of looking values up.
        let is_evaluated = |last: &&LastId| {
            let version = versions.get(&last.version_id);
            version.is_some_and(|it| match it.flow {
                Flow::Classic => !it.workspace_tags.is_empty(),
                _ => it.flow.is_rendered(),
            })
        };
        let evaluated = foreseen.deleted.iter().filter(is_evaluated);
        let evaluated: Vec<LastId> = evaluated.copied().collect();
        let last_builds = pass.read_last_builds(&evaluated, &versions).await?;
        let mut writer = Self {
            now,
            versions,
            provisioners: pass.live_provisioners().await?,
            first_builds: BTreeMap::new(),
            deletes: KnownDeletes::default(),
        };
        pass.end_reading().await?;
        let awaited = Awaited(Arc::new(AtomicBool::new(true)));
        let is_awaited = Arc::clone(&awaited.0);
        let working = tokio::task::spawn_blocking(move || {
            let last_builds = last_builds.into_values().collect();
            writer.work_out(&foreseen, last_builds, &is_awaited);
            writer
        });
        match working.await {
            Ok(writer) => Ok(writer),
            // Only a runtime that ends cancels it, and nobody waits then.
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }

    /// Works builds out for as long as somebody waits for them.
    fn work_out(
        &mut self,
        foreseen: &Foreseen,
        mut last_builds: BTreeSet<Held>,
        is_awaited: &AtomicBool,
    ) {
        let versions = &self.versions;
        let is_awaited = || is_awaited.load(Ordering::Relaxed);
        let first_builds = |presets: &[(Uuid, Uuid)]| {
            in_threads(presets, |part| {
                let part = part.iter().take_while(|_| is_awaited());
                let builds = part.map(|(preset_id, version_id)| {
                    let version = buildable(versions, *version_id);
                    let content = version.and_then(|it| builds::first_start(it, *preset_id));
                    (*preset_id, content)
                });
                builds.collect()
            })
        };
        self.first_builds = first_builds(&foreseen.created).into_iter().collect();
        // What was never built holds what it would hold now, as a rule.
        let cancelled = first_builds(&foreseen.cancelled).into_iter();
        last_builds.extend(cancelled.filter_map(|(_, content)| {
            let content = content.ok()?;
            let version = versions.get(&content.template_version_id)?;
            let has_tags = version.flow.may_take_tags_over();
            Some(Held {
                version_id: content.template_version_id,
                values: content.parameters,
                tags: content.tags.into_iter().filter(|_| has_tags).collect(),
                encrypted: false,
            })
        }));
        let last_builds: Vec<Held> = last_builds.into_iter().collect();
        let deletes = in_threads(&last_builds, |part| {
            let mut deletes = Deletes::on(versions);
            let part = part.iter().take_while(|_| is_awaited());
            part.map(|last| (last.clone(), deletes.build(last.content())))
                .collect()
        });
        self.deletes = KnownDeletes::new(deletes);
    }

    /// What the first builds of a preset's new workspaces hold, once; none where that wasn't foreseen.
    pub(super) fn take_first_build(
        &mut self,
        preset_id: Uuid,
    ) -> Option<Result<BuildContent, Unbuildable>> {
        self.first_builds.remove(&preset_id)
    }

    /// A version that can be built.
    pub(super) fn version(&self, id: Uuid) -> Result<&Version, Unbuildable> {
        buildable(&self.versions, id)
    }

    /// Reads the versions of builds that are on another version than expected: a preset's build is
    /// on the preset's version, as a rule.
    pub(super) async fn read_missing_versions<'b>(
        &mut self,
        pass: &mut Pass,
        builds: impl Iterator<Item = &'b LastBuild>,
    ) -> Result<(), StoreError> {
        let missing: BTreeSet<Uuid> = builds
            .map(|build| build.template_version_id)
            .filter(|id| !self.versions.contains_key(id))
            .collect();
        if !missing.is_empty() {
            let missing: Vec<Uuid> = missing.into_iter().collect();
            self.versions.extend(pass.read_versions(&missing).await?);
        }
        Ok(())
    }

    /// What delete builds on these versions hold.
    pub(super) fn deletes(&self) -> Deletes<'_> {
        Deletes::on(&self.versions).with(&self.deletes)
    }

    /// The build that deletes a workspace which was never built: there is no state to keep.
    pub(super) fn delete_first_build(
        &self,
        workspace_id: Uuid,
        version_id: Uuid,
    ) -> Result<NewBuild, Unbuildable> {
        let content = delete_unbuilt(self.version(version_id)?)?;
        Ok(new_build(
            workspace_id,
            1,
            Transition::Delete,
            false,
            content,
        ))
    }

    /// Inserts builds, and returns those that won their number. Delete builds that carry no state and
    /// that no living provisioner would run are completed at once.
    pub(super) async fn insert<'b>(
        &self,
        pass: &mut Pass,
        builds: &'b [NewBuild],
    ) -> Result<Inserted<'b>, StoreError> {
        let inserted = pass.insert_builds(builds, self.now).await?;
        let inserted = builds.iter().filter(|build| inserted.contains(&build.id));
        let (completed, waiting): (Vec<&NewBuild>, Vec<&NewBuild>) = inserted.partition(|build| {
            let is_orphan = build.transition == Transition::Delete && !build.keep_state;
            is_orphan && !self.is_served(&build.content)
        });
        pass.complete_orphans(&completed, self.now).await?;
        Ok(Inserted { waiting, completed })
    }

    /// Whether a living provisioner would run a job with this content.
    fn is_served(&self, content: &BuildContent) -> bool {
        self.provisioners.iter().any(|provisioner| {
            provisioner.organization_id == content.organization_id
                && provisioner.types.contains(&content.provisioner)
                && builds::takes(provisioner, &content.tags)
        })
    }
}

/// Says when nobody waits for what is worked out any more.
struct Awaited(Arc<AtomicBool>);

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// A build of the prebuilds user, with ids of its own.
pub(super) fn new_build(
    workspace_id: Uuid,
    build_number: i64,
    transition: Transition,
    keep_state: bool,
    content: BuildContent,
) -> NewBuild {
    NewBuild {
        workspace_id,
        id: Uuid::new_v4(),
        job_id: Uuid::new_v4(),
        build_number,
        transition,
        stage: Some(Stage::Create),
        owner_id: PREBUILDS_USER_ID,
        initiator_id: PREBUILDS_USER_ID,
        reason: BuildReason::Initiator,
        keep_state,
        content,
    }
}

/// New workspaces on a version with names as Coder gives them: `prebuild-` and nine random bytes in lower-case
/// base32.
///
/// Each is a microsecond younger than the one before, as if it had been created by itself: the mark
/// of an invalidation is a time, and could not stand between workspaces of one age.
pub(super) fn new_workspaces(
    count: i64,
    template_version_id: Uuid,
    now: Time,
) -> Result<Vec<NewWorkspace>, Unbuildable> {
    let workspace = |number| {
        let mut random = [0; 9];
        getrandom::fill(&mut random).map_err(|error| {
            Unbuildable::TryLater(format!("the system has no random numbers to give: {error}"))
        })?;
        let suffix = data_encoding::BASE32_NOPAD.encode(&random).to_lowercase();
        Ok(NewWorkspace {
            id: Uuid::new_v4(),
            name: format!("prebuild-{suffix}"),
            template_version_id,
            created_at: now
                .checked_add_signed(TimeDelta::microseconds(number))
                .unwrap_or(now),
        })
    };
    (0..count).map(workspace).collect()
}
