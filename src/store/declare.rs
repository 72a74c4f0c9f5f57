//! Bringing a database of our own in line with a declaration.
//!
//! Reads what is stored and writes the changes that the caller has worked out from it, all in one
//! transaction that shuts out other declarations. Only for databases that `init` made: Coder's
//! templates are pushed to Coder.

mod rows;
mod stored;

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::actions::what_if::promotion::TemplateVersion;
use crate::declaration::{
    Change, Edit, Stored, StoredTemplate, TemplateContent, TemplateMetadata, TemplateReference,
};
use crate::model::facts::Facts;
use crate::model::history::HistoryEntry;
use crate::model::{PREBUILDS_USER_ID, Preset, Scaled, Time};
use crate::store::session::arguments::{Arg, args, json_rows};
use crate::store::session::connection::Connection;
use crate::store::session::schema::Schema;
use crate::store::session::statement::{Statement, statements};
use crate::store::write::{history, scales};
use crate::store::{Reader, Store, StoreError, notify};
use rows::PresetRow;

impl Store {
    /// Opens a session that changes what a database of our own holds. An SQLite file is
    /// made when there is none and `access` allows it; a PostgreSQL database must have been made ready by
    /// `init`.
    pub(crate) async fn open_declarer(&self, access: Declaring) -> Result<Declarer, StoreError> {
        let mut connection = self.open_own(access != Declaring::Change).await?;
        let schema = Schema::read(&mut connection).await?;
        let now = connection.clock().now();
        connection.begin_write().await?;
        if let Connection::Postgres(_) = connection {
            let lock = match access {
                // A claim that isn't committed can't be seen: it is waited for, and later ones wait.
                Declaring::Pruned => "LOCK TABLE templates, workspaces IN SHARE ROW EXCLUSIVE MODE",
                _ => "LOCK TABLE templates IN SHARE ROW EXCLUSIVE MODE",
            };
            connection
                .run_raw("shutting out other declarations", lock)
                .await?;
        }
        let reader = Reader {
            connection,
            schema,
            target: self.target.clone(),
            limits: self.limits,
        };
        Ok(Declarer {
            reader,
            now,
            changed: false,
        })
    }
}

/// What is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Declaring {
    /// All that a database is to hold.
    Everything,
    /// The same, and that it is to hold nothing else but what people need.
    Pruned,
    /// A change of what it holds.
    Change,
}

impl Reader {
    /// What is declared in the database: on Coder's the templates with pools, without people.
    pub(crate) async fn read_declared(&mut self) -> Result<Stored, StoreError> {
        let is_own = self.is_own();
        self.connection.begin_read().await?;
        let mut stored = stored::read(self, is_own).await?;
        self.connection.rollback().await?;
        if !is_own {
            let has_pool = |it: &StoredTemplate| {
                let mut presets = it.content.iter().flat_map(TemplateContent::presets);
                presets.any(|preset| preset.desired_instances.is_some())
            };
            stored.templates.retain(has_pool);
            let templates = &stored.templates;
            let names = templates.iter().map(|it| &it.reference.organization);
            stored
                .organizations
                .retain(|name| names.clone().any(|it| it == name));
        }
        Ok(stored)
    }
}

/// A transaction that alone declares: no other one reads or writes until it ends. Dropped without
/// [`Declarer::commit`] it changes nothing.
pub(crate) struct Declarer {
    reader: Reader,
    now: Time,
    changed: bool,
}

impl Declarer {
    pub(crate) async fn read(&mut self) -> Result<Stored, StoreError> {
        stored::read(&mut self.reader, true).await
    }

