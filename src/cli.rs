//! The command line: root parser, flags that commands share, and dispatch.
//!
//! Turns what was typed into validated values before anything is opened; a mistake is a usage error
//! (exit 64). Holds no behaviour of any command: those stand one to a file in [`crate::commands`].

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::actions;
use crate::actions::snapshot::SnapshotSettings;
use crate::commands;
use crate::error::Failure;
use crate::model::names::Selection;
use crate::model::{Time, time};
use crate::output::Output;
use crate::store::{Store, Target};

/// Snapshot, plan and reconcile pools of prebuilt workspaces
///
/// Works on Coder's PostgreSQL database and, with nothing to install, on an embedded SQLite
/// database.
#[derive(Debug, Parser)]
#[command(name = "prebuildctl", version, max_term_width = 100, after_help = EXIT_CODES)]
pub struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// The object that prints, as the flags ask for it.
    pub fn output(&self) -> Output {
        Output::new(&self.global)
    }

    /// The same command with the global options of another call, on another database.
    pub(crate) fn within(self, call: &GlobalArgs, database_url: String) -> Self {
        let global = GlobalArgs {
            database_url: Some(database_url),
            ..call.clone()
        };
        Self { global, ..self }
    }

    /// Whether the command runs until somebody stops it, and sees to signals itself.
    pub fn is_service(&self) -> bool {
        matches!(self.command, Command::Loop(_) | Command::Provision(_))
    }
}

const EXIT_CODES: &str = "Exit codes:
  0  done, or nothing to do      5  another process holds the lock (--fail-if-locked)
  1  failed                      6  refused; nothing was changed
  2  the plan has changes        64 usage error
  3  some presets failed         130, 143  ended by SIGINT, SIGTERM
  4  nothing to claim";

/// What every command understands.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Database: postgres://..., postgresql://... or sqlite:PATH
    ///
    /// Also taken from PREBUILDCTL_DATABASE_URL, CODER_PG_CONNECTION_URL and DATABASE_URL, in this
    /// order. Default: the embedded database, prebuildctl/prebuilds.db in the user's data folder.
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<String>,
    /// Form of the data on standard output
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "PREBUILDCTL_FORMAT",
        hide_env = true
    )]
    pub(crate) format: FormatArg,
    /// When to colour output; NO_COLOR and CLICOLOR_FORCE are heeded
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: ColorChoice,
    /// Don't print status and progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Say more; repeat for even more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Form of log lines on standard error
    ///
    /// With json, status, warnings and errors are such lines as well.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "PREBUILDCTL_LOG_FORMAT",
        hide_env = true
    )]
    pub(crate) log_format: LogFormat,
    /// How long opening a connection may take
    #[arg(long, global = true, value_name = "DURATION", default_value = "10s",
          value_parser = humantime::parse_duration)]
    connect_timeout: Duration,
}

/// Form of the data on standard output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FormatArg {
    /// For people.
    #[default]
    Table,
    /// For programs.
    Json,
    /// For job summaries and pull-request comments.
    Markdown,
}

/// When to colour output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// What decides about presets, as coderd is configured.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Tuning")]
pub(crate) struct TuningArgs {
    /// Rest for each failed build
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = parse_delta,
          env = "CODER_WORKSPACE_PREBUILDS_RECONCILIATION_BACKOFF_INTERVAL", hide_env_values = true)]
    backoff_interval: TimeDelta,
    /// How far back failed builds count
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = parse_delta,
          env = "CODER_WORKSPACE_PREBUILDS_RECONCILIATION_BACKOFF_LOOKBACK_PERIOD",
          hide_env_values = true)]
    backoff_lookback: TimeDelta,
    /// Failed builds in a row until a preset is given up; 0 turns the limit off
    #[arg(long, value_name = "N", default_value_t = 3,
          env = "CODER_WORKSPACE_PREBUILDS_FAILURE_HARD_LIMIT", hide_env_values = true,
          value_parser = clap::value_parser!(i64).range(0..))]
    failure_hard_limit: i64,
}

impl TuningArgs {
    /// What a snapshot needs to know.
    pub(crate) fn snapshot_settings(&self) -> SnapshotSettings {
        SnapshotSettings {
            backoff_lookback: self.backoff_lookback,
            failure_hard_limit: self.failure_hard_limit,
        }
    }

    /// What the calculation needs to know.
    pub(crate) fn plan_settings(&self) -> actions::Settings {
        actions::Settings {
            backoff_interval: self.backoff_interval,
        }
    }
}

