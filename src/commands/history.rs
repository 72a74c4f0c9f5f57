//! `history`: what happened to the pools.
//!
//! Reads only, on a session that can't write.

use std::process::ExitCode;

use anyhow::Result;
use chrono::TimeDelta;
use clap::Args;
use clap::builder::PossibleValuesParser;
use serde::Serialize;

use crate::cli::{Context, FilterArgs, parse_past};
use crate::model::history::{HistoryEntry, claims, events, failures, passes};
use crate::model::{FormatVersion, Time};
use crate::render;

/// How far back it goes unless asked.
const USUAL: TimeDelta = TimeDelta::days(1);

/// Show what happened: passes, claims, failed builds, pauses and changes of pools
///
/// A database created by prebuildctl keeps what passes did, who paused them and why, what people declared and
/// did to claimed workspaces, and what loops found out about pools: 10,000 entries and 90 days at most. On Coder's database passes are worked out from the builds that
/// the prebuilds user asked for, whoever ran them, and of pauses only the present one is known, if it was made
/// with --reason or --for. Claims and failed builds are worked out from builds on both.
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// How far back: 2h, yesterday 18:00, 2026-11-26, or an RFC 3339 time [default: 1d]
    #[arg(long, value_name = "TIME", value_parser = parse_past)]
    since: Option<Time>,
    /// Only entries of this event, such as pass, claim, build_failed, pause or hard_limited; repeatable
    #[arg(long, value_name = "EVENT", value_parser = PossibleValuesParser::new(events()), hide_possible_values = true)]
    event: Vec<String>,
    /// Only the newest N entries
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    filter: FilterArgs,
}

/// What `history --format json` writes, version 1.
#[derive(Serialize)]
struct Document {
    version: FormatVersion,
    /// In order of time.
    entries: Vec<HistoryEntry>,
}

pub(crate) async fn run(context: &Context, args: HistoryArgs) -> Result<ExitCode> {
    let mut reader = context.store()?.open_reader().await?;
    let now = reader.now();
    let usual = now.checked_sub_signed(USUAL).unwrap_or(now);
    let since = args.since.unwrap_or(usual);
    let selection = args.filter.selection();
    let templates = reader.template_scopes().await?;
    selection.check(&templates)?;
    let mut entries = reader.history(since).await?;
    let builds = reader.pool_builds(since).await?;
    if !reader.keeps_history() {
        entries.extend(passes(&builds));
        let note = reader.pause().await?.note;
        let note = note.filter(|note| note.at >= since);
        entries.extend(note.map(|note| note.entry()));
    }
    entries.extend(failures(&builds));
    entries.extend(claims(&reader.claim_builds(since).await?));
    reader.close().await;
    entries.retain(|entry| {
        (args.event.is_empty() || args.event.contains(&entry.event)) && entry.is_about(&selection)
    });
    // What came at one time stays in the order in which it was read.
    entries.sort_by_key(|entry| entry.at);
    let first = entries
        .len()
        .saturating_sub(args.limit.unwrap_or(usize::MAX));
    let document = Document {
        version: FormatVersion,
        entries: entries.split_off(first),
    };
    context
        .output
        .report(&document, |_| render::history::view(&document.entries, now))?;
    Ok(ExitCode::SUCCESS)
}
