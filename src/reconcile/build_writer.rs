//! Works builds out and writes them: what passes and clean-ups have in common.
//!
//! Versions and provisioners are read once for any number of builds, and a set of builds is a handful
//! of statements whatever its size. Decides nothing about pools or workspaces: which of them get
//! builds is up to the caller, and so are transactions. The only place of a pass where anything is
//! random: ids and names of new rows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use uuid::Uuid;

use crate::builds::deletion::{Deletes, buildable, delete_unbuilt};
use crate::builds::{self, BuildContent, BuildReason, NewBuild, Stage, Unbuildable, Version};
use crate::model::facts::Provisioner;
use crate::model::{PREBUILDS_USER_ID, Time, Transition};
use crate::store::{LastBuild, NewWorkspace, Pass, StoreError};

/// Makes builds at one instant.
pub(super) struct BuildWriter {
    /// When the builds are made.
    pub now: Time,
    versions: BTreeMap<Uuid, Version>,
    provisioners: Vec<Provisioner>,
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
    /// Reads what builds on these versions are made of.
    pub(super) async fn new(
        pass: &mut Pass,
        versions: &[Uuid],
        now: Time,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            now,
            versions: pass.read_versions(versions).await?,
            provisioners: pass.live_provisioners().await?,
        })
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
        Deletes::on(&self.versions)
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
