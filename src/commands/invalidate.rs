//! `invalidate`: has running prebuilt workspaces replaced, all at once or rolling.

use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{ArgGroup, Args};
use tokio::time::Instant;

use crate::actions::invalidation::report::{InvalidateReport, PresetProgress};
use crate::actions::invalidation::{self, Target};
use crate::cli::{Context, PARTIAL, Progress, WaitArgs, parse_past};
use crate::error::Failure;
use crate::model::Time;
use crate::model::facts::Mark;
use crate::model::names::{Selection, check_unique, select};
use crate::render;
use crate::store::Invalidator;

/// Time between two steps. A replacement takes at least a pass and a build.
const POLL: Duration = Duration::from_secs(1);

/// Mark the running prebuilt workspaces of presets for replacement
///
/// Marks presets of active template versions, as Coder's own invalidation does: running prebuilt
/// workspaces created before the mark count as expired, and passes replace them. Starts no build.
/// Claimed workspaces are not affected. Without --yes it shows what would be marked, and changes nothing.
///
/// With --max-unavailable N the oldest go first, at most N of a pool at once, and only while at most
/// N of the pool's workspaces are not ready. Takes one step and shows what remains: repeat the
/// command with --before set to the time of the first step, or let --wait take all steps. Exits with 3
/// when a preset can't go on, or when --wait ended before everything was replaced.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("what").required(true).args(["presets", "template"])))]
pub(crate) struct InvalidateArgs {
    /// Presets of active versions
    #[arg(value_name = "PRESET")]
    presets: Vec<String>,
    /// All presets of this template; repeatable
    #[arg(long, value_name = "[ORG/]NAME")]
    template: Vec<String>,
    /// Replace at most N workspaces of a pool at once
    #[arg(long, value_name = "N")]
    max_unavailable: Option<NonZeroUsize>,
    /// Only workspaces created before this time [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_past)]
    before: Option<Time>,
    /// Mark them instead of only showing them
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    wait: WaitArgs,
}

pub(crate) async fn run(context: &Context, args: InvalidateArgs) -> Result<ExitCode> {
    if args.wait.patience().is_some() && !args.yes {
        return Err(Failure::usage("--wait waits for nothing without --yes").into());
    }
    let mut session = context.store()?.open_invalidator().await?;
    let now = session.now();
    let target = Target {
        before: args.before.unwrap_or(now),
        max_unavailable: args.max_unavailable.map(NonZeroUsize::get),
    };
    if target.before > now {
        let problem = "--before is in the future: replacements would expire too";
        return Err(Failure::usage(problem).into());
    }
    let selection = Selection {
        presets: args.presets,
        templates: args.template,
        organizations: Vec::new(),
    };
    let mut presets = Vec::new();
    let mut paused = take_step(&mut session, &selection, target, args.yes, &mut presets).await?;
    if presets.is_empty() {
        bail!("none of these presets belongs to an active version");
    }
    let mut waited = Ok(());
    if let Some(patience) = args.wait.patience() {
        let deadline = patience.map(|patience| Instant::now() + patience);
        let total = left(&presets);
        let mut progress = Progress::of_waiting(&context.output);
        while !presets.iter().all(PresetProgress::is_stuck) {
            let missing = render::invalidate::missing(&presets, paused);
            progress.tell(&context.output, &missing);
            let now = Instant::now();
            if deadline.is_some_and(|deadline| now >= deadline) {
                break;
            }
            let rest = deadline.map_or(POLL, |deadline| deadline - now);
            tokio::time::sleep(POLL.min(rest)).await;
            // What is marked is told.
            match take_step(&mut session, &selection, target, true, &mut presets).await {
                Ok(is_paused) => paused = is_paused,
                Err(error) => {
                    waited = Err(error);
                    break;
                }
            }
            let done = total.saturating_sub(left(&presets));
            progress.set(done as u64, total as u64);
        }
    }
    session.close().await;
    let problems = presets.iter().filter(|it| it.problem.is_some()).count();
    let late = args.wait.patience().is_some() && left(&presets) > 0;
    let report = InvalidateReport::new(target, !args.yes, paused, presets);
    context
        .output
        .report_written(&report, |_| render::invalidate::view(&report))?;
    waited?;
    if problems > 0 && problems == report.presets.len() {
        bail!("none of the presets could be invalidated");
    }
    Ok(if problems > 0 || late {
        ExitCode::from(PARTIAL)
    } else {
        ExitCode::SUCCESS
    })
}

fn left(presets: &[PresetProgress]) -> usize {
    presets.iter().map(PresetProgress::left).sum()
}

/// Moves the marks as far as the pools allow now, or with `yes` false only works out where to. Returns
/// whether reconciliation is paused.
async fn take_step(
    session: &mut Invalidator,
    selection: &Selection,
    target: Target,
    yes: bool,
    presets: &mut Vec<PresetProgress>,
) -> Result<bool> {
    let facts = session.read_facts().await?;
    let unbuilt = invalidation::unbuilt(&facts);
    let now = session.now();
    let snapshot = invalidation::snapshot(facts, now);
    check_unique(&snapshot, selection)?;
    let snapshot = select(snapshot, selection)?;
    let steps = invalidation::next_steps(&snapshot, &unbuilt, target, now);
    let marks: Vec<Mark> = steps.iter().filter_map(|step| step.mark).collect();
    let marked = if yes {
        session.invalidate(&marks).await?
    } else {
        marks.iter().map(|mark| mark.id).collect()
    };
    if presets.is_empty() {
        presets.extend(steps.iter().map(|step| PresetProgress::new(&step.preset)));
    }
    for entry in presets {
        let step = steps.iter().find(|step| step.preset.id == entry.preset.id);
        entry.update(step, marked.contains(&entry.preset.id));
    }
    Ok(snapshot.reconciliation_paused)
}
