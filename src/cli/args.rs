//! Flags that commands share, as validated values.
//!
//! A mistake in one of them is a usage error (exit 64) before anything is opened.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use chrono::TimeDelta;
use clap::{Args, ValueEnum};

use super::profile::Profile;
use crate::actions::what_if::desired::SetDesired;
use crate::actions::what_if::promotion::Promotion;
use crate::clock;
use crate::error::Failure;
use crate::model::Time;
use crate::model::names::Selection;
use crate::model::settings::Tuning;
use crate::model::time_words::{self, Towards};
use crate::render::groups::GroupBy;

/// The flags of every command.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct GlobalArgs {
    /// Database: postgres://..., postgresql://... or sqlite:PATH
    ///
    /// Defaults to PREBUILDCTL_DATABASE_URL, the content of the file that PREBUILDCTL_DATABASE_URL_FILE names,
    /// systemd's credential database-url, CODER_PG_CONNECTION_URL, DATABASE_URL, that of the configuration, or
    /// the embedded database: prebuildctl/prebuilds.db in the user's data folder.
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database_url: Option<String>,
    /// Configuration file [default: prebuildctl/config.toml in the user's configuration folder]
    ///
    /// It gives flags other defaults, for every run or in named profiles; config show prints them.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "PREBUILDCTL_CONFIG",
        hide_env = true
    )]
    pub(crate) config: Option<PathBuf>,
    /// Profile of the configuration file
    #[arg(
        long = "profile",
        global = true,
        value_name = "NAME",
        env = "PREBUILDCTL_PROFILE",
        hide_env = true
    )]
    pub(crate) profile_name: Option<String>,
    /// What the configuration file says; read apart from the command line.
    #[arg(skip)]
    pub(crate) profile: Profile,
    /// The options of the command line itself, by their names in snake case.
    #[arg(skip)]
    pub(crate) given: BTreeMap<String, Vec<String>>,
    /// Output format
    #[arg(
        short = 'o',
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "PREBUILDCTL_FORMAT",
        hide_env = true
    )]
    pub(crate) format: Format,
    /// Leave out the headings of tables
    #[arg(long, global = true)]
    pub(crate) no_headers: bool,
    /// Columns of tables, in this order
    #[arg(long, global = true, value_name = "COLUMN,...", value_delimiter = ',')]
    pub(crate) columns: Vec<String>,
    /// Column to order the rows of tables by; -COLUMN for the reverse
    #[arg(long, global = true, value_name = "COLUMN", allow_hyphen_values = true)]
    pub(crate) sort: Option<String>,
    /// Print long tables without a pager
    #[arg(long, global = true)]
    pub(crate) no_pager: bool,
    /// When to use colours; auto follows NO_COLOR and CLICOLOR_FORCE
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(crate) color: ColorChoice,
    /// Hide status and progress
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Log more, and show presets that are out of use; repeatable
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Format of log lines on standard error
    ///
    /// With json, status, warnings and errors are JSON lines too.
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t,
        env = "PREBUILDCTL_LOG_FORMAT",
        hide_env = true
    )]
    pub(crate) log_format: LogFormat,
    /// Timeout for opening a connection
    #[arg(long, global = true, value_name = "DURATION", default_value = "10s",
          value_parser = parse_duration)]
    pub(crate) connect_timeout: Duration,
    /// Give up, and roll back, after this time: a pass, or a wait for any answer of the database
    ///
    /// Defaults to 5m for an answer, to 10m for a pass of loop, and to no limit for that of reconcile-once.
    #[arg(long, global = true, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) timeout: Option<Duration>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables and sentences.
    #[default]
    Table,
    /// Tables with more columns.
    Wide,
    /// Documents for programs.
    Json,
    /// The same documents as YAML.
    Yaml,
    /// Tables as comma-separated values.
    Csv,
    /// Tables with tabs between values.
    Tsv,
    /// What the rows of tables are about, a line each.
    Name,
    /// Tables for job summaries and pull-request comments.
    Markdown,
}

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

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// Lines of text.
    #[default]
    Text,
    /// A JSON object a line.
    Json,
}

/// How failed builds delay others, with coderd's variables and defaults.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Tuning")]
pub(crate) struct BackOffArgs {
    /// Back-off for each failed build
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = parse_delta,
          env = "CODER_WORKSPACE_PREBUILDS_RECONCILIATION_BACKOFF_INTERVAL", hide_env_values = true)]
    backoff_interval: TimeDelta,
    /// How far back failed builds count
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = parse_delta,
          env = "CODER_WORKSPACE_PREBUILDS_RECONCILIATION_BACKOFF_LOOKBACK_PERIOD",
          hide_env_values = true)]
    backoff_lookback: TimeDelta,
}

impl BackOffArgs {
    /// With no limit after failures in a row.
    pub(crate) fn tuning(&self) -> Tuning {
        Tuning {
            backoff_interval: self.backoff_interval,
            backoff_lookback: self.backoff_lookback,
            failure_hard_limit: 0,
        }
    }
}

/// The settings of the calculation, with coderd's variables and defaults.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Tuning")]
pub(crate) struct TuningArgs {
    #[command(flatten)]
    back_off: BackOffArgs,
    /// Failed builds in a row until a preset is hard limited; 0 turns the limit off
    #[arg(long, value_name = "N", default_value_t = 3,
          env = "CODER_WORKSPACE_PREBUILDS_FAILURE_HARD_LIMIT", hide_env_values = true,
          value_parser = clap::value_parser!(i64).range(0..))]
    failure_hard_limit: i64,
}

