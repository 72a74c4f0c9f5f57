//! `invalidate`: running prebuilt workspaces are replaced, all at once or rolling.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::{ArgGroup, Args};
use tokio::time::Instant;

use crate::actions::invalidation::{self, Step, Target};
use crate::cli::{Context, Format, PARTIAL, WaitArgs, parse_time, progress};
use crate::clock;
use crate::error::Failure;
use crate::model::document::to_json;
use crate::model::facts::Mark;
use crate::model::names::{Selection, select};
use crate::model::{FormatVersion, Time};
use crate::render::invalidate::{InvalidateReport, PresetProgress};
use crate::store::Invalidator;

/// Between two looks at pools. Replacing takes at least a pass and a build.
const POLL: Duration = Duration::from_secs(1);

/// Have the running prebuilt workspaces of presets replaced
///
/// Marks presets of active template versions, as Coder's own invalidation does: running prebuilt
/// workspaces created before the mark count as expired, and passes replace them. No build is
/// started by this command, and what somebody has claimed is not concerned.
///
/// With --max-unavailable N the oldest go first, no more than N of a pool at once and only while the
/// pool has all but N of its workspaces ready. One step is taken and what remains is told; repeat it
/// with --before set to the time of the first step, or let --wait take all steps. Exits with 3 when a
/// preset can't go on, or when --wait ended before everything was replaced.
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
    #[arg(long, value_name = "N", value_parser = parse_positive)]
    max_unavailable: Option<usize>,
    /// Only workspaces created before this time [default: now]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    before: Option<Time>,
    #[command(flatten)]
    wait: WaitArgs,
}

fn parse_positive(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("must be at least 1".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}

/// Runs the command.
pub(crate) async fn run(context: &Context, args: InvalidateArgs) -> Result<ExitCode> {
    let now = clock::now();
    let target = Target {
        before: args.before.unwrap_or(now),
        max_unavailable: args.max_unavailable,
    };
    if target.before > now {
        let problem = "--before is in the future: replacements would expire as well";
        return Err(Failure::usage(problem).into());
    }
    let selection = Selection {
        presets: args.presets,
        templates: args.template,
        organizations: Vec::new(),
    };
    let mut session = context.store()?.open_invalidator().await?;
    let mut progress = Vec::new();
    let paused = take_step(&mut session, &selection, target, &mut progress).await?;
    if progress.is_empty() {
        bail!("none of these presets is in use: their versions are not active");
    }
    if let Some(patience) = args.wait.patience() {
        let deadline = patience.map(|patience| Instant::now() + patience);
        let total = left(&progress);
        let bar = progress::waiting_bar(&context.output, total as u64);
        while left(&progress) > 0 && !progress.iter().all(is_stuck) {
            let now = Instant::now();
            if deadline.is_some_and(|deadline| now >= deadline) {
                break;
            }
            let rest = deadline.map_or(POLL, |deadline| deadline - now);
            tokio::time::sleep(POLL.min(rest)).await;
            take_step(&mut session, &selection, target, &mut progress).await?;
            bar.set_position(total.saturating_sub(left(&progress)) as u64);
        }
        bar.finish_and_clear();
    }
    session.close().await;
    let problems = progress.iter().filter(|it| it.problem.is_some()).count();
    let late = args.wait.patience().is_some() && left(&progress) > 0;
    let report = InvalidateReport {
        version: FormatVersion,
        before: target.before,
        max_unavailable: target.max_unavailable,
        reconciliation_paused: paused,
        invalidated: progress.iter().map(|it| it.invalidated).sum(),
        replacing: progress.iter().map(|it| it.replacing).sum(),
        remaining: progress.iter().map(|it| it.remaining).sum(),
        presets: progress,
    };
    context.output.data(&match context.output.format {
        Format::Json => to_json(&report),
        Format::Table => report.table(context.output.style()),
    })?;
    if problems > 0 && problems == report.presets.len() {
        bail!("none of the presets could be invalidated");
    }
    Ok(if problems > 0 || late {
        ExitCode::from(PARTIAL)
    } else {
        ExitCode::SUCCESS
    })
}

fn left(progress: &[PresetProgress]) -> usize {
    progress.iter().map(PresetProgress::left).sum()
}

/// Whether waiting is of no use.
fn is_stuck(progress: &PresetProgress) -> bool {
    progress.problem.is_some() || progress.left() == 0
}

/// Looks at the pools and moves marks as far as they may go. Returns whether reconciliation is
/// paused.
async fn take_step(
    session: &mut Invalidator,
    selection: &Selection,
    target: Target,
    progress: &mut Vec<PresetProgress>,
) -> Result<bool> {
    let facts = session.read_facts().await?;
    let unbuilt = invalidation::unbuilt(&facts);
    let now = clock::now();
    let snapshot = select(invalidation::snapshot(facts, now), selection)?;
    let steps = invalidation::next_steps(&snapshot, &unbuilt, target, now);
    let marks: Vec<Mark> = steps.iter().filter_map(|step| step.mark).collect();
    let marked = session.invalidate(&marks).await?;
    if progress.is_empty() {
        progress.extend(steps.iter().map(PresetProgress::new));
    }
    for entry in progress {
        let step = steps.iter().find(|step| step.preset.id == entry.preset.id);
        match step {
            Some(step) => {
                entry.update(step);
                apply(entry, step, marked.contains(&step.preset.id));
            }
            // Its version went out of use: passes replace the pool as a whole.
            None => (entry.replacing, entry.remaining) = (0, 0),
        }
    }
    Ok(snapshot.reconciliation_paused)
}

fn apply(entry: &mut PresetProgress, step: &Step, marked: bool) {
    if marked {
        entry.advance(step);
    } else if step.mark.is_some() {
        entry.problem = Some("its version is no longer the active one".to_owned());
    }
}
