//! `cleanup`: leftovers are listed and, when that is confirmed, deleted.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use chrono::TimeDelta;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use uuid::Uuid;

use crate::actions::leftovers::{Candidate, Catalogue, Criteria, LeftoverState, select};
use crate::cli::{
    Context, FilterArgs, Format, LOCKED, LockArgs, PARTIAL, WaitArgs, parse_delta, progress,
};
use crate::clock;
use crate::model::document::to_json;
use crate::model::facts::Facts;
use crate::model::{FormatVersion, Time};
use crate::reconcile::removal::{self, Entry, Fate, How, remove};
use crate::render::cleanup::{CleanupReport, Counts};
use crate::store::{Pass, Reader, Store};

/// List leftover prebuilt workspaces and, with --yes, delete them
///
/// Leftovers are prebuilt workspaces that no pool counts and no pass touches: failed, stopped,
/// cancelled, without a build, or still there after a failed delete. What a provisioner works on is
/// never among them, and what somebody has claimed is no prebuilt workspace any more.
///
/// Deletes by the builds that a pass makes, under its lock, so that provisioners remove what exists
/// outside. --orphan leaves that behind; use it where nothing can be removed any more. Workspaces
/// without a build have nothing outside and always go that way: done at once when no provisioner
/// would take the job. Works while reconciliation is paused.
///
/// Commits 500 workspaces at a time; cut off in the middle, run it again. Exits with 3 when some
/// could not be deleted (or, with --wait, were not gone in time), with 1 when none could, and with 5
/// when another process holds the lock.
#[derive(Debug, Args)]
pub(crate) struct CleanupArgs {
    /// Only workspaces in this state; repeatable [default: all but the last two]
    #[arg(long, value_enum, value_name = "STATE")]
    state: Vec<LeftoverState>,
    /// Only workspaces whose last build is longer ago, such as 2h or 7d
    #[arg(long, value_name = "DURATION", value_parser = parse_delta)]
    older_than: Option<TimeDelta>,
    /// Delete them; without this they are only listed
    #[arg(long)]
    yes: bool,
    /// Delete without provisioner state: what exists outside stays there
    #[arg(long)]
    orphan: bool,
    #[command(flatten)]
    wait: WaitArgs,
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

impl ValueEnum for LeftoverState {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            Self::Failed => ("failed", "The last start or stop failed"),
            Self::Stopped => ("stopped", "Stopped by a user"),
            Self::Cancelled => ("cancelled", "The last start or stop was cancelled"),
            Self::WithoutBuild => ("without-build", "There is no build at all"),
            Self::FailedDelete => ("failed-delete", "It was to be deleted, and is still there"),
            Self::StuckAgents => (
                "stuck-agents",
                "Running, but not ready for longer than --older-than, or 30m; only when named",
            ),
            Self::WithoutPreset => (
                "without-preset",
                "Its preset has no pool configured any more; only when named",
            ),
        };
        Some(PossibleValue::new(name).help(help))
    }
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: CleanupArgs) -> Result<ExitCode> {
    let store = context.store()?;
    let criteria = Criteria {
        states: args.state,
        older_than: args.older_than,
        selection: args.filter.selection(),
    };
    if !args.yes {
        let mut reader = store.open_reader().await?;
        let at = clock::now();
        let facts = reader.read_facts().await?;
        let catalogue = reader.read_catalogue(&facts).await?;
        let mut found = select(&facts, &catalogue, &criteria, at)?;
        add_errors_of_reader(&mut reader, &mut found).await?;
        reader.close().await;
        let entries = found.into_iter().map(Entry::listed).collect();
        print(context, true, at, facts.reconciliation_paused, entries)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(mut pass) = context.open_locked(&store, args.lock).await? else {
        return Ok(ExitCode::from(LOCKED));
    };
    let at = clock::now();
    let (facts, catalogue) = read(&mut pass).await?;
    let found = select(&facts, &catalogue, &criteria, at)?;
    let mut entries = list(&mut pass, found).await?;
    let how = How {
        orphan: args.orphan,
        wait_lock: args.lock.wait_lock,
    };
    remove_with_progress(context, &mut pass, &mut entries, how, at).await?;
    pass.close().await;
    if let Some(patience) = args.wait.patience() {
        wait_with_progress(context, &store, &mut entries, patience).await?;
    }
    let exit = exit_code(&entries, args.wait);
    print(context, false, at, facts.reconciliation_paused, entries)?;
    exit
}

/// Reads what a selection is made from.
pub(super) async fn read(pass: &mut Pass) -> Result<(Facts, Catalogue)> {
    let facts = pass.read_facts().await?;
    let catalogue = pass.read_catalogue(&facts).await?;
    Ok((facts, catalogue))
}

/// The candidates with the errors of their last builds.
pub(super) async fn list(pass: &mut Pass, mut found: Vec<Candidate>) -> Result<Vec<Entry>> {
    let errors = pass.read_errors(&builds(&found)).await?;
    add_errors(&mut found, &errors);
    Ok(found.into_iter().map(Entry::listed).collect())
}

/// The same for a listing that changes nothing.
pub(super) async fn add_errors_of_reader(
    reader: &mut Reader,
    found: &mut [Candidate],
) -> Result<()> {
    let errors = reader.read_errors(&builds(found)).await?;
    add_errors(found, &errors);
    Ok(())
}

fn builds(found: &[Candidate]) -> Vec<Uuid> {
    found
        .iter()
        .filter_map(|candidate| candidate.last_build_id)
        .collect()
}

fn add_errors(found: &mut [Candidate], errors: &BTreeMap<Uuid, String>) {
    for candidate in found {
        candidate.last_error = candidate
            .last_build_id
            .and_then(|id| errors.get(&id).cloned());
    }
}

/// Deletes, with a bar where there is much to do.
pub(super) async fn remove_with_progress(
    context: &Context,
    pass: &mut Pass,
    entries: &mut [Entry],
    how: How,
    at: Time,
) -> Result<()> {
    let bar = progress::bar(&context.output, entries.len() as u64);
    remove(pass, entries, how, at, &mut |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    Ok(())
}

pub(super) async fn wait_with_progress(
    context: &Context,
    store: &Store,
    entries: &mut [Entry],
    patience: Option<Duration>,
) -> Result<()> {
    let queued = Counts::of(entries).queued;
    let bar = progress::waiting_bar(&context.output, queued.unsigned_abs());
    removal::wait(store, entries, patience, &mut |done| bar.set_position(done)).await?;
    bar.finish_and_clear();
    Ok(())
}

fn print(
    context: &Context,
    dry_run: bool,
    at: Time,
    reconciliation_paused: bool,
    workspaces: Vec<Entry>,
) -> Result<()> {
    let report = CleanupReport {
        version: FormatVersion,
        dry_run,
        at,
        reconciliation_paused,
        counts: Counts::of(&workspaces),
        workspaces,
    };
    context.output.data(&match context.output.format {
        Format::Json => to_json(&report),
        Format::Table => report.table(context.output.style()),
    })
}

/// The exit code for what came of the workspaces. What is still queued after a wait did not go well.
pub(super) fn exit_code(entries: &[Entry], wait: WaitArgs) -> Result<ExitCode> {
    let waited = wait.patience().is_some();
    let bad = entries
        .iter()
        .filter(|entry| match entry.outcome {
            Fate::Failed => true,
            Fate::Queued => waited,
            Fate::Listed | Fate::Deleted | Fate::LostRace => false,
        })
        .count();
    if bad == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    if bad == entries.len() {
        bail!("none of the workspaces could be deleted");
    }
    Ok(ExitCode::from(PARTIAL))
}
