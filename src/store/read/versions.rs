//! Reading template versions, as far as builds on them need to know them.
//!
//! A fixed number of statements for any number of versions. Of the tables that only Coder's own
//! databases have, those that are missing are passed over. Writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use uuid::Uuid;

use crate::builds::Version;
use crate::builds::parameters::{Flow, OptionDefinition, ParameterDefinition};
use crate::builds::tags::Variable;
use crate::store::StoreError;
use crate::store::session::connection::{Connection, Statement, fetch};
use crate::store::session::row::{Id, id_list, label};
use crate::store::session::schema::{Kind, Schema};

/// The versions with the given ids that belong to a template and have an import job, complete. One
/// with a row that can't be read says so and keeps the others usable.
pub(in crate::store) async fn read_versions(
    connection: &mut Connection,
    schema: &Schema,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Version>, StoreError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let mut versions = read_declared(connection, ids).await?;
    let ids = id_list(ids);
    for row in fetch!(connection, TagRow, WORKSPACE_TAGS, &ids)? {
        if let Some(version) = versions.get_mut(&row.template_version_id.0) {
            version.workspace_tags.insert(row.key, row.value);
        }
    }
    if schema.has_column(VARIABLES_TABLE, "default_value") {
        for version in versions.values_mut() {
            version.variables = Some(BTreeMap::new());
        }
        for row in fetch!(connection, VariableRow, VARIABLES, &ids)? {
            let version = versions.get_mut(&row.template_version_id.0);
            if let Some(variables) = version.and_then(|version| version.variables.as_mut()) {
                let kind = row.kind;
                let value = row.value;
                variables.insert(row.name, Variable { kind, value });
            }
        }
    } else if schema.kind() == Kind::Own {
        // Templates of our own have no variables.
        for version in versions.values_mut() {
            version.variables = Some(BTreeMap::new());
        }
    }
    if schema.has_column("parameter_schemas", "job_id") {
        for (id,) in fetch!(connection, (Id,), LEGACY_PARAMETERS, &ids)? {
            if let Some(version) = versions.get_mut(&id.0) {
                version.has_legacy_parameters = true;
            }
        }
    }
    Ok(versions)
}

/// The same with their parameters and presets only, which is what a declaration can hold.
pub(in crate::store) async fn read_declared(
    connection: &mut Connection,
    ids: &[Uuid],
) -> Result<BTreeMap<Uuid, Version>, StoreError> {
    let ids = id_list(ids);
    let mut versions = BTreeMap::new();
    for row in fetch!(connection, VersionRow, VERSIONS, &ids)? {
        let version = row.into_version()?;
        versions.insert(version.id, version);
    }
    for row in fetch!(connection, ParameterRow, PARAMETERS, &ids)? {
        if let Some(version) = versions.get_mut(&row.template_version_id.0) {
            match row.into_definition() {
                Ok(definition) => version.parameters.push(definition),
                Err(problem) => version.unreadable = Some(problem.to_string()),
            }
        }
    }
    for row in fetch!(connection, PresetValueRow, PRESET_VALUES, &ids)? {
        if let Some(version) = versions.get_mut(&row.template_version_id.0) {
            row.add_to(version);
        }
    }
    Ok(versions)
}

/// Where Coder keeps template variables; databases of our own have no such table.
const VARIABLES_TABLE: &str = "template_version_variables";

const VERSIONS: Statement = Statement {
    doing: "reading the template versions",
    postgres: "SELECT v.id, v.name, t.organization_id, CAST(t.provisioner AS text) AS provisioner, \
               t.use_classic_parameter_flow, CAST(j.job_status AS text) AS import_status, \
               CAST(j.storage_method AS text) AS storage_method, j.file_id, \
               CAST(j.tags AS text) AS tags \
               FROM template_versions AS v \
               JOIN templates AS t ON t.id = v.template_id \
               JOIN provisioner_jobs AS j ON j.id = v.job_id \
               WHERE v.id IN (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid))",
    sqlite: "SELECT v.id, v.name, t.organization_id, t.provisioner, t.use_classic_parameter_flow, \
             j.job_status AS import_status, j.storage_method, j.file_id, j.tags \
             FROM template_versions AS v \
             JOIN templates AS t ON t.id = v.template_id \
             JOIN provisioner_jobs AS j ON j.id = v.job_id \
             WHERE v.id IN (SELECT value FROM json_each($1))",
};

#[derive(sqlx::FromRow)]
struct VersionRow {
    id: Id,
    name: String,
    organization_id: Id,
    provisioner: String,
    use_classic_parameter_flow: bool,
    import_status: String,
    storage_method: String,
    file_id: Id,
    tags: String,
}

impl VersionRow {
    fn into_version(self) -> Result<Version, StoreError> {
        let (tags, unreadable) = match json("provisioner_jobs.tags", &self.tags) {
            Ok(tags) => (tags, None),
            Err(problem) => (BTreeMap::new(), Some(problem.to_string())),
        };
        Ok(Version {
            id: self.id.0,
            name: self.name,
            organization_id: self.organization_id.0,
            provisioner: self.provisioner,
            flow: if self.use_classic_parameter_flow {
                Flow::Classic
            } else {
                Flow::Dynamic
            },
            import_status: label("job_status", self.import_status)?,
            storage_method: self.storage_method,
            file_id: self.file_id.0,
            tags,
            parameters: Vec::new(),
            has_legacy_parameters: false,
            presets: BTreeMap::new(),
            ambiguous_presets: BTreeSet::new(),
            workspace_tags: BTreeMap::new(),
            variables: None,
            unreadable,
        })
    }
}

