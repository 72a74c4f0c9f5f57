//! `pause` and `resume`: the setting that stops the passes of coderd and of this program.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use crate::cli::Context;
use crate::model::FormatVersion;
use crate::model::text::{plural, printable};
use crate::render::View;
use crate::store::KeptPool;

/// Most pools that are named; there can be hundreds.
const MAX_NAMES: usize = 10;

/// Pause reconciliation
///
/// Sets reconciliation_paused, which coderd obeys too: nothing is created, deleted or cancelled
/// until resume. Queued jobs still run, and prebuilt workspaces can be claimed. Writes no entry in
/// Coder's audit log.
#[derive(Debug, Args)]
pub(crate) struct PauseArgs {}

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
        format!("Reconciliation is {already}paused: {pools} no longer kept{names}; {queued}.\n")
    }
}

pub(crate) async fn run(context: &Context, paused: bool) -> Result<ExitCode> {
    let store = context.store()?;
    let mut reader = store.open_reader().await?;
    let affected = reader.kept_pools().await?;
    reader.close().await;
    let outcome = store.set_paused(paused).await?;
    let document = Document {
        version: FormatVersion,
        reconciliation_paused: paused,
        changed: outcome.changed,
        pools: outcome.pools,
        affected,
        queued: outcome.queued,
    };
    context
        .output
        .report(&document, |_| View::of(document.sentence()))?;
    Ok(ExitCode::SUCCESS)
}

/// The first few names, in brackets.
fn names(pools: &[KeptPool]) -> String {
    let name = |pool: &KeptPool| {
        printable(&format!(
            "{}/{}/{}",
            pool.organization_name, pool.template_name, pool.preset_name
        ))
    };
    let named: Vec<String> = pools.iter().take(MAX_NAMES).map(name).collect();
    match pools.len().saturating_sub(MAX_NAMES) {
        0 if named.is_empty() => String::new(),
        0 => format!(" ({})", named.join(", ")),
        more => format!(" ({} and {more} more)", named.join(", ")),
    }
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
