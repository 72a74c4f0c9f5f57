//! Bringing a database of our own in line with a declaration.
//!
//! Reads what is stored, lets [`crate::declaration`] work out the changes, and writes them, all in
//! one transaction that shuts out other declarations. Only for databases that `init` made: Coder's
//! templates are pushed to Coder.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use crate::declaration::{
    self, Change, Declaration, PresetContent, Stored, StoredOrganization, StoredTemplate,
    StoredUser, StoredVersion, TemplateContent, TemplateMetadata, TemplateReference,
};
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::parameters::ParameterDefinition;
use crate::store::connection::{Connection, Statement, execute, fetch};
use crate::store::values::{Id, Stamp, json_rows};
use crate::store::{Store, StoreError, notify, versions};

impl Store {
    /// Makes the database hold what is declared and returns what had to be changed. An SQLite file
    /// is made when there is none; a PostgreSQL database must have been made ready by `init`.
    pub async fn declare(
        &self,
        declaration: &Declaration,
        now: Time,
    ) -> Result<Vec<Change>, StoreError> {
        let mut connection = self.open_own().await?;
        connection.begin_write().await?;
        if let Connection::Postgres(_) = connection {
            let lock = "LOCK TABLE templates IN SHARE ROW EXCLUSIVE MODE";
            connection
                .run_raw("shutting out other declarations", lock)
                .await?;
        }
        let stored = read_stored(&mut connection).await?;
        let changes = declaration::changes(declaration, &stored);
        let mut writer = Writer {
            connection: &mut connection,
            now,
            names: Names::new(&stored),
        };
        for change in &changes {
            writer.write(change).await?;
        }
        connection.commit().await?;
        if !changes.is_empty() {
            notify::post_change(&mut connection, "apply").await;
        }
        connection.close().await;
        Ok(changes)
    }
}

const ORGANIZATIONS: Statement = Statement::both(
    "reading the organizations",
    "SELECT id, name FROM organizations WHERE NOT deleted",
);

const USERS: Statement = Statement::both(
    "reading the users",
    "SELECT u.id, u.username, u.email, o.name FROM users AS u \
     LEFT JOIN organization_members AS m ON m.user_id = u.id \
     LEFT JOIN organizations AS o ON o.id = m.organization_id AND NOT o.deleted \
     WHERE NOT u.deleted ORDER BY u.id, o.name",
);

const TEMPLATES: Statement = Statement::both(
    "reading the templates",
    "SELECT t.id, o.name AS organization, t.name, t.display_name, t.description, t.icon, \
     t.deprecated, t.active_version_id, v.id AS version_id, v.name AS version_name \
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
    version_id: Option<Id>,
    version_name: Option<String>,
}

/// Everything that a declaration is compared with.
async fn read_stored(connection: &mut Connection) -> Result<Stored, StoreError> {
    let mut stored = Stored::default();
    for (id, name) in fetch!(connection, (Id, String), ORGANIZATIONS)? {
        stored
            .organizations
            .push(StoredOrganization { id: id.0, name });
    }
    type UserRow = (Id, String, String, Option<String>);
    for (id, username, email, organization) in fetch!(connection, UserRow, USERS)? {
        if stored.users.last().is_none_or(|last| last.id != id.0) {
            stored.users.push(StoredUser {
                id: id.0,
                username,
                email,
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
                active: None,
                version_names: Vec::new(),
            });
        }
        let Some(template) = stored.templates.last_mut() else {
            continue;
        };
        if row.version_id == Some(row.active_version_id)
            && let Some(content) = contents.remove(&row.active_version_id.0)
        {
            let name = row.version_name.clone().unwrap_or_default();
            template.active = Some(StoredVersion { name, content });
        }
        template.version_names.extend(row.version_name);
    }
    Ok(stored)
}

