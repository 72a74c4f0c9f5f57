//! Which creates of a plan would fail, because their builds can't be made.
//!
//! A plan counts workspaces and knows nothing of templates; a pass finds out when it works builds
//! out. This asks the same question beforehand, for people: it reads only, and what it finds is no
//! part of a plan, which is the same whether it is made from a database or from a saved snapshot.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::builds::first_start;
use crate::model::{Action, Plan, Snapshot};
use crate::store::{Reader, StoreError};

/// A sentence for each preset whose workspaces can't be created. `plan` is that of `snapshot`.
pub(crate) async fn forecast(
    reader: &mut Reader,
    snapshot: &Snapshot,
    plan: &Plan,
) -> Result<Vec<String>, StoreError> {
    let versions: BTreeMap<Uuid, Uuid> = snapshot
        .presets
        .iter()
        .map(|preset| (preset.id, preset.template_version_id))
        .collect();
    let creating: Vec<_> = plan
        .presets
        .iter()
        .filter(|entry| creates(&entry.actions))
        .filter_map(|entry| Some((&entry.preset, *versions.get(&entry.preset.id)?)))
        .collect();
    if creating.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: BTreeSet<Uuid> = creating.iter().map(|(_, version)| *version).collect();
    let wanted: Vec<Uuid> = wanted.into_iter().collect();
    let versions = reader.read_versions(&wanted).await?;
    let mut sentences = Vec::new();
    for (preset, version) in creating {
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
    Ok(sentences)
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
