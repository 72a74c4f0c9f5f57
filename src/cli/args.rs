//! Flags that commands share, as validated values.
//!
//! A mistake in one of them is a usage error (exit 64), before anything is opened.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use clap::{Args, ValueEnum};

use crate::model::names::Selection;
use crate::model::settings::Tuning;
use crate::model::{Time, time};

/// What every command understands.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Database: postgres://..., postgresql://... or sqlite:PATH
    ///
    /// Also taken from PREBUILDCTL_DATABASE_URL, CODER_PG_CONNECTION_URL and DATABASE_URL, in this
    /// order. Default: the embedded database, prebuildctl/prebuilds.db in the user's data folder.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
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
    pub(crate) connect_timeout: Duration,
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
    /// The values as the calculation takes them.
    pub(crate) fn tuning(&self) -> Tuning {
        Tuning {
            backoff_interval: self.backoff_interval,
            backoff_lookback: self.backoff_lookback,
            failure_hard_limit: self.failure_hard_limit,
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

/// Whether to wait for what was started.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct WaitArgs {
    /// Wait until all is done, for at most DURATION
    #[arg(long, value_name = "DURATION", num_args = 0..=1, value_parser = humantime::parse_duration)]
    wait: Option<Option<Duration>>,
}

impl WaitArgs {
    /// Whether to wait, and how long at most.
    pub(crate) fn patience(self) -> Option<Option<Duration>> {
        self.wait
    }
}

/// How long to wait for the lock.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct LockArgs {
    /// Wait this long for a pass to end
    #[arg(long, value_name = "DURATION", default_value = "10s",
          value_parser = humantime::parse_duration)]
    pub(crate) wait_lock: Duration,
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
