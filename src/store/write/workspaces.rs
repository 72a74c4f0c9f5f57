//! The workspaces of a pass: sets of rows, each a handful of statements whatever their number.
//!
//! Every write is compare-and-set: what the plan relied on stands in the statement's own
//! conditions, and what has moved meanwhile is left out of the result, which is how the caller
//! learns of a lost race. The rows of a set travel as one JSON argument, which both databases
//! unfold. Decides nothing: what a build holds is worked out in [`crate::builds`].

use std::collections::BTreeSet;

use serde::Serialize;
use uuid::Uuid;

use crate::builds::NewBuild;
use crate::model::{PREBUILDS_USER_ID, PrebuildStatus, Time};
use crate::store::session::arguments::{args, id_list, json_rows, serialize_time};
use crate::store::session::connection::Connection;
use crate::store::session::statement::statements;
use crate::store::write::builds::{Expected, LastBuild};
use crate::store::{Pass, StoreError};

/// A prebuilt workspace to be created.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NewWorkspace {
    pub id: Uuid,
    /// Its name, unique among the prebuilds user's live workspaces.
    pub name: String,
    pub template_version_id: Uuid,
    /// When it was created, and last used.
    #[serde(serialize_with = "serialize_time")]
    pub created_at: Time,
}

/// The migration from which on a job is over for provisioners once it is completed (Coder 2.31.1).
/// Before, they are handed every job whose `started_at` is null, so that a cancelled one is run all the
/// same unless the cancellation sets it.
const CANCELLED_STAYS: i64 = 421;

impl Pass {
    /// Inserts prebuilt workspaces, each provided that its template is still in use and that its
    /// version is still the active one. Returns the ids inserted.
    pub(crate) async fn insert_workspaces(
        &mut self,
        workspaces: &[&NewWorkspace],
    ) -> Result<BTreeSet<Uuid>, StoreError> {
        if workspaces.is_empty() {
            return Ok(BTreeSet::new());
        }
        let arguments = args![json_rows(workspaces), PREBUILDS_USER_ID];
        let inserted = self.connection.fetch(&INSERT_WORKSPACES, arguments).await?;
        Ok(inserted.into_iter().collect())
    }

    /// Holds running prebuilt workspaces for deletion, each with the latest build that it is expected
    /// to have, provided that it is still the prebuilds user's, not deleted, with that latest build,
    /// and that nothing else is at work on its row. Works within a step.
    pub(crate) async fn lock_running(
        &mut self,
        workspaces: &[Expected],
    ) -> Result<Vec<LastBuild>, StoreError> {
        if workspaces.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = workspaces.iter().map(|it| it.workspace_id).collect();
        let free = self.find_free(&ids).await?;
        let free = workspaces
            .iter()
            .filter(|it| free.contains(&it.workspace_id));
        self.lock_ended(&free.copied().collect::<Vec<_>>()).await
    }

    /// Which of these workspaces no other transaction is at work on: only a lock that excludes all
    /// others tells, and undoing the step so far gives it up again.
    async fn find_free(&mut self, workspaces: &[Uuid]) -> Result<BTreeSet<Uuid>, StoreError> {
        let Connection::Postgres(_) = self.connection else {
            return Ok(workspaces.iter().copied().collect());
        };
        let arguments = args![id_list(workspaces)];
        let free = self.connection.fetch(&FIND_FREE, arguments).await?;
        let give_up = "ROLLBACK TO SAVEPOINT step";
        self.connection
            .run_raw("giving locks up again", give_up)
            .await?;
        Ok(free.into_iter().collect())
    }

    /// Locks the jobs of first builds that no worker has begun and whose version is no longer the
    /// active one, each provided that this is still so and that its workspace is still the prebuilds
    /// user's. Says of each whether its workspace is to be removed: it is neither deleted nor has
    /// another build.
    pub(crate) async fn lock_pending(
        &mut self,
        jobs: &[Uuid],
    ) -> Result<Vec<(LastBuild, bool)>, StoreError> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let arguments = args![id_list(jobs), PREBUILDS_USER_ID];
        let mut builds: Vec<(LastBuild, bool)> =
            self.connection.fetch(&LOCK_PENDING, arguments).await?;
        self.mark_encrypted(builds.iter_mut().map(|(build, _)| build))
            .await?;
        Ok(builds)
    }

    /// Cancels jobs that are locked.
    pub(crate) async fn cancel_jobs(&mut self, jobs: &[Uuid], now: Time) -> Result<(), StoreError> {
        if !jobs.is_empty() {
            let starts = self.reader.schema.is_before(CANCELLED_STAYS);
            let arguments = args![id_list(jobs), now, starts];
            self.connection.execute(&CANCEL_JOBS, arguments).await?;
        }
        Ok(())
    }

    /// Completes orphan delete builds that no provisioner would ever run: the jobs succeed, the
    /// workspaces and their agents are marked deleted.
    pub(crate) async fn complete_orphans(
        &mut self,
        builds: &[&NewBuild],
        now: Time,
    ) -> Result<(), StoreError> {
        if builds.is_empty() {
            return Ok(());
        }
        let jobs: Vec<Uuid> = builds.iter().map(|build| build.job_id).collect();
        let workspaces: Vec<Uuid> = builds.iter().map(|build| build.workspace_id).collect();
        let workspaces = id_list(&workspaces);
        let arguments = args![id_list(&jobs), now];
        self.connection.execute(&COMPLETE_JOBS, arguments).await?;
        let arguments = args![&workspaces, PREBUILDS_USER_ID];
        self.connection
            .execute(&DELETE_WORKSPACES, arguments)
            .await?;
        let arguments = args![&workspaces];
        self.connection.execute(&DELETE_AGENTS, arguments).await?;
        Ok(())
    }

    /// Stores the status of presets. Fails where the database's type lacks the label.
    pub(crate) async fn set_prebuild_status(
        &mut self,
        presets: &[Uuid],
        status: PrebuildStatus,
    ) -> Result<(), StoreError> {
        let status = match status {
            PrebuildStatus::Healthy => "healthy",
            PrebuildStatus::HardLimited => "hard_limited",
            PrebuildStatus::ValidationFailed => "validation_failed",
            PrebuildStatus::Unknown => "unknown",
        };
        let arguments = args![id_list(presets), status];
        self.connection.execute(&SET_STATUS, arguments).await?;
        Ok(())
    }
}

statements! {
    INSERT_WORKSPACES: "creating workspaces", "workspace/insert";
    /// On PostgreSQL only.
    FIND_FREE: "looking which workspaces are free", "workspace/find_free";
    LOCK_PENDING: "locking jobs to cancel", "job/lock_pending";
    /// Both times are set, so that the derived status becomes `canceled` at once.
    CANCEL_JOBS: "cancelling jobs", "job/cancel";
    COMPLETE_JOBS: "completing orphan delete jobs", "job/complete_orphans";
    DELETE_WORKSPACES: "marking workspaces deleted", "workspace/delete";
    pub(in crate::store) DELETE_AGENTS: "marking agents deleted", "agent/delete";
    SET_STATUS: "storing the status of presets", "preset/set_status";
}
