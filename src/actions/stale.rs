//! Whether an approved plan is still what would be done.
//!
//! Compares two plans and says where they differ; it neither plans nor carries anything out. Two
//! plans agree when every preset for which steps were approved stands where it stood, with the same steps:
//! the sentences and diagnostics, which follow from the rest, don't matter, and neither does the
//! instant for which they were made. Nothing was approved for the other presets, so that nothing is done
//! about them, however they have moved.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::actions::reason::words;
use crate::actions::total;
use crate::model::{DueBuild, Plan, PresetPlan, State};

/// How an approved plan relates to the present one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// Every preset with approved steps is as it was; a line for each other one that has moved.
    Same(Vec<String>),
    /// Something has moved; a line for each preset.
    Stale(Vec<String>),
    /// None of its presets exist here: it was made for another database.
    Foreign,
}

/// Compares an approved plan with the present one. Presets that only the present one holds don't
/// matter: the approved one was made with filters, or they are new.
pub(crate) fn compare(approved: &Plan, present: &Plan) -> Comparison {
    let by_id: BTreeMap<Uuid, &PresetPlan> = present
        .presets
        .iter()
        .map(|entry| (entry.preset.id, entry))
        .collect();
    let is_known = |entry: &PresetPlan| by_id.contains_key(&entry.preset.id);
    if !approved.presets.is_empty() && !approved.presets.iter().any(is_known) {
        return Comparison::Foreign;
    }
    let mut lines = Vec::new();
    let mut others = Vec::new();
    if approved.reconciliation_paused != present.reconciliation_paused {
        let word = |paused| if paused { "paused" } else { "not paused" };
        lines.push(format!(
            "reconciliation: approved while {}, now {}",
            word(approved.reconciliation_paused),
            word(present.reconciliation_paused)
        ));
    }
    for entry in &approved.presets {
        let lines = if entry.has_steps() {
            &mut lines
        } else {
            &mut others
        };
        match by_id.get(&entry.preset.id) {
            None => lines.push(format!(
                "{}: approved: {}; now gone",
                entry.preset,
                steps(entry)
            )),
            Some(now) => lines.extend(difference(entry, now)),
        }
    }
    for due in &approved.claimed {
        let is_same =
            |it: &DueBuild| (it.workspace_id, it.transition) == (due.workspace_id, due.transition);
        if !present.claimed.iter().any(is_same) {
            let (owner, name) = (&due.owner_name, &due.name);
            lines.push(format!(
                "claimed workspace {owner}/{name}: approved a build; now none is due"
            ));
        }
    }
    if lines.is_empty() {
        Comparison::Same(others)
    } else {
        Comparison::Stale(lines)
    }
}

/// Takes the steps out of the present plan that are of presets for which none were approved.
pub(crate) fn keep_approved(present: &mut Plan, approved: &Plan) {
    let approved = approved.presets.iter().filter(|entry| entry.has_steps());
    let approved: BTreeSet<Uuid> = approved.map(|entry| entry.preset.id).collect();
    let others = present.presets.iter_mut();
    for entry in others.filter(|entry| !approved.contains(&entry.preset.id)) {
        entry.actions.clear();
        // Nor is anything noted about it.
        entry.hard_limited = false;
    }
    total(present);
}

/// What differs about one preset, in a line.
fn difference(approved: &PresetPlan, now: &PresetPlan) -> Option<String> {
    let mut moved = numbers(&approved.state, &now.state);
    if approved.preset.using_active_version != now.preset.using_active_version {
        moved.push(format!(
            "version {:?} {} the active one",
            now.preset.template_version_name,
            if now.preset.using_active_version {
                "has become"
            } else {
                "is no longer"
            }
        ));
    }
    if approved.hard_limited != now.hard_limited {
        let word = if now.hard_limited {
            "has reached"
        } else {
            "is below"
        };
        moved.push(format!("it {word} the failure limit"));
    }
    if approved.actions == now.actions && moved.is_empty() {
        return None;
    }
    let (before, after) = (steps(approved), steps(now));
    let mut line = format!("{}: approved: {before}; now: {after}", approved.preset);
    if before == after && approved.actions != now.actions {
        line.push_str(" of other workspaces, or until another time");
    }
    if !moved.is_empty() {
        line.push_str(&format!(" ({})", moved.join(", ")));
    }
    Some(line)
}

