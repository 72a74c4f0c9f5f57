//! `provision`: runs the queued build jobs of a database that this program created.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{ArgGroup, Args};
use uuid::Uuid;

use crate::builds;
use crate::cli::{Context, parse_duration};
use crate::error::Failure;
use crate::model::text::plural;
use crate::provision::{Builder, Exec, Simulate, Worker, WorkerSettings};

/// Run the queued builds of a database created by prebuildctl
///
/// Takes jobs, those of users before those of pools, and runs a command for each build or simulates
/// it. Any number of workers can run at once. On SIGINT or SIGTERM the worker exits once its running
/// builds have ended. It ends those that take longer than --grace, or at a second signal, with all their
/// processes, and requeues their jobs.
///
/// When a worker dies, another takes over its jobs after --stale-after and runs their builds again:
/// the command must be idempotent. Processes that it started may still be running then.
#[derive(Debug, Args)]
#[command(after_help = COMMAND_HELP,
          group(ArgGroup::new("builder").required(true).args(["exec", "simulate"])))]
pub(crate) struct ProvisionArgs {
    /// Build with this command; must come last: everything after it belongs to it
    #[arg(long, value_name = "CMD", num_args = 1.., allow_hyphen_values = true)]
    exec: Vec<OsString>,
    /// Simulate builds: each just takes --build-time
    #[arg(long)]
    simulate: bool,
    /// Exit when no job is left to take
    #[arg(long, visible_alias = "until-idle")]
    drain: bool,
    /// Also print what builds print, each line behind the name of its workspace
    #[arg(long)]
    show_output: bool,
    /// Number of builds at once [default: processor cores, at least 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    parallel: Option<u16>,
    /// Offer this tag; repeatable. Without tags, takes all jobs
    ///
    /// With tags, takes only jobs whose tags are all offered, and no untagged ones, as Coder's
    /// provisioners do. scope=organization and owner= are implied.
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse_tag)]
    tag: Vec<(String, String)>,
    /// How often to look for jobs
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = parse_positive)]
    poll_interval: Duration,
    /// Take over jobs of a worker without a heartbeat for this time
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = parse_positive)]
    stale_after: Duration,
    /// Time between heartbeats
    #[arg(long, value_name = "DURATION", default_value = "10s", hide = true,
          value_parser = parse_positive)]
    heartbeat: Duration,
    /// End and fail a build that takes longer
    #[arg(long, value_name = "DURATION", default_value = "30m", value_parser = parse_positive,
          conflicts_with = "simulate")]
    build_timeout: Duration,
    /// How long running builds may go on after SIGINT or SIGTERM
    ///
    /// Give less than the service manager does, by the few seconds that ending them takes.
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = parse_duration)]
    grace: Duration,
    #[command(flatten)]
    simulation: SimulationArgs,
}

/// Durations and failures of simulated builds.
#[derive(Debug, Args)]
#[command(next_help_heading = "Simulation")]
struct SimulationArgs {
    /// Duration of a build, or its range
    #[arg(long, value_name = "DURATION|MIN..MAX", default_value = "2s", requires = "simulate",
          value_parser = parse_span)]
    build_time: RangeInclusive<Duration>,
    /// Share of builds that fail, from 0 to 1
    #[arg(long, value_name = "P", default_value_t = 0.0, requires = "simulate",
          value_parser = parse_rate)]
    failure_rate: f64,
    /// Make durations and failures repeatable for the same jobs
    #[arg(long, value_name = "N", requires = "simulate")]
    seed: Option<u64>,
}

