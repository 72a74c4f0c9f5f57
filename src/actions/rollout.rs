//! Replaces the members of a superseded version step by step.
//!
//! Pure. A plan deletes them all at once, while their replacements are still being built. Here as many stay
//! as the pool of the active version lacks, and go as that fills up, pass by pass. Nothing is ever added to
//! a plan, and creates are never put off.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::actions::total;
use crate::model::text::count;
use crate::model::{Action, DeleteReason, Plan, Preset, Snapshot, Time};

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
    let lacking: HashMap<(Uuid, String), i64> = in_use
        .map(|(preset, entry)| {
            let state = &entry.state;
            let lacking = state.desired - state.eligible - max_unavailable.max(0);
            (name(preset), lacking.max(0))
        })
        .collect();
    let running = snapshot.running.iter();
    let created: HashMap<Uuid, Time> = running.map(|it| (it.id, it.created_at)).collect();
    // Those of all superseded versions: the version before is the one that may be promoted again.
    let mut superseded: HashMap<_, Vec<(Option<&Time>, Uuid)>> = HashMap::new();
    for (preset, entry) in snapshot.presets.iter().zip(&plan.presets) {
        let ids = entry.actions.iter().filter_map(inactive).flatten();
        let members = superseded.entry(name(preset)).or_default();
        members.extend(ids.map(|id| (created.get(id), *id)));
    }
    let mut staying = HashSet::new();
    for (name, mut members) in superseded {
        let lacking = lacking.get(&name).copied().unwrap_or_default();
        let lacking = usize::try_from(lacking).unwrap_or_default();
        members.sort_unstable();
        staying.extend(members.iter().rev().take(lacking).map(|(_, id)| *id));
    }
    for entry in &mut plan.presets {
        for action in &mut entry.actions {
            let Action::Delete {
                reason: DeleteReason::Inactive,
                workspace_ids,
            } = action
            else {
                continue;
            };
            let all = workspace_ids.len();
            workspace_ids.retain(|id| !staying.contains(id));
            let stay = all - workspace_ids.len();
            if stay > 0 {
                entry.reason +=
                    &format!("; {stay} of these {all} stay until the active version's are ready");
            }
        }
        entry.actions.retain(|action| match action {
            Action::Delete { workspace_ids, .. } => !workspace_ids.is_empty(),
            _ => true,
        });
    }
    total(&mut plan);
    SlowedPlan {
        plan,
        kept: count(staying.len()),
    }
}

/// The members of a superseded version that an action deletes.
fn inactive(action: &Action) -> Option<&Vec<Uuid>> {
    match action {
        Action::Delete {
            reason: DeleteReason::Inactive,
            workspace_ids,
        } => Some(workspace_ids),
        _ => None,
    }
}
