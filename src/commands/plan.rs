//! `plan`: what a pass would do, and why.
//!
//! Reads only. A plan of a saved snapshot needs no database at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use uuid::Uuid;

use crate::actions::health;
use crate::actions::what_if::annotate;
use crate::builds::forecast::Claims;
use crate::cli::files::{self, MAX_DOCUMENT, Readers};
use crate::cli::reading::read;
use crate::cli::watch::{WatchArgs, watch};
use crate::cli::{Context, FilterArgs, HAS_CHANGES, Outlook, RowArgs, TuningArgs, parse_time};
use crate::model::document::{read_snapshot, stream_snapshot, to_json};
use crate::model::names::select;
use crate::model::{Plan, Snapshot, Time};
use crate::render::{Rows, Which};
use crate::{actions, render};

mod explain;
mod timetable;
mod what_if;

use timetable::TimetableArgs;

/// Show what reconcile-once would do, and why
///
/// Changes nothing. The table has the presets with actions or problems, each with its reason; --all shows
/// all presets, even if there is nothing to do.
#[derive(Debug, Args)]
pub(crate) struct PlanArgs {
    /// Plan a saved snapshot document (- for standard input) instead of a database
    #[arg(long, value_name = "FILE")]
    snapshot: Option<PathBuf>,
    /// Plan for another time
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    at: Option<Time>,
    /// Also write the plan document to FILE
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Exit with 2 when the plan has changes
    #[arg(long)]
    detailed_exitcode: bool,
    /// Explain the numbers and the build of every preset, with the errors of failed builds
    #[arg(long, conflicts_with = "group_by")]
    explain: bool,
    /// With --explain: show the build of a claim by this user, by id or name
    #[arg(
        long = "for",
        value_name = "USER",
        requires = "explain",
        conflicts_with = "snapshot"
    )]
    user: Option<String>,
    /// Also show presets with nothing to do
    #[arg(long, conflicts_with = "problems")]
    all: bool,
    #[command(flatten)]
    rows: RowArgs,
    #[command(flatten)]
    timetable: TimetableArgs,
    #[command(flatten)]
    what_if: what_if::WhatIfArgs,
    #[command(flatten)]
    pub(super) watch: WatchArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    tuning: TuningArgs,
}

pub(crate) async fn run(context: &Context, args: PlanArgs) -> Result<ExitCode> {
    watch(context, args.watch, async |context| {
        show(context, &args).await
    })
    .await
}

async fn show(context: &Context, args: &PlanArgs) -> Result<ExitCode> {
    if args.timetable.is_given() {
        return timetable::run(context, args).await;
    }
    let selection = args.filter.selection();
    let tuning = args.tuning.tuning();
    let overrides = args.what_if.overrides(args.snapshot.is_some())?;
    let mut changes = None;
    let (mut in_vain, mut warning) = (Vec::new(), None);
    let mut running_builds = BTreeMap::new();
    let (snapshot, now) = match &args.snapshot {
        Some(path) => {
            let mut snapshot = read_file(path).await?;
            if let Some(overrides) = &overrides {
                changes = Some(what_if::change(context, &mut snapshot, overrides)?);
            }
            let now = args.at.unwrap_or(snapshot.taken_at);
            (select(snapshot, &selection)?, now)
        }
        None => {
            let reading = match &overrides {
                None => read(context, args.at, &tuning, &selection).await?,
                Some(overrides) => {
                    let read =
                        what_if::read(context, args.at, &tuning, &selection, overrides).await?;
                    changes = Some(read.1);
                    read.0
                }
            };
            let now = reading.snapshot.taken_at;
            in_vain = reading.in_vain;
            warning = reading.warning;
            running_builds = reading.running_builds;
            (reading.snapshot, now)
        }
    };
    let mut plan = actions::plan(&snapshot, &tuning, now);
    for (preset_id, found) in in_vain {
        let mut entries = plan.presets.iter_mut();
        if let Some(entry) = entries.find(|entry| entry.preset.id == preset_id) {
            entry.diagnostics.push(found);
        }
    }
    if args.snapshot.is_none() && plan.presets.iter().any(|it| !it.actions.is_empty()) {
        foresee(context, &snapshot, &running_builds, &mut plan).await?;
    }
    let impact = changes.map(|changes| {
        let below_target = annotate(&mut plan, &snapshot, &changes);
        (changes, below_target)
    });
    if let Some(path) = &args.out {
        files::write(path, to_json(&plan), Readers::Owner)
            .await
            .with_context(|| format!("can't write the plan to {path:?}"))?;
    }
    let explained = if args.explain {
        Some(explain::explain(context, args, &snapshot, &mut plan).await?)
    } else {
        None
    };
    context.output.report(&plan, |all| {
        let problems = health::with_problems(&snapshot, &plan);
        let rows = Rows::new(which(args, all), problems);
        let mut view = match (&explained, args.rows.group_by) {
            (Some(background), _) => render::explain::sections(&snapshot, &plan, background, rows),
            (None, Some(by)) => render::groups::actions(&plan, by, rows),
            (None, None) => render::plan::view(&plan, rows, all),
        };
        view.warn(warning);
        if let Some((changes, below_target)) = &impact {
            view.lines(render::what_if::summary(&plan, changes, below_target));
        }
        view
    })?;
    Ok(if args.detailed_exitcode && plan.has_changes {
        ExitCode::from(HAS_CHANGES)
    } else {
        ExitCode::SUCCESS
    })
}

/// Those that are named or explained are shown even if there is nothing to do.
fn which(args: &PlanArgs, all: bool) -> Which {
    if args.rows.problems {
        Which::WithProblems
    } else if all || args.all {
        Which::All
    } else if args.explain || args.filter.names_presets() {
        Which::InUse
    } else {
        Which::Changing
    }
}

/// Adds what a pass would be refused, and claims of the workspaces that it creates.
async fn foresee(
    context: &Context,
    snapshot: &Snapshot,
    running_builds: &BTreeMap<Uuid, Uuid>,
    plan: &mut Plan,
) -> Result<()> {
    let mut reader = context.store()?.open_reader().await?;
    let claims = Claims::Planned;
    match Outlook::read(&mut reader, snapshot, running_builds, plan, claims).await {
        Ok(outlook) => {
            let found = outlook.forecast(snapshot, plan);
            for (entry, found) in plan.presets.iter_mut().zip(found) {
                entry.diagnostics.extend(found);
            }
        }
        // A role that may not read templates can still plan.
        Err(error) => tracing::warn!(%error, "whether builds can be made was not checked"),
    }
    reader.close().await;
    Ok(())
}

async fn read_file(path: &Path) -> Result<Snapshot> {
    if let Some(snapshot) = files::scan(path, stream_snapshot).await {
        return Ok(snapshot);
    }
    let input = files::read(path, MAX_DOCUMENT).await?;
    read_snapshot(&input.bytes).with_context(|| format!("can't use {}", input.name))
}