/// `running 2 -> 3` for every number that has changed.
fn numbers(before: &State, after: &State) -> Vec<String> {
    [
        ("desired", before.desired, after.desired),
        ("running", before.actual, after.actual),
        ("ready", before.eligible, after.eligible),
        ("expired", before.expired, after.expired),
        ("extraneous", before.extraneous, after.extraneous),
        ("starting", before.starting, after.starting),
        ("stopping", before.stopping, after.stopping),
        ("deleting", before.deleting, after.deleting),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .map(|(what, before, after)| format!("{what} {before} -> {after}"))
    .collect()
}

fn steps(entry: &PresetPlan) -> String {
    let words: Vec<String> = entry.actions.iter().map(words).collect();
    if words.is_empty() {
        "nothing".to_owned()
    } else {
        words.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{NOON, id, plan_checked, preset, running, snapshot};
    use crate::model::Action;

    /// The plan of a pool of three of which so many run.
    fn plan(present: u128) -> Plan {
        let mut snapshot = snapshot(vec![preset(1, 3)]);
        let pool = &snapshot.presets[0];
        snapshot.running = (0..present).map(|n| running(100 + n, pool, NOON)).collect();
        plan_checked(&snapshot)
    }

    #[test]
    fn a_plan_agrees_with_itself_made_later() {
        let approved = plan(1);
        let mut present = approved.clone();
        present.planned_at += chrono::TimeDelta::hours(1);
        assert_eq!(compare(&approved, &present), Comparison::Same(Vec::new()));
    }

    #[test]
    fn a_finished_build_makes_a_plan_stale_and_is_named() {
        let stale = compare(&plan(1), &plan(2));
        let line = "acme/docker/preset-1: approved: create 2; now: create 1 (running 1 -> 2, ready 1 -> 2)";
        assert_eq!(stale, Comparison::Stale(vec![line.into()]));
    }

    #[test]
    fn other_workspaces_make_a_plan_stale_even_when_the_numbers_agree() {
        let mut later = plan(5);
        for action in &mut later.presets[0].actions {
            if let Action::Delete { workspace_ids, .. } = action {
                workspace_ids[0] = id(999);
            }
        }
        let Comparison::Stale(lines) = compare(&plan(5), &later) else {
            panic!("not stale");
        };
        assert!(lines[0].contains("of other workspaces"), "{lines:?}");
    }

    #[test]
    fn a_filtered_plan_leaves_the_other_presets_alone() {
        let approved = plan(1);
        let mut present = approved.clone();
        let mut other = present.presets[0].clone();
        other.preset.id = id(77);
        present.presets.push(other);
        assert_eq!(compare(&approved, &present), Comparison::Same(Vec::new()));
    }

    #[test]
    fn a_preset_without_approved_steps_may_move_and_gets_no_steps() {
        let mut approved = plan(1);
        let mut full = plan(3).presets.remove(0);
        full.preset.id = id(77);
        full.preset.name = "full".into();
        approved.presets.push(full.clone());
        // One of its workspaces was claimed.
        let mut present = plan(1);
        let mut claimed = plan(2).presets.remove(0);
        claimed.preset = full.preset;
        present.presets.push(claimed);
        let line =
            "acme/docker/full: approved: nothing; now: create 1 (running 3 -> 2, ready 3 -> 2)";
        assert_eq!(
            compare(&approved, &present),
            Comparison::Same(vec![line.into()])
        );
        keep_approved(&mut present, &approved);
        assert_eq!(present.presets[0].actions, approved.presets[0].actions);
        assert_eq!(present.presets[1].actions, []);
        assert_eq!(present.summary.create, 2);
    }

    #[test]
    fn a_plan_of_another_database_is_recognised() {
        let approved = plan(1);
        let mut present = approved.clone();
        present.presets[0].preset.id = id(77);
        assert_eq!(compare(&approved, &present), Comparison::Foreign);
    }

    #[test]
    fn a_vanished_preset_and_a_pause_are_named() {
        let mut approved = plan(1);
        let mut gone = approved.presets[0].clone();
        gone.preset.id = id(77);
        gone.preset.name = "large".into();
        approved.presets.push(gone);
        let mut present = plan(1);
        present.reconciliation_paused = true;
        let expected = vec![
            "reconciliation: approved while not paused, now paused".to_owned(),
            "acme/docker/large: approved: create 2; now gone".to_owned(),
        ];
        assert_eq!(compare(&approved, &present), Comparison::Stale(expected));
    }
}
