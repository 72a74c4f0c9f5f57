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
use crate::model::Time;
use crate::store::session::arguments::{args, id_list, json_rows};
use crate::store::session::connection::Access;
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
}

impl LastBuild {
    /// What a delete build follows from.
    pub(crate) fn content(&self) -> Last<'_> {
        Last {
            version_id: self.template_version_id,
            values: &self.parameters,
            tags: &self.tags,
        }
    }
}

/// A session that can insert builds.
pub(crate) struct Writer {
    pub(in crate::store) reader: Reader,
}

impl Store {
    /// Opens a session on a schema that builds can be written to, with the right to.
    pub(in crate::store) async fn open_writer(&self) -> Result<Writer, StoreError> {
        let mut reader = self.open(Access::Write).await?;
        reader.schema.check_writable()?;
        rights::check(&mut reader.connection, rights::WRITING).await?;
        reader.schema.read_migration(&mut reader.connection).await?;
        Ok(Writer { reader })
    }
}

impl Reader {
    /// The latest builds of workspaces that are not deleted.
    pub(crate) async fn read_last_builds(
        &mut self,
        workspaces: &[Uuid],
    ) -> Result<Vec<LastBuild>, StoreError> {
        if workspaces.is_empty() {
            return Ok(Vec::new());
        }
        let arguments = args![id_list(workspaces)];
        self.connection.fetch(&LATEST, arguments).await
    }
}

impl Writer {
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
        self.refuse_encrypted(builds).await?;
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

    /// Refuses builds that would go on from encrypted values: written without their key they would be
    /// lost. No release of Coder so far has the column that tells.
    async fn refuse_encrypted(&mut self, builds: &[NewBuild]) -> Result<(), StoreError> {
        let schema = &self.reader.schema;
        if !schema.has_column("workspace_build_parameters", "value_key_id") {
            return Ok(());
        }
        let workspaces: Vec<Uuid> = builds.iter().map(|build| build.workspace_id).collect();
        let arguments = args![id_list(&workspaces)];
        let found: Option<String> = self.connection.fetch_first(&ENCRYPTED, arguments).await?;
        match found {
            None => Ok(()),
            Some(name) => Err(StoreError::Refused {
                problem: format!(
                    "the parameter values of workspace {name:?} are encrypted by Coder"
                ),
                hint: "leave it to coderd, which has the keys: this version can't hand the values on",
            }),
        }
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

rows! { LastBuild { workspace_id, job_id, template_version_id, build_number, parameters, tags } }

statements! {
    INSERT_JOBS: "queueing jobs", "job/insert";
    INSERT_BUILDS: "creating builds", "build/insert";
    ENCRYPTED: "looking for encrypted values", "build/read_encrypted";
    INSERT_PARAMETERS: "storing the builds' parameters", "build/insert_parameters";
    LATEST: "reading the last builds", "workspace/read_latest";
    DELETE_JOBS: "taking back jobs of builds that lost a race", "job/delete";
}
