//! What a clean-up reads and writes beyond a pass.
//!
//! Each method is one or two statements whatever the number of workspaces. The deletions themselves
//! are the pass's own builds; here are names, the check of workspaces without builds, and the outcome of
//! jobs.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::actions::leftovers::{Catalogue, TemplateEntry};
use crate::model::facts::Facts;
use crate::model::{JobStatus, PREBUILDS_USER_ID};
use crate::store::session::arguments::{args, id_list};
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::{Pass, Reader, StoreError};

statements! {
    TEMPLATES: "reading the names of templates", "template/read_names";
    PRESETS: "reading the names of presets", "preset/read_names";
    ERRORS: "reading the errors of builds", "build/read_errors";
    JOBS: "reading the outcome of jobs", "job/read_outcomes";
    LOCK_UNBUILT: "locking workspaces without builds", "workspace/lock_unbuilt";
    RESET_STATUS: "resetting the status of presets", "preset/reset_status";
}

/// The outcome of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JobOutcome {
    pub status: JobStatus,
    /// Its error, if it has one.
    pub error: Option<String>,
}

rows! {
    TemplateEntry { name, organization_name, active_version_id }
    JobOutcome { status, error }
}

impl Reader {
    /// Names of what the prebuilt workspaces belong to.
    pub(crate) async fn read_catalogue(&mut self, facts: &Facts) -> Result<Catalogue, StoreError> {
        let ids = |ids: BTreeSet<Uuid>| id_list(&ids.into_iter().collect::<Vec<Uuid>>());
        let templates = facts.prebuilds.iter().map(|it| it.template_id).collect();
        let templates = args![ids(templates)];
        let templates = self.connection.fetch(&TEMPLATES, templates).await?;
        let presets = facts.prebuilds.iter().filter_map(|it| it.preset_id);
        let presets = args![ids(presets.collect())];
        let presets = self.connection.fetch(&PRESETS, presets).await?;
        Ok(Catalogue {
            templates: templates.into_iter().collect(),
            presets: presets.into_iter().collect(),
        })
    }

    /// Errors by build, of the builds that have one.
    pub(crate) async fn read_errors(
        &mut self,
        builds: &[Uuid],
    ) -> Result<BTreeMap<Uuid, String>, StoreError> {
        if builds.is_empty() {
            return Ok(BTreeMap::new());
        }
        let arguments = args![id_list(builds)];
        let errors = self.connection.fetch(&ERRORS, arguments).await?;
        Ok(errors.into_iter().collect())
    }

    /// The outcomes of jobs so far.
    pub(crate) async fn read_jobs(
        &mut self,
        jobs: &[Uuid],
    ) -> Result<BTreeMap<Uuid, JobOutcome>, StoreError> {
        let jobs = self.connection.fetch(&JOBS, args![id_list(jobs)]).await?;
        Ok(jobs.into_iter().collect())
    }
}

impl Pass {
    /// Locks prebuilt workspaces that never had a build, each provided that this is still so, that
    /// it is the prebuilds user's and not deleted, and that its row is not locked.
    pub(crate) async fn lock_unbuilt(
        &mut self,
        workspaces: &[Uuid],
    ) -> Result<Vec<Uuid>, StoreError> {
        if workspaces.is_empty() {
            return Ok(Vec::new());
        }
        let arguments = args![id_list(workspaces), PREBUILDS_USER_ID];
        self.connection.fetch(&LOCK_UNBUILT, arguments).await
    }

    /// Makes presets healthy again. Returns how many were not.
    pub(crate) async fn reset_prebuild_status(
        &mut self,
        presets: &[Uuid],
    ) -> Result<u64, StoreError> {
        let arguments = args![id_list(presets)];
        self.connection.execute(&RESET_STATUS, arguments).await
    }
}
