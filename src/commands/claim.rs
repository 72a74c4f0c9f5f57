//! `claim`: hands prebuilt workspaces to users.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use chrono::TimeDelta;
use clap::{ArgGroup, Args};
use serde::Serialize;
use tokio::io::BufReader;

use crate::actions::autostart;
use crate::claim::batch::{self, Options, Print};
use crate::claim::{
    ClaimError, Claimed, Claimer, PoolSelector, Refusal, Request, SharedCache, check_name,
};
use crate::cli::{
    Context, NOTHING_TO_CLAIM, Progress, WaitArgs, files, parameters, parse_delta, parse_duration,
    parse_parameter, parse_time,
};
use crate::life;
use crate::model::{JobStatus, Time};
use crate::render;
use crate::store::{AgentPlace, Store};

/// The document of a single claim.
#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    claimed: Claimed,
    /// How the build ended; none without --wait.
    build_status: Option<JobStatus>,
    /// Its error, if it failed.
    error: Option<String>,
    /// Its agents, and where work begins.
    agents: Vec<AgentPlace>,
}

/// Hand a ready prebuilt workspace to a user
///
/// Takes the oldest ready workspace of the preset, gives it to the user, and queues the build that
/// sets it up for them, all in one transaction. Works during passes and while reconciliation is
/// paused. Exits with 4 when there is nothing to claim, and says why.
///
/// With --wait, also waits until that build is done, and prints the folders in which the agents work. Exits
/// with 1 when the build fails or is not done in time; the workspace stays claimed, and in a database created by
/// prebuildctl retry builds it again.
///
/// With --batch, reads a JSON object from each line, {"preset", "user", "name"} and optionally
/// {"key", "parameters"}, and writes a JSON object for each, in the same order and as soon as it is known:
/// {"key", "status", "workspace_id", "message"}, with the status claimed, none_claimable or error. A
/// line that repeats a key with its request gets the first answer again and claims nothing; with another request
/// it is an error. Skips blank lines. Answers all lines, and exits with 1 if any answer is an error.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("from").required(true).args(["preset", "template", "batch"])))]
pub(crate) struct ClaimArgs {
    /// Claim a workspace of this preset; names are looked up in active versions
    #[arg(
        long,
        value_name = "ID|[[ORG/]TEMPLATE/]NAME",
        requires = "user",
        requires = "name"
    )]
    preset: Option<String>,
    /// Claim a workspace of this template's largest preset whose parameters --param contains
    #[arg(long, value_name = "[ORG/]NAME", requires = "user", requires = "name")]
    template: Option<String>,
    /// Value of a parameter of the workspace; repeatable
    ///
    /// With --preset: for a parameter that the preset doesn't fix. The preset's own values win, and a
    /// name that the template doesn't have is ignored, as in Coder.
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_parameter)]
    param: Vec<(String, String)>,
    /// Id or name of the new owner
    #[arg(long, value_name = "ID|NAME")]
    user: Option<String>,
    /// New name of the workspace: up to 32 letters and digits, with single hyphens between them
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    name: Option<String>,
    /// Autostart schedule, such as "30 9 * * 1-5"; CRON_TZ=ZONE may come first
    ///
    /// Accepts what coderd reads: day of month and month are *, and without CRON_TZ it is in UTC.
    /// coderd starts the workspace; in a database created by prebuildctl passes do.
    #[arg(long, value_name = "CRON", value_parser = parse_schedule)]
    autostart_schedule: Option<String>,
    /// Time of the next autostart, whatever the schedule says
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    next_start_at: Option<Time>,
    /// Stop the workspace this long after a start [default: the template's]
    ///
    /// Whole minutes from 1m to 30d. coderd stops the workspace; in a database created by prebuildctl passes do.
    #[arg(long, value_name = "DURATION", value_parser = parse_ttl)]
    ttl: Option<TimeDelta>,
    /// Don't ask for the logins at external authentications that the template requires
    ///
    /// Builds then run without the user's tokens.
    #[arg(long)]
    skip_external_auth: bool,
    /// Wait until a workspace can be claimed, at most DURATION
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    wait_available: Option<Duration>,
    #[command(flatten)]
    wait: WaitArgs,
    /// Make the claims of a file or of standard input
    #[arg(
        long,
        value_name = "FILE|-",
        conflicts_with_all = ["user", "name", "param", "autostart_schedule", "next_start_at", "ttl",
                              "wait", "wait_available"]
    )]
    batch: Option<String>,
    /// Number of database sessions of a batch [default: 8 on PostgreSQL, 1 on SQLite]
    #[arg(long, value_name = "N", conflicts_with_all = ["preset", "template"],
          value_parser = clap::value_parser!(u8).range(1..=64))]
    parallel: Option<u8>,
}

