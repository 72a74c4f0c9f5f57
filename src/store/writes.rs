//! The writes of a pass: sets of rows, each a handful of statements whatever their number.
//!
//! Every write is compare-and-set: what the plan relied on stands in the statement's own
//! conditions, and what has moved meanwhile is left out of the result, which is how the caller
//! learns of a lost race. The rows of a set travel as one JSON argument, which both databases
//! unfold. Decides nothing: what a build holds is worked out in [`crate::builds`].

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use uuid::Uuid;

use crate::builds::NewBuild;
use crate::model::{PREBUILDS_USER_ID, PrebuildStatus, Time, Transition};
use crate::store::connection::{Statement, execute, fetch};
use crate::store::values::{Id, Stamp, id_list, json_rows};
use crate::store::{Pass, StoreError, versions};

/// A prebuilt workspace to be created.
#[derive(Clone, Debug, Serialize)]
pub struct NewWorkspace {
    /// Its id.
    pub id: Uuid,
    /// Its name, unique among the prebuilds user's live workspaces.
    pub name: String,
}

/// A workspace's latest build: what the next build goes on from.
#[derive(Clone, Debug)]
pub struct LastBuild {
    /// The workspace.
    pub workspace_id: Uuid,
    /// Template version of the build.
    pub template_version_id: Uuid,
    /// Number of the build.
    pub build_number: i64,
    /// Its parameter values.
    pub parameters: BTreeMap<String, String>,
    /// Its job.
    pub job_id: Uuid,
}

/// A provisioner daemon that was seen lately.
#[derive(Clone, Debug)]
pub struct Provisioner {
    /// Organization that it serves.
    pub organization_id: Uuid,
    /// Provisioner types that it offers.
    pub types: Vec<String>,
    /// Tags that it offers.
    pub tags: BTreeMap<String, String>,
}

impl Pass {
    /// Template versions, as far as builds on them need to know them.
    pub async fn read_versions(
        &mut self,
        ids: &[Uuid],
    ) -> Result<BTreeMap<Uuid, crate::builds::Version>, StoreError> {
        versions::read_versions(&mut self.connection, ids).await
    }

    /// Provisioner daemons that were seen since `since`.
    pub async fn read_provisioners(&mut self, since: Time) -> Result<Vec<Provisioner>, StoreError> {
        let rows = fetch!(
            &mut self.connection,
            ProvisionerRow,
            PROVISIONERS,
            Stamp(since)
        )?;
        let provisioner = |row: ProvisionerRow| {
            Ok(Provisioner {
                organization_id: row.organization_id.0,
                types: versions::json("provisioner_daemons.provisioners", &row.types)?,
                tags: versions::json("provisioner_daemons.tags", &row.tags)?,
            })
        };
        rows.into_iter().map(provisioner).collect()
    }

    /// Inserts prebuilt workspaces of a template, provided that it is still in use and that the
    /// version is still its active one. Returns the ids inserted: all of them or none.
    pub async fn insert_workspaces(
        &mut self,
        template_version_id: Uuid,
        workspaces: &[NewWorkspace],
        now: Time,
    ) -> Result<BTreeSet<Uuid>, StoreError> {
        let rows: Vec<(Id,)> = fetch!(
            &mut self.connection,
            (Id,),
            INSERT_WORKSPACES,
            json_rows(workspaces),
            Stamp(now),
            Id(PREBUILDS_USER_ID),
            Id(template_version_id),
        )?;
        Ok(rows.into_iter().map(|row| row.0.0).collect())
    }

