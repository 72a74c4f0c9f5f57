//! Declarations: what a database of our own is to hold, written down in a TOML file.
//!
//! Pure: takes text, gives types, and works out what has to change; reads no file, no database and
//! no clock. A [`Declaration`] that exists has passed every check, so no name, number or reference in
//! it is checked again. What a database holds and the file doesn't mention is left alone.
//!
//! # The format
//!
//! ```toml
//! [[organizations]]
//! name = "acme"
//!
//! [[users]]
//! username = "ada"
//! email = "ada@example.com"           # default: ada@localhost, for a new user
//! organizations = ["acme"]            # memberships; each one declared above
//!
//! [[templates]]
//! organization = "acme"
//! name = "backend"
//! display_name = "Backend"
//! description = "API server with its database"   # at most 128 characters
//! icon = "/icon/docker.svg"
//! deprecated = ""                     # a message for people; when not empty, pools are emptied
//! tags = { cluster = "eu-1" }         # for build jobs: who may run them
//!
//! [[templates.parameters]]
//! name = "region"
//! display_name = "Region"
//! description = "Where it runs"
//! type = "string"                     # or number, bool, list(string); default: string
//! default = "eu"                      # without one, a value is required
//! mutable = false                     # may it change after the first build? default: false
//! options = ["eu", { value = "us", name = "USA", description = "slower", icon = "" }]
//! order = 1                           # position in forms
//! form_type = "dropdown"              # how forms show it
//!
//! [[templates.parameters]]
//! name = "cores"
//! type = "number"
//! default = 2
//! mutable = true
//! ephemeral = false                   # does it hold for one build only? needs mutable, default
//! validation = { min = 1, max = 32, monotonic = "increasing", error = "1 to 32 cores" }
//!
//! [[templates.parameters]]
//! name = "owner_tag"
//! validation = { regex = "^[a-z]+$", error = "lower-case letters only" }
//!
//! [[templates.presets]]
//! name = "small"
//! description = "Two cores in Europe"
//! icon = "/icon/small.svg"
//! default = true                      # at most one preset of a template
//! parameters = { region = "eu", cores = 2, owner_tag = "pool" }
//! instances = 3                       # prebuilt workspaces to keep; absent: no pool
//! ttl = "8h"                          # replaced at this age: 1h to 365d; "0s" or absent: never
//! timezone = "Europe/Berlin"          # of the schedules, by its IANA name
//! schedules = [{ cron = "* 8-18 * * 1-5", instances = 10 }]
//! ```
//!
//! Required are the names, `organization` of a template, and `cron` and `instances` of a schedule.
//! Names of organizations, users and templates consist of 1 to 32 letters and digits with single
//! hyphens between them and don't differ by case alone; those of parameters and presets are any
//! text of 1 to 64 characters. A `ttl` is a duration, or a whole number of seconds. A cron
//! expression has five fields and is a span of time, not an instant, so its minute is `*`; the
//! schedules of a preset don't overlap, and outside them `instances` holds. Every preset with
//! `instances` sets every required parameter.

mod changes;
mod check;
mod content;
mod differences;
mod file;
mod mistakes;
mod parameters;
mod presets;
mod schedules;
mod state;
mod texts;

use crate::actions::lint;

pub(crate) use changes::{Change, Edit, changes};
pub(crate) use content::{PresetContent, TemplateContent};
pub(crate) use mistakes::DeclarationError;
pub(crate) use state::{
    Declaration, Stored, StoredTemplate, TemplateMetadata, TemplateReference, User,
};

/// Reads a declaration. The error holds every mistake that could be found: all of them when the
/// text is TOML of the right shape, else the first one that keeps it from being so.
pub(crate) fn parse(text: &str) -> Result<Declaration, DeclarationError> {
    let mut mistakes = mistakes::Mistakes::new(text);
    let declaration = match toml::from_str(text) {
        Ok(file) => check::declaration(file, &mut mistakes),
        Err(error) => {
            mistakes.add_toml(&error);
            Declaration::default()
        }
    };
    mistakes.finish(declaration)
}

/// What is valid in a declaration but hardly meant.
pub(crate) fn warnings(declaration: &Declaration) -> Vec<String> {
    let mut warnings = Vec::new();
    for template in &declaration.templates {
        for preset in template.content.presets() {
            let base = i64::from(preset.desired_instances.unwrap_or_default());
            let schedules: Vec<(&str, i64)> = preset
                .schedules
                .iter()
                .map(|(cron, instances)| (cron.as_str(), i64::from(*instances)))
                .collect();
            let name = |n: usize| {
                let (cron, _) = schedules.get(n).copied().unwrap_or_default();
                format!("cron {cron:?}")
            };
            warnings.extend(lint::lints(base, &schedules, name).into_iter().map(|lint| {
                format!(
                    "template {}, preset {:?}: {}",
                    template.reference, preset.name, lint.message
                )
            }));
        }
    }
    warnings
}

#[cfg(test)]
mod tests;
