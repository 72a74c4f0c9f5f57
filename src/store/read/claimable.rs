//! What can be asked for, by names: templates with the presets of their active versions, and users.
//!
//! Writes nothing; claims read it in transactions of their own.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::text;
use crate::store::session::arguments::{args, id_list, json_rows};
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

/// What can be asked for: a preset, or a template whose active version has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PoolRow {
    pub template_id: Uuid,
    pub template_name: String,
    pub organization_name: String,
    /// Whether the template is deleted.
    pub template_deleted: bool,
    /// Why the template is deprecated; empty: it is not.
    pub deprecated: String,
    /// The template's default for a workspace's time to live; none: unlimited.
    pub default_ttl: Option<TimeDelta>,
    pub template_version_id: Uuid,
    /// Whether it is the template's active one.
    pub using_active_version: bool,
    /// The preset: id and name.
    pub preset: Option<(Uuid, String)>,
    /// Whether the preset keeps a pool.
    pub has_pool: bool,
}

/// What is asked for by name: a preset, by that of its template too if one is given; or a template. A
/// template's name may have that of its organization in front.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PoolLookup {
    pub preset: Option<String>,
    pub template: Option<String>,
}

/// Who is to own a workspace of which name.
#[derive(Clone, Debug)]
pub(crate) struct OwnerLookup<'a> {
    /// Id or name of the user.
    pub user: &'a str,
    /// Name of the workspace.
    pub name: &'a str,
    /// Organization of the template.
    pub organization_id: Uuid,
}

/// What the database says about a future owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OwnerFacts {
    /// The user: id, whether deleted, and status.
    pub user: Option<(Uuid, bool, String)>,
    /// Whether the user is a member of the organization.
    pub member: bool,
    /// Whether the user has a live workspace of that name.
    pub name_taken: bool,
}

impl Reader {
    /// The presets with these ids, as far as there are any.
    pub(crate) async fn find_presets(&mut self, ids: &[Uuid]) -> Result<Vec<PoolRow>, StoreError> {
        match ids {
            [] => Ok(Vec::new()),
            _ => {
                self.connection
                    .fetch(&FIND_PRESETS, args![id_list(ids)])
                    .await
            }
        }
    }

    /// What is asked for by name, as far as there is any of it.
    pub(crate) async fn find_pools(
        &mut self,
        lookups: &[PoolLookup],
    ) -> Result<Vec<PoolRow>, StoreError> {
        match lookups {
            [] => Ok(Vec::new()),
            _ => {
                let arguments = args![json_rows(lookups)];
                self.connection.fetch(&FIND_POOLS, arguments).await
            }
        }
    }

    /// Every template's active version with its presets, and the preset with the id `extra`.
    pub(crate) async fn read_pools(
        &mut self,
        extra: Option<Uuid>,
    ) -> Result<Vec<PoolRow>, StoreError> {
        let arguments = args![extra.unwrap_or_default()];
        self.connection.fetch(&POOLS, arguments).await
    }

    /// Looks up the future owners of workspaces, in their order.
    pub(crate) async fn look_up(
        &mut self,
        owners: &[OwnerLookup<'_>],
    ) -> Result<Vec<OwnerFacts>, StoreError> {
        let rows = owners.iter().enumerate().map(|(number, owner)| {
            let id: Option<Uuid> = owner.user.parse().ok();
            json!({
                "number": number,
                "user_id": id,
                "user_name": owner.user,
                "name": owner.name,
                "organization_id": owner.organization_id,
            })
        });
        let rows: Vec<Value> = rows.collect();
        let arguments = args![json_rows(&rows)];
        let found: Vec<(i64, OwnerFacts)> = self.connection.fetch(&OWNERS, arguments).await?;
        let mut found: BTreeMap<i64, OwnerFacts> = found.into_iter().collect();
        let numbers = 0..text::count(owners.len());
        Ok(numbers
            .map(|number| found.remove(&number).unwrap_or_default())
            .collect())
    }

    /// Names of users from this one on, in their order, 200 at most.
    pub(crate) async fn user_names(&mut self, from: &str) -> Result<Vec<String>, StoreError> {
        self.connection.fetch(&NAMES, args![from]).await
    }

    /// Which people have a login that is good at which external authentications, of pairs that are asked
    /// for. All of them where the database knows nothing of external authentication.
    pub(crate) async fn read_logins(
        &mut self,
        wanted: BTreeSet<(Uuid, String)>,
    ) -> Result<BTreeSet<(Uuid, String)>, StoreError> {
        let has_logins = self.schema.has_column("external_auth_links", "provider_id");
        if wanted.is_empty() || !has_logins {
            return Ok(wanted);
        }
        let row = |(user_id, provider_id): &(Uuid, String)| json!({ "user_id": user_id, "provider_id": provider_id });
        let rows: Vec<Value> = wanted.iter().map(row).collect();
        let found = self
            .connection
            .fetch(&LOGINS, args![json_rows(&rows)])
            .await?;
        Ok(found.into_iter().collect())
    }
}

statements! {
    FIND_PRESETS: "looking up what can be claimed", "claim/find_presets";
    FIND_POOLS: "looking up what can be claimed", "claim/find_pools";
    POOLS: "reading what can be claimed", "claim/read_pools";
    OWNERS: "looking up users and names", "claim/look_up";
    NAMES: "reading the names of users", "user/read_names";
    /// On Coder's databases only.
    LOGINS: "looking up logins at external authentications", "claim/read_logins";
}

rows! {
    PoolRow {
        template_id, template_name, organization_name, template_deleted, deprecated, default_ttl,
        template_version_id, using_active_version, has_pool, ..preset
    }
    OwnerFacts { member, name_taken, ..user }
}