    /// Inserts builds with their jobs and parameters. A build whose number is taken by now is left
    /// out, job and all. Returns the ids of the builds inserted.
    pub async fn insert_builds(
        &mut self,
        builds: &[NewBuild],
        now: Time,
    ) -> Result<BTreeSet<Uuid>, StoreError> {
        let rows: Vec<BuildRow<'_>> = builds.iter().map(BuildRow::from).collect();
        let rows = json_rows(&rows);
        execute!(&mut self.connection, INSERT_JOBS, &rows, Stamp(now))?;
        let inserted: Vec<(Id,)> = fetch!(
            &mut self.connection,
            (Id,),
            INSERT_BUILDS,
            &rows,
            Stamp(now)
        )?;
        let inserted: BTreeSet<Uuid> = inserted.into_iter().map(|row| row.0.0).collect();
        if inserted.len() < builds.len() {
            let lost = builds.iter().filter(|build| !inserted.contains(&build.id));
            let jobs: Vec<Uuid> = lost.map(|build| build.job_id).collect();
            execute!(&mut self.connection, DELETE_JOBS, id_list(&jobs))?;
        }
        let parameters: Vec<ParameterValueRow<'_>> = builds
            .iter()
            .filter(|build| inserted.contains(&build.id))
            .flat_map(|build| {
                build
                    .content
                    .parameters
                    .iter()
                    .map(|(name, value)| ParameterValueRow {
                        build_id: build.id,
                        name,
                        value,
                    })
            })
            .collect();
        if !parameters.is_empty() {
            execute!(
                &mut self.connection,
                INSERT_PARAMETERS,
                json_rows(&parameters)
            )?;
        }
        Ok(inserted)
    }

    /// Locks running prebuilt workspaces for deletion, each provided that it is still the prebuilds
    /// user's, not deleted, with the same latest build, and that nobody else holds its row.
    pub async fn lock_running(
        &mut self,
        workspaces: &[(Uuid, Uuid)],
    ) -> Result<Vec<LastBuild>, StoreError> {
        #[derive(Serialize)]
        struct Wanted {
            workspace_id: Uuid,
            build_id: Uuid,
        }
        let wanted = |&(workspace_id, build_id): &_| Wanted {
            workspace_id,
            build_id,
        };
        let wanted: Vec<Wanted> = workspaces.iter().map(wanted).collect();
        let rows = fetch!(
            &mut self.connection,
            LastBuildRow,
            LOCK_RUNNING,
            json_rows(&wanted),
            Id(PREBUILDS_USER_ID),
        )?;
        self.with_parameters(rows).await
    }

    /// Cancels the never-started first builds of a preset whose version is no longer the active
    /// one, each provided that its job is still pending and that its workspace is still the
    /// prebuilds user's and has no later build. Returns the builds cancelled.
    pub async fn cancel_pending(
        &mut self,
        preset_id: Uuid,
        now: Time,
    ) -> Result<Vec<LastBuild>, StoreError> {
        let rows = fetch!(
            &mut self.connection,
            LastBuildRow,
            LOCK_PENDING,
            Id(preset_id),
            Id(PREBUILDS_USER_ID),
        )?;
        let jobs: Vec<Uuid> = rows.iter().map(|row| row.job_id.0).collect();
        execute!(
            &mut self.connection,
            CANCEL_JOBS,
            id_list(&jobs),
            Stamp(now)
        )?;
        self.with_parameters(rows).await
    }

    /// Completes orphan delete builds that no provisioner would ever run: the jobs succeed, the
    /// workspaces and their agents are marked deleted.
    pub async fn complete_orphans(
        &mut self,
        builds: &[&NewBuild],
        now: Time,
    ) -> Result<(), StoreError> {
        let jobs: Vec<Uuid> = builds.iter().map(|build| build.job_id).collect();
        let workspaces: Vec<Uuid> = builds.iter().map(|build| build.workspace_id).collect();
        let workspaces = id_list(&workspaces);
        execute!(
            &mut self.connection,
            COMPLETE_JOBS,
            id_list(&jobs),
            Stamp(now)
        )?;
        execute!(
            &mut self.connection,
            DELETE_WORKSPACES,
            &workspaces,
            Id(PREBUILDS_USER_ID)
        )?;
        execute!(&mut self.connection, DELETE_AGENTS, &workspaces)?;
        Ok(())
    }

    /// Stores the status of a preset. Fails where the database's type lacks the label.
    pub async fn set_prebuild_status(
        &mut self,
        preset_id: Uuid,
        status: PrebuildStatus,
    ) -> Result<(), StoreError> {
        let status = match status {
            PrebuildStatus::Healthy => "healthy",
            PrebuildStatus::HardLimited => "hard_limited",
            PrebuildStatus::ValidationFailed => "validation_failed",
        };
        execute!(&mut self.connection, SET_STATUS, Id(preset_id), status)?;
        Ok(())
    }

