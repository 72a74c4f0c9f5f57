//! `reset-limit`: lets limited presets be tried again.

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use uuid::Uuid;

use crate::actions::failure_limit::{LimitedPreset, limits};
use crate::actions::leftovers::{Candidate, Criteria, LeftoverState};
use crate::cli::{Context, LOCKED, LockArgs, TuningArgs, WaitArgs};
use crate::commands::cleanup;
use crate::model::facts::Facts;
use crate::model::names::{Selection, check_unique, select};
use crate::model::{FormatVersion, Time};
use crate::reconcile::removal::report::{Counts, PresetReset, ResetReport};
use crate::reconcile::removal::{Removal, RemovalOptions, RemovalOutcome};
use crate::render;
use crate::store::{Pass, Reader};

/// Reset presets that are hard limited or failed validation, so that they are tried again
///
/// A preset is hard limited when its newest builds all failed. The limit follows from the failed
/// workspaces, which are kept as evidence: as long as they are the newest, Coder and prebuildctl
/// create no others, and resetting the stored status alone would change nothing. So --yes deletes the
/// preset's failed workspaces as cleanup does, and sets the status back to healthy. For a preset that
/// failed validation it only resets the status.
///
/// Read the logs and fix the cause first: without a new template version the same builds may fail
/// again, and the preset is limited after as many failures as before. The next pass creates new
/// workspaces. Without --yes nothing is changed.
#[derive(Debug, Args)]
pub(crate) struct ResetLimitArgs {
    /// Presets of active versions
    #[arg(value_name = "PRESET", required = true)]
    presets: Vec<String>,
    /// Reset the limits instead of only showing them
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    wait: WaitArgs,
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    tuning: TuningArgs,
}

pub(crate) async fn run(context: &Context, args: ResetLimitArgs) -> Result<ExitCode> {
    let store = context.store()?;
    if !args.yes {
        let mut reader = store.open_reader().await?;
        let at = reader.now();
        let facts = reader.read_facts().await?;
        let (limited, mut entries) = find(&mut reader, &facts, &args, at).await?;
        cleanup::foresee(&mut reader, &mut entries).await;
        reader.close().await;
        print(context, at, limited, entries, None)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(mut pass) = context.open_locked(&store, args.lock).await? else {
        return Ok(ExitCode::from(LOCKED));
    };
    let at = pass.now();
    let facts = pass.read_facts().await?;
    let (limited, mut entries) = find(&mut pass, &facts, &args, at).await?;
    let options = RemovalOptions {
        orphan: false,
        wait_lock: args.lock.wait_lock,
    };
    let removed = cleanup::remove(context, &mut pass, &mut entries, options, at).await;
    // After the deletions: if interrupted in between, the preset still counts as limited, and running
    // the command again finishes the reset.
    let reset = match removed {
        Ok(()) => reset_status(&mut pass, &limited, &entries, options.wait_lock)
            .await
            .context("the status was not reset; run the command again"),
        Err(error) => Err(error),
    };
    pass.close().await;
    let (reset, done) = match reset {
        Ok(reset) => {
            let waited = cleanup::wait(context, &store, &mut entries, args.wait).await;
            (reset, waited)
        }
        Err(error) if cleanup::has_begun(&entries) => (BTreeSet::new(), Err(error)),
        Err(error) => return Err(error),
    };
    let exit = cleanup::exit_code(&entries, args.wait);
    print(context, at, limited, entries, Some(&reset))?;
    done.and(exit)
}

/// Resets the status of the presets whose failed workspaces are all gone. Returns these presets.
async fn reset_status(
    pass: &mut Pass,
    limited: &[LimitedPreset],
    entries: &[Removal],
    wait_lock: Duration,
) -> Result<BTreeSet<Uuid>> {
    let reset = presets_to_reset(limited, entries);
    if !pass.begin(wait_lock).await? {
        bail!("another process has taken the lock");
    }
    let ids: Vec<Uuid> = reset.iter().copied().collect();
    pass.reset_prebuild_status(&ids).await?;
    pass.commit().await?;
    Ok(reset)
}

/// The named presets, and the failed workspaces that have to be deleted.
async fn find(
    reader: &mut Reader,
    facts: &Facts,
    args: &ResetLimitArgs,
    at: Time,
) -> Result<(Vec<LimitedPreset>, Vec<Removal>)> {
    let selection = Selection {
        presets: args.presets.clone(),
        ..Selection::default()
    };
    let snapshot = facts.clone().into_snapshot(at, &args.tuning.tuning());
    check_unique(&snapshot, &selection)?;
    let snapshot = select(snapshot, &selection)?;
    let limited = limits(facts, &snapshot);
    if limited.is_empty() {
        bail!("none of these presets belongs to an active version");
    }
    let criteria = Criteria {
        states: vec![LeftoverState::Failed],
        ..Criteria::default()
    };
    let is_evidence = |candidate: &Candidate| {
        let failed = |it: &LimitedPreset| it.failed.contains(&candidate.id);
        limited.iter().any(failed)
    };
    let entries = cleanup::list(reader, facts, &criteria, at, is_evidence).await?;
    Ok((limited, entries))
}

/// The limited presets whose failed workspaces are all gone.
fn presets_to_reset(limited: &[LimitedPreset], entries: &[Removal]) -> BTreeSet<Uuid> {
    let failed: BTreeSet<Uuid> = entries
        .iter()
        .filter(|entry| entry.outcome == RemovalOutcome::Failed)
        .map(|entry| entry.candidate.id)
        .collect();
    limited
        .iter()
        .filter(|it| it.is_limited() && it.failed.is_disjoint(&failed))
        .map(|it| it.preset.id)
        .collect()
}

fn print(
    context: &Context,
    at: Time,
    limited: Vec<LimitedPreset>,
    workspaces: Vec<Removal>,
    reset: Option<&BTreeSet<Uuid>>,
) -> Result<()> {
    let preset = |limited: LimitedPreset| PresetReset {
        failed_workspaces: limited.failed.len(),
        reset: reset.is_some_and(|ids| ids.contains(&limited.preset.id)),
        limited,
    };
    let report = ResetReport {
        version: FormatVersion,
        dry_run: reset.is_none(),
        at,
        counts: Counts::of(&workspaces),
        presets: limited.into_iter().map(preset).collect(),
        workspaces,
    };
    context
        .output
        .report_written(&report, |_| render::reset_limit::view(&report))
}
