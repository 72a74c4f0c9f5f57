//! Bringing a database of our own in line with a declaration.
//!
//! Reads what is stored and writes the changes that the caller has worked out from it, all in one
//! transaction that shuts out other declarations. Only for databases that `init` made: Coder's
//! templates are pushed to Coder.

mod rows;
mod stored;

use uuid::Uuid;

use crate::declaration::{
    Change, Edit, Stored, TemplateContent, TemplateMetadata, TemplateReference,
};
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::arguments::{Arg, args, json_rows};
use crate::store::session::connection::Connection;
use crate::store::session::statement::{Statement, statements};
use crate::store::{Store, StoreError, notify};

impl Store {
    /// Opens a session that changes what a database of our own holds. An SQLite file is
    /// made when there is none; a PostgreSQL database must have been made ready by `init`.
    pub(crate) async fn open_declarer(&self) -> Result<Declarer, StoreError> {
        let mut connection = self.open_own().await?;
        let now = connection.clock().now();
        connection.begin_write().await?;
        if let Connection::Postgres(_) = connection {
            let lock = "LOCK TABLE templates IN SHARE ROW EXCLUSIVE MODE";
            connection
                .run_raw("shutting out other declarations", lock)
                .await?;
        }
        Ok(Declarer {
            connection,
            now,
            changed: false,
        })
    }
}

/// A transaction that alone declares: no other one reads or writes until it ends. Dropped without
/// [`Declarer::commit`] it changes nothing.
pub(crate) struct Declarer {
    connection: Connection,
    now: Time,
    changed: bool,
}

impl Declarer {
    pub(crate) async fn read(&mut self) -> Result<Stored, StoreError> {
        stored::read(&mut self.connection).await
    }

    /// Carries out changes that follow from what was read.
    pub(crate) async fn write(&mut self, changes: &[Change<'_>]) -> Result<(), StoreError> {
        for change in changes {
            self.write_edit(&change.edit).await?;
            self.changed = true;
        }
        Ok(())
    }

    /// Makes the changes permanent and wakes the loops on this database.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        self.connection.commit().await?;
        if self.changed {
            notify::post_change(&mut self.connection, "apply").await;
        }
        self.connection.close().await;
        Ok(())
    }

    async fn write_edit(&mut self, edit: &Edit<'_>) -> Result<(), StoreError> {
        let now = self.now;
        match edit {
            Edit::CreateOrganization { name } => {
                let args = args![Uuid::new_v4(), *name, now];
                self.execute(&CREATE_ORGANIZATION, args).await
            }
            Edit::CreateUser { username, email } => {
                let no_password: &[u8] = &[];
                let args = args![Uuid::new_v4(), *username, email, no_password, now];
                self.execute(&CREATE_USER, args).await
            }
            Edit::SetEmail { username, email } => {
                self.execute(&SET_EMAIL, args![*username, *email, now])
                    .await
            }
            Edit::AddMember {
                organization,
                username,
            } => {
                self.execute(&ADD_MEMBER, args![*username, *organization, now])
                    .await
            }
            Edit::CreateTemplate {
                template,
                version_name,
            } => {
                let (id, version) = (Uuid::new_v4(), Uuid::new_v4());
                let TemplateReference { organization, name } = &template.reference;
                let args = args![id, organization, name, version, PREBUILDS_USER_ID, now];
                self.execute(&CREATE_TEMPLATE, args).await?;
                self.set_metadata(id, &template.metadata).await?;
                self.create_version(version, id, version_name, &template.content)
                    .await
            }
            Edit::SetMetadata {
                template_id,
                metadata,
            } => self.set_metadata(*template_id, metadata).await,
            Edit::AddVersion {
                template_id,
                version_name,
                content,
            } => {
                let version = Uuid::new_v4();
                self.create_version(version, *template_id, version_name, content)
                    .await?;
                self.execute(&PROMOTE, args![*template_id, version, now])
                    .await
            }
        }
    }

    async fn set_metadata(
        &mut self,
        template_id: Uuid,
        metadata: &TemplateMetadata,
    ) -> Result<(), StoreError> {
        let TemplateMetadata {
            display_name,
            description,
            icon,
            deprecated,
        } = metadata;
        let args = args![
            template_id,
            display_name,
            description,
            icon,
            deprecated,
            self.now
        ];
        self.execute(&SET_METADATA, args).await
    }

    /// A version with its import, which counts as done: a declaration was checked as a whole.
    async fn create_version(
        &mut self,
        id: Uuid,
        template: Uuid,
        name: &str,
        content: &TemplateContent,
    ) -> Result<(), StoreError> {
        let (job, user, now) = (Uuid::new_v4(), PREBUILDS_USER_ID, self.now);
        let input = serde_json::json!({ "template_version_id": id }).to_string();
        let tags = serde_json::json!(content.tags()).to_string();
        self.execute(
            &CREATE_IMPORT,
            args![job, template, user, id, input, tags, now],
        )
        .await?;
        self.execute(&CREATE_VERSION, args![id, template, name, job, user, now])
            .await?;
        let parameters = json_rows(content.parameters());
        self.execute(&CREATE_PARAMETERS, args![parameters, id])
            .await?;
        let presets = rows::presets(content.presets());
        self.execute(&CREATE_PRESETS, args![json_rows(&presets), id, now])
            .await?;
        let values = rows::entries(&presets, |preset| &preset.parameters);
        self.execute(&CREATE_PRESET_VALUES, args![json_rows(&values)])
            .await?;
        let schedules = rows::entries(&presets, |preset| &preset.schedules);
        self.execute(&CREATE_SCHEDULES, args![json_rows(&schedules)])
            .await
    }

    async fn execute(
        &mut self,
        statement: &'static Statement,
        arguments: &[Arg<'_>],
    ) -> Result<(), StoreError> {
        self.connection.execute(statement, arguments).await?;
        Ok(())
    }
}

statements! {
    CREATE_ORGANIZATION: "creating an organization", "organization/create";
    CREATE_USER: "creating a user", "user/create";
    SET_EMAIL: "changing a user", "user/set_email";
    ADD_MEMBER: "adding a member", "membership/add";
    CREATE_TEMPLATE: "creating a template", "template/create";
    SET_METADATA: "changing a template", "template/set_metadata";
    PROMOTE: "making a version the active one", "template/promote";
    CREATE_IMPORT: "creating an import job", "job/create_import";
    CREATE_VERSION: "creating a template version", "version/create";
    CREATE_PARAMETERS: "storing the template's parameters", "parameter/create";
    CREATE_PRESETS: "storing the presets", "preset/create";
    CREATE_PRESET_VALUES: "storing the presets' parameters", "preset/create_values";
    CREATE_SCHEDULES: "storing the schedules", "schedule/create";
}
