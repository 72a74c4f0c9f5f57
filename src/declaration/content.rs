//! What makes a template version, in a form that can be compared.
//!
//! Two contents are equal exactly when a new version would behave as the old one does: the order
//! in which things were written or stored, and different ways to say "never", don't matter.
//! Knows neither the file nor the database; both build it through [`TemplateContent::new`], which
//! keeps that normal form.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::template::Definition;

/// Everything of a template that belongs to a version of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TemplateContent {
    parameters: Vec<Definition>,
    presets: Vec<PresetContent>,
    tags: BTreeMap<String, String>,
}

/// A preset of a template version; the fields mirror the columns of the preset tables.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct PresetContent {
    /// Name, unique within the version.
    pub name: String,
    pub description: String,
    /// URL or path of a picture.
    pub icon: String,
    /// Whether forms offer it first.
    pub is_default: bool,
    /// Parameter values by name.
    pub parameters: BTreeMap<String, String>,
    /// Desired prebuilt workspaces outside schedules; none: the preset has no pool.
    pub desired_instances: Option<i32>,
    /// Age in seconds at which a prebuilt workspace is replaced; none: never.
    pub invalidate_after_secs: Option<i32>,
    /// IANA time zone of the schedules; empty without schedules.
    pub scheduling_timezone: String,
    /// Desired prebuilt workspaces by cron expression.
    pub schedules: BTreeMap<String, i32>,
}

impl TemplateContent {
    /// Brings parts in any order into the normal form.
    ///
    /// `tags` belong to the version's import job. The two that the server adds to every job are
    /// filled in where they are missing, so that declared tags equal stored ones.
    pub(crate) fn new(
        parameters: impl IntoIterator<Item = Definition>,
        presets: impl IntoIterator<Item = PresetContent>,
        mut tags: BTreeMap<String, String>,
    ) -> Self {
        let mut parameters: Vec<_> = parameters.into_iter().collect();
        parameters.sort();
        let mut presets: Vec<_> = presets.into_iter().map(PresetContent::normalised).collect();
        presets.sort();
        tags.entry("scope".to_owned())
            .or_insert_with(|| "organization".to_owned());
        tags.entry("owner".to_owned()).or_default();
        Self {
            parameters,
            presets,
            tags,
        }
    }

    /// Whether builds on it are those on `old`, all of whose presets it has: then `old` can be changed in
    /// place, and workspaces of its pools stay. Builds see values and the rules for them, not how forms
    /// show them, nor when how many are made.
    pub(crate) fn builds_as(&self, old: &Self) -> bool {
        let values = |it: &Self| -> Vec<(String, BTreeMap<String, String>)> {
            let presets = it.presets.iter();
            presets
                .map(|it| (it.name.clone(), it.parameters.clone()))
                .collect()
        };
        let (new_values, old_values) = (values(self), values(old));
        self.tags == old.tags
            && self
                .parameters
                .iter()
                .map(as_built)
                .eq(old.parameters.iter().map(as_built))
            && old_values.iter().all(|preset| new_values.contains(preset))
    }

    /// The parameters, sorted by name.
    pub(crate) fn parameters(&self) -> &[Definition] {
        &self.parameters
    }

    /// The presets, sorted by name.
    pub(crate) fn presets(&self) -> &[PresetContent] {
        &self.presets
    }

    /// The tags of the import job, `scope` and `owner` among them.
    pub(crate) fn tags(&self) -> &BTreeMap<String, String> {
        &self.tags
    }
}

/// A parameter without what only forms show.
fn as_built(definition: &Definition) -> Definition {
    let mut built = Definition {
        display_name: String::new(),
        description: String::new(),
        icon: String::new(),
        display_order: 0,
        form_type: String::new(),
        validation_error: String::new(),
        // An error text can be what makes a rule of a minimum or maximum.
        ..definition.held()
    };
    for option in &mut built.options {
        option.name.clear();
        option.description.clear();
        option.icon.clear();
    }
    built
}

impl PresetContent {
    /// One way only to say "never": a ttl of 0 or below is no ttl. Blanks between the fields of a
    /// cron expression are single ones.
    fn normalised(mut self) -> Self {
        self.invalidate_after_secs = self.invalidate_after_secs.filter(|seconds| *seconds > 0);
        self.schedules = self
            .schedules
            .into_iter()
            .map(|(cron, instances)| {
                (
                    cron.split_whitespace().collect::<Vec<_>>().join(" "),
                    instances,
                )
            })
            .collect();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str) -> Definition {
        Definition {
            name: name.to_owned(),
            ..Definition::default()
        }
    }

    fn preset(name: &str) -> PresetContent {
        PresetContent {
            name: name.to_owned(),
            ..PresetContent::default()
        }
    }

    #[test]
    fn order_does_not_matter() {
        let one = TemplateContent::new(
            [parameter("a"), parameter("b")],
            [preset("x"), preset("y")],
            BTreeMap::new(),
        );
        let other = TemplateContent::new(
            [parameter("b"), parameter("a")],
            [preset("y"), preset("x")],
            BTreeMap::new(),
        );
        assert_eq!(one, other);
        assert_eq!(one.parameters()[0].name, "a");
        assert_eq!(one.presets()[1].name, "y");
    }

    #[test]
    fn never_and_blanks_have_one_form() {
        let with = |ttl, cron: &str| {
            let preset = PresetContent {
                invalidate_after_secs: ttl,
                schedules: BTreeMap::from([(cron.to_owned(), 3)]),
                ..preset("x")
            };
            TemplateContent::new([], [preset], BTreeMap::new())
        };
        assert_eq!(with(None, "* 8 * * *"), with(Some(0), "*  8 * *\t*"));
        assert_ne!(with(None, "* 8 * * *"), with(Some(3600), "* 8 * * *"));
    }

    #[test]
    fn the_server_s_own_tags_are_filled_in() {
        let tags = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect()
        };
        let declared = TemplateContent::new([], [], tags(&[("cluster", "eu")]));
        let stored = TemplateContent::new(
            [],
            [],
            tags(&[("cluster", "eu"), ("scope", "organization"), ("owner", "")]),
        );
        assert_eq!(declared, stored);
    }
}
