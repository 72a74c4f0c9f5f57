//! Bringing a database of our own in line with a declaration.
//!
//! Reads what is stored, lets [`crate::declaration`] work out the changes, and writes them, all in
//! one transaction that shuts out other declarations. Only for databases that `init` made: Coder's
//! templates are pushed to Coder.

mod rows;
mod stored;

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::declaration::{self, Change, Declaration, Stored, TemplateContent, TemplateMetadata};
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::connection::{Connection, Statement, execute};
use crate::store::session::row::{Id, Stamp, json_rows};
use crate::store::{Store, StoreError, notify};

use rows::{ParameterJson, PresetRows};
use stored::read_stored;

impl Store {
    /// Makes the database hold what is declared and returns what had to be changed. An SQLite file
    /// is made when there is none; a PostgreSQL database must have been made ready by `init`.
    pub(crate) async fn declare(
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
        .ok_or_else(|| StoreError::row(column, format!("nothing is named {name:?}")))
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
