//! `config show`: which settings hold, and where each comes from.
//!
//! Reaches no database, and prints no password: of a URL it shows where the database is.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Arg, Args, Command, Subcommand};
use serde::Serialize;

use crate::cli::profile::settings;
use crate::cli::{Context, GlobalArgs};
use crate::model::FormatVersion;
use crate::render;

/// Show the settings and where they come from
///
/// A flag goes before a variable, a variable before the profile, and the profile before what the
/// configuration file says for every run. Keys of the file are the flags' names in snake_case.
#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show every setting, its value and its source
    Show,
}

/// What `config show --format json` writes, version 1.
#[derive(Serialize)]
struct Document {
    version: FormatVersion,
    /// The configuration file, if one was read.
    file: Option<String>,
    /// The profile, if one was asked for.
    profile: Option<String>,
    settings: Vec<Setting>,
}

/// What holds for a flag.
#[derive(Serialize)]
pub(crate) struct Setting {
    /// The flag's name in snake case, as the file has it.
    name: String,
    /// One value, several of a flag that can be repeated, or none.
    values: Vec<String>,
    /// What gave it: a flag, a variable, a line of the file, or `default`.
    source: String,
}

pub(crate) fn run(context: &Context, args: &ConfigArgs, command: &Command) -> Result<ExitCode> {
    let Action::Show = args.action;
    let (target, origin) = context.database()?;
    let profile = &context.global.profile;
    let mut all = vec![Setting {
        name: "database_url".to_owned(),
        values: vec![target.to_string()],
        source: origin.clone(),
    }];
    let others = settings(command).into_iter();
    let others = others.filter(|(name, _)| !name.starts_with("database_url"));
    all.extend(others.map(|(name, arg)| setting(&context.global, name, &arg)));
    let document = Document {
        version: FormatVersion,
        file: profile.file.as_ref().map(|it| it.display().to_string()),
        profile: profile.name.clone(),
        settings: all,
    };
    context.output.report(&document, |_| {
        let settings = document.settings.iter();
        let rows = settings.map(|it| (it.name.as_str(), it.values.join(", "), it.source.as_str()));
        render::config::view(document.file.as_deref(), document.profile.as_deref(), rows)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn setting(global: &GlobalArgs, name: String, arg: &Arg) -> Setting {
    let variable = arg.get_env().and_then(|variable| {
        let value = std::env::var_os(variable)?;
        let value = value.to_string_lossy().into_owned();
        Some((vec![value], variable.to_string_lossy().into_owned()))
    });
    let (values, source) = if let Some(values) = global.given.get(&name) {
        (values.clone(), format!("--{}", name.replace('_', "-")))
    } else if let Some(found) = variable {
        found
    } else if let Some(value) = global.profile.value(&name) {
        (value.words.clone(), value.place.clone())
    } else {
        let values = arg.get_default_values().iter();
        let values = values.map(|it| it.to_string_lossy().into_owned());
        (values.collect(), "default".to_owned())
    };
    Setting {
        name,
        values,
        source,
    }
}
