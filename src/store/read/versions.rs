//! Reading template versions, as far as builds on them need to know them.
//!
//! A fixed number of statements for any number of versions. Of the tables that only Coder's own
//! databases have, those that are missing are passed over. Writes nothing.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::builds::{Flow, Version};
use crate::model::PREBUILDS_USER_ID;
use crate::store::read::templates;
use crate::store::session::arguments::{args, id_list};
use crate::store::session::connection::Connection;
use crate::store::session::row::rows;
use crate::store::session::schema::{Kind, Schema};
use crate::store::session::statement::{Statement, sql, statements};
use crate::store::{Reader, StoreError};
use crate::template::Definition;

impl Reader {
    /// The template versions with the given ids that belong to a template and have an import job, as
    /// far as builds on them need to know them. One with a row that can't be read says so and keeps
    /// the others usable.
    pub(crate) async fn read_versions(
        &mut self,
        ids: &[Uuid],
    ) -> Result<BTreeMap<Uuid, Version>, StoreError> {
        match ids {
            [] => Ok(BTreeMap::new()),
            _ => read_versions(&mut self.connection, &self.schema, ids).await,
        }
    }
}

async fn read_versions(
    connection: &mut Connection,
    schema: &Schema,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Version>, StoreError> {
    let has_variables = schema.has_column("template_version_variables", "default_value");
    let has_legacy = schema.has_column("parameter_schemas", "job_id");
    let statement = match schema.kind() {
        Kind::Own => &OWN_VERSIONS,
        _ if !has_variables => &VERSIONS_WITHOUT_VARIABLES,
        _ if !has_legacy => &VERSIONS_WITHOUT_LEGACY,
        _ => &VERSIONS,
    };
    let mut versions = read_by(connection, statement, ids).await?;
    templates::add_templates(connection, schema, &mut versions).await?;
    Ok(versions)
}

/// The versions of a database of our own, all of what a declaration can hold.
pub(in crate::store) async fn read_declared(
    connection: &mut Connection,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Version>, StoreError> {
    read_by(connection, &OWN_VERSIONS, ids).await
}

/// Versions with their parameters and presets.
async fn read_by(
    connection: &mut Connection,
    statement: &'static Statement,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Version>, StoreError> {
    type Tags = Result<BTreeMap<String, String>, StoreError>;
    let ids = id_list(ids);
    let mut versions = BTreeMap::new();
    let rows: Vec<(Version, Tags)> = connection.fetch(statement, args![&ids]).await?;
    for (mut version, tags) in rows {
        match tags {
            Ok(tags) => version.tags = tags,
            Err(problem) => version.unreadable = Some(problem.to_string()),
        }
        version.prebuilds_user.id = PREBUILDS_USER_ID.to_string();
        versions.insert(version.id, version);
    }
    let parameters = connection.fetch(&PARAMETERS, args![&ids]).await?;
    for (id, parameter) in parameters {
        if let Some(version) = versions.get_mut(&id) {
            match parameter {
                Ok(definition) => version.parameters.push(definition),
                Err::<_, StoreError>(problem) => version.unreadable = Some(problem.to_string()),
            }
        }
    }
    let values = connection.fetch(&PRESET_VALUES, args![&ids]).await?;
    for (id, preset, value) in values {
        if let Some(version) = versions.get_mut(&id) {
            add_value(version, preset, value);
        }
    }
    Ok(versions)
}

/// Adds a value of a preset; a preset without values has one row with none.
fn add_value(version: &mut Version, preset: Uuid, value: Option<(String, String)>) {
    if version.ambiguous_presets.contains(&preset) {
        return;
    }
    let values = version.presets.entry(preset).or_default();
    if let Some((name, value)) = value
        && values
            .insert(name, value.clone())
            .is_some_and(|other| other != value)
    {
        version.presets.remove(&preset);
        version.ambiguous_presets.insert(preset);
    }
}

rows! {
    Version {
        variables, has_legacy_parameters, id, name, organization_id, provisioner, flow => flow,
        import_status, storage_method, file_id, external_auth_providers, workspace_tags;
        prebuilds_user, tags, parameters, presets, ambiguous_presets, unreadable
    }
    Definition {
        name, description, kind, mutable, default_value, icon, options, validation_regex,
        validation_min, validation_max, validation_error, validation_monotonic, required,
        display_name, display_order, ephemeral, form_type;
        masked
    }
}

fn flow(use_classic_parameter_flow: bool) -> Flow {
    if use_classic_parameter_flow {
        Flow::Classic
    } else {
        // Until it turns out that the version can be rendered.
        Flow::Static
    }
}

/// Versions of Coder's databases.
static VERSIONS: Statement = Statement::both(
    "reading the template versions",
    concat!(
        "SELECT {variables v.id} AS variables,
                EXISTS (SELECT 1 FROM parameter_schemas AS s WHERE s.job_id = v.job_id)",
        sql!("version/read")
    ),
);

/// Where the table of the oldest parameters is missing.
static VERSIONS_WITHOUT_LEGACY: Statement = Statement::both(
    "reading the template versions",
    concat!(
        "SELECT {variables v.id} AS variables, false",
        sql!("version/read")
    ),
);

/// Where the table of variables is missing as well: it is not known whether there are any.
static VERSIONS_WITHOUT_VARIABLES: Statement = Statement::both(
    "reading the template versions",
    concat!("SELECT NULL AS variables, false", sql!("version/read")),
);

/// Versions of databases of our own, whose templates have no variables.
static OWN_VERSIONS: Statement = Statement::both(
    "reading the template versions",
    concat!("SELECT '[]' AS variables, false", sql!("version/read")),
);

statements! {
    PARAMETERS: "reading the templates' parameters", "parameter/read";
    PRESET_VALUES: "reading the presets' parameters", "preset/read_values";
}

/// Reads a JSON column.
pub(in crate::store) fn json<T: serde::de::DeserializeOwned>(
    column: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::row(column, error))
}
