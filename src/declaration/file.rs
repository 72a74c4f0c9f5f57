//! The shape of a declaration file: which keys there are and which TOML type each has.
//!
//! Knows no rule that needs a second look at a value (lengths, ranges, references): those belong
//! to the checks. Every value that a check may complain about carries its place in the file.

use std::{collections::BTreeMap, fmt};

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::{Spanned, Value};

/// A text that may be left out.
pub(super) type Text = Option<Spanned<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) organizations: Vec<OrganizationEntry>,
    #[serde(default)]
    pub(super) users: Vec<UserEntry>,
    #[serde(default)]
    pub(super) templates: Vec<TemplateEntry>,
}

/// `[[organizations]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrganizationEntry {
    pub(super) name: Spanned<String>,
}

/// `[[users]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserEntry {
    pub(super) username: Spanned<String>,
    pub(super) email: Text,
    #[serde(default)]
    pub(super) organizations: Vec<Spanned<String>>,
}

/// `[[templates]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TemplateEntry {
    pub(super) organization: Spanned<String>,
    pub(super) name: Spanned<String>,
    pub(super) display_name: Text,
    pub(super) description: Text,
    pub(super) icon: Text,
    pub(super) deprecated: Text,
    #[serde(default)]
    pub(super) tags: BTreeMap<Spanned<String>, Spanned<String>>,
    #[serde(default)]
    pub(super) parameters: Vec<ParameterEntry>,
    #[serde(default)]
    pub(super) presets: Vec<PresetEntry>,
}

/// `[[templates.parameters]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ParameterEntry {
    pub(super) name: Spanned<String>,
    pub(super) display_name: Text,
    pub(super) description: Text,
    #[serde(rename = "type")]
    pub(super) kind: Text,
    #[serde(default)]
    pub(super) mutable: bool,
    pub(super) default: Option<Spanned<Value>>,
    pub(super) icon: Text,
    #[serde(default)]
    pub(super) options: Vec<Spanned<OptionEntry>>,
    #[serde(default)]
    pub(super) validation: ValidationEntry,
    pub(super) ephemeral: Option<Spanned<bool>>,
    pub(super) form_type: Text,
    pub(super) order: Option<Spanned<i64>>,
}

/// `validation` of a parameter.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ValidationEntry {
    pub(super) regex: Text,
    pub(super) min: Option<Spanned<i64>>,
    pub(super) max: Option<Spanned<i64>>,
    pub(super) monotonic: Text,
    pub(super) error: Text,
}

/// An element of a parameter's `options`: a bare value or a table.
///
/// The derived code reads the table; "remote" makes it an ordinary function, which the
/// implementation of the trait below calls for tables.
#[derive(Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub(super) struct OptionEntry {
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) description: String,
    pub(super) value: Value,
    #[serde(default)]
    pub(super) icon: String,
}

/// `[[templates.presets]]`
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PresetEntry {
    pub(super) name: Spanned<String>,
    pub(super) description: Text,
    pub(super) icon: Text,
    pub(super) default: Option<Spanned<bool>>,
    #[serde(default)]
    pub(super) parameters: BTreeMap<Spanned<String>, Spanned<Value>>,
    pub(super) instances: Option<Spanned<i64>>,
    pub(super) ttl: Option<Spanned<Value>>,
    pub(super) timezone: Text,
    #[serde(default)]
    pub(super) schedules: Vec<ScheduleEntry>,
}

/// An element of a preset's `schedules`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleEntry {
    pub(super) cron: Spanned<String>,
    pub(super) instances: Spanned<i64>,
}

impl<'de> Deserialize<'de> for OptionEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OptionVisitor)
    }
}

/// Reads a table as a whole option, anything else as the value of one.
struct OptionVisitor;

impl OptionVisitor {
    fn bare(value: impl Into<Value>) -> OptionEntry {
        OptionEntry {
            name: None,
            description: String::new(),
            value: value.into(),
            icon: String::new(),
        }
    }
}

impl<'de> Visitor<'de> for OptionVisitor {
    type Value = OptionEntry;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, or a table with value, name, description and icon")
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<OptionEntry, E> {
        Ok(Self::bare(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<OptionEntry, E> {
        Ok(Self::bare(value))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<OptionEntry, E> {
        Ok(Self::bare(value))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<OptionEntry, E> {
        Ok(Self::bare(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<OptionEntry, A::Error> {
        Value::deserialize(SeqAccessDeserializer::new(elements)).map(Self::bare)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<OptionEntry, A::Error> {
        OptionEntry::deserialize(MapAccessDeserializer::new(map))
    }
}
