//! Builds as rows: reading what the next build goes on from, and inserting new ones.
//!
//! Passes and claims share it. Inserting is compare-and-set on the build number: a workspace that
//! got another build since its last one was read is left out, which is how the caller learns of a
//! lost race. Decides nothing: what a build holds is worked out in [`crate::builds`].

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::builds::NewBuild;
use crate::builds::deletion::Last;
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::arguments::{args, id_list, json_rows};
use crate::store::session::connection::{Access, Use};
use crate::store::session::rights;
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::{Reader, Store, StoreError};

/// A workspace's latest build: what the next build goes on from.
#[derive(Clone, Debug)]
pub(crate) struct LastBuild {
    pub workspace_id: Uuid,
    pub job_id: Uuid,
    pub template_version_id: Uuid,
    pub build_number: i64,
    /// Its parameter values.
    pub parameters: BTreeMap<String, String>,
    /// The tags of its job.
    pub tags: BTreeMap<String, String>,
    /// Whether Coder has encrypted any of the values.
    pub encrypted: bool,
}

impl LastBuild {
    /// What a delete build follows from.
    pub(crate) fn content(&self) -> Last<'_> {
        Last {
            version_id: self.template_version_id,
            values: &self.parameters,
            tags: &self.tags,
            encrypted: self.encrypted,
        }
    }
}

/// A workspace as it is expected to be.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Expected {
    pub workspace_id: Uuid,
    pub owner_id: Uuid,
    /// Its latest build.
    pub build_id: Uuid,
    /// A version that must not be the active one of a template in use.
    pub unused_version_id: Option<Uuid>,
}

impl Expected {
    /// A member of a pool.
    pub(crate) fn prebuilt(workspace_id: Uuid, build_id: Uuid) -> Self {
        Self {
            workspace_id,
            owner_id: PREBUILDS_USER_ID,
            build_id,
            unused_version_id: None,
        }
    }
}

/// A session that can insert builds.
pub(crate) struct Writer {
    pub(in crate::store) reader: Reader,
}

impl Store {
    /// Opens a session on a schema that builds can be written to, with the right to.
    pub(in crate::store) async fn open_writer(&self, usage: Use) -> Result<Writer, StoreError> {
        let mut writer = self.open_writing(usage).await?;
        writer.connection.rollback().await?;
        Ok(writer)
    }

    /// The same, still in the transaction in which that was looked up.
    pub(super) async fn open_writing(&self, usage: Use) -> Result<Writer, StoreError> {
        let mut reader = self.open_reading(Access::Write, usage).await?;
        reader.schema.check_writable()?;
        reader.schema.check_rights(rights::WRITING)?;
        reader.schema.read_migration(&mut reader.connection).await?;
        Ok(Writer { reader })
    }
}

impl Reader {
    /// Those of the workspaces whose values Coder has encrypted. No release so far has the column that
    /// tells.
    pub(crate) async fn find_encrypted(
        &mut self,
        workspaces: &[Uuid],
    ) -> Result<BTreeSet<Uuid>, StoreError> {
        let column = ("workspace_build_parameters", "value_key_id");
        if !self.schema.has_column(column.0, column.1) {
            return Ok(BTreeSet::new());
        }
        let arguments = args![id_list(workspaces)];
        let encrypted = self.connection.fetch(&ENCRYPTED, arguments).await?;
        Ok(encrypted.into_iter().collect())
    }

    /// Marks those whose values Coder has encrypted.
    pub(super) async fn mark_encrypted<'b>(
        &mut self,
        builds: impl Iterator<Item = &'b mut LastBuild>,
    ) -> Result<(), StoreError> {
        let builds: Vec<&mut LastBuild> = builds.collect();
        let workspaces: Vec<Uuid> = builds.iter().map(|build| build.workspace_id).collect();
        let encrypted = self.find_encrypted(&workspaces).await?;
        for build in builds {
            build.encrypted = encrypted.contains(&build.workspace_id);
        }
        Ok(())
    }
}

impl Writer {
    /// Holds workspaces that are still as expected, and whose latest build has ended, for the
    /// transaction. Those at whose row another one is at work are left out.
    pub(crate) async fn lock_ended(
        &mut self,
        workspaces: &[Expected],
    ) -> Result<Vec<LastBuild>, StoreError> {
        if workspaces.is_empty() {
            return Ok(Vec::new());
        }
        let arguments = args![json_rows(workspaces)];
        let mut builds = self.connection.fetch(&LOCK_ENDED, arguments).await?;
        self.mark_encrypted(builds.iter_mut()).await?;
        Ok(builds)
    }

    /// Inserts builds with their jobs and parameters. A build whose number is taken by now is left
    /// out, job and all. Returns the ids of the builds inserted.
    pub(crate) async fn insert_builds(
        &mut self,
        builds: &[NewBuild],
        now: Time,
    ) -> Result<BTreeSet<Uuid>, StoreError> {
        if builds.is_empty() {
            return Ok(BTreeSet::new());
        }
        let connection = &mut self.connection;
        let row = |build| BuildRow {
            build,
            input: NewBuild::input(build),
        };
        let rows: Vec<BuildRow<'_>> = builds.iter().map(row).collect();
        let rows = json_rows(&rows);
        connection.execute(&INSERT_JOBS, args![&rows, now]).await?;
        let inserted = connection.fetch(&INSERT_BUILDS, args![&rows, now]).await?;
        let inserted: BTreeSet<Uuid> = inserted.into_iter().collect();
        if inserted.len() < builds.len() {
            let lost = builds.iter().filter(|build| !inserted.contains(&build.id));
            let jobs: Vec<Uuid> = lost.map(|build| build.job_id).collect();
            connection
                .execute(&DELETE_JOBS, args![id_list(&jobs)])
                .await?;
        }
        let parameters: Vec<Value> = builds
            .iter()
            .filter(|build| inserted.contains(&build.id))
            .flat_map(|build| {
                let parameters = build.content.parameters.iter();
                parameters.map(
                    |(name, value)| json!({ "build_id": build.id, "name": name, "value": value }),
                )
            })
            .collect();
        if !parameters.is_empty() {
            let arguments = args![json_rows(&parameters)];
            connection.execute(&INSERT_PARAMETERS, arguments).await?;
        }
        Ok(inserted)
    }

    /// Undoes the transaction that is open, if one is, and lets its locks go.
    pub(crate) async fn undo(&mut self) -> Result<(), StoreError> {
        if self.connection.is_in_transaction() {
            self.connection.rollback().await?;
        }
        Ok(())
    }

    /// Makes permanent what was written.
    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        self.connection.commit().await
    }
}

/// A build and its job's input, as the insert statements take it.
#[derive(Serialize)]
struct BuildRow<'a> {
    #[serde(flatten)]
    build: &'a NewBuild,
    input: Value,
}

rows! {
    LastBuild { workspace_id, job_id, template_version_id, build_number, parameters, tags; encrypted }
}

statements! {
    LOCK_ENDED: "locking workspaces to build", "workspace/lock_ended";
    INSERT_JOBS: "queueing jobs", "job/insert";
    INSERT_BUILDS: "creating builds", "build/insert";
    ENCRYPTED: "looking for encrypted values", "build/read_encrypted";
    INSERT_PARAMETERS: "storing the builds' parameters", "build/insert_parameters";
    DELETE_JOBS: "taking back jobs of builds that lost a race", "job/delete";
}