impl TuningArgs {
    pub(crate) fn tuning(&self) -> Tuning {
        Tuning {
            failure_hard_limit: self.failure_hard_limit,
            ..self.back_off.tuning()
        }
    }
}

/// Filters of presets.
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
    /// Whether single presets are asked for.
    pub(crate) fn names_presets(&self) -> bool {
        !self.preset.is_empty()
    }

    pub(crate) fn selection(&self) -> Selection {
        Selection {
            organizations: self.organization.clone(),
            templates: self.template.clone(),
            presets: self.preset.clone(),
        }
    }
}

/// Which rows tables of pools have.
#[derive(Clone, Copy, Debug, Args)]
#[command(next_help_heading = "Rows")]
pub(crate) struct RowArgs {
    /// Only presets that somebody has to look at
    ///
    /// Below target, backing off, blocked, hard limited, not buildable, or with members that are stuck or
    /// out of contact.
    #[arg(long)]
    pub(crate) problems: bool,
    /// A row for each template or organization, with sums
    #[arg(long, value_enum, value_name = "WHAT")]
    pub(crate) group_by: Option<GroupBy>,
}

/// Whether to wait until the started builds have ended.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct WaitArgs {
    /// Wait until everything is done, at most DURATION
    #[arg(long, value_name = "DURATION", num_args = 0..=1, value_parser = parse_duration)]
    wait: Option<Option<Duration>>,
}

impl WaitArgs {
    /// Whether to wait, and the longest wait if there is a limit.
    pub(crate) fn patience(self) -> Option<Option<Duration>> {
        self.wait
    }
}

/// The wait for the reconciliation lock.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct LockArgs {
    /// Longest wait for a running pass to end
    #[arg(long, value_name = "DURATION", default_value = "10s",
          value_parser = parse_duration)]
    pub(crate) wait_lock: Duration,
}

/// Nobody waits longer, and no clock counts that far beyond the present.
const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 60 * 60);

/// Reads a duration such as `1h30m`, of at most 100 years.
pub(crate) fn parse_duration(text: &str) -> Result<Duration> {
    let duration = humantime::parse_duration(text)?;
    if duration > LONGEST {
        bail!("is more than 100 years");
    }
    Ok(duration)
}

/// Reads a duration for calculations with times.
pub(crate) fn parse_delta(text: &str) -> Result<TimeDelta> {
    TimeDelta::from_std(parse_duration(text)?).context("is too long")
}

/// When a span of `--for` that begins now is over.
pub(crate) fn end_of(span: Option<TimeDelta>, now: Time) -> Result<Option<Time>> {
    let Some(span) = span else { return Ok(None) };
    if span.is_zero() {
        bail!(Failure::usage("--for must be longer than 0s"));
    }
    let end = now.checked_add_signed(span);
    end.map(Some).context("--for ends beyond all calendars")
}

/// Reads a time as people write it; a span alone is one from now on.
pub(crate) fn parse_time(text: &str) -> Result<Time, String> {
    time_words::read(text, clock::now(), Towards::Future)
}

/// The same for a time that has been; a span alone reaches back.
pub(crate) fn parse_past(text: &str) -> Result<Time, String> {
    time_words::read(text, clock::now(), Towards::Past)
}

/// The values of a repeatable flag by name.
///
/// # Errors
/// A name that is given twice.
pub(crate) fn parameters(
    flag: &str,
    given: Vec<(String, String)>,
) -> Result<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    for (name, value) in given {
        if parameters.contains_key(&name) {
            bail!(Failure::usage(format!("{flag} {name:?} is given twice")));
        }
        parameters.insert(name, value);
    }
    Ok(parameters)
}

/// Reads `NAME=VALUE`.
pub(crate) fn parse_parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("give NAME=VALUE".to_owned()),
    }
}

/// Reads `[ORG/]TEMPLATE=VERSION`.
pub(crate) fn parse_promotion(text: &str) -> Result<Promotion, String> {
    let (template, version) = text
        .rsplit_once('=')
        .filter(|(template, version)| !template.is_empty() && !version.is_empty())
        .ok_or_else(|| format!("{text:?} is not of the form [ORG/]TEMPLATE=VERSION"))?;
    Ok(Promotion {
        template: template.to_owned(),
        version: version.to_owned(),
    })
}

/// Reads `PRESET=N`.
pub(crate) fn parse_desired(text: &str) -> Result<SetDesired, String> {
    let (preset, number) = text
        .rsplit_once('=')
        .filter(|(preset, _)| !preset.is_empty())
        .ok_or_else(|| {
            format!(
                "{text:?} is not of the form PRESET=N, where PRESET is an id or \
                 [[ORG/]TEMPLATE/]NAME"
            )
        })?;
    // The database's type; a larger number could not be real.
    let desired = number.parse::<i32>().ok().filter(|number| *number >= 0);
    let desired = desired.ok_or_else(|| {
        format!(
            "{text:?}: {number:?} is not a number from 0 to {}",
            i32::MAX
        )
    })?;
    Ok(SetDesired {
        preset: preset.to_owned(),
        desired: desired.into(),
    })
}
