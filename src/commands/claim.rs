//! `claim`: prebuilt workspaces go to people.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use chrono::TimeDelta;
use clap::{ArgGroup, Args};
use tokio::io::BufReader;

use crate::actions::cron;
use crate::claim::batch::{self, Print};
use crate::claim::{ClaimError, Claimer, PoolSelector, Refusal, Request, check_name};
use crate::cli::{Context, Format, NOTHING_TO_CLAIM, parse_delta, parse_time};
use crate::clock;
use crate::model::Time;
use crate::model::document::to_json;
use crate::model::text::printable;

/// Hand a ready prebuilt workspace to a person
///
/// Takes the oldest workspace of the preset that is ready, gives it to the user, and queues the
/// build that makes it theirs, all at once or not at all. Works beside reconcile passes and while
/// reconciliation is paused. Exits with 4 when there is nothing to claim, and says why.
///
/// With --batch many claims are made: a JSON object a line in, {"preset", "user", "name"} and
/// optionally {"key"}; a JSON object a line out, in the same order and as soon as it is known:
/// {"key", "status", "workspace_id", "message"}, the status one of claimed, none_claimable and
/// error. A line whose key was there before gets the answer of that one, and nothing is claimed for
/// it. Blank lines are passed over. Exits with 0 when no answer is an error, else with 1; the other
/// lines are done all the same.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("from").required(true).args(["preset", "template", "batch"])))]
pub(crate) struct ClaimArgs {
    /// Claim a workspace of this preset; a name is looked up in active versions
    #[arg(
        long,
        value_name = "ID|[[ORG/]TEMPLATE/]NAME",
        requires = "user",
        requires = "name"
    )]
    preset: Option<String>,
    /// Claim a workspace of this template's largest preset that --param contains
    #[arg(long, value_name = "[ORG/]NAME", requires = "user", requires = "name")]
    template: Option<String>,
    /// A parameter value that the workspace is to have; repeatable
    #[arg(long, value_name = "NAME=VALUE", conflicts_with = "preset",
          value_parser = parse_parameter)]
    param: Vec<(String, String)>,
    /// Id or name of the user who gets it
    #[arg(long, value_name = "ID|NAME")]
    user: Option<String>,
    /// Its new name: up to 32 letters and digits, with single hyphens between them
    #[arg(long, value_name = "NAME", value_parser = parse_name)]
    name: Option<String>,
    /// Start it by itself, as in "30 9 * * 1-5"; CRON_TZ=ZONE may stand before
    ///
    /// coderd does the starting. On a database of our own nothing does: the schedule is only noted.
    #[arg(long, value_name = "CRON", value_parser = parse_schedule)]
    autostart_schedule: Option<String>,
    /// When that is next
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    next_start_at: Option<Time>,
    /// Stop it this long after a start; default: as the template says
    ///
    /// From 1m to 30d. coderd does the stopping. On a database of our own nothing does: a start
    /// only notes when the workspace is to stop (workspace_builds.deadline).
    #[arg(long, value_name = "DURATION", value_parser = parse_ttl)]
    ttl: Option<TimeDelta>,
    /// Make the claims of a file, or of standard input
    #[arg(
        long,
        value_name = "FILE|-",
        conflicts_with_all = ["user", "name", "param", "autostart_schedule", "next_start_at", "ttl"]
    )]
    batch: Option<String>,
    /// How many sessions a batch uses; default: 8 on PostgreSQL, 1 on SQLite
    #[arg(long, value_name = "N", conflicts_with_all = ["preset", "template"],
          value_parser = clap::value_parser!(u8).range(1..=64))]
    parallel: Option<u8>,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: ClaimArgs) -> Result<ExitCode> {
    if let Some(file) = &args.batch {
        return run_batch(context, file, args.parallel).await;
    }
    let selector = match (args.preset, args.template) {
        (Some(preset), _) => PoolSelector::Preset(preset),
        (None, template) => PoolSelector::Parameters {
            template: template.unwrap_or_default(),
            given: parameters(args.param)?,
        },
    };
    let request = Request {
        user: args.user.unwrap_or_default(),
        name: args.name.unwrap_or_default(),
        autostart_schedule: args.autostart_schedule,
        next_start_at: args.next_start_at,
        ttl: args.ttl,
    };
    let mut claimer = Claimer::open(&context.store()?).await?;
    let answer = claimer.claim(&selector, &request, clock::now()).await;
    claimer.close().await;
    match answer {
        Ok(claimed) => {
            context.output.data(&match context.output.format {
                Format::Json => to_json(&claimed),
                Format::Table => format!(
                    "Claimed workspace {} ({}) for {}.\n",
                    claimed.name,
                    claimed.workspace_id,
                    printable(&request.user)
                ),
            })?;
            Ok(ExitCode::SUCCESS)
        }
        Err(ClaimError::Refused(Refusal::NoneClaimable(reason))) => {
            context.output.error(&format!("nothing to claim: {reason}"));
            Ok(ExitCode::from(NOTHING_TO_CLAIM))
        }
        Err(error) => Err(error.into()),
    }
}

/// Claims what the lines of a file ask for.
async fn run_batch(context: &Context, file: &str, parallel: Option<u8>) -> Result<ExitCode> {
    let output = context.output.clone();
    let print: Print = Arc::new(move |line| output.stream(line));
    let store = context.store()?;
    let counts = if file == "-" {
        batch::run(store, BufReader::new(tokio::io::stdin()), parallel, print).await?
    } else {
        let opened = tokio::fs::File::open(file).await;
        let opened = opened.with_context(|| format!("can't read {file:?}"))?;
        batch::run(store, BufReader::new(opened), parallel, print).await?
    };
    context.output.status(&format!(
        "{} claimed, {} not claimable, {} in error.",
        counts.claimed, counts.none_claimable, counts.errors
    ));
    if counts.errors > 0 {
        bail!(
            "{} of the requests could not be met; their answers say why",
            counts.errors
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// The values by name, each given once.
fn parameters(given: Vec<(String, String)>) -> Result<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    for (name, value) in given {
        if parameters.contains_key(&name) {
            bail!(crate::error::Failure::usage(format!(
                "--param {name:?} is given twice"
            )));
        }
        parameters.insert(name, value);
    }
    Ok(parameters)
}

fn parse_parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("give NAME=VALUE".to_owned()),
    }
}

fn parse_name(text: &str) -> Result<String, String> {
    check_name(text).map(|()| text.to_owned())
}

fn parse_schedule(text: &str) -> Result<String, String> {
    cron::check_weekly(text).map(|()| text.to_owned())
}

fn parse_ttl(text: &str) -> Result<TimeDelta> {
    let ttl = parse_delta(text)?;
    if ttl < TimeDelta::minutes(1) || ttl > TimeDelta::days(30) {
        bail!("must be from 1m to 30d");
    }
    Ok(ttl)
}