    async fn with_parameters(
        &mut self,
        rows: Vec<LastBuildRow>,
    ) -> Result<Vec<LastBuild>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = rows.iter().map(|row| row.build_id.0).collect();
        let values: Vec<(Id, String, String)> = fetch!(
            &mut self.connection,
            (Id, String, String),
            BUILD_PARAMETERS,
            id_list(&ids)
        )?;
        let mut parameters: BTreeMap<Uuid, BTreeMap<String, String>> = BTreeMap::new();
        for (build, name, value) in values {
            parameters.entry(build.0).or_default().insert(name, value);
        }
        let last_build = |row: LastBuildRow| LastBuild {
            workspace_id: row.workspace_id.0,
            template_version_id: row.template_version_id.0,
            build_number: row.build_number,
            parameters: parameters.remove(&row.build_id.0).unwrap_or_default(),
            job_id: row.job_id.0,
        };
        Ok(rows.into_iter().map(last_build).collect())
    }
}

/// A build and its job, as the insert statements take it.
#[derive(Serialize)]
struct BuildRow<'a> {
    build_id: Uuid,
    job_id: Uuid,
    workspace_id: Uuid,
    template_version_id: Uuid,
    build_number: i64,
    transition: Transition,
    initiator_id: Uuid,
    preset_id: Option<Uuid>,
    keep_state: bool,
    organization_id: Uuid,
    provisioner: &'a str,
    storage_method: &'a str,
    file_id: Uuid,
    input: serde_json::Value,
    tags: &'a BTreeMap<String, String>,
}

impl<'a> From<&'a NewBuild> for BuildRow<'a> {
    fn from(build: &'a NewBuild) -> Self {
        Self {
            build_id: build.id,
            job_id: build.job_id,
            workspace_id: build.workspace_id,
            template_version_id: build.content.template_version_id,
            build_number: build.build_number,
            transition: build.transition,
            initiator_id: build.initiator_id,
            preset_id: build.content.preset_id,
            keep_state: build.keep_state,
            organization_id: build.content.organization_id,
            provisioner: &build.content.provisioner,
            storage_method: &build.content.storage_method,
            file_id: build.content.file_id,
            input: build.input(),
            tags: &build.content.tags,
        }
    }
}

#[derive(Serialize)]
struct ParameterValueRow<'a> {
    build_id: Uuid,
    name: &'a str,
    value: &'a str,
}

#[derive(sqlx::FromRow)]
struct LastBuildRow {
    workspace_id: Id,
    build_id: Id,
    job_id: Id,
    template_version_id: Id,
    build_number: i64,
}

#[derive(sqlx::FromRow)]
struct ProvisionerRow {
    organization_id: Id,
    types: String,
    tags: String,
}

const PROVISIONERS: Statement = Statement {
    doing: "reading the provisioner daemons",
    postgres: "SELECT organization_id, CAST(to_jsonb(provisioners) AS text) AS types, \
               CAST(tags AS text) AS tags FROM provisioner_daemons WHERE last_seen_at >= $1",
    sqlite: "SELECT organization_id, provisioners AS types, tags \
             FROM provisioner_daemons WHERE last_seen_at >= $1",
};

const INSERT_WORKSPACES: Statement = Statement {
    doing: "creating workspaces",
    postgres: include_str!("sql/insert_workspaces.postgres.sql"),
    sqlite: include_str!("sql/insert_workspaces.sqlite.sql"),
};

const INSERT_JOBS: Statement = Statement {
    doing: "queueing jobs",
    postgres: include_str!("sql/insert_jobs.postgres.sql"),
    sqlite: include_str!("sql/insert_jobs.sqlite.sql"),
};

const INSERT_BUILDS: Statement = Statement {
    doing: "creating builds",
    postgres: include_str!("sql/insert_builds.postgres.sql"),
    sqlite: include_str!("sql/insert_builds.sqlite.sql"),
};

