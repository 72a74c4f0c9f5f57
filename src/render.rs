//! Finished data as views: tables and sentences, which a [`Style`] lays out for people or programs.
//!
//! Knows nothing of databases or terminals: width and colour are arguments. Every text from a database
//! passes through [`printable`] before it is shown.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::model::text::{plural, printable};
use crate::model::{PresetPlan, PresetReference, State};

pub(crate) mod apply;
pub(crate) mod claim;
pub(crate) mod cleanup;
pub(crate) mod config;
mod delimited;
pub(crate) mod demand;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod groups;
pub(crate) mod history;
pub(crate) mod invalidate;
mod layout;
pub(crate) mod life;
mod page;
pub(crate) mod pages;
pub(crate) mod paste;
pub(crate) mod plan;
pub(crate) mod recommend;
pub(crate) mod rendering;
pub(crate) mod replacements;
pub(crate) mod report;
pub(crate) mod reset_limit;
pub(crate) mod simulate;
pub(crate) mod snapshot;
mod style;
mod table;
pub(crate) mod timetable;
pub(crate) mod users;
mod view;
pub(crate) mod wait;
mod warnings;
pub(crate) mod what_if;
pub(crate) mod workspaces;

pub(crate) use style::{Layout, Style};
use table::{Cell, plain};
pub(crate) use view::{Shown, View};
pub(crate) use warnings::warnings;

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

/// Which presets a table has rows for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// All of them.
    All,
    /// Those in use, and what is left of others: a template keeps all its versions.
    InUse,
    /// Those with actions or problems.
    Changing,
    /// Those with problems.
    WithProblems,
}

/// Leaves presets out of a table, and counts them.
pub(crate) struct Rows {
    which: Which,
    problems: BTreeMap<Uuid, Vec<String>>,
    hidden: i64,
}

impl Rows {
    /// `problems` are the presets that have any, each with what they are.
    pub(crate) fn new(which: Which, problems: BTreeMap<Uuid, Vec<String>>) -> Self {
        Self {
            which,
            problems,
            hidden: 0,
        }
    }

    /// Whether the table has a row for a preset, which is counted otherwise. `is_gone`: it is out of use,
    /// and nothing is left of it.
    fn has(&mut self, preset: Uuid, is_gone: bool, has_actions: bool) -> bool {
        let has_problem = self.problems.contains_key(&preset);
        let has = match self.which {
            Which::All => true,
            Which::InUse => !is_gone,
            Which::Changing => has_actions || has_problem,
            Which::WithProblems => has_problem,
        };
        self.hidden += i64::from(!has);
        has
    }

    /// The line below the table that counts those without a row.
    fn note(&self) -> String {
        if self.hidden == 0 {
            return String::new();
        }
        let presets = plural(self.hidden, "preset");
        let why = match self.which {
            Which::All | Which::InUse => "out of use and empty (-v shows all)",
            Which::Changing => "with nothing to do (--all shows them)",
            Which::WithProblems => "without a problem",
        };
        format!("Not shown: {presets} {why}.\n")
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