const PARAMETERS: Statement = Statement {
    doing: "reading the templates' parameters",
    postgres: include_str!("../sql/parameters.postgres.sql"),
    sqlite: include_str!("../sql/parameters.sqlite.sql"),
};

#[derive(sqlx::FromRow)]
struct ParameterRow {
    template_version_id: Id,
    name: String,
    description: String,
    kind: String,
    mutable: bool,
    default_value: String,
    icon: String,
    options: String,
    validation_regex: String,
    validation_min: Option<i64>,
    validation_max: Option<i64>,
    validation_error: String,
    validation_monotonic: String,
    required: bool,
    display_name: String,
    display_order: i64,
    ephemeral: bool,
    form_type: String,
}

/// An element of `template_version_parameters.options`.
#[derive(Deserialize)]
struct OptionJson {
    #[serde(default)]
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    value: String,
    #[serde(default)]
    icon: String,
}

impl ParameterRow {
    fn into_definition(self) -> Result<ParameterDefinition, StoreError> {
        // Coder writes null for a parameter without options.
        let options: Option<Vec<OptionJson>> =
            json("template_version_parameters.options", &self.options)?;
        let option = |option: OptionJson| OptionDefinition {
            name: option.name,
            description: option.description,
            value: option.value,
            icon: option.icon,
        };
        Ok(ParameterDefinition {
            name: self.name,
            display_name: self.display_name,
            description: self.description,
            kind: self.kind,
            mutable: self.mutable,
            default_value: self.default_value,
            icon: self.icon,
            options: options.into_iter().flatten().map(option).collect(),
            validation_regex: self.validation_regex,
            validation_min: self.validation_min.and_then(|min| i32::try_from(min).ok()),
            validation_max: self.validation_max.and_then(|max| i32::try_from(max).ok()),
            validation_error: self.validation_error,
            validation_monotonic: self.validation_monotonic,
            required: self.required,
            display_order: i32::try_from(self.display_order).unwrap_or(0),
            ephemeral: self.ephemeral,
            form_type: self.form_type,
        })
    }
}

const PRESET_VALUES: Statement = Statement {
    doing: "reading the presets' parameters",
    postgres: "SELECT p.template_version_id, p.id AS preset_id, v.name, v.value \
               FROM template_version_presets AS p \
               LEFT JOIN template_version_preset_parameters AS v \
               ON v.template_version_preset_id = p.id \
               WHERE p.template_version_id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid)) \
               ORDER BY v.id",
    sqlite: "SELECT p.template_version_id, p.id AS preset_id, v.name, v.value \
             FROM template_version_presets AS p \
             LEFT JOIN template_version_preset_parameters AS v \
             ON v.template_version_preset_id = p.id \
             WHERE p.template_version_id IN (SELECT value FROM json_each($1)) \
             ORDER BY v.id",
};

/// A value of a preset; name and value are null for a preset without any.
#[derive(sqlx::FromRow)]
struct PresetValueRow {
    template_version_id: Id,
    preset_id: Id,
    name: Option<String>,
    value: Option<String>,
}

impl PresetValueRow {
    fn add_to(self, version: &mut Version) {
        let id = self.preset_id.0;
        if version.ambiguous_presets.contains(&id) {
            return;
        }
        let values = version.presets.entry(id).or_default();
        if let (Some(name), Some(value)) = (self.name, self.value)
            && values
                .insert(name, value.clone())
                .is_some_and(|other| other != value)
        {
            version.presets.remove(&id);
            version.ambiguous_presets.insert(id);
        }
    }
}

const WORKSPACE_TAGS: Statement = Statement {
    doing: "reading the templates' workspace tags",
    postgres: "SELECT template_version_id, key, value FROM template_version_workspace_tags \
               WHERE template_version_id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid))",
    sqlite: "SELECT template_version_id, key, value FROM template_version_workspace_tags \
             WHERE template_version_id IN (SELECT value FROM json_each($1))",
};

/// A workspace tag; its value is an expression.
#[derive(sqlx::FromRow)]
struct TagRow {
    template_version_id: Id,
    key: String,
    value: String,
}

const VARIABLES: Statement = Statement {
    doing: "reading the templates' variables",
    postgres: "SELECT template_version_id, name, CAST(type AS text) AS kind, \
               CASE value WHEN '' THEN default_value ELSE value END AS value \
               FROM template_version_variables WHERE template_version_id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid))",
    sqlite: "SELECT template_version_id, name, type AS kind, \
             CASE value WHEN '' THEN default_value ELSE value END AS value \
             FROM template_version_variables \
             WHERE template_version_id IN (SELECT value FROM json_each($1))",
};

#[derive(sqlx::FromRow)]
struct VariableRow {
    template_version_id: Id,
    name: String,
    kind: String,
    value: String,
}

const LEGACY_PARAMETERS: Statement = Statement {
    doing: "looking for legacy parameters",
    postgres: "SELECT v.id FROM template_versions AS v WHERE v.id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid)) \
               AND EXISTS (SELECT 1 FROM parameter_schemas AS s WHERE s.job_id = v.job_id)",
    sqlite: "SELECT v.id FROM template_versions AS v \
             WHERE v.id IN (SELECT value FROM json_each($1)) \
             AND EXISTS (SELECT 1 FROM parameter_schemas AS s WHERE s.job_id = v.job_id)",
};

/// Reads a JSON column.
pub(in crate::store) fn json<T: serde::de::DeserializeOwned>(
    column: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::row(column, error))
}
