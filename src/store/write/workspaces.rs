//! The workspaces of a pass: sets of rows, each a handful of statements whatever their number.
//!
//! Every write is compare-and-set: what the plan relied on stands in the statement's own
//! conditions, and what has moved meanwhile is left out of the result, which is how the caller
//! learns of a lost race. The rows of a set travel as one JSON argument, which both databases
//! unfold. Decides nothing: what a build holds is worked out in [`crate::builds`].

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::builds::NewBuild;
use crate::model::{PREBUILDS_USER_ID, PrebuildStatus, Time};
use crate::store::session::arguments::{args, id_list, json_rows, serialize_time};
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::write::builds::{self, LastBuild};
use crate::store::{Pass, StoreError};

/// A prebuilt workspace to be created.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct NewWorkspace {
    pub id: Uuid,
    /// Its name, unique among the prebuilds user's live workspaces.
    pub name: String,
    /// When it was created, and last used.
    #[serde(serialize_with = "serialize_time")]
    pub created_at: Time,
}

/// The migration from which on a job is over for provisioners once it is completed (Coder 2.31.1).
/// Before, they are handed every job whose `started_at` is null, so that a cancelled one is run all the
/// same unless the cancellation sets it.
const CANCELLED_STAYS: i64 = 421;

/// First builds that were cancelled.
#[derive(Debug)]
pub(crate) struct Cancelled {
    pub jobs: Vec<Uuid>,
    /// Those whose workspace is neither deleted nor has another build, and is to be removed.
    pub removable: Vec<LastBuild>,
}

/// A provisioner daemon.
#[derive(Clone, Debug)]
pub(crate) struct Provisioner {
    /// Organization that it serves.
    pub organization_id: Uuid,
    /// Provisioner types that it offers.
    pub types: Vec<String>,
    /// Tags that it offers.
    pub tags: BTreeMap<String, String>,
}

impl Pass {
    /// Provisioner daemons that were seen since `since`.
    pub(crate) async fn read_provisioners(
        &mut self,
        since: Time,
    ) -> Result<Vec<Provisioner>, StoreError> {
        let rows = self.connection.fetch(&PROVISIONERS, args![since]).await?;
        // One whose row can't be read takes no jobs either.
        let readable = |row: Result<Provisioner, StoreError>| row.ok();
        Ok(rows.into_iter().filter_map(readable).collect())
    }

    /// Inserts prebuilt workspaces of a template, provided that it is still in use and that the
    /// version is still its active one. Returns the ids inserted: all of them or none.
    pub(crate) async fn insert_workspaces(
        &mut self,
        template_version_id: Uuid,
        workspaces: &[NewWorkspace],
    ) -> Result<BTreeSet<Uuid>, StoreError> {
        let arguments = args![
            json_rows(workspaces),
            PREBUILDS_USER_ID,
            template_version_id
        ];
        let inserted = self.connection.fetch(&INSERT_WORKSPACES, arguments).await?;
        Ok(inserted.into_iter().collect())
    }

    /// Locks running prebuilt workspaces for deletion, each provided that it is still the prebuilds
    /// user's, not deleted, with the same latest build, and that its row is not locked.
    pub(crate) async fn lock_running(
        &mut self,
        workspaces: &[(Uuid, Uuid)],
    ) -> Result<Vec<LastBuild>, StoreError> {
        let row = |(id, build): &_| json!({ "workspace_id": id, "build_id": build });
        let rows: Vec<Value> = workspaces.iter().map(row).collect();
        let arguments = args![json_rows(&rows), PREBUILDS_USER_ID];
        let builds = self.connection.fetch(&LOCK_RUNNING, arguments).await?;
        builds::with_contents(&mut self.connection, builds).await
    }

    /// Cancels the never-started first builds of a preset whose version is no longer the active
    /// one, each provided that its job is still pending and that its workspace is still the
    /// prebuilds user's.
    pub(crate) async fn cancel_pending(
        &mut self,
        preset_id: Uuid,
        now: Time,
    ) -> Result<Cancelled, StoreError> {
        let arguments = args![preset_id, PREBUILDS_USER_ID];
        let rows: Vec<(LastBuild, bool)> = self.connection.fetch(&LOCK_PENDING, arguments).await?;
        let jobs: Vec<Uuid> = rows.iter().map(|(build, _)| build.job_id).collect();
        let starts = self.reader.schema.is_before(CANCELLED_STAYS);
        let arguments = args![id_list(&jobs), now, starts];
        self.connection.execute(&CANCEL_JOBS, arguments).await?;
        let removable = |(build, is_removable): (_, bool)| is_removable.then_some(build);
        let removable = rows.into_iter().filter_map(removable).collect();
        let removable = builds::with_contents(&mut self.connection, removable).await?;
        Ok(Cancelled { jobs, removable })
    }

    /// Completes orphan delete builds that no provisioner would ever run: the jobs succeed, the
    /// workspaces and their agents are marked deleted.
    pub(crate) async fn complete_orphans(
        &mut self,
        builds: &[&NewBuild],
        now: Time,
    ) -> Result<(), StoreError> {
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

    /// Stores the status of a preset. Fails where the database's type lacks the label.
    pub(crate) async fn set_prebuild_status(
        &mut self,
        preset_id: Uuid,
        status: PrebuildStatus,
    ) -> Result<(), StoreError> {
        let status = match status {
            PrebuildStatus::Healthy => "healthy",
            PrebuildStatus::HardLimited => "hard_limited",
            PrebuildStatus::ValidationFailed => "validation_failed",
        };
        let arguments = args![preset_id, status];
        self.connection.execute(&SET_STATUS, arguments).await?;
        Ok(())
    }
}

rows! { Provisioner { organization_id, types, tags } }

statements! {
    PROVISIONERS: "reading the provisioner daemons", "provisioner/read";
    INSERT_WORKSPACES: "creating workspaces", "workspace/insert";
    LOCK_RUNNING: "locking workspaces to delete", "workspace/lock_running";
    LOCK_PENDING: "locking jobs to cancel", "job/lock_pending";
    /// Both times are set, so that the derived status becomes `canceled` at once.
    CANCEL_JOBS: "cancelling jobs", "job/cancel";
    COMPLETE_JOBS: "completing orphan delete jobs", "job/complete_orphans";
    DELETE_WORKSPACES: "marking workspaces deleted", "workspace/delete";
    pub(in crate::store) DELETE_AGENTS: "marking agents deleted", "agent/delete";
    SET_STATUS: "storing the status of a preset", "preset/set_status";
}