    /// Carries out changes that follow from what was read.
    pub(crate) async fn write(&mut self, changes: &[Change<'_>]) -> Result<(), StoreError> {
        // Users may take each other's addresses: those that are given up are free before they are taken.
        for change in changes {
            if let Edit::SetEmail { username, .. } = change.edit {
                self.execute(&FREE_EMAIL, args![username]).await?;
            }
        }
        for change in changes {
            self.write_edit(&change.edit).await?;
            self.changed = true;
        }
        Ok(())
    }

    /// The facts as they are with what was written so far, and the time.
    pub(crate) async fn read_facts(&mut self) -> Result<(Facts, Time), StoreError> {
        let facts = self.reader.read_facts_with(None, None).await?;
        Ok((facts, self.now))
    }

    /// All versions of the templates that the name fits.
    pub(crate) async fn read_versions_of(
        &mut self,
        template: &str,
    ) -> Result<Vec<TemplateVersion>, StoreError> {
        self.reader.read_versions_of(template).await
    }

    /// Makes a version the active one of its template.
    pub(crate) async fn promote(&mut self, version: &TemplateVersion) -> Result<(), StoreError> {
        self.changed = true;
        let args = args![version.template_id, version.id, self.now];
        self.execute(&PROMOTE, args).await
    }

    /// Sets the desired instances of a preset: outside its schedules, or until an instant whatever these
    /// say. What it was scaled to before for a while holds no longer.
    pub(crate) async fn scale(
        &mut self,
        preset: &Preset,
        desired: i64,
        until: Option<Time>,
    ) -> Result<(), StoreError> {
        self.changed = true;
        let scaled = until.map(|until| Scaled {
            desired_instances: desired,
            until,
        });
        scales::set(&mut self.reader.connection, preset, scaled, self.now).await?;
        if until.is_none() {
            self.execute(&SCALE, args![preset.id, desired]).await?;
        }
        Ok(())
    }

    /// Appends to the history that `actor` did this to what `subject` names: see [`HistoryEntry`].
    pub(crate) async fn note(
        &mut self,
        event: &str,
        actor: &str,
        subject: impl Into<String>,
        message: &str,
    ) -> Result<(), StoreError> {
        let entry = HistoryEntry::new(self.now, event, actor, subject, message);
        history::append(&mut self.reader.connection, &[entry]).await
    }

    /// Makes the changes permanent and wakes the loops on this database.
    pub(crate) async fn commit(mut self) -> Result<(), StoreError> {
        if self.changed {
            // A pass that has read before doesn't write what it has worked out: see `Pass::is_overtaken`.
            self.execute(&NOTE_CHANGE, args![Uuid::new_v4().to_string()])
                .await?;
        }
        self.reader.connection.commit().await?;
        if self.changed {
            notify::post_change(&mut self.reader.connection, "apply").await;
        }
        self.close().await;
        Ok(())
    }

    /// Ends the session. What was not committed is undone.
    pub(crate) async fn close(self) {
        self.reader.close().await;
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
            Edit::SetContent {
                version_id,
                content,
            } => self.set_content(*version_id, content).await,
            Edit::DeleteTemplate { template_id } => {
                self.execute(&DELETE_TEMPLATE, args![*template_id, now])
                    .await
            }
            Edit::DeleteUser { username } => {
                self.execute(&DELETE_USER, args![*username, now]).await
            }
            Edit::RemoveMember {
                organization,
                username,
            } => {
                self.execute(&REMOVE_MEMBER, args![*username, *organization])
                    .await
            }
            Edit::DeleteOrganization { name } => {
                self.execute(&DELETE_ORGANIZATION, args![*name, now]).await
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
        let presets = rows::presets(content.presets(), &BTreeMap::new());
        self.create_presets(id, &presets).await?;
        self.create_schedules(&presets).await
    }

    /// Brings a version in line that has all of the presets that it has to keep.
    async fn set_content(&mut self, id: Uuid, content: &TemplateContent) -> Result<(), StoreError> {
        self.execute(&DELETE_PARAMETERS, args![id]).await?;
        let parameters = json_rows(content.parameters());
        self.execute(&CREATE_PARAMETERS, args![parameters, id])
            .await?;
        let known = self.reader.connection.fetch(&PRESET_IDS, args![id]).await?;
        let known: BTreeMap<String, Uuid> = known.into_iter().collect();
        let presets = rows::presets(content.presets(), &known);
        let (old, new): (Vec<_>, Vec<_>) = presets
            .iter()
            .cloned()
            .partition(|preset| known.contains_key(preset.name()));
        // No moment has two defaults.
        self.execute(&CLEAR_DEFAULT, args![id]).await?;
        self.execute(&UPDATE_PRESETS, args![json_rows(&old)])
            .await?;
        self.create_presets(id, &new).await?;
        self.execute(&DELETE_SCHEDULES, args![id]).await?;
        self.create_schedules(&presets).await
    }

    async fn create_presets(
        &mut self,
        version: Uuid,
        presets: &[PresetRow<'_>],
    ) -> Result<(), StoreError> {
        let args = args![json_rows(presets), version, self.now];
        self.execute(&CREATE_PRESETS, args).await?;
        let values = rows::entries(presets, |preset| &preset.parameters);
        self.execute(&CREATE_PRESET_VALUES, args![json_rows(&values)])
            .await
    }

    async fn create_schedules(&mut self, presets: &[PresetRow<'_>]) -> Result<(), StoreError> {
        let schedules = rows::entries(presets, |preset| &preset.schedules);
        self.execute(&CREATE_SCHEDULES, args![json_rows(&schedules)])
            .await
    }

    async fn execute(
        &mut self,
        statement: &'static Statement,
        arguments: &[Arg<'_>],
    ) -> Result<(), StoreError> {
        self.reader.connection.execute(statement, arguments).await?;
        Ok(())
    }
}

statements! {
    NOTE_CHANGE: "noting that something was declared",
        sql "INSERT INTO site_configs (key, value) VALUES ('prebuildctl_declared', $1)
             ON CONFLICT (key) DO UPDATE SET value = excluded.value";
    CREATE_ORGANIZATION: "creating an organization", "organization/create";
    CREATE_USER: "creating a user", "user/create";
    SET_EMAIL: "changing a user", "user/set_email";
    FREE_EMAIL: "changing a user",
        sql "UPDATE users SET email = CAST(id AS text) WHERE lower(username) = lower($1) AND NOT deleted";
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
    UPDATE_PRESETS: "changing the presets", "preset/update";
    DELETE_SCHEDULES: "replacing the schedules", "schedule/delete";
    DELETE_PARAMETERS: "replacing the template's parameters",
        sql "DELETE FROM template_version_parameters WHERE template_version_id = $1";
    PRESET_IDS: "looking up the presets",
        sql "SELECT name, id FROM template_version_presets WHERE template_version_id = $1";
    CLEAR_DEFAULT: "changing the presets",
        sql "UPDATE template_version_presets SET is_default = false WHERE template_version_id = $1";
    SCALE: "setting the desired instances",
        sql "UPDATE template_version_presets SET desired_instances = $2 WHERE id = $1";
    DELETE_TEMPLATE: "removing a template",
        sql "UPDATE templates SET deleted = true, updated_at = $2 WHERE id = $1";
    DELETE_USER: "removing a user", "user/remove";
    REMOVE_MEMBER: "removing a member", "membership/remove";
    DELETE_ORGANIZATION: "removing an organization",
        sql "UPDATE organizations SET deleted = true, updated_at = $2
             WHERE lower(name) = lower($1) AND NOT deleted";
}
