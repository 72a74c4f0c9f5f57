//! What is stored, for a declaration to be compared with.
//!
//! Reads only; what differs is worked out in [`crate::declaration`].

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::declaration::{
    PresetContent, Stored, StoredTemplate, TemplateContent, TemplateMetadata, TemplateReference,
    User,
};
use crate::store::read::versions;
use crate::store::session::arguments::{args, id_list};
use crate::store::session::connection::Connection;
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

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
///
/// Of people only on a database of our own.
pub(super) async fn read(reader: &mut Reader, with_people: bool) -> Result<Stored, StoreError> {
    let claimed = reader.read_claimed().await?;
    let connection = &mut reader.connection;
    Ok(Stored {
        organizations: connection.fetch(&ORGANIZATIONS, args![]).await?,
        users: if with_people {
            read_users(connection).await?
        } else {
            Vec::new()
        },
        templates: read_templates(connection).await?,
        claimed,
        inhabited: if with_people {
            connection.fetch(&INHABITED, args![]).await?
        } else {
            Vec::new()
        },
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
    let members: Vec<(Uuid, i64)> = connection.fetch(&MEMBERS, args![]).await?;
    let members: BTreeMap<Uuid, i64> = members.into_iter().collect();
    let template = |(id, reference, metadata, active): Row| StoredTemplate {
        id,
        reference,
        metadata,
        version_id: active,
        members: members.get(&id).copied().unwrap_or_default(),
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
        sql "SELECT name FROM organizations WHERE NOT deleted ORDER BY name";
    INHABITED: "looking for workspaces", "organization/read_inhabited";
    MEMBERS: "counting prebuilt workspaces", "template/count_members";
    USERS: "reading the users", "user/read";
    TEMPLATES: "reading the templates", "template/read";
    VERSION_NAMES: "reading the names of versions", "version/read_names";
    PRESETS: "reading the presets", "preset/read_declared";
}
