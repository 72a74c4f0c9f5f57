//! The lines below a plan's totals that say what changes would mean.

use crate::actions::what_if::Changes;
use crate::actions::what_if::impact::BelowTarget;
use crate::model::Plan;
use crate::model::text::{counted, printable};
use crate::render::{TableStyle, below};

/// The changes, what happens to workspaces, and the pools that run below their target.
pub(crate) fn summary(
    plan: &Plan,
    changes: &Changes,
    below_target: &[BelowTarget],
    style: TableStyle,
) -> String {
    let promoted = changes
        .promoted
        .iter()
        .map(|it| format!("{}={} promoted", it.template, it.version));
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
        "What if: {}; {}, {}, {}",
        made.join(", "),
        counted(workspaces.delete, "dies", "die"),
        counted(workspaces.create, "is made", "are made"),
        counted(workspaces.cancel_pending, "is cancelled", "are cancelled"),
    )];
    lines.extend(
        below_target
            .iter()
            .map(|pool| format!("{} {}", pool.preset, pool.headline())),
    );
    if below_target.is_empty() {
        lines.push("No pool runs below its target".to_owned());
    }
    let text: String = lines
        .iter()
        .map(|line| format!("{}.\n", printable(line)))
        .collect();
    below(style, &text)
}