/// Which presets to look at.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Filters")]
pub(crate) struct FilterArgs {
    /// Only presets of this organization; repeatable
    #[arg(long, value_name = "NAME")]
    organization: Vec<String>,
    /// Only presets of this template; repeatable
    #[arg(long, value_name = "[ORG/]NAME")]
    template: Vec<String>,
    /// Only this preset; repeatable
    #[arg(long, value_name = "ID|[[ORG/]TEMPLATE/]NAME")]
    preset: Vec<String>,
}

impl FilterArgs {
    /// The filters as the calculation takes them.
    pub(crate) fn selection(&self) -> Selection {
        Selection {
            organizations: self.organization.clone(),
            templates: self.template.clone(),
            presets: self.preset.clone(),
        }
    }
}

/// Every subcommand.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Snapshot(commands::snapshot::SnapshotArgs),
    Plan(commands::plan::PlanArgs),
    ReconcileOnce(commands::reconcile::ReconcileArgs),
    Cleanup(commands::cleanup::CleanupArgs),
    Invalidate(commands::invalidate::InvalidateArgs),
    ResetLimit(commands::reset_limit::ResetLimitArgs),
    Doctor(commands::doctor::DoctorArgs),
    Claim(commands::claim::ClaimArgs),
    Loop(commands::run_loop::LoopArgs),
    Pause(commands::pause::PauseArgs),
    Resume(commands::pause::ResumeArgs),
    Init(commands::init::InitArgs),
    Apply(commands::apply::ApplyArgs),
    Provision(commands::provision::ProvisionArgs),
    Demo(commands::demo::DemoArgs),
    Schema(commands::schema::SchemaArgs),
    Completions(commands::generate::CompletionsArgs),
    Man(commands::generate::ManArgs),
}

/// What commands work with.
pub(crate) struct Context {
    /// What was asked for, whatever the command.
    pub(crate) global: GlobalArgs,
    /// The one object that prints.
    pub output: Output,
}

impl Context {
    /// The database that was named, or the embedded default.
    pub(crate) fn store(&self) -> Result<Store> {
        let given = self.global.database_url.clone();
        let named = given.filter(|url| !url.is_empty()).or_else(|| {
            [
                "PREBUILDCTL_DATABASE_URL",
                "CODER_PG_CONNECTION_URL",
                "DATABASE_URL",
            ]
            .iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        });
        let target = match named {
            Some(url) => url.parse()?,
            None => Target::Sqlite(default_database()?),
        };
        Ok(Store::new(target, self.global.connect_timeout))
    }
}

/// The embedded database of this user.
fn default_database() -> Result<PathBuf> {
    let folder = dirs::data_dir().ok_or_else(|| {
        Failure::Usage("this user has no data folder; name a database with --database-url".into())
    })?;
    Ok(folder.join("prebuildctl").join("prebuilds.db"))
}

/// Runs the command that was typed.
pub async fn run(cli: Cli) -> Result<ExitCode> {
    let context = Context {
        output: cli.output(),
        global: cli.global,
    };
    match cli.command {
        Command::Snapshot(args) => commands::snapshot::run(&context, args).await,
        Command::Plan(args) => commands::plan::run(&context, args).await,
        Command::ReconcileOnce(args) => commands::reconcile::run(&context, args).await,
        Command::Claim(args) => commands::claim::run(&context, args).await,
        Command::Loop(args) => commands::run_loop::run(&context, args).await,
        Command::Pause(_) => commands::pause::run(&context, true).await,
        Command::Resume(_) => commands::pause::run(&context, false).await,
        Command::Apply(args) => commands::apply::run(&context, args).await,
        Command::Cleanup(args) => commands::cleanup::run(&context, args).await,
        Command::Invalidate(args) => commands::invalidate::run(&context, args).await,
        Command::ResetLimit(args) => commands::reset_limit::run(&context, args).await,
        Command::Doctor(args) => commands::doctor::run(&context, args).await,
        Command::Provision(args) => commands::provision::run(&context, args).await,
        Command::Init(args) => commands::init::run(&context, args).await,
        Command::Demo(args) => commands::demo::run(&context, args).await,
        Command::Schema(args) => commands::schema::run(&context, &args),
        Command::Completions(args) => commands::generate::completions(&context, &args),
        Command::Man(args) => commands::generate::man(&context, &args),
    }
}

/// Reads a duration such as `1h30m` for calculations with times.
pub(crate) fn parse_delta(text: &str) -> Result<TimeDelta> {
    let duration = humantime::parse_duration(text)?;
    TimeDelta::from_std(duration).context("is too long")
}

/// Reads an RFC 3339 time.
pub(crate) fn parse_time(text: &str) -> Result<Time, String> {
    time::parse(text)
}
