//! The lines below a plan's totals that summarize what changes would mean.

use crate::actions::what_if::Changes;
use crate::actions::what_if::impact::BelowTarget;
use crate::model::Plan;
use crate::model::text::printable;

/// The changes, the number of workspaces concerned, and the pools that run below their target.
pub(crate) fn summary(plan: &Plan, changes: &Changes, below_target: &[BelowTarget]) -> String {
    let promoted = changes
        .promoted
        .iter()
        .map(|it| format!("{}={} promoted", it.template(), it.name));
    let desired = changes
        .desired
        .iter()
        .map(|it| format!("{}={} desired", it.preset, it.desired));
    let mut made: Vec<String> = promoted.chain(desired).collect();
    if made.is_empty() {
        made.push("nothing changed".to_owned());
    }
    let workspaces = &plan.summary;
    let mut lines = vec![format!(
        "What if: {}; {} deleted, {} created, {} cancelled",
        made.join(", "),
        workspaces.delete,
        workspaces.create,
        workspaces.cancel_pending,
    )];
    lines.extend(
        below_target
            .iter()
            .map(|pool| format!("{} {}", pool.preset, pool.headline)),
    );
    if below_target.is_empty() {
        lines.push("No pool runs below its target".to_owned());
    }
    lines
        .iter()
        .map(|line| format!("{}.\n", printable(line)))
        .collect()
}
