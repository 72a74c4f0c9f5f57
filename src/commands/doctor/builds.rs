//! Whether the pools' builds can be made, and whether those that exist are as they would be made now.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::failed;
use crate::actions::health::Finding;
use crate::builds::Version;
use crate::builds::forecast::{Claims, NO_PROVISIONER};
use crate::builds::witness::{Witness, differences};
use crate::cli::Outlook;
use crate::model::text::{plural, printable};
use crate::model::{
    Diagnostic, PREBUILDS_USER_ID, Plan, PresetPlan, PresetReference, Severity, Snapshot,
};
use crate::store::Reader;

/// A finding for each kind of build that can't be made.
pub(super) async fn examine(
    reader: &mut Reader,
    snapshot: &Snapshot,
    running_builds: &BTreeMap<Uuid, Uuid>,
    plan: &Plan,
) -> Vec<Finding> {
    let outlook = match Outlook::read(reader, snapshot, running_builds, plan, Claims::All).await {
        Ok(outlook) => outlook,
        Err(error) => return vec![failed("builds", &error)],
    };
    let found = outlook.forecast(snapshot, plan);
    let of_preset = |(entry, found): (&PresetPlan, Vec<Diagnostic>)| {
        let name = entry.preset.to_string();
        let finding = move |found: Diagnostic| {
            let message = printable(&format!("{name}: {}", found.message));
            let (check, remedy) = if found.code == NO_PROVISIONER {
                let remedy = "start a provisioner with these tags, or change the template's: coderd fails jobs \
                              that have waited for 30 minutes, and then the pool is hard limited";
                ("provisioners", remedy)
            } else {
                let remedy = "fix the template in a new version; leave builds that only coderd can \
                              work out to its own loop";
                ("builds", remedy)
            };
            match found.severity {
                Severity::Warning => Finding::warning(check, message, remedy),
                Severity::Error => Finding::error(check, message, remedy),
            }
        };
        found.into_iter().map(finding)
    };
    let mut findings: Vec<Finding> = plan.presets.iter().zip(found).flat_map(of_preset).collect();
    findings.extend(examine_witnesses(reader, snapshot, &outlook.versions).await);
    findings
}

/// A finding for each thing that is different about the newest build of a pool, if it were made now.
async fn examine_witnesses(
    reader: &mut Reader,
    snapshot: &Snapshot,
    versions: &BTreeMap<Uuid, Version>,
) -> Vec<Finding> {
    let presets = snapshot.presets.iter();
    let presets = presets.filter(|it| versions.contains_key(&it.template_version_id));
    let names: BTreeMap<Uuid, String> = presets
        .map(|it| (it.id, PresetReference::from(it).to_string()))
        .collect();
    if names.is_empty() {
        return Vec::new();
    }
    let ids: Vec<Uuid> = names.keys().copied().collect();
    let witnesses = match reader.read_witnesses(PREBUILDS_USER_ID, &ids).await {
        Ok(witnesses) => witnesses,
        Err(error) => return vec![failed("rendering", &error)],
    };
    let of_witness = |witness: &Witness| -> Vec<String> {
        let Some(version) = versions.get(&witness.template_version_id) else {
            return Vec::new();
        };
        let name = names.get(&witness.preset_id).map_or("", String::as_str);
        let found = differences(witness, version, &version.prebuilds_user);
        let named = found.into_iter().map(|found| format!("{name}: {found}"));
        named.collect()
    };
    let found: Vec<String> = witnesses.iter().flat_map(of_witness).collect();
    if found.is_empty() && !witnesses.is_empty() {
        let builds = plural(witnesses.len(), "pool");
        let message = format!("the newest builds of {builds} are as they would be made now");
        return vec![Finding::ok("rendering", message)];
    }
    let remedy = "if neither the template's flow nor the groups of the prebuilds user changed since, \
                  the template is rendered otherwise than by whoever made the build: leave its \
                  builds to coderd, and report it";
    let finding = |found: &String| Finding::warning("rendering", printable(found), remedy);
    found.iter().map(finding).collect()
}
