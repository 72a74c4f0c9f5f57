//! Replaces the members of a superseded version step by step.
//!
//! Pure. A plan deletes them all at once, while their replacements are still being built. Here as many stay
//! as the pool of the active version lacks, and go as that fills up, pass by pass. Nothing is ever added to
//! a plan, and creates are never put off.

use std::collections::HashMap;

use uuid::Uuid;

use crate::actions::total;
use crate::model::{Action, DeleteReason, Plan, Preset, Snapshot};

#[cfg(test)]
mod tests;

/// A plan that keeps some of what it would have deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SlowedPlan {
    pub plan: Plan,
    /// Workspaces that stay for now.
    pub kept: i64,
}

/// Keeps the newest members of superseded versions, as many as the preset of the same name in the active
/// version lacks ready ones, less `max_unavailable` (a negative number counts as 0). Those without such a
/// preset go at once. `plan` is the snapshot's own.
pub(crate) fn keep_until_ready(
    mut plan: Plan,
    snapshot: &Snapshot,
    max_unavailable: i64,
) -> SlowedPlan {
    let name = |preset: &Preset| (preset.template_id, preset.name.clone());
    let entries = snapshot.presets.iter().zip(&plan.presets);
    let in_use = entries.filter(|(preset, _)| preset.is_active());
    let mut lacking: HashMap<(Uuid, String), i64> = in_use
        .map(|(preset, entry)| {
            let state = &entry.state;
            let lacking = state.desired - state.eligible - max_unavailable.max(0);
            (name(preset), lacking.max(0))
        })
        .collect();
    let mut kept = 0;
    for (preset, entry) in snapshot.presets.iter().zip(&mut plan.presets) {
        let Some(lacking) = lacking.get_mut(&name(preset)) else {
            continue;
        };
        for action in &mut entry.actions {
            let Action::Delete {
                reason: DeleteReason::Inactive,
                workspace_ids,
            } = action
            else {
                continue;
            };
            let all = workspace_ids.len();
            let stay = usize::try_from(*lacking).unwrap_or(0).min(all);
            if stay == 0 {
                continue;
            }
            // The oldest come first.
            workspace_ids.truncate(all - stay);
            let stay = i64::try_from(stay).unwrap_or(i64::MAX);
            *lacking -= stay;
            kept += stay;
            entry.reason +=
                &format!("; {stay} of these {all} stay until the active version's are ready");
        }
        entry.actions.retain(|action| match action {
            Action::Delete { workspace_ids, .. } => !workspace_ids.is_empty(),
            _ => true,
        });
    }
    total(&mut plan);
    SlowedPlan { plan, kept }
}
