//! `pause` and `resume`: the setting that stops the passes of coderd and of this program.

use std::process::ExitCode;

use anyhow::Result;
use chrono::TimeDelta;
use clap::Args;
use serde::Serialize;

use crate::cli::{Context, actor, end_of, parse_delta};
use crate::model::FormatVersion;
use crate::model::pause::PauseNote;
use crate::model::text::{first_few, plural, printable, time};
use crate::render::View;
use crate::store::{KeptPool, PauseOutcome};

/// Most pools that are named; there can be hundreds.
const MAX_NAMES: usize = 10;

/// Most characters of a reason: enough for a sentence or two.
const MAX_REASON: usize = 500;

/// Pause reconciliation
///
/// Sets reconciliation_paused, which coderd obeys too: nothing is created, deleted or cancelled
/// until resume. Queued jobs still run, and prebuilt workspaces can be claimed. Writes no entry in
/// Coder's audit log.
///
/// --reason and --for are kept in a row of site_configs that coderd doesn't read. On a database created by
/// prebuildctl, history tells who paused.
#[derive(Debug, Args)]
pub(crate) struct PauseArgs {
    /// Why, for whoever finds the pools paused
    #[arg(long, value_name = "TEXT", value_parser = parse_reason)]
    reason: Option<String>,
    /// End the pause after this time: the first pass of prebuildctl from then on ends it; coderd doesn't
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_delta)]
    length: Option<TimeDelta>,
}

/// Resume reconciliation
///
/// Undoes pause. A loop of prebuildctl goes on at once, coderd with its next pass.
#[derive(Debug, Args)]
pub(crate) struct ResumeArgs {}

/// The document of both commands, version 1.
#[derive(Serialize)]
struct Document {
    version: FormatVersion,
    reconciliation_paused: bool,
    changed: bool,
    pools: i64,
    affected: Vec<KeptPool>,
    queued: i64,
    /// What is noted about the pause; null where nothing is.
    note: Option<PauseNote>,
}

impl Document {
    fn sentence(&self) -> String {
        let already = if self.changed { "" } else { "already " };
        let pools = plural(self.pools, "pool");
        let names = names(&self.affected);
        if !self.reconciliation_paused {
            return format!(
                "Reconciliation is {already}on: {pools} kept at the desired size{names}.\n"
            );
        }
        let queued = match self.queued {
            0 => "no job is queued".to_owned(),
            1 => "1 queued job still runs".to_owned(),
            jobs => format!("{jobs} queued jobs still run"),
        };
        let until = self.note.as_ref().and_then(|note| note.until.as_ref());
        let until = until.map_or_else(String::new, |until| {
            format!(
                " The first pass of prebuildctl after {} resumes it.",
                time(until)
            )
        });
        format!(
            "Reconciliation is {already}paused: {pools} no longer kept{names}; {queued}.{until}\n"
        )
    }
}

pub(crate) async fn pause(context: &Context, args: PauseArgs) -> Result<ExitCode> {
    let store = context.store()?;
    let mut reader = store.open_reader().await?;
    let now = reader.now();
    let affected = reader.kept_pools().await?;
    reader.close().await;
    let until = end_of(args.length, now)?;
    let note = PauseNote {
        by: actor(),
        at: now,
        reason: args.reason,
        until,
    };
    let outcome = store.pause(&note).await?;
    let note = note.says_more().then_some(note);
    print(context, true, affected, outcome, note)
}

pub(crate) async fn resume(context: &Context) -> Result<ExitCode> {
    let store = context.store()?;
    let mut reader = store.open_reader().await?;
    let affected = reader.kept_pools().await?;
    reader.close().await;
    let outcome = store.resume(&actor()).await?;
    print(context, false, affected, outcome, None)
}

fn print(
    context: &Context,
    reconciliation_paused: bool,
    affected: Vec<KeptPool>,
    outcome: PauseOutcome,
    note: Option<PauseNote>,
) -> Result<ExitCode> {
    let document = Document {
        version: FormatVersion,
        reconciliation_paused,
        changed: outcome.changed,
        pools: outcome.pools,
        affected,
        queued: outcome.queued,
        note,
    };
    context
        .output
        .report(&document, |_| View::of(document.sentence()))?;
    Ok(ExitCode::SUCCESS)
}

fn parse_reason(text: &str) -> Result<String, String> {
    match text.chars().count() {
        0 => Err("is empty".to_owned()),
        1..=MAX_REASON => Ok(text.to_owned()),
        _ => Err(format!("has more than {MAX_REASON} characters")),
    }
}

/// The first few names, in brackets.
fn names(pools: &[KeptPool]) -> String {
    let name = |pool: &KeptPool| {
        printable(&format!(
            "{}/{}/{}",
            pool.organization_name, pool.template_name, pool.preset_name
        ))
    };
    if pools.is_empty() {
        return String::new();
    }
    let names: Vec<String> = pools.iter().map(name).collect();
    format!(" ({})", first_few(&names, MAX_NAMES, ", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::text::count;

    fn pools(numbers: std::ops::RangeInclusive<u32>) -> Vec<KeptPool> {
        numbers
            .map(|number| KeptPool {
                organization_name: "acme".to_owned(),
                template_name: "web".to_owned(),
                preset_name: format!("p{number}"),
            })
            .collect()
    }

    #[test]
    fn the_text_says_who_is_affected() {
        let text = |reconciliation_paused, changed, queued, affected: Vec<KeptPool>| {
            let document = Document {
                version: FormatVersion,
                reconciliation_paused,
                changed,
                pools: count(affected.len()),
                affected,
                queued,
                note: None,
            };
            document.sentence()
        };
        assert_eq!(
            text(true, true, 0, pools(1..=2)),
            "Reconciliation is paused: 2 pools no longer kept (acme/web/p1, acme/web/p2); no job \
             is queued.\n"
        );
        assert_eq!(
            text(true, false, 3, pools(7..=7)),
            "Reconciliation is already paused: 1 pool no longer kept (acme/web/p7); 3 queued \
             jobs still run.\n"
        );
        assert_eq!(
            text(false, true, 1, Vec::new()),
            "Reconciliation is on: 0 pools kept at the desired size.\n"
        );
        assert_eq!(names(&pools(1..=10)).matches("acme/web/p").count(), 10);
        assert!(names(&pools(1..=10)).ends_with("acme/web/p10)"));
        assert!(names(&pools(1..=13)).ends_with("acme/web/p10 and 3 more)"));
    }
}
