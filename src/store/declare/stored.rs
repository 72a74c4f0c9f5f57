//! What is stored, for a declaration to be compared with.
//!
//! Reads only; what differs is worked out in [`crate::declaration`].

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::declaration::{
    PresetContent, Stored, StoredTemplate, TemplateContent, TemplateMetadata, TemplateReference,
    User,
};
use crate::store::StoreError;
use crate::store::read::versions;
use crate::store::session::connection::{Connection, Statement, fetch};
use crate::store::session::row::Id;

const ORGANIZATIONS: Statement = Statement::both(
    "reading the organizations",
    "SELECT name FROM organizations WHERE NOT deleted",
);

const USERS: Statement = Statement::both(
    "reading the users",
    "SELECT u.username, u.email, o.name FROM users AS u \
     LEFT JOIN organization_members AS m ON m.user_id = u.id \
     LEFT JOIN organizations AS o ON o.id = m.organization_id AND NOT o.deleted \
     WHERE NOT u.deleted ORDER BY u.id, o.name",
);

const TEMPLATES: Statement = Statement::both(
    "reading the templates",
    "SELECT t.id, o.name AS organization, t.name, t.display_name, t.description, t.icon, \
     t.deprecated, t.active_version_id, v.name AS version_name \
     FROM templates AS t JOIN organizations AS o ON o.id = t.organization_id \
     LEFT JOIN template_versions AS v ON v.template_id = t.id \
     WHERE NOT t.deleted ORDER BY t.id, v.created_at, v.id",
);

#[derive(sqlx::FromRow)]
struct TemplateRow {
    id: Id,
    organization: String,
    name: String,
    display_name: String,
    description: String,
    icon: String,
    deprecated: String,
    active_version_id: Id,
    version_name: Option<String>,
}

/// Everything that a declaration is compared with.
pub(super) async fn read(connection: &mut Connection) -> Result<Stored, StoreError> {
    let mut stored = Stored::default();
    for (name,) in fetch!(connection, (String,), ORGANIZATIONS)? {
        stored.organizations.push(name);
    }
    type UserRow = (String, String, Option<String>);
    for (username, email, organization) in fetch!(connection, UserRow, USERS)? {
        if stored
            .users
            .last()
            .is_none_or(|last| last.username != username)
        {
            stored.users.push(User {
                username,
                email: Some(email),
                organizations: Vec::new(),
            });
        }
        if let Some(user) = stored.users.last_mut() {
            user.organizations.extend(organization);
        }
    }
    let rows = fetch!(connection, TemplateRow, TEMPLATES)?;
    let active: Vec<Uuid> = rows.iter().map(|row| row.active_version_id.0).collect();
    let mut contents = read_contents(connection, &active).await?;
    for row in rows {
        if stored
            .templates
            .last()
            .is_none_or(|last| last.id != row.id.0)
        {
            stored.templates.push(StoredTemplate {
                id: row.id.0,
                reference: TemplateReference {
                    organization: row.organization,
                    name: row.name,
                },
                metadata: TemplateMetadata {
                    display_name: row.display_name,
                    description: row.description,
                    icon: row.icon,
                    deprecated: row.deprecated,
                },
                content: contents.remove(&row.active_version_id.0),
                version_names: Vec::new(),
            });
        }
        let Some(template) = stored.templates.last_mut() else {
            continue;
        };
        template.version_names.extend(row.version_name);
    }
    Ok(stored)
}

const PRESETS: Statement = Statement {
    doing: "reading the presets",
    postgres: include_str!("../sql/declared_presets.postgres.sql"),
    sqlite: include_str!("../sql/declared_presets.sqlite.sql"),
};

/// A preset with one of its schedules, whose columns are null when it has none.
#[derive(sqlx::FromRow)]
struct PresetRow {
    template_version_id: Id,
    id: Id,
    name: String,
    description: String,
    icon: String,
    is_default: bool,
    desired_instances: Option<i64>,
    invalidate_after_secs: Option<i64>,
    scheduling_timezone: String,
    cron_expression: Option<String>,
    schedule_instances: Option<i64>,
}

/// What the given versions hold.
async fn read_contents(
    connection: &mut Connection,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, TemplateContent>, StoreError> {
    let versions = versions::read_declared(connection, ids).await?;
    let mut presets: BTreeMap<Uuid, BTreeMap<Uuid, PresetContent>> = BTreeMap::new();
    for row in fetch!(
        connection,
        PresetRow,
        PRESETS,
        crate::store::session::row::id_list(ids)
    )? {
        let narrow = |value: Option<i64>| value.and_then(|value| i32::try_from(value).ok());
        let version = presets.entry(row.template_version_id.0).or_default();
        let preset = version.entry(row.id.0).or_insert_with(|| PresetContent {
            name: row.name,
            description: row.description,
            icon: row.icon,
            is_default: row.is_default,
            parameters: versions
                .get(&row.template_version_id.0)
                .and_then(|version| version.presets.get(&row.id.0))
                .cloned()
                .unwrap_or_default(),
            desired_instances: narrow(row.desired_instances),
            invalidate_after_secs: narrow(row.invalidate_after_secs),
            scheduling_timezone: row.scheduling_timezone,
            schedules: BTreeMap::new(),
        });
        if let (Some(cron), Some(instances)) = (row.cron_expression, narrow(row.schedule_instances))
        {
            preset.schedules.insert(cron, instances);
        }
    }
    let content = |(id, version): (Uuid, crate::builds::Version)| {
        let presets = presets.remove(&id).unwrap_or_default().into_values();
        (
            id,
            TemplateContent::new(version.parameters, presets, version.tags),
        )
    };
    Ok(versions.clone().into_iter().map(content).collect())
}
