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
    /// where a delete build may take them over.
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

    /// The tags of those builds whose delete build may take them over.
    async fn read_tags(
        &mut self,
        builds: &[LastId],
        versions: &BTreeMap<Uuid, Version>,
    ) -> Result<BTreeMap<Uuid, Texts>, StoreError> {
        let may_take_over = |build: &&LastId| {
            let version = versions.get(&build.version_id);
            version.is_some_and(|version| version.flow.may_take_tags_over())
        };
        let taken = builds.iter().filter(may_take_over);
        let taken: Vec<Uuid> = taken.map(|build| build.build_id).collect();
        if taken.is_empty() {
            return Ok(BTreeMap::new());
        }
        let arguments = args![id_list(&taken)];
        let tags: Vec<(Uuid, Texts)> = self.connection.fetch(&TAGS, arguments).await?;
        Ok(tags.into_iter().collect())
    }
}

statements! {
    VALUES: "reading the last builds' values", "build/read_values";
    TAGS: "reading the last builds' tags", "build/read_tags";
}