const INSERT_PARAMETERS: Statement = Statement {
    doing: "storing the builds' parameters",
    postgres: "INSERT INTO workspace_build_parameters (workspace_build_id, name, value) \
               SELECT build_id, name, value FROM jsonb_to_recordset(CAST($1 AS jsonb)) \
               AS n (build_id uuid, name text, value text)",
    sqlite: "INSERT INTO workspace_build_parameters (workspace_build_id, name, value) \
             SELECT value ->> 'build_id', value ->> 'name', value ->> 'value' FROM json_each($1)",
};

const DELETE_JOBS: Statement = Statement {
    doing: "taking back jobs of builds that lost a race",
    postgres: "DELETE FROM provisioner_jobs WHERE id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid))",
    sqlite: "DELETE FROM provisioner_jobs WHERE id IN (SELECT value FROM json_each($1))",
};

const LOCK_RUNNING: Statement = Statement {
    doing: "locking workspaces to delete",
    postgres: include_str!("sql/lock_running.postgres.sql"),
    sqlite: include_str!("sql/lock_running.sqlite.sql"),
};

const LOCK_PENDING: Statement = Statement {
    doing: "locking jobs to cancel",
    postgres: concat!(
        include_str!("sql/lock_pending.sql"),
        "FOR UPDATE OF j SKIP LOCKED"
    ),
    sqlite: include_str!("sql/lock_pending.sql"),
};

const BUILD_PARAMETERS: Statement = Statement {
    doing: "reading the last builds' parameters",
    postgres: "SELECT workspace_build_id, name, value FROM workspace_build_parameters \
               WHERE workspace_build_id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid))",
    sqlite: "SELECT workspace_build_id, name, value FROM workspace_build_parameters \
             WHERE workspace_build_id IN (SELECT value FROM json_each($1))",
};

/// Both times are set, so that the derived status becomes `canceled` at once.
const CANCEL_JOBS: Statement = Statement {
    doing: "cancelling jobs",
    postgres: "UPDATE provisioner_jobs SET canceled_at = $2, completed_at = $2 WHERE id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid))",
    sqlite: "UPDATE provisioner_jobs SET canceled_at = $2, completed_at = $2 \
             WHERE id IN (SELECT value FROM json_each($1))",
};

const COMPLETE_JOBS: Statement = Statement {
    doing: "completing orphan delete jobs",
    postgres: "UPDATE provisioner_jobs SET updated_at = $2, started_at = $2, completed_at = $2, \
               error = NULL, error_code = NULL WHERE id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid))",
    sqlite: "UPDATE provisioner_jobs SET updated_at = $2, started_at = $2, completed_at = $2, \
             error = NULL, error_code = NULL WHERE id IN (SELECT value FROM json_each($1))",
};

const DELETE_WORKSPACES: Statement = Statement {
    doing: "marking workspaces deleted",
    postgres: "UPDATE workspaces SET deleted = true WHERE owner_id = $2 AND id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid))",
    sqlite: "UPDATE workspaces SET deleted = true WHERE owner_id = $2 \
             AND id IN (SELECT value FROM json_each($1))",
};

const DELETE_AGENTS: Statement = Statement {
    doing: "marking agents deleted",
    postgres: "UPDATE workspace_agents SET deleted = true WHERE NOT deleted AND resource_id IN \
               (SELECT r.id FROM workspace_builds AS b \
               JOIN workspace_resources AS r ON r.job_id = b.job_id WHERE b.workspace_id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid)))",
    sqlite: "UPDATE workspace_agents SET deleted = true WHERE NOT deleted AND resource_id IN \
             (SELECT r.id FROM workspace_builds AS b \
             JOIN workspace_resources AS r ON r.job_id = b.job_id \
             WHERE b.workspace_id IN (SELECT value FROM json_each($1)))",
};

const SET_STATUS: Statement = Statement {
    doing: "storing the status of a preset",
    postgres: "UPDATE template_version_presets SET prebuild_status = CAST($2 AS prebuild_status) \
               WHERE id = $1",
    sqlite: "UPDATE template_version_presets SET prebuild_status = $2 WHERE id = $1",
};
