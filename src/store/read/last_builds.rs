//! Reading what the last builds of workspaces hold, whose ids a snapshot has told.
//!
//! A build never changes what it holds, so that it doesn't matter in which transaction it is read.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::builds::Version;
use crate::builds::deletion::{Held, LastId};
use crate::store::session::arguments::{args, id_list};
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

/// Names and values, such as those of parameters or tags.
type Texts = BTreeMap<String, String>;

impl Reader {
    /// What the last builds of workspaces hold, by workspace, `versions` being those that they are on. Tags are read
    /// where a delete build can take them over: on versions that are rendered.
    pub(crate) async fn read_last_builds(
        &mut self,
        builds: &[LastId],
        versions: &BTreeMap<Uuid, Version>,
    ) -> Result<BTreeMap<Uuid, Held>, StoreError> {
        if builds.is_empty() {
            return Ok(BTreeMap::new());
        }
        let ids: Vec<Uuid> = builds.iter().map(|build| build.build_id).collect();
        let arguments = args![id_list(&ids)];
        let values: Vec<(Uuid, Texts)> = self.connection.fetch(&VALUES, arguments).await?;
        let mut values: BTreeMap<Uuid, Texts> = values.into_iter().collect();
        let mut tags = self.read_tags(builds, versions).await?;
        let workspaces: Vec<Uuid> = builds.iter().map(|build| build.workspace_id).collect();
        let encrypted = self.find_encrypted(&workspaces).await?;
        let held = builds.iter().map(|build| {
            let held = Held {
                version_id: build.version_id,
                values: values.remove(&build.build_id).unwrap_or_default(),
                tags: tags.remove(&build.build_id).unwrap_or_default(),
                encrypted: encrypted.contains(&build.workspace_id),
            };
            (build.workspace_id, held)
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
