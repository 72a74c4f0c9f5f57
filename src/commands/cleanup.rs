//! `cleanup`: lists leftovers and, with `--yes`, deletes them.

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use chrono::TimeDelta;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use uuid::Uuid;

use crate::actions::leftovers::{Candidate, Criteria, LeftoverState, select};
use crate::cli::{Context, FilterArgs, LOCKED, LockArgs, PARTIAL, Progress, WaitArgs, parse_delta};
use crate::model::facts::Facts;
use crate::model::text::count;
use crate::model::{FormatVersion, Time};
use crate::reconcile::removal::report::{CleanupReport, Counts};
use crate::reconcile::removal::{self, Removal, RemovalOptions, RemovalOutcome};
use crate::render;
use crate::store::{Pass, Reader, Store};

/// List leftover prebuilt workspaces and, with --yes, delete them
///
/// Leftovers are prebuilt workspaces that no pool counts and no pass touches: failed, stopped,
/// cancelled, without a build, or still there after a failed delete. Claimed workspaces and those
/// with a pending or running job are never selected.
///
/// Queues delete builds under the reconciliation lock, so that provisioners remove the resources.
/// --orphan leaves the resources behind; use it if they can't be removed any more. Workspaces without
/// a build have no resources and are always orphaned, at once if no provisioner would take the job.
/// Works while reconciliation is paused.
///
/// Commits 500 workspaces at a time; run it again after an interruption. Exits with 3 when some could
/// not be deleted (or, with --wait, were not gone in time), with 1 when none could, and with 5 when
/// another process holds the lock.
#[derive(Debug, Args)]
pub(crate) struct CleanupArgs {
    /// Only workspaces in this state; repeatable [default: all but the last two]
    #[arg(long, value_enum, value_name = "STATE")]
    state: Vec<LeftoverState>,
    /// Only workspaces whose last build is older, such as 2h or 7d
    #[arg(long, value_name = "DURATION", value_parser = parse_delta)]
    older_than: Option<TimeDelta>,
    /// Delete the workspaces instead of only listing them
    #[arg(long)]
    yes: bool,
    /// Delete without provisioner state: resources stay
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
        let help = match self {
            Self::Failed => "The last start or stop failed",
            Self::Stopped => "Stopped by a user",
            Self::Cancelled => "The last start or stop was cancelled",
            Self::WithoutBuild => "There is no build at all",
            Self::FailedDelete => "It was to be deleted, and is still there",
            Self::StuckAgents => {
                "Running, but not ready or out of contact with an agent for longer than --older-than, or 30m; only \
                 when named"
            }
            Self::WithoutPreset => "Its preset has no pool configured any more; only when named",
        };
        Some(PossibleValue::new(self.label()).help(help))
    }
}

pub(crate) async fn run(context: &Context, args: CleanupArgs) -> Result<ExitCode> {
    let store = context.store()?;
    let criteria = Criteria {
        states: args.state,
        older_than: args.older_than,
        selection: args.filter.selection(),
    };
    if !args.yes {
        let mut reader = store.open_reader().await?;
        let at = reader.now();
        let facts = reader.read_facts().await?;
        let mut entries = list(&mut reader, &facts, &criteria, at, |_| true).await?;
        foresee(&mut reader, &mut entries).await;
        reader.close().await;
        print(context, true, at, facts.pause.holds(at), entries)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(mut pass) = context.open_locked(&store, args.lock).await? else {
        return Ok(ExitCode::from(LOCKED));
    };
    let at = pass.now();
    let facts = pass.read_facts().await?;
    let mut entries = list(&mut pass, &facts, &criteria, at, |_| true).await?;
    let options = RemovalOptions {
        orphan: args.orphan,
        wait_lock: args.lock.wait_lock,
    };
    let removed = remove(context, &mut pass, &mut entries, options, at).await;
    pass.close().await;
    let done = match removed {
        Ok(()) => wait(context, &store, &mut entries, args.wait).await,
        Err(error) if !has_begun(&entries) => return Err(error),
        error => error,
    };
    let exit = exit_code(&entries, args.wait);
    print(context, false, at, facts.pause.holds(at), entries)?;
    done.and(exit)
}

/// Workspaces that match the criteria and are to be kept in the list, with the errors of their last
/// builds.
pub(super) async fn list(
    reader: &mut Reader,
    facts: &Facts,
    criteria: &Criteria,
    at: Time,
    keep: impl Fn(&Candidate) -> bool,
) -> Result<Vec<Removal>> {
    let catalogue = reader.read_catalogue(facts).await?;
    let mut found = select(facts, &catalogue, criteria, at)?;
    found.retain(keep);
    let builds: Vec<Uuid> = found.iter().filter_map(|it| it.last_build_id).collect();
    let mut errors = reader.read_errors(&builds).await?;
    let found = found.into_iter().map(|mut candidate| {
        candidate.last_error = candidate.last_build_id.and_then(|id| errors.remove(&id));
        Removal::listed(candidate)
    });
    Ok(found.collect())
}

/// Notes what would be refused.
pub(super) async fn foresee(reader: &mut Reader, entries: &mut [Removal]) {
    if let Err(error) = removal::foresee(reader, entries).await {
        // A role that may not read templates can still list.
        tracing::warn!(%error, "whether delete builds can be made was not checked");
    }
}

/// Deletes the entries and shows progress.
pub(super) async fn remove(
    context: &Context,
    pass: &mut Pass,
    entries: &mut [Removal],
    options: RemovalOptions,
    at: Time,
) -> Result<()> {
    let total = entries.len() as u64;
    let mut progress = Progress::of_work(&context.output);
    removal::remove(pass, entries, options, at, &mut |done| {
        progress.set(done, total)
    })
    .await
}

/// Whether anything has come of any of them: what is committed has to be told, whatever fails afterwards.
pub(super) fn has_begun(entries: &[Removal]) -> bool {
    entries
        .iter()
        .any(|it| it.outcome != RemovalOutcome::Listed)
}

/// Waits for queued deletes if asked to, and shows progress. What is queued is so after an error as well,
/// and has to be told.
pub(super) async fn wait(
    context: &Context,
    store: &Store,
    entries: &mut [Removal],
    wait: WaitArgs,
) -> Result<()> {
    if let Some(patience) = wait.patience() {
        let total = Counts::of(entries).queued.unsigned_abs();
        let mut progress = Progress::of_waiting(&context.output);
        if total > 0 {
            let missing = render::cleanup::missing(entries);
            progress.tell(&context.output, &missing);
        }
        removal::wait(store, entries, patience, &mut |done| {
            progress.set(done, total)
        })
        .await
        .context("the deletes are queued, but can't be waited for")?;
    }
    Ok(())
}

fn print(
    context: &Context,
    dry_run: bool,
    at: Time,
    reconciliation_paused: bool,
    workspaces: Vec<Removal>,
) -> Result<()> {
    let report = CleanupReport {
        version: FormatVersion,
        dry_run,
        at,
        reconciliation_paused,
        counts: Counts::of(&workspaces),
        workspaces,
    };
    context
        .output
        .report_written(&report, |_| render::cleanup::report(&report))
}

/// The exit code for the outcomes of workspaces. One that is still queued after a wait has failed.
pub(super) fn exit_code(entries: &[Removal], wait: WaitArgs) -> Result<ExitCode> {
    let counts = Counts::of(entries);
    let late = wait.patience().map_or(0, |_| counts.queued);
    let bad = counts.failed + late;
    if bad == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    if bad == count(entries.len()) {
        bail!("none of the workspaces could be deleted");
    }
    Ok(ExitCode::from(PARTIAL))
}
