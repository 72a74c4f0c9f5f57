//! Reading what templates with dynamic parameters are rendered from, and for whom.
//!
//! Only Coder's databases have it. One statement for any number of versions; each source becomes a
//! [`Template`] as its row arrives, so that no more than one archive is in memory at a time. Writes
//! nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::actions::health::QUOTA_GROUP;
use crate::builds::{Flow, Version};
use crate::model::PREBUILDS_USER_ID;
use crate::store::session::arguments::{args, id_list, json_rows};
use crate::store::session::connection::Connection;
use crate::store::session::rights;
use crate::store::session::row::{Columns, FromRow, rows};
use crate::store::session::schema::Schema;
use crate::store::session::statement::{Statement, sql, statements};
use crate::store::{Reader, StoreError};
use crate::template::{Diagnostic, Import, Owner, Template};

/// The first version of the provisioner's API whose daemons leave at import what rendering needs
/// (Coder 2.23).
const FIRST_RENDERED: (u32, u32) = (1, 6);

/// Says of each version of a dynamic template how it is rendered, and adds the prebuilds user as its
/// template sees that user. A role that may not read sources is an answer, no error.
pub(in crate::store) async fn add_templates(
    connection: &mut Connection,
    schema: &Schema,
    versions: &mut BTreeMap<Uuid, Version>,
) -> Result<(), StoreError> {
    let dynamic = versions.values().filter(|version| is_dynamic(version));
    let ids: Vec<Uuid> = dynamic.map(|version| version.id).collect();
    let table = "template_version_terraform_values";
    if ids.is_empty() || !schema.has_column(table, "provisionerd_version") {
        return Ok(());
    }
    let missing = schema.missing_rights(rights::RENDERING);
    if !missing.is_empty() {
        for id in ids {
            if let Some(version) = versions.get_mut(&id) {
                let message = format!(
                    "the template has dynamic parameters, and to render it the database role lacks \
                     {}",
                    missing.join(", ")
                );
                version.flow = Flow::Unrendered(vec![Diagnostic::unsupported(message)]);
            }
        }
        return Ok(());
    }
    let sources: Vec<Source> = connection.fetch(&SOURCES, args![id_list(&ids)]).await?;
    for source in sources {
        if let Some(version) = versions.get_mut(&source.id) {
            version.flow = source.flow;
        }
    }
    let dynamic = versions.values().filter(|version| is_dynamic(version));
    let users: BTreeSet<(Uuid, Uuid)> = dynamic
        .map(|version| (PREBUILDS_USER_ID, version.organization_id))
        .collect();
    let owners = read_owners(connection, schema, &users).await?;
    for version in versions.values_mut() {
        if let Some(owner) = owners.get(&(PREBUILDS_USER_ID, version.organization_id)) {
            version.prebuilds_user = owner.clone();
        }
    }
    Ok(())
}

fn is_dynamic(version: &Version) -> bool {
    !matches!(version.flow, Flow::Classic)
}

impl Reader {
    /// Users as templates of organizations see them, by user and organization.
    pub(crate) async fn read_owners(
        &mut self,
        users: &BTreeSet<(Uuid, Uuid)>,
    ) -> Result<BTreeMap<(Uuid, Uuid), Owner>, StoreError> {
        read_owners(&mut self.connection, &self.schema, users).await
    }
}

/// Users as templates of organizations see them, by user and organization. The prebuilds user is seen as it is once
/// a pass has made it a member of what it lacks, which is so before anything is built.
async fn read_owners(
    connection: &mut Connection,
    schema: &Schema,
    users: &BTreeSet<(Uuid, Uuid)>,
) -> Result<BTreeMap<(Uuid, Uuid), Owner>, StoreError> {
    let row = |&(user, organization)| json!({ "user_id": user, "organization_id": organization });
    let rows: Vec<Value> = users.iter().map(row).collect();
    let statement = if schema.has_column("gitsshkeys", "public_key") {
        &OWNERS
    } else {
        &OWNERS_WITHOUT_KEYS
    };
    let owners = connection.fetch(statement, args![json_rows(&rows)]).await?;
    let seen = |(user, organization, owner): (Uuid, Uuid, Owner)| {
        let owner = match user {
            PREBUILDS_USER_ID => owner.joined(organization, &["Everyone", QUOTA_GROUP]),
            _ => owner,
        };
        ((user, organization), owner.sorted())
    };
    Ok(owners.into_iter().map(seen).collect())
}

/// Users with their public keys, as on Coder's databases.
static OWNERS: Statement = Statement::both(
    "reading for whom templates are rendered",
    concat!(
        "SELECT u.id AS user_id, o.id AS organization_id, COALESCE(
             (SELECT k.public_key FROM gitsshkeys AS k WHERE k.user_id = u.id), '')",
        sql!("user/read_owners")
    ),
);

/// Where there are no public keys.
static OWNERS_WITHOUT_KEYS: Statement = Statement::both(
    "reading for whom templates are rendered",
    concat!(
        "SELECT u.id AS user_id, o.id AS organization_id, ''",
        sql!("user/read_owners")
    ),
);

statements! {
    SOURCES: "reading the templates' sources", "version/read_sources";
}

rows! {
    Owner { ssh_public_key, id, name, full_name, email, login_type, groups, rbac_roles }
}

/// A version that left something to render.
struct Source {
    id: Uuid,
    flow: Flow,
}

impl FromRow for Source {
    fn from_row(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        let id = columns.field("id")?;
        let daemon: String = columns.field("provisionerd_version")?;
        let archive: Option<Vec<u8>> = columns.field("archive")?;
        let modules: Option<Vec<u8>> = columns.field("modules")?;
        let plan: String = columns.field("cached_plan")?;
        let variables: Vec<crate::template::Variable> = columns.field("variables")?;
        if !is_rendered(&daemon) {
            return Ok(Self {
                id,
                flow: Flow::Static,
            });
        }
        let import = Import {
            modules: modules.as_deref(),
            plan: Some(&plan),
            variables: &variables,
        };
        let flow = match archive.map(|archive| Template::parse(&archive, import)) {
            Some(Ok(template)) => Flow::Dynamic(Arc::new(template)),
            Some(Err(problems)) => Flow::Unrendered(problems),
            None => {
                let message = "the template's source is not in the database";
                Flow::Unrendered(vec![Diagnostic::unsupported(message)])
            }
        };
        Ok(Self { id, flow })
    }
}

/// Whether a version that was imported by a daemon of this API version is rendered. A version of the
/// API is two numbers: 1.10 comes after 1.6. One that can't be read is not.
fn is_rendered(daemon: &str) -> bool {
    let numbers = daemon
        .split_once('.')
        .and_then(|(major, minor)| Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?)));
    numbers.is_some_and(|numbers| numbers >= FIRST_RENDERED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_the_api_are_compared_as_numbers() {
        for (version, rendered) in [
            ("1.5", false),
            ("1.6", true),
            ("1.10", true),
            ("2.0", true),
            ("", false),
            ("1", false),
            ("1.x", false),
        ] {
            assert_eq!(is_rendered(version), rendered, "{version}");
        }
    }
}