const PRESETS: Statement = Statement {
    doing: "reading the presets",
    postgres: include_str!("sql/declared_presets.postgres.sql"),
    sqlite: include_str!("sql/declared_presets.sqlite.sql"),
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
        crate::store::values::id_list(ids)
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

/// Ids by name, in lower case as the unique indexes have it, of what was stored and what has been
/// created since.
struct Names {
    organizations: BTreeMap<String, Uuid>,
    users: BTreeMap<String, Uuid>,
}

impl Names {
    fn new(stored: &Stored) -> Self {
        let organizations = stored.organizations.iter();
        let users = stored.users.iter();
        Self {
            organizations: organizations
                .map(|o| (o.name.to_lowercase(), o.id))
                .collect(),
            users: users.map(|u| (u.username.to_lowercase(), u.id)).collect(),
        }
    }

    /// The changes come in an order in which every name is known by the time it is used.
    fn organization(&self, name: &str) -> Result<Uuid, StoreError> {
        find(&self.organizations, name, "organizations.name")
    }

    fn user(&self, name: &str) -> Result<Uuid, StoreError> {
        find(&self.users, name, "users.username")
    }
}

fn find(
    ids: &BTreeMap<String, Uuid>,
    name: &str,
    column: &'static str,
) -> Result<Uuid, StoreError> {
    ids.get(&name.to_lowercase())
        .copied()
        .ok_or_else(|| StoreError::Row {
            column,
            problem: format!("nothing is named {name:?}"),
        })
}

struct Writer<'a> {
    connection: &'a mut Connection,
    now: Time,
    names: Names,
}

impl Writer<'_> {
    async fn write(&mut self, change: &Change) -> Result<(), StoreError> {
        let now = Stamp(self.now);
        match change {
            Change::CreateOrganization { name } => {
                let id = Uuid::new_v4();
                execute!(self.connection, CREATE_ORGANIZATION, Id(id), name, now)?;
                self.names.organizations.insert(name.to_lowercase(), id);
            }
            Change::CreateUser { username, email } => {
                let id = Uuid::new_v4();
                let no_password: &[u8] = &[];
                execute!(
                    self.connection,
                    CREATE_USER,
                    Id(id),
                    username,
                    email,
                    no_password,
                    now
                )?;
                self.names.users.insert(username.to_lowercase(), id);
            }
            Change::UpdateUser { id, email, .. } => {
                execute!(self.connection, UPDATE_USER, Id(*id), email, now)?;
            }
            Change::AddMember {
                organization,
                username,
            } => {
                let user = Id(self.names.user(username)?);
                let organization = Id(self.names.organization(organization)?);
                execute!(self.connection, ADD_MEMBER, user, organization, now)?;
            }
            Change::CreateTemplate {
                template,
                metadata,
                version_name,
                content,
            } => {
                let organization = self.names.organization(&template.organization)?;
                let id = Uuid::new_v4();
                let version = Uuid::new_v4();
                execute!(
                    self.connection,
                    CREATE_TEMPLATE,
                    Id(id),
                    Id(organization),
                    &template.name,
                    Id(version),
                    Id(PREBUILDS_USER_ID),
                    now,
                )?;
                self.update_metadata(id, metadata).await?;
                self.create_version(version, id, organization, version_name, content)
                    .await?;
            }
            Change::UpdateTemplate { id, metadata, .. } => {
                self.update_metadata(*id, metadata).await?;
            }
            Change::NewVersion {
                template_id,
                template,
                version_name,
                content,
                ..
            } => {
                let organization = self.names.organization(&template.organization)?;
                let version = Uuid::new_v4();
                self.create_version(version, *template_id, organization, version_name, content)
                    .await?;
                execute!(self.connection, PROMOTE, Id(*template_id), Id(version), now)?;
            }
        }
        Ok(())
    }

    async fn update_metadata(
        &mut self,
        id: Uuid,
        metadata: &TemplateMetadata,
    ) -> Result<(), StoreError> {
        execute!(
            self.connection,
            UPDATE_TEMPLATE,
            Id(id),
            &metadata.display_name,
            &metadata.description,
            &metadata.icon,
            &metadata.deprecated,
            Stamp(self.now),
        )?;
        Ok(())
    }

    /// A version with its import, which counts as done: a declaration was checked as a whole.
    async fn create_version(
        &mut self,
        id: Uuid,
        template_id: Uuid,
        organization_id: Uuid,
        name: &str,
        content: &TemplateContent,
    ) -> Result<(), StoreError> {
        let job = Id(Uuid::new_v4());
        let user = Id(PREBUILDS_USER_ID);
        let now = Stamp(self.now);
        let organization = Id(organization_id);
        let input = serde_json::json!({ "template_version_id": id }).to_string();
        let tags = serde_json::json!(content.tags()).to_string();
        let connection = &mut *self.connection;
        execute!(
            connection,
            CREATE_IMPORT,
            job,
            organization,
            user,
            Id(id),
            input,
            tags,
            now
        )?;
        let template = Id(template_id);
        execute!(
            connection,
            CREATE_VERSION,
            Id(id),
            template,
            organization,
            name,
            job,
            user,
            now
        )?;
        let parameters: Vec<ParameterJson<'_>> = content
            .parameters()
            .iter()
            .map(ParameterJson::from)
            .collect();
        execute!(
            connection,
            CREATE_PARAMETERS,
            json_rows(&parameters),
            Id(id)
        )?;
        let rows = PresetRows::new(content.presets());
        execute!(
            connection,
            CREATE_PRESETS,
            json_rows(&rows.presets),
            Id(id),
            now
        )?;
        execute!(connection, CREATE_PRESET_VALUES, json_rows(&rows.values))?;
        execute!(connection, CREATE_SCHEDULES, json_rows(&rows.schedules))?;
        Ok(())
    }
}

