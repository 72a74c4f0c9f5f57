//! `reset-limit`: presets that were given up are tried again.

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::Args;
use uuid::Uuid;

use crate::actions::failure_limit::{LimitedPreset, limits};
use crate::actions::leftovers::{Candidate, Catalogue, Criteria, LeftoverState, select};
use crate::cli::{Context, Format, LOCKED, LockArgs, TuningArgs, WaitArgs};
use crate::clock;
use crate::commands::cleanup;
use crate::model::document::to_json;
use crate::model::facts::Facts;
use crate::model::names::{Selection, select as select_presets};
use crate::model::{FormatVersion, Time};
use crate::reconcile::removal::{Entry, Fate, How};
use crate::render::cleanup::Counts;
use crate::render::reset_limit::{PresetReset, ResetReport};

/// Let hard-limited presets, and those that failed validation, be tried again
///
/// A preset is hard limited when its newest builds all failed. That is no setting but follows from
/// the failed workspaces, which are kept as evidence: as long as they are its newest, Coder and
/// this tool make no new ones, and resetting the stored status alone would change nothing. So --yes
/// deletes the preset's failed workspaces as cleanup does, and sets the status back to healthy. A
/// preset that failed validation has no such workspaces and only gets its status back.
///
/// Mend the cause first, and look at the logs before: without a new template version the same
/// builds may well fail again, and the preset is given up after as many failures as before. The next
/// pass makes new workspaces. Without --yes nothing is changed.
#[derive(Debug, Args)]
pub(crate) struct ResetLimitArgs {
    /// Presets of active versions
    #[arg(value_name = "PRESET", required = true)]
    presets: Vec<String>,
    /// Do it; without this it is only shown
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    wait: WaitArgs,
    #[command(flatten)]
    lock: LockArgs,
    #[command(flatten)]
    tuning: TuningArgs,
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: ResetLimitArgs) -> Result<ExitCode> {
    let store = context.store()?;
    if !args.yes {
        let mut reader = store.open_reader().await?;
        let at = clock::now();
        let facts = reader.read_facts().await?;
        let catalogue = reader.read_catalogue(&facts).await?;
        let (limited, mut found) = find(&facts, &catalogue, &args, at)?;
        cleanup::add_errors_of_reader(&mut reader, &mut found).await?;
        reader.close().await;
        let entries = found.into_iter().map(Entry::listed).collect();
        print(context, at, limited, entries, None)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(mut pass) = context.open_locked(&store, args.lock).await? else {
        return Ok(ExitCode::from(LOCKED));
    };
    let at = clock::now();
    let (facts, catalogue) = cleanup::read(&mut pass).await?;
    let (limited, found) = find(&facts, &catalogue, &args, at)?;
    let mut entries = cleanup::list(&mut pass, found).await?;
    let how = How {
        orphan: false,
        wait_lock: args.lock.wait_lock,
    };
    cleanup::remove_with_progress(context, &mut pass, &mut entries, how, at).await?;
    let reset = presets_to_reset(&limited, &entries);
    // After the deletions: cut off in between, the preset still looks limited, and another try
    // finishes it.
    let begun = if entries.is_empty() {
        pass.begin().await.map(|()| true)?
    } else {
        pass.begin_next(how.wait_lock).await?
    };
    if !begun {
        bail!("another process has taken the lock before the status was reset; run it again");
    }
    let ids: Vec<Uuid> = reset.iter().copied().collect();
    pass.reset_prebuild_status(&ids).await?;
    pass.commit().await?;
    pass.close().await;
    if let Some(patience) = args.wait.patience() {
        cleanup::wait_with_progress(context, &store, &mut entries, patience).await?;
    }
    let exit = cleanup::exit_code(&entries, args.wait);
    print(context, at, limited, entries, Some(&reset))?;
    exit
}

/// The presets that were named, and the failed workspaces that have to go.
fn find(
    facts: &Facts,
    catalogue: &Catalogue,
    args: &ResetLimitArgs,
    at: Time,
) -> Result<(Vec<LimitedPreset>, Vec<Candidate>)> {
    let selection = Selection {
        presets: args.presets.clone(),
        ..Selection::default()
    };
    let snapshot = facts.clone().into_snapshot(at, &args.tuning.tuning());
    let snapshot = select_presets(snapshot, &selection)?;
    let limited = limits(facts, &snapshot);
    if limited.is_empty() {
        bail!("none of these presets is in use: their versions are not active");
    }
    let criteria = Criteria {
        states: vec![LeftoverState::Failed],
        ..Criteria::default()
    };
    let mut found = select(facts, catalogue, &criteria, at)?;
    found.retain(|candidate| limited.iter().any(|it| it.failed.contains(&candidate.id)));
    Ok((limited, found))
}

/// The presets that nothing stands against any more.
fn presets_to_reset(limited: &[LimitedPreset], entries: &[Entry]) -> BTreeSet<Uuid> {
    let failed: BTreeSet<Uuid> = entries
        .iter()
        .filter(|entry| entry.outcome == Fate::Failed)
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
    workspaces: Vec<Entry>,
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
    context.output.data(&match context.output.format {
        Format::Json => to_json(&report),
        Format::Table => report.table(context.output.style()),
    })
}
