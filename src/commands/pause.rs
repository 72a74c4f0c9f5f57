//! `pause` and `resume`: the setting that stops passes, coderd's as well as this tool's.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::cli::Context;
use crate::document::to_json;
use crate::model::FormatVersion;
use crate::output::Format;
use crate::render::plural;
use crate::store::PauseOutcome;

/// Pause reconciliation
///
/// Sets reconciliation_paused, which coderd obeys too: nothing is created, deleted or cancelled
/// until resume. Jobs that are queued already go on, and prebuilt workspaces can be claimed. Coder's
/// audit log knows nothing of it.
#[derive(Debug, Args)]
pub struct PauseArgs {}

/// Resume reconciliation
///
/// Takes back what pause has set. A loop goes on at once, others with their next pass.
#[derive(Debug, Args)]
pub struct ResumeArgs {}

/// The document of either command, version 1.
#[derive(Serialize)]
struct Document {
    version: FormatVersion,
    reconciliation_paused: bool,
    changed: bool,
    pools: i64,
    queued: i64,
}

/// Runs either command.
pub async fn run(context: &Context, paused: bool) -> Result<ExitCode> {
    let outcome = context.store()?.set_paused(paused).await?;
    context.output.data(&match context.output.format {
        Format::Json => to_json(&Document {
            version: FormatVersion,
            reconciliation_paused: paused,
            changed: outcome.changed,
            pools: outcome.pools,
            queued: outcome.queued,
        }),
        Format::Table => text(paused, outcome),
    })?;
    Ok(ExitCode::SUCCESS)
}

fn text(paused: bool, outcome: PauseOutcome) -> String {
    let already = if outcome.changed { "" } else { " already" };
    let pools = plural(outcome.pools, "pool");
    if !paused {
        return format!("Reconciliation is on{already}: {pools} kept at the desired size.\n");
    }
    let queued = match outcome.queued {
        0 => "no job is queued".to_owned(),
        1 => "1 job queued already goes on".to_owned(),
        jobs => format!("{jobs} jobs queued already go on"),
    };
    format!("Reconciliation is paused{already}: {pools} not kept any more; {queued}.\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(changed: bool, pools: i64, queued: i64) -> PauseOutcome {
        PauseOutcome {
            changed,
            pools,
            queued,
        }
    }

    #[test]
    fn the_text_says_who_is_affected() {
        assert_eq!(
            text(true, outcome(true, 2, 0)),
            "Reconciliation is paused: 2 pools not kept any more; no job is queued.\n"
        );
        assert_eq!(
            text(true, outcome(false, 1, 3)),
            "Reconciliation is paused already: 1 pool not kept any more; 3 jobs queued already \
             go on.\n"
        );
        assert_eq!(
            text(false, outcome(true, 5, 1)),
            "Reconciliation is on: 5 pools kept at the desired size.\n"
        );
    }
}
