//! Predicts which creates of a plan would fail, because their builds can't be made.
//!
//! A plan counts workspaces and knows nothing of templates; a pass finds out when it works builds out.
//! The prediction is for people and no part of a plan, which is the same whether it is made from a
//! database or from a saved snapshot.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Version, first_start};
use crate::model::{Action, Plan, PresetReference, Snapshot};

/// The template versions that the creates of `plan`, which is that of `snapshot`, are built on.
pub(crate) fn needed_versions(snapshot: &Snapshot, plan: &Plan) -> Vec<Uuid> {
    let needed: BTreeSet<Uuid> = creating(snapshot, plan)
        .into_iter()
        .map(|(_, version)| version)
        .collect();
    needed.into_iter().collect()
}

/// A sentence for each preset whose workspaces can't be created. `versions` are those that the plan
/// needs, as far as they can be built on.
pub(crate) fn forecast(
    snapshot: &Snapshot,
    plan: &Plan,
    versions: &BTreeMap<Uuid, Version>,
) -> Vec<String> {
    let mut sentences = Vec::new();
    for (preset, version) in creating(snapshot, plan) {
        let problem = match versions.get(&version) {
            Some(version) => match first_start(version, preset.id) {
                Ok(_) => continue,
                Err(problem) => problem.to_string(),
            },
            None => "its template version has no import job to build from".to_owned(),
        };
        sentences.push(format!(
            "a pass can't create workspaces of {preset}: {problem}"
        ));
    }
    sentences
}

/// Presets that get workspaces, each with its template version.
fn creating<'a>(snapshot: &Snapshot, plan: &'a Plan) -> Vec<(&'a PresetReference, Uuid)> {
    let versions: BTreeMap<Uuid, Uuid> = snapshot
        .presets
        .iter()
        .map(|preset| (preset.id, preset.template_version_id))
        .collect();
    plan.presets
        .iter()
        .filter(|entry| creates(&entry.actions))
        .filter_map(|entry| Some((&entry.preset, *versions.get(&entry.preset.id)?)))
        .collect()
}

fn creates(actions: &[Action]) -> bool {
    actions.iter().any(|action| {
        matches!(
            action,
            Action::Create {
                blocked_by: None,
                ..
            }
        )
    })
}
