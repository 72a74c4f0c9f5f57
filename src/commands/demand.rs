//! `demand`: what was asked of pools, and what they had.
//!
//! Reads only, on a session that can't write.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use chrono::TimeDelta;
use clap::Args;

use crate::cli::files::{self, Readers};
use crate::cli::{Context, FilterArgs, parse_past};
use crate::demand::hours::LONGEST;
use crate::demand::summary::demand;
use crate::error::Failure;
use crate::model::Time;
use crate::model::demand::DemandFacts;
use crate::model::names::Selection;
use crate::render;

/// How far back it goes unless asked.
const USUAL: TimeDelta = TimeDelta::weeks(4);

/// Show what was asked of pools: claims, misses, waits, idle members and builds
///
/// A miss is a workspace that a person made while the pool of its preset had nothing to claim: its first build names the
/// preset, or has its values. Its wait is the time of that build. On a database created by prebuildctl a
/// miss is a claim that found nothing. Hours are those of the preset's time zone.
#[derive(Debug, Args)]
pub(crate) struct DemandArgs {
    #[command(flatten)]
    past: PastArgs,
    /// A row for each hour of the week
    #[arg(long)]
    by_hour: bool,
    #[command(flatten)]
    filter: FilterArgs,
}

/// How much of the past counts, and a page about it.
#[derive(Debug, Args)]
pub(super) struct PastArgs {
    /// How far back: 4w, 2026-11-02, or an RFC 3339 time [default: 4w]
    #[arg(long, value_name = "TIME", value_parser = parse_past)]
    since: Option<Time>,
    /// The end of what counts, for the same answer later [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_past)]
    until: Option<Time>,
    /// Also write a page with pictures to this file: HTML that needs no network and no script
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl PastArgs {
    /// Writes the page that `page` makes, if one is asked for.
    pub(super) async fn write(
        &self,
        context: &Context,
        page: impl FnOnce() -> String,
    ) -> Result<()> {
        if let Some(path) = &self.html {
            files::write(path, page(), Readers::Owner)
                .await
                .with_context(|| format!("can't write the page to {path:?}"))?;
            context.output.status(&format!("The page is in {path:?}."));
        }
        Ok(())
    }
}

/// What was asked of pools.
pub(super) struct Past {
    pub facts: DemandFacts,
    pub since: Time,
    pub until: Time,
}

pub(crate) async fn run(context: &Context, args: DemandArgs) -> Result<ExitCode> {
    let selection = args.filter.selection();
    let past = read(context, &args.past, &selection).await?;
    let demand = demand(&past.facts, &selection, past.since, past.until);
    args.past
        .write(context, || render::pages::demand(&demand))
        .await?;
    context
        .output
        .report(&demand, |verbose| match args.by_hour {
            true => render::demand::by_hour(&demand),
            false => render::demand::view(&demand, verbose),
        })?;
    Ok(ExitCode::SUCCESS)
}

/// Reads what was asked of all pools.
///
/// # Errors
/// A name that is selected stands for no pool.
pub(super) async fn read(
    context: &Context,
    args: &PastArgs,
    selection: &Selection,
) -> Result<Past> {
    let mut reader = context.store()?.open_reader().await?;
    let now = reader.now();
    let until = args.until.unwrap_or(now).min(now);
    let usual = until.checked_sub_signed(USUAL).unwrap_or(until);
    let since = args.since.unwrap_or(usual);
    if since >= until {
        bail!(Failure::usage(
            "--since is not before the end: now, unless --until says otherwise"
        ));
    }
    if until - since > LONGEST {
        bail!(Failure::usage(
            "--since is more than five years before the end"
        ));
    }
    let facts = reader.demand(since).await?;
    reader.close().await;
    selection.check(&facts.presets)?;
    Ok(Past {
        facts,
        since,
        until,
    })
}
