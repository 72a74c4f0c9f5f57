//! Finished data as views: tables and sentences, which a [`Style`] lays out for people or programs.
//!
//! Knows nothing of databases or terminals: width and colour are arguments. Every text from a database
//! passes through [`printable`] before it is shown.

use crate::model::text::{plural, printable};
use crate::model::{Diagnostic, PresetPlan, PresetReference, Severity, State};

pub(crate) mod claim;
pub(crate) mod cleanup;
mod delimited;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod invalidate;
mod layout;
pub(crate) mod plan;
pub(crate) mod rendering;
pub(crate) mod replacements;
pub(crate) mod report;
pub(crate) mod reset_limit;
pub(crate) mod snapshot;
mod style;
mod table;
pub(crate) mod timetable;
mod view;
pub(crate) mod what_if;

pub(crate) use style::{Layout, Style};
use table::{Cell, plain};
pub(crate) use view::View;

/// How presets are named in a table: as short as is unambiguous about organization and version.
pub(crate) struct PresetNames {
    with_organization: bool,
}

impl PresetNames {
    /// Leaves the organization out if all presets share one.
    pub(crate) fn of<'a>(presets: impl Iterator<Item = &'a PresetReference>) -> Self {
        Self::among(presets.map(|preset| preset.organization_name.as_str()))
    }

    /// The same for presets of these organizations.
    fn among<'a>(mut organizations: impl Iterator<Item = &'a str>) -> Self {
        let first = organizations.next();
        Self {
            with_organization: organizations.any(|name| Some(name) != first),
        }
    }

    /// `organization/`, or nothing.
    fn prefix(&self, organization: &str) -> String {
        if self.with_organization {
            format!("{organization}/")
        } else {
            String::new()
        }
    }

    pub(crate) fn name(&self, preset: &PresetReference) -> String {
        let organization = self.prefix(&preset.organization_name);
        let version = if preset.using_active_version {
            String::new()
        } else {
            format!(" ({})", preset.template_version_name)
        };
        let name = format!(
            "{organization}{}/{}{version}",
            preset.template_name, preset.name
        );
        printable(&name)
    }

    /// The cell with the name, for programs as `--preset` takes it.
    fn cell(&self, preset: &PresetReference) -> Cell {
        plain(self.name(preset)).whole(printable(&preset.to_string()))
    }
}

/// Shown instead of a table where no preset has a pool.
const NO_POOLS: &str = "No preset has prebuilds configured.\n";

/// Whether a preset has an empty pool, no actions and no diagnostics.
fn is_idle(entry: &PresetPlan) -> bool {
    let State {
        actual,
        starting,
        stopping,
        deleting,
        ..
    } = entry.state;
    [actual, starting, stopping, deleting] == [0; 4]
        && entry.actions.is_empty()
        && entry.diagnostics.is_empty()
}

/// Leaves idle presets of inactive versions out of a table: a template keeps all its versions.
struct Hidden {
    all: bool,
    count: i64,
}

impl Hidden {
    fn new(all: bool) -> Self {
        Self { all, count: 0 }
    }

    /// Whether to leave out a preset, which is then counted.
    fn takes(&mut self, is_idle: bool) -> bool {
        let takes = is_idle && !self.all;
        self.count += i64::from(takes);
        takes
    }

    /// The line below the table that counts them.
    fn note(&self) -> String {
        if self.count == 0 {
            return String::new();
        }
        let presets = plural(self.count, "preset");
        format!("Not shown: {presets} out of use and empty (-v shows all).\n")
    }
}

/// `1 failed, 2 deleted`: the counts that are not zero.
fn listed(counts: &[(i64, &str)]) -> String {
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = counts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    words.join(", ")
}

/// The line of a diagnostic; `name` is the preset's, printable.
pub(crate) fn diagnostic(name: &str, diagnostic: &Diagnostic) -> String {
    let severity = severity(diagnostic);
    let message = printable(&diagnostic.message);
    format!("{severity}: {name}: {message} [{}]\n", diagnostic.code)
}

pub(crate) fn severity(diagnostic: &Diagnostic) -> &'static str {
    severity_word(diagnostic.severity)
}

fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}