const COMMAND_HELP: &str = "The command runs without a shell, in an empty folder of its own, with \
these variables:
  PREBUILDCTL_TRANSITION             start, stop or delete
  PREBUILDCTL_STAGE                  create or claim for builds of pools, else none
  PREBUILDCTL_WORKSPACE_ID, _WORKSPACE_NAME, _OWNER_ID, _OWNER_NAME, _ORGANIZATION_NAME,
  _TEMPLATE_NAME, _TEMPLATE_VERSION_NAME, _PRESET_NAME, _BUILD_ID, _BUILD_NUMBER, _JOB_ID
  PREBUILDCTL_PARAMETER_<NAME>       value of a parameter; NAME in capitals, other characters as _;
                                     left out where two parameters have the same NAME
  PREBUILDCTL_PARAMETERS_FILE        all parameters as a JSON object, under their real names
  PREBUILDCTL_STATE_FILE             read and written: kept for the workspace's next build
  PREBUILDCTL_RESOURCES_FILE         may be written: {\"resources\": [{\"type\", \"name\", \"agents\":
                                     [{\"name\", \"operating_system\", \"architecture\", \"directory\"}]}]}
                                     Default: one resource with one agent. Agents count as ready
  PREBUILDCTL_REPLACEMENTS_FILE      may be written by a claim: {\"ADDRESS\": [\"PATH\"]}, the resources
                                     that it had to replace

Exit status 0 means that the build succeeded. Output goes to the job's log, which prebuildctl logs prints. The \
error of a failed build is what its output says of one: the lines from the first that begins with Error, error: \
or fatal:, else its last lines, standard error first. Background processes keep running after a build that \
succeeded, and are ended after one that failed. What is to outlive the worker redirects its output.";

pub(crate) async fn run(context: &Context, args: ProvisionArgs) -> Result<ExitCode> {
    if args.stale_after < args.heartbeat * 3 {
        let shortest = humantime::format_duration(args.heartbeat * 3);
        let problem = format!("--stale-after must be at least {shortest}: three heartbeats");
        return Err(Failure::usage(problem).into());
    }
    let builder = builder(&args)?;
    let settings = WorkerSettings {
        parallel: args.parallel.map_or_else(cores, usize::from),
        tags: tags(&args.tag),
        poll_interval: args.poll_interval,
        heartbeat: args.heartbeat,
        stale_after: args.stale_after,
        grace: args.grace,
        drain: args.drain,
        show_output: args.show_output,
    };
    let status = |line: &str| context.output.status(line);
    let worker = Worker::open(context.store()?, builder, settings, &status).await?;
    let summary = worker.run().await?;
    if context.output.has_documents() {
        context.output.document(&summary)?;
    } else {
        let succeeded = plural(summary.succeeded, "build");
        context.output.status(&format!(
            "{succeeded} succeeded, {} failed, {} cancelled.",
            summary.failed, summary.cancelled
        ));
    }
    Ok(ExitCode::SUCCESS)
}

fn builder(args: &ProvisionArgs) -> Result<Builder> {
    let Some((program, arguments)) = args.exec.split_first() else {
        return Ok(Builder::Simulate(Simulate {
            shortest: *args.simulation.build_time.start(),
            longest: *args.simulation.build_time.end(),
            failure_rate: args.simulation.failure_rate,
            seed: args
                .simulation
                .seed
                .unwrap_or_else(|| Uuid::new_v4().as_u64_pair().0),
        }));
    };
    Ok(Builder::Exec(Exec {
        program: find_program(Path::new(program))?,
        arguments: arguments.to_vec(),
        timeout: args.build_timeout,
    }))
}

/// The absolute path of the program.
///
/// # Errors
/// A usage error if it can't be run: otherwise every build of every pool would fail.
fn find_program(name: &Path) -> Result<PathBuf> {
    let runs = |path: &PathBuf| {
        std::fs::metadata(path)
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    let found = if name.components().count() > 1 || name.is_absolute() {
        Some(name.to_owned()).filter(runs)
    } else {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path)
            .map(|folder| folder.join(name))
            .find(runs)
    };
    let found = found
        .ok_or_else(|| Failure::usage(format!("--exec {name:?}: no such executable program")))?;
    // Builds run in folders of their own.
    std::path::absolute(found).context("can't read the working directory")
}

/// The processor cores, at least 2: builds mostly wait for other machines.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2))
}

/// The tags offered; none to take jobs of all tags.
fn tags(given: &[(String, String)]) -> Option<BTreeMap<String, String>> {
    if given.is_empty() {
        return None;
    }
    let mut tags = builds::untagged();
    tags.extend(given.iter().cloned());
    Some(tags)
}

fn parse_tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("is not KEY=VALUE".to_owned()),
    }
}

fn parse_positive(text: &str) -> Result<Duration, String> {
    match parse_duration(text) {
        Ok(Duration::ZERO) => Err("must be more than 0".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(error.to_string()),
    }
}

fn parse_span(text: &str) -> Result<RangeInclusive<Duration>, String> {
    let duration = |text| parse_duration(text).map_err(|error| error.to_string());
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (duration(from)?, duration(to)?);
    if from > to {
        return Err("ends before it begins".to_owned());
    }
    Ok(from..=to)
}

fn parse_rate(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(rate) if (0.0..=1.0).contains(&rate) => Ok(rate),
        _ => Err("is not a number from 0 to 1".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_and_tags_are_read() {
        let seconds = Duration::from_secs;
        assert_eq!(parse_span("2s"), Ok(seconds(2)..=seconds(2)));
        assert_eq!(parse_span("1s..3s"), Ok(seconds(1)..=seconds(3)));
        assert!(parse_span("1s..").is_err());
        assert_eq!(parse_tag("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert!(parse_tag("=b").is_err());
        assert_eq!(tags(&[]), None);
    }
}
