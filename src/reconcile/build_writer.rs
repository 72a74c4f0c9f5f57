//! Works builds out and writes them: what passes and clean-ups have in common.
//!
//! Versions and provisioners are read once for any number of builds, and a set of builds is a handful
//! of statements whatever its size. Decides nothing about pools or workspaces: which of them get
//! builds is up to the caller, and so are transactions. The only place of a pass where anything is
//! random: ids and names of new rows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use uuid::Uuid;

use crate::builds::{self, BuildContent, NewBuild, Stage, Unbuildable, Version};
use crate::model::{PREBUILDS_USER_ID, Time, Transition};
use crate::store::{LastBuild, NewWorkspace, Pass, Provisioner, StoreError};

/// A provisioner daemon counts as alive when it was seen within this time: it reports every 60
/// seconds.
const PROVISIONER_STALE_AFTER: TimeDelta = TimeDelta::seconds(90);

/// Makes builds at one instant.
pub(super) struct BuildWriter {
    /// When the builds are made.
    pub now: Time,
    versions: BTreeMap<Uuid, Version>,
    provisioners: Vec<Provisioner>,
}

/// Orphan delete builds that were written.
pub(super) struct Orphans<'b> {
    /// Builds that a living provisioner will run.
    pub waiting: Vec<&'b NewBuild>,
    /// Builds that no provisioner would run, which are completed already.
    pub completed: Vec<&'b NewBuild>,
}

impl BuildWriter {
    /// Reads what builds on these versions are made of.
    pub(super) async fn new(
        pass: &mut Pass,
        versions: &[Uuid],
        now: Time,
    ) -> Result<Self, StoreError> {
        let alive_since = now
            .checked_sub_signed(PROVISIONER_STALE_AFTER)
            .unwrap_or(now);
        Ok(Self {
            now,
            versions: pass.read_versions(versions).await?,
            provisioners: pass.read_provisioners(alive_since).await?,
        })
    }

    /// A version that can be built.
    pub(super) fn version(&self, id: Uuid) -> Result<&Version, Unbuildable> {
        self.versions.get(&id).ok_or_else(|| {
            Unbuildable::Unknown(format!(
                "template version {id} has no template or no import job to build from"
            ))
        })
    }

    /// Reads the versions of builds that are on another version than expected: a preset's build is
    /// on the preset's version, as a rule.
    pub(super) async fn read_missing_versions(
        &mut self,
        pass: &mut Pass,
        builds: &[LastBuild],
    ) -> Result<(), StoreError> {
        let missing: BTreeSet<Uuid> = builds
            .iter()
            .map(|build| build.template_version_id)
            .filter(|id| !self.versions.contains_key(id))
            .collect();
        if !missing.is_empty() {
            let missing: Vec<Uuid> = missing.into_iter().collect();
            self.versions.extend(pass.read_versions(&missing).await?);
        }
        Ok(())
    }

    /// The build that deletes a workspace.
    pub(super) fn delete_build(
        &self,
        last: &LastBuild,
        keep_state: bool,
    ) -> Result<NewBuild, Unbuildable> {
        let version = self.version(last.template_version_id)?;
        let delete = builds::delete(version, &last.parameters, &last.tags)?;
        if let Some(problem) = &delete.carried_over {
            tracing::warn!(
                workspace = %last.workspace_id,
                version = version.name,
                %problem,
                "the template gives no delete build, so that it takes the values and tags of the \
                 last build"
            );
        }
        Ok(new_build(
            last.workspace_id,
            last.build_number + 1,
            Transition::Delete,
            keep_state,
            delete.content,
        ))
    }

    /// The build that deletes a workspace which was never built: there is no state to keep.
    pub(super) fn delete_first_build(
        &self,
        workspace_id: Uuid,
        version_id: Uuid,
    ) -> Result<NewBuild, Unbuildable> {
        let content = builds::delete_unbuilt(self.version(version_id)?)?;
        Ok(new_build(
            workspace_id,
            1,
            Transition::Delete,
            false,
            content,
        ))
    }

    /// Inserts builds and returns the builds that won their number.
    pub(super) async fn insert<'b>(
        &self,
        pass: &mut Pass,
        builds: &'b [NewBuild],
    ) -> Result<Vec<&'b NewBuild>, StoreError> {
        if builds.is_empty() {
            return Ok(Vec::new());
        }
        let inserted = pass.insert_builds(builds, self.now).await?;
        Ok(builds
            .iter()
            .filter(|build| inserted.contains(&build.id))
            .collect())
    }

    /// Inserts delete builds that carry no state, and completes those at once that no living
    /// provisioner would run.
    pub(super) async fn insert_orphans<'b>(
        &self,
        pass: &mut Pass,
        builds: &'b [NewBuild],
    ) -> Result<Orphans<'b>, StoreError> {
        let inserted = self.insert(pass, builds).await?;
        let (waiting, completed): (Vec<&NewBuild>, Vec<&NewBuild>) = inserted
            .into_iter()
            .partition(|build| self.is_served(&build.content));
        if !completed.is_empty() {
            pass.complete_orphans(&completed, self.now).await?;
        }
        Ok(Orphans { waiting, completed })
    }

    /// Whether a living provisioner would run a job with this content.
    fn is_served(&self, content: &BuildContent) -> bool {
        self.provisioners.iter().any(|provisioner| {
            provisioner.organization_id == content.organization_id
                && provisioner.types.contains(&content.provisioner)
                && builds::serves(&provisioner.tags, &content.tags)
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
        stage: Stage::Create,
        initiator_id: PREBUILDS_USER_ID,
        keep_state,
        content,
    }
}

/// New workspaces with names as Coder gives them: `prebuild-` and nine random bytes in lower-case
/// base32.
///
/// Each is a microsecond younger than the one before, as if it had been created by itself: the mark
/// of an invalidation is a time, and could not stand between workspaces of one age.
pub(super) fn new_workspaces(count: i64, now: Time) -> Result<Vec<NewWorkspace>, Unbuildable> {
    let workspace = |number| {
        let mut random = [0; 9];
        getrandom::fill(&mut random).map_err(|error| {
            Unbuildable::TryLater(format!("the system has no random numbers to give: {error}"))
        })?;
        let suffix = data_encoding::BASE32_NOPAD.encode(&random).to_lowercase();
        Ok(NewWorkspace {
            id: Uuid::new_v4(),
            name: format!("prebuild-{suffix}"),
            created_at: now
                .checked_add_signed(TimeDelta::microseconds(number))
                .unwrap_or(now),
        })
    };
    (0..count).map(workspace).collect()
}
