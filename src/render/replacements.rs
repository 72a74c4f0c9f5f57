//! A warning for each preset whose claims rebuild resources, which costs the time that its pool saves.

use crate::model::Plan;
use crate::model::text::{plural, printable, time};
use crate::render::PresetNames;
use crate::store::{Replaced, Replacement};

/// A line for each preset of the plan with claims that replaced resources.
pub(crate) fn warnings(plan: &Plan, replacements: &[Replacement]) -> Vec<String> {
    let names = PresetNames::of(plan.presets.iter().map(|it| &it.preset));
    let mut lines = Vec::new();
    for entry in &plan.presets {
        let of_preset = replacements
            .iter()
            .filter(|it| it.preset_id == Some(entry.preset.id));
        let count = of_preset.clone().count();
        let Some(latest) = of_preset.max_by_key(|it| it.at) else {
            continue;
        };
        lines.push(format!(
            "{}: {} replaced resources recently, which costs the time that the pool \
             saves. The latest, {} of {} at {}: {}",
            names.name(&entry.preset),
            plural(count, "claim"),
            printable(&latest.workspace_name),
            printable(&latest.claimant),
            time(&latest.at),
            printable(&resources(&latest.replaced)),
        ));
    }
    lines
}

/// `docker_container.main (image, env)`: the resources, with the paths that forced the replacement.
pub(super) fn resources(replaced: &Replaced) -> String {
    let resource = |(address, paths): (&String, &Vec<String>)| match paths.as_slice() {
        [] => address.clone(),
        paths => format!("{address} ({})", paths.join(", ")),
    };
    let resources: Vec<String> = replaced.iter().map(resource).collect();
    resources.join("; ")
}
