//! The command line: its parser, and the subcommands: arguments first, then behaviour.
//!
//! A mistake on the command line is a usage error (exit 64) before anything is opened. `apply`,
//! `init`, `promote`, `scale`, `start`, `stop`, `retry`, `delete`, `users`, `provision` and `demo` are for
//! databases that this program created; `completions`, `man` and `schema` need no database.

mod apply;
mod claim;
mod cleanup;
mod completion;
mod config;
mod demand;
mod demo;
mod doctor;
mod exit_codes;
mod export;
mod generate;
mod history;
mod invalidate;
mod life;
mod list;
mod logs;
mod man;
mod pause;
mod plan;
mod provision;
mod recommend;
mod reconcile;
mod render;
mod reset_limit;
mod run_loop;
mod scale;
mod show;
mod simulate;
mod snapshot;
mod users;
mod wait;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::process::ExitCode;

use anyhow::Result;
use clap::builder::Resettable;
use clap::parser::ValueSource;
use clap::{
    ArgMatches, CommandFactory as _, FromArgMatches as _, Id, Parser, Subcommand, ValueEnum as _,
};
pub use completion::complete;

use crate::cli::{Context, GlobalArgs, LogFormat, Output, Profile, USAGE, exit_code, logging};
use crate::error::explain;

/// Snapshot, plan and reconcile pools of prebuilt workspaces
///
/// Works on Coder's PostgreSQL database or, with nothing to install, on an embedded SQLite database.
#[derive(Debug, Parser)]
#[command(name = "prebuildctl", version, long_version = env!("PREBUILDCTL_VERSION"), max_term_width = 100,
          after_help = exit_codes::help())]
pub struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Cli {
    /// Reads the command line, with the configuration file behind it.
    ///
    /// # Errors
    /// The exit code after printing a mistake, help or the version.
    pub fn from_command_line() -> Result<Self, ExitCode> {
        let words: Vec<OsString> = std::env::args_os().collect();
        Self::read(&words).map_err(|failure| {
            let output = Output::new(&lenient(&words));
            let Some(message) = failure.downcast_ref::<clap::Error>() else {
                output.error(&explain(&failure));
                return exit_code(&failure);
            };
            if message.use_stderr() && output.has_json_lines() {
                let text = message.to_string();
                output.error(text.trim_end().trim_start_matches("error: "));
            } else {
                // Fails only on a closed pipe.
                let _printed = message.print();
            }
            ExitCode::from(if message.use_stderr() { USAGE } else { 0 })
        })
    }

    fn read(words: &[OsString]) -> Result<Self> {
        let command = without_empty_variables(Self::command());
        let mut matches = command.clone().try_get_matches_from(words)?;
        let global = GlobalArgs::from_arg_matches(&matches)?;
        let (config, name) = (global.config.as_deref(), global.profile_name.as_deref());
        let profile = Profile::read(&Self::command(), config, name)?;
        if profile.has_defaults() {
            let command = profile.set_defaults(command);
            matches = command.try_get_matches_from(words)?;
        }
        let mut cli = Self::from_arg_matches(&matches)?;
        cli.global.profile = profile;
        cli.global.given = given(&matches);
        Ok(cli)
    }

    pub fn output(&self) -> Output {
        Output::new(&self.global)
    }

    /// Starts log lines at the level of the flags and the command.
    pub fn start_logging(&self) {
        logging::start(&self.global, self.is_service());
    }

    /// Whether the command receives signals itself.
    pub fn handles_signals(&self) -> bool {
        match &self.command {
            Command::Snapshot(args) => args.watch.goes_on(),
            Command::Plan(args) => args.watch.goes_on(),
            Command::Doctor(args) => args.watch.goes_on(),
            _ => self.is_service(),
        }
    }

    /// Whether the command runs until a signal stops it, and tells what it does.
    fn is_service(&self) -> bool {
        matches!(self.command, Command::Loop(_) | Command::Provision(_))
    }
}

/// The command line without the variables that are empty: coderd takes these for unset, and charts write them.
fn without_empty_variables(command: clap::Command) -> clap::Command {
    let is_empty = |name: &OsStr| std::env::var_os(name).is_some_and(|value| value.is_empty());
    let command = command.mut_args(|arg| match arg.get_env() {
        Some(name) if is_empty(name) => arg.env(Resettable::Reset),
        _ => arg,
    });
    command.mut_subcommands(without_empty_variables)
}

/// Every subcommand.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Snapshot(snapshot::SnapshotArgs),
    Plan(plan::PlanArgs),
    ReconcileOnce(reconcile::ReconcileArgs),
    Cleanup(cleanup::CleanupArgs),
    Invalidate(invalidate::InvalidateArgs),
    ResetLimit(reset_limit::ResetLimitArgs),
    Render(render::RenderArgs),
    List(list::ListArgs),
    Show(show::ShowArgs),
    Logs(logs::LogsArgs),
    History(history::HistoryArgs),
    Demand(demand::DemandArgs),
    Recommend(recommend::RecommendArgs),
    Simulate(simulate::SimulateArgs),
    Doctor(doctor::DoctorArgs),
    Config(config::ConfigArgs),
    Wait(wait::WaitForArgs),
    Claim(claim::ClaimArgs),
    Start(life::StartArgs),
    Stop(life::StopArgs),
    Retry(life::RetryArgs),
    Delete(life::DeleteArgs),
    Users(users::UsersArgs),
    Loop(run_loop::LoopArgs),
    Pause(pause::PauseArgs),
    Resume(pause::ResumeArgs),
    Init(apply::InitArgs),
    Apply(apply::ApplyArgs),
    Export(export::ExportArgs),
    Promote(scale::PromoteArgs),
    Scale(scale::ScaleArgs),
    Provision(provision::ProvisionArgs),
    Demo(demo::DemoArgs),
    Schema(generate::SchemaArgs),
    Completions(generate::CompletionsArgs),
    Man(man::ManArgs),
}