pub(crate) async fn run(context: &Context, args: ClaimArgs) -> Result<ExitCode> {
    if let Some(file) = &args.batch {
        return run_batch(context, file, &args).await;
    }
    let parameters = parameters("--param", args.param)?;
    let selector = match (args.preset, args.template) {
        (Some(preset), _) => PoolSelector::Preset(preset),
        (None, template) => PoolSelector::Parameters {
            template: template.unwrap_or_default(),
            given: parameters.clone(),
        },
    };
    let request = Request {
        user: args.user.unwrap_or_default(),
        name: args.name.unwrap_or_default(),
        parameters,
        autostart_schedule: args.autostart_schedule,
        next_start_at: args.next_start_at,
        ttl: args.ttl,
        skip_external_auth: args.skip_external_auth,
    };
    let store = context.store()?;
    let mut claimer = Claimer::open(&store, SharedCache::default()).await?;
    let patience = args.wait_available.unwrap_or_default();
    let answer = claimer.claim(&selector, &request, patience).await;
    claimer.close().await;
    match answer {
        Ok(claimed) => finish(context, &store, claimed, &request.user, args.wait).await,
        Err(ClaimError::Refused(Refusal::NoneClaimable(reason))) => {
            context.output.error(&format!("nothing to claim: {reason}"));
            Ok(ExitCode::from(NOTHING_TO_CLAIM))
        }
        // As itself, which has a hint.
        Err(ClaimError::Store(error)) => Err(error.into()),
        Err(error) => Err(error.into()),
    }
}

/// Says who got what, and how its build ended where that is waited for.
async fn finish(
    context: &Context,
    store: &Store,
    claimed: Claimed,
    user: &str,
    wait: WaitArgs,
) -> Result<ExitCode> {
    let mut document = Document {
        claimed,
        build_status: None,
        error: None,
        agents: Vec::new(),
    };
    let mut waited = Ok(());
    if let Some(patience) = wait.patience() {
        // Whoever ends the waiting has the workspace all the same.
        let text = format!(
            "Workspace {:?} is {user:?}'s from now on; its build is waited for.",
            document.claimed.name
        );
        context.output.status(&text);
        // Shows that something is waited for.
        let mut progress = Progress::of_waiting(&context.output);
        progress.set(0, 1);
        let ended = life::wait_for_build(store, document.claimed.job_id, patience).await;
        drop(progress);
        let (job, agents) = match ended {
            Ok(ended) => ended.unzip(),
            // The claim stands, and is told.
            Err(error) => {
                waited = Err(error);
                (None, None)
            }
        };
        document.build_status = Some(job.as_ref().map_or(JobStatus::Running, |job| job.status));
        document.error = job.and_then(|job| job.error);
        document.agents = agents.unwrap_or_default();
    }
    let Document {
        claimed, agents, ..
    } = &document;
    context
        .output
        .report_written(&document, |_| render::claim::view(claimed, user, agents))?;
    let name = &document.claimed.name;
    waited.with_context(|| {
        format!("workspace {name:?} is claimed, but its build can't be waited for")
    })?;
    match document.build_status {
        None | Some(JobStatus::Succeeded) => Ok(ExitCode::SUCCESS),
        Some(JobStatus::Failed) => bail!(
            "workspace {name:?} is claimed, but its build failed: {}",
            document.error.as_deref().unwrap_or("without an error")
        ),
        Some(JobStatus::Canceled) => {
            bail!("workspace {name:?} is claimed, but its build was cancelled")
        }
        Some(_) => bail!("workspace {name:?} is claimed, but its build was not done in time"),
    }
}

/// Claims what the lines of a file ask for.
async fn run_batch(context: &Context, file: &str, args: &ClaimArgs) -> Result<ExitCode> {
    let options = Options {
        parallel: args.parallel,
        skip_external_auth: args.skip_external_auth,
    };
    let output = context.output.clone();
    let print: Print = Arc::new(move |line| output.stream(line));
    let store = context.store()?;
    let counts = if file == "-" {
        batch::run(store, BufReader::new(tokio::io::stdin()), options, print).await?
    } else {
        let opened = tokio::fs::File::from_std(files::open_apart(file.into()).await?);
        batch::run(store, BufReader::new(opened), options, print).await?
    };
    context.output.status(&format!(
        "{} claimed, {} not claimable, {} in error.",
        counts.claimed, counts.none_claimable, counts.errors
    ));
    if counts.errors > 0 {
        bail!(
            "{} of the claims failed; their answers say why",
            counts.errors
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn parse_name(text: &str) -> Result<String, String> {
    check_name(text).map(|()| text.to_owned())
}

fn parse_schedule(text: &str) -> Result<String, String> {
    autostart::check(text).map(|()| text.to_owned())
}

fn parse_ttl(text: &str) -> Result<TimeDelta> {
    let ttl = parse_delta(text)?;
    let whole = TimeDelta::minutes(ttl.num_minutes()) == ttl;
    if !whole || ttl < TimeDelta::minutes(1) || ttl > TimeDelta::days(30) {
        bail!("must be whole minutes from 1m to 30d");
    }
    Ok(ttl)
}
