//! Builds as rows: reading what the next build goes on from, and inserting new ones.
//!
//! Passes and claims share it. Inserting is compare-and-set on the build number: a workspace that
//! got another build since its last one was read is left out, which is how the caller learns of a
//! lost race. Decides nothing: what a build holds is worked out in [`crate::builds`].

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use uuid::Uuid;

use crate::builds::NewBuild;
use crate::model::{Time, Transition};
use crate::store::StoreError;
use crate::store::session::connection::{Connection, Statement, execute, fetch};
use crate::store::session::row::{Id, Stamp, id_list, json_rows};

/// A workspace's latest build: what the next build goes on from.
#[derive(Clone, Debug)]
pub(crate) struct LastBuild {
    pub workspace_id: Uuid,
    pub template_version_id: Uuid,
    pub build_number: i64,
    /// Its parameter values.
    pub parameters: BTreeMap<String, String>,
}

/// Inserts builds with their jobs and parameters. A build whose number is taken by now is left
/// out, job and all. Returns the ids of the builds inserted.
pub(in crate::store) async fn insert_builds(
    connection: &mut Connection,
    builds: &[NewBuild],
    now: Time,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let rows: Vec<BuildRow<'_>> = builds.iter().map(BuildRow::from).collect();
    let rows = json_rows(&rows);
    execute!(connection, INSERT_JOBS, &rows, Stamp(now))?;
    let inserted: Vec<(Id,)> = fetch!(connection, (Id,), INSERT_BUILDS, &rows, Stamp(now))?;
    let inserted: BTreeSet<Uuid> = inserted.into_iter().map(|row| row.0.0).collect();
    if inserted.len() < builds.len() {
        let lost = builds.iter().filter(|build| !inserted.contains(&build.id));
        let jobs: Vec<Uuid> = lost.map(|build| build.job_id).collect();
        execute!(connection, DELETE_JOBS, id_list(&jobs))?;
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
        execute!(connection, INSERT_PARAMETERS, json_rows(&parameters))?;
    }
    Ok(inserted)
}

/// The builds with their parameter values.
pub(in crate::store) async fn with_parameters(
    connection: &mut Connection,
    rows: Vec<LastBuildRow>,
) -> Result<Vec<LastBuild>, StoreError> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = rows.iter().map(|row| row.build_id.0).collect();
    let values: Vec<(Id, String, String)> = fetch!(
        connection,
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
    };
    Ok(rows.into_iter().map(last_build).collect())
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

/// A latest build, without its parameter values.
#[derive(sqlx::FromRow)]
pub(in crate::store) struct LastBuildRow {
    workspace_id: Id,
    build_id: Id,
    pub job_id: Id,
    template_version_id: Id,
    build_number: i64,
}

const INSERT_JOBS: Statement = Statement {
    doing: "queueing jobs",
    postgres: include_str!("../sql/insert_jobs.postgres.sql"),
    sqlite: include_str!("../sql/insert_jobs.sqlite.sql"),
};

const INSERT_BUILDS: Statement = Statement {
    doing: "creating builds",
    postgres: include_str!("../sql/insert_builds.postgres.sql"),
    sqlite: include_str!("../sql/insert_builds.sqlite.sql"),
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

const BUILD_PARAMETERS: Statement = Statement {
    doing: "reading the last builds' parameters",
    postgres: "SELECT workspace_build_id, name, value FROM workspace_build_parameters \
               WHERE workspace_build_id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid))",
    sqlite: "SELECT workspace_build_id, name, value FROM workspace_build_parameters \
             WHERE workspace_build_id IN (SELECT value FROM json_each($1))",
};
