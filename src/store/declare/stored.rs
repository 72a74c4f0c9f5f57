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
use crate::store::session::arguments::{args, id_list};
use crate::store::session::connection::Connection;
use crate::store::session::row::rows;
use crate::store::session::statement::statements;

rows! {
    User { username, email; organizations }
    TemplateReference { organization, name }
    TemplateMetadata { display_name, description, icon, deprecated }
    PresetContent {
        name, description, icon, is_default, desired_instances, invalidate_after_secs,
        scheduling_timezone;
        parameters, schedules
    }
}

/// Everything that a declaration is compared with.
pub(super) async fn read(connection: &mut Connection) -> Result<Stored, StoreError> {
    Ok(Stored {
        organizations: connection.fetch(&ORGANIZATIONS, args![]).await?,
        users: read_users(connection).await?,
        templates: read_templates(connection).await?,
    })
}

async fn read_users(connection: &mut Connection) -> Result<Vec<User>, StoreError> {
    let rows: Vec<(User, Option<String>)> = connection.fetch(&USERS, args![]).await?;
    let mut users: Vec<User> = Vec::new();
    for (user, organization) in rows {
        if users
            .last()
            .is_none_or(|last| last.username != user.username)
        {
            users.push(user);
        }
        if let Some(user) = users.last_mut() {
            user.organizations.extend(organization);
        }
    }
    Ok(users)
}

async fn read_templates(connection: &mut Connection) -> Result<Vec<StoredTemplate>, StoreError> {
    type Row = (Uuid, TemplateReference, TemplateMetadata, Option<Uuid>);
    let rows: Vec<Row> = connection.fetch(&TEMPLATES, args![]).await?;
    let active: Vec<Uuid> = rows.iter().filter_map(|(.., active)| *active).collect();
    let mut contents = read_contents(connection, &active).await?;
    let mut version_names: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for (template, name) in connection.fetch(&VERSION_NAMES, args![]).await? {
        version_names.entry(template).or_default().push(name);
    }
    let template = |(id, reference, metadata, active): Row| StoredTemplate {
        id,
        reference,
        metadata,
        content: active.and_then(|version| contents.remove(&version)),
        version_names: version_names.remove(&id).unwrap_or_default(),
    };
    Ok(rows.into_iter().map(template).collect())
}

/// What the given versions hold.
async fn read_contents(
    connection: &mut Connection,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, TemplateContent>, StoreError> {
    type Row = (Uuid, Uuid, PresetContent, Option<(String, i32)>);
    let versions = versions::read_declared(connection, ids).await?;
    let rows: Vec<Row> = connection.fetch(&PRESETS, args![id_list(ids)]).await?;
    let mut presets: BTreeMap<Uuid, BTreeMap<Uuid, PresetContent>> = BTreeMap::new();
    for (version, id, preset, schedule) in rows {
        let presets = presets.entry(version).or_default();
        let preset = presets.entry(id).or_insert(preset);
        preset.schedules.extend(schedule);
    }
    let mut contents = BTreeMap::new();
    for (id, mut version) in versions {
        let presets = presets.remove(&id).unwrap_or_default();
        let presets = presets.into_iter().map(|(id, preset)| PresetContent {
            parameters: version.presets.remove(&id).unwrap_or_default(),
            ..preset
        });
        let content = TemplateContent::new(version.parameters, presets, version.tags);
        contents.insert(id, content);
    }
    Ok(contents)
}

statements! {
    ORGANIZATIONS: "reading the organizations",
        sql "SELECT name FROM organizations WHERE NOT deleted";
    USERS: "reading the users", "user/read";
    TEMPLATES: "reading the templates", "template/read";
    VERSION_NAMES: "reading the names of versions", "version/read_names";
    PRESETS: "reading the presets", "preset/read_declared";
}