/// A parameter, with the columns' names as keys.
#[derive(Serialize)]
struct ParameterJson<'a> {
    name: &'a str,
    description: &'a str,
    kind: &'a str,
    mutable: bool,
    default_value: &'a str,
    icon: &'a str,
    options: Vec<OptionJson<'a>>,
    validation_regex: &'a str,
    validation_min: Option<i32>,
    validation_max: Option<i32>,
    validation_error: &'a str,
    validation_monotonic: &'a str,
    required: bool,
    display_name: &'a str,
    display_order: i32,
    ephemeral: bool,
    form_type: &'a str,
}

#[derive(Serialize)]
struct OptionJson<'a> {
    name: &'a str,
    description: &'a str,
    value: &'a str,
    icon: &'a str,
}

impl<'a> From<&'a ParameterDefinition> for ParameterJson<'a> {
    fn from(parameter: &'a ParameterDefinition) -> Self {
        Self {
            name: &parameter.name,
            description: &parameter.description,
            kind: &parameter.kind,
            mutable: parameter.mutable,
            default_value: &parameter.default_value,
            icon: &parameter.icon,
            options: parameter
                .options
                .iter()
                .map(|option| OptionJson {
                    name: &option.name,
                    description: &option.description,
                    value: &option.value,
                    icon: &option.icon,
                })
                .collect(),
            validation_regex: &parameter.validation_regex,
            validation_min: parameter.validation_min,
            validation_max: parameter.validation_max,
            validation_error: &parameter.validation_error,
            validation_monotonic: &parameter.validation_monotonic,
            required: parameter.required,
            display_name: &parameter.display_name,
            display_order: parameter.display_order,
            ephemeral: parameter.ephemeral,
            form_type: &parameter.form_type,
        }
    }
}

/// The rows of a version's presets, with ids of their own.
struct PresetRows<'a> {
    presets: Vec<PresetJson<'a>>,
    values: Vec<PresetValueJson<'a>>,
    schedules: Vec<ScheduleJson<'a>>,
}

#[derive(Serialize)]
struct PresetJson<'a> {
    id: Uuid,
    name: &'a str,
    description: &'a str,
    icon: &'a str,
    is_default: bool,
    desired_instances: Option<i32>,
    invalidate_after_secs: Option<i32>,
    scheduling_timezone: &'a str,
}

#[derive(Serialize)]
struct PresetValueJson<'a> {
    id: Uuid,
    preset_id: Uuid,
    name: &'a str,
    value: &'a str,
}

#[derive(Serialize)]
struct ScheduleJson<'a> {
    id: Uuid,
    preset_id: Uuid,
    cron_expression: &'a str,
    desired_instances: i32,
}

impl<'a> PresetRows<'a> {
    fn new(contents: &'a [PresetContent]) -> Self {
        let mut rows = Self {
            presets: Vec::new(),
            values: Vec::new(),
            schedules: Vec::new(),
        };
        for content in contents {
            let preset_id = Uuid::new_v4();
            rows.presets.push(PresetJson {
                id: preset_id,
                name: &content.name,
                description: &content.description,
                icon: &content.icon,
                is_default: content.is_default,
                desired_instances: content.desired_instances,
                invalidate_after_secs: content.invalidate_after_secs,
                scheduling_timezone: &content.scheduling_timezone,
            });
            rows.values.extend(
                content
                    .parameters
                    .iter()
                    .map(|(name, value)| PresetValueJson {
                        id: Uuid::new_v4(),
                        preset_id,
                        name,
                        value,
                    }),
            );
            rows.schedules.extend(
                content
                    .schedules
                    .iter()
                    .map(|(cron, instances)| ScheduleJson {
                        id: Uuid::new_v4(),
                        preset_id,
                        cron_expression: cron,
                        desired_instances: *instances,
                    }),
            );
        }
        rows
    }
}

const CREATE_ORGANIZATION: Statement = Statement::both(
    "creating an organization",
    "INSERT INTO organizations (id, name, display_name, description, created_at, updated_at) \
     VALUES ($1, $2, $2, '', $3, $3)",
);

