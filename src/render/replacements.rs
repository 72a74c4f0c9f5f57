//! A warning for each preset whose claims lose the time that its pool was to save.

use crate::model::Plan;
use crate::model::text::{plural, printable, time};
use crate::render::PresetNames;
use crate::store::Replacement;

/// A line for each preset of the plan with claims that replaced resources.
pub(crate) fn warnings(plan: &Plan, replacements: &[Replacement]) -> String {
    let organizations = plan.presets.iter();
    let names =
        PresetNames::new(organizations.map(|entry| entry.preset.organization_name.as_str()));
    let mut text = String::new();
    for entry in &plan.presets {
        let of_preset = replacements
            .iter()
            .filter(|it| it.preset_id == Some(entry.preset.id));
        let count = of_preset.clone().count();
        let Some(latest) = of_preset.max_by_key(|it| it.at) else {
            continue;
        };
        text.push_str(&format!(
            "Warning: {}: {} replaced resources lately, which takes the time that the pool saves. \
             The latest, {} of {} at {}: {}\n",
            names.name(&entry.preset),
            plural(count, "claim"),
            printable(&latest.workspace_name),
            printable(&latest.claimant),
            time(&latest.at),
            printable(&replaced(latest)),
        ));
    }
    text
}

/// `docker_container.main (image, env)`, with what made each be replaced.
fn replaced(replacement: &Replacement) -> String {
    let resource = |(address, paths): (&String, &Vec<String>)| match paths.as_slice() {
        [] => address.clone(),
        paths => format!("{address} ({})", paths.join(", ")),
    };
    let resources: Vec<String> = replacement.replaced.iter().map(resource).collect();
    resources.join("; ")
}
