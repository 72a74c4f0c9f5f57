//! JSON Schemas of the documents, derived from their types.
//!
//! As strict as reading is: keys that a type doesn't have are refused, and so are numbers that don't
//! fit. Integers count something and are not negative, unless a field says otherwise.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::transform::transform_subschemas;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::document::to_json;
use super::rendering::Rendering;
use super::report::Report;
use super::{FormatVersion, Plan, Snapshot};

pub(crate) fn snapshot() -> String {
    schema::<Snapshot>("snapshot", SchemaSettings::draft2020_12())
}

pub(crate) fn plan() -> String {
    schema::<Plan>("plan", SchemaSettings::draft2020_12())
}

pub(crate) fn report() -> String {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    schema::<Report>("report", settings)
}

/// The schema of the document that `render --format json` writes.
pub(crate) fn render() -> String {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    schema::<Vec<Rendering>>("render", settings)
}

fn schema<T: JsonSchema>(document: &str, settings: SchemaSettings) -> String {
    let generator = settings.with_transform(finish).into_generator();
    let mut schema = generator.into_root_schema_for::<T>();
    for (key, text) in [
        ("$id", format!("urn:prebuildctl:schema:{document}:1")),
        ("title", format!("prebuildctl {document}, version 1")),
    ] {
        schema.insert(key.to_owned(), text.into());
    }
    to_json(&schema)
}

/// Gives integers their range, and descriptions one line.
fn finish(schema: &mut Schema) {
    let is_integer = |format: &&str| format.starts_with("int") || format.starts_with("uint");
    let format = schema.get("format").and_then(|format| format.as_str());
    if format.filter(is_integer).is_some() {
        schema.remove("format");
        if schema.get("minimum").is_none() {
            schema.insert("minimum".to_owned(), 0.into());
        }
        schema.insert("maximum".to_owned(), i64::MAX.into());
    }
    if let Some(description) = schema.get("description").and_then(|text| text.as_str()) {
        let words: Vec<&str> = description.split_whitespace().collect();
        let line = words.join(" ");
        schema.insert("description".to_owned(), line.into());
    }
    transform_subschemas(&mut finish, schema);
}

impl JsonSchema for FormatVersion {
    fn schema_name() -> Cow<'static, str> {
        "FormatVersion".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": 1 })
    }
}
