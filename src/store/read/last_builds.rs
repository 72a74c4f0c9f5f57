//! Reading what the last builds of workspaces hold, whose ids a snapshot has told.
//!
//! A build never changes what it holds, so that it doesn't matter in which transaction it is read.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::builds::Version;
use crate::builds::deletion::{Last, LastId};
use crate::store::session::arguments::{args, id_list};
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

/// Names and values, such as those of parameters or tags.
type Texts = BTreeMap<String, String>;

/// What the last build of a workspace holds.
pub(crate) struct LastValues {
    pub workspace_id: Uuid,
    version_id: Uuid,
    parameters: Texts,
    /// Those of its job, where a delete build can take them over: on versions that are rendered.
    tags: Texts,
    /// Whether Coder has encrypted any of the values.
    encrypted: bool,
}

impl LastValues {
    /// What a delete build follows from.
    pub(crate) fn content(&self) -> Last<'_> {
        Last {
            version_id: self.version_id,
            values: &self.parameters,
            tags: &self.tags,
            encrypted: self.encrypted,
        }
    }
}

impl Reader {
    /// What builds hold, in their order, `versions` being those that they are on.
    pub(crate) async fn read_last_builds(
        &mut self,
        builds: &[LastId],
        versions: &BTreeMap<Uuid, Version>,
    ) -> Result<Vec<LastValues>, StoreError> {
        if builds.is_empty() {
            return Ok(Vec::new());
        }
        let ids: Vec<Uuid> = builds.iter().map(|build| build.build_id).collect();
        let arguments = args![id_list(&ids)];
        let values: Vec<(Uuid, Texts)> = self.connection.fetch(&VALUES, arguments).await?;
        let mut values: BTreeMap<Uuid, Texts> = values.into_iter().collect();
        let mut tags = self.read_tags(builds, versions).await?;
        let workspaces: Vec<Uuid> = builds.iter().map(|build| build.workspace_id).collect();
        let encrypted = self.find_encrypted(&workspaces).await?;
        let held = builds.iter().map(|build| LastValues {
            workspace_id: build.workspace_id,
            version_id: build.version_id,
            parameters: values.remove(&build.build_id).unwrap_or_default(),
            tags: tags.remove(&build.build_id).unwrap_or_default(),
            encrypted: encrypted.contains(&build.workspace_id),
        });
        Ok(held.collect())
    }

    /// The tags of those builds that are on versions that are rendered.
    async fn read_tags(
        &mut self,
        builds: &[LastId],
        versions: &BTreeMap<Uuid, Version>,
    ) -> Result<BTreeMap<Uuid, Texts>, StoreError> {
        let is_rendered = |build: &&LastId| {
            let version = versions.get(&build.version_id);
            version.is_some_and(|version| version.flow.is_rendered())
        };
        let rendered = builds.iter().filter(is_rendered);
        let rendered: Vec<Uuid> = rendered.map(|build| build.build_id).collect();
        if rendered.is_empty() {
            return Ok(BTreeMap::new());
        }
        let arguments = args![id_list(&rendered)];
        let tags: Vec<(Uuid, Texts)> = self.connection.fetch(&TAGS, arguments).await?;
        Ok(tags.into_iter().collect())
    }
}

statements! {
    VALUES: "reading the last builds' values", "build/read_values";
    TAGS: "reading the last builds' tags", "build/read_tags";
}