pub async fn run(cli: Cli) -> Result<ExitCode> {
    let output = cli.output();
    let context = Context::new(cli.global, output);
    match cli.command {
        Command::Snapshot(args) => snapshot::run(&context, args).await,
        Command::Plan(args) => plan::run(&context, args).await,
        Command::ReconcileOnce(args) => reconcile::run(&context, args).await,
        Command::Render(args) => render::run(&context, args).await,
        Command::List(args) => list::run(&context, args).await,
        Command::Show(args) => show::run(&context, args).await,
        Command::Logs(args) => logs::run(&context, args).await,
        Command::Claim(args) => claim::run(&context, args).await,
        Command::Start(args) => life::start(&context, args).await,
        Command::Stop(args) => life::stop(&context, args).await,
        Command::Retry(args) => life::retry(&context, args).await,
        Command::Delete(args) => life::delete(&context, args).await,
        Command::Users(args) => users::run(&context, args).await,
        Command::Loop(args) => run_loop::run(&context, args).await,
        Command::Pause(args) => pause::pause(&context, args).await,
        Command::Resume(_) => pause::resume(&context).await,
        Command::History(args) => history::run(&context, args).await,
        Command::Demand(args) => demand::run(&context, args).await,
        Command::Recommend(args) => recommend::run(&context, args).await,
        Command::Simulate(args) => simulate::run(&context, args).await,
        Command::Apply(args) => apply::run(&context, args).await,
        Command::Export(_) => export::run(&context).await,
        Command::Promote(args) => scale::promote(&context, args).await,
        Command::Scale(args) => scale::scale(&context, args).await,
        Command::Cleanup(args) => cleanup::run(&context, args).await,
        Command::Invalidate(args) => invalidate::run(&context, args).await,
        Command::ResetLimit(args) => reset_limit::run(&context, args).await,
        Command::Wait(args) => wait::run(&context, args).await,
        Command::Doctor(args) => doctor::run(&context, args).await,
        Command::Config(args) => config::run(&context, &args, &Cli::command()),
        Command::Provision(args) => provision::run(&context, args).await,
        Command::Init(_) => apply::init(&context).await,
        Command::Demo(args) => demo::run(&context, args, run_words).await,
        Command::Schema(args) => generate::schema(&context, &args),
        Command::Completions(args) => generate::completions(&context, &args),
        Command::Man(args) => man::run(&context, &args, Cli::command()),
    }
}

/// What stands on the command line itself, by the names of flags in snake case.
fn given(matches: &ArgMatches) -> BTreeMap<String, Vec<String>> {
    let matches = matches.subcommand().map_or(matches, |(_, matches)| matches);
    let ids = matches.ids().map(Id::as_str);
    let ids = ids.filter(|id| matches.value_source(id) == Some(ValueSource::CommandLine));
    let words = |id: &str| {
        let values = matches.try_get_raw(id).ok().flatten();
        let values = values.into_iter().flatten();
        values.map(|it| it.to_string_lossy().into_owned()).collect()
    };
    ids.map(|id| (id.to_owned(), words(id))).collect()
}

/// The global options of a command line that may have mistakes, as far as they can be read.
fn lenient(words: &[OsString]) -> GlobalArgs {
    let matches = Cli::command()
        .ignore_errors(true)
        .try_get_matches_from(words);
    let global = matches.and_then(|matches| GlobalArgs::from_arg_matches(&matches));
    GlobalArgs {
        log_format: log_format(words),
        ..global.unwrap_or_default()
    }
}

/// The form of log lines that a command line asks for, whatever else stands there.
fn log_format(words: &[OsString]) -> LogFormat {
    let words = words.iter().filter_map(|word| word.to_str());
    let words: Vec<&str> = words.flat_map(|word| word.splitn(2, '=')).collect();
    let pairs = words.iter().zip(words.iter().skip(1));
    let mut given = pairs.filter(|(flag, _)| **flag == "--log-format");
    let given = given.next_back().map(|(_, format)| (*format).to_owned());
    let text = given.or_else(|| std::env::var("PREBUILDCTL_LOG_FORMAT").ok());
    let format = text.and_then(|text| LogFormat::from_str(&text, false).ok());
    format.unwrap_or_default()
}

/// Runs a command given by its words, with these global options.
fn run_words(words: Vec<OsString>, global: GlobalArgs) -> demo::Run {
    // Boxed, since the future of a command that runs commands would contain itself.
    Box::pin(async move {
        let cli = Cli::try_parse_from(words)?;
        run(Cli { global, ..cli }).await
    })
}