const CREATE_USER: Statement = Statement::both(
    "creating a user",
    "INSERT INTO users (id, username, name, email, hashed_password, created_at, updated_at, \
     status, login_type) VALUES ($1, $2, $2, $3, $4, $5, $5, 'active', 'none')",
);

const UPDATE_USER: Statement = Statement::both(
    "changing a user",
    "UPDATE users SET email = $2, updated_at = $3 WHERE id = $1",
);

const ADD_MEMBER: Statement = Statement::both(
    "adding a member",
    "INSERT INTO organization_members (user_id, organization_id, created_at, updated_at) \
     VALUES ($1, $2, $3, $3) ON CONFLICT DO NOTHING",
);

const CREATE_TEMPLATE: Statement = Statement::both(
    "creating a template",
    "INSERT INTO templates (id, organization_id, name, active_version_id, created_by, created_at, \
     updated_at, provisioner, use_classic_parameter_flow) \
     VALUES ($1, $2, $3, $4, $5, $6, $6, 'echo', true)",
);

const UPDATE_TEMPLATE: Statement = Statement::both(
    "changing a template",
    "UPDATE templates SET display_name = $2, description = $3, icon = $4, deprecated = $5, \
     updated_at = $6 WHERE id = $1",
);

const PROMOTE: Statement = Statement::both(
    "making a version the active one",
    "UPDATE templates SET active_version_id = $2, updated_at = $3 WHERE id = $1",
);

const CREATE_IMPORT: Statement = Statement {
    doing: "creating an import job",
    postgres: "INSERT INTO provisioner_jobs (id, organization_id, initiator_id, file_id, input, \
               tags, created_at, updated_at, started_at, completed_at, provisioner, \
               storage_method, type) VALUES ($1, $2, $3, $4, CAST($5 AS jsonb), CAST($6 AS jsonb), \
               $7, $7, $7, $7, 'echo', 'file', 'template_version_import')",
    sqlite: "INSERT INTO provisioner_jobs (id, organization_id, initiator_id, file_id, input, \
             tags, created_at, updated_at, started_at, completed_at, provisioner, \
             storage_method, type) VALUES ($1, $2, $3, $4, $5, $6, \
             $7, $7, $7, $7, 'echo', 'file', 'template_version_import')",
};

const CREATE_VERSION: Statement = Statement::both(
    "creating a template version",
    "INSERT INTO template_versions (id, template_id, organization_id, name, readme, job_id, \
     created_by, created_at, updated_at) VALUES ($1, $2, $3, $4, '', $5, $6, $7, $7)",
);

const CREATE_PARAMETERS: Statement = Statement {
    doing: "storing the template's parameters",
    postgres: include_str!("sql/create_parameters.postgres.sql"),
    sqlite: include_str!("sql/create_parameters.sqlite.sql"),
};

const CREATE_PRESETS: Statement = Statement {
    doing: "storing the presets",
    postgres: include_str!("sql/create_presets.postgres.sql"),
    sqlite: include_str!("sql/create_presets.sqlite.sql"),
};

const CREATE_PRESET_VALUES: Statement = Statement {
    doing: "storing the presets' parameters",
    postgres: "INSERT INTO template_version_preset_parameters \
               (id, template_version_preset_id, name, value) \
               SELECT id, preset_id, name, value FROM jsonb_to_recordset(CAST($1 AS jsonb)) \
               AS n (id uuid, preset_id uuid, name text, value text)",
    sqlite: "INSERT INTO template_version_preset_parameters \
             (id, template_version_preset_id, name, value) \
             SELECT value ->> 'id', value ->> 'preset_id', value ->> 'name', value ->> 'value' \
             FROM json_each($1)",
};

const CREATE_SCHEDULES: Statement = Statement {
    doing: "storing the schedules",
    postgres: "INSERT INTO template_version_preset_prebuild_schedules \
               (id, preset_id, cron_expression, desired_instances) \
               SELECT id, preset_id, cron_expression, desired_instances \
               FROM jsonb_to_recordset(CAST($1 AS jsonb)) \
               AS n (id uuid, preset_id uuid, cron_expression text, desired_instances integer)",
    sqlite: "INSERT INTO template_version_preset_prebuild_schedules \
             (id, preset_id, cron_expression, desired_instances) \
             SELECT value ->> 'id', value ->> 'preset_id', value ->> 'cron_expression', \
             value ->> 'desired_instances' FROM json_each($1)",
};
