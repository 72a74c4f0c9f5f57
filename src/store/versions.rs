//! Reading template versions, as far as builds on them need to know them.
//!
//! Three statements for any number of versions. Writes nothing.

use std::collections::BTreeMap;

use serde::Deserialize;
use uuid::Uuid;

use crate::builds::Version;
use crate::parameters::{OptionDefinition, ParameterDefinition};
use crate::store::StoreError;
use crate::store::connection::{Connection, Statement, fetch};
use crate::store::values::{Id, id_list, label};

/// The versions with the given ids that belong to a template and have an import job.
pub(super) async fn read_versions(
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
            version.parameters.push(row.into_definition()?);
        }
    }
    for row in fetch!(connection, PresetValueRow, PRESET_VALUES, &ids)? {
        if let Some(version) = versions.get_mut(&row.template_version_id.0) {
            let values = version.presets.entry(row.preset_id.0).or_default();
            if let (Some(name), Some(value)) = (row.name, row.value) {
                values.insert(name, value);
            }
        }
    }
    Ok(versions)
}

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
        Ok(Version {
            id: self.id.0,
            name: self.name,
            organization_id: self.organization_id.0,
            provisioner: self.provisioner,
            classic_parameter_flow: self.use_classic_parameter_flow,
            import_status: label("job_status", self.import_status)?,
            storage_method: self.storage_method,
            file_id: self.file_id.0,
            tags: json("provisioner_jobs.tags", &self.tags)?,
            parameters: Vec::new(),
            presets: BTreeMap::new(),
        })
    }
}

const PARAMETERS: Statement = Statement {
    doing: "reading the templates' parameters",
    postgres: include_str!("sql/parameters.postgres.sql"),
    sqlite: include_str!("sql/parameters.sqlite.sql"),
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
        let options: Vec<OptionJson> = json("template_version_parameters.options", &self.options)?;
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
            options: options.into_iter().map(option).collect(),
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

/// Reads a JSON column.
pub(super) fn json<T: serde::de::DeserializeOwned>(
    column: &'static str,
    text: &str,
) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Row {
        column,
        problem: error.to_string(),
    })
}
