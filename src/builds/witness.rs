//! Holds builds that were made against what would be rendered now.
//!
//! Invariant: a build is worked out here as it was when it was made. What differs is either changed
//! since (the template's flow, its owner's groups) or rendered otherwise than by whoever made it.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::preview::secrets;
use super::resolution::resolve;
use super::{Unbuildable, Version, normalised_tags};
use crate::model::PREBUILDS_USER_ID;
use crate::template::{Owner, Request, Secrets, Values};

/// The newest start build of a preset for an owner, by coderd or anybody else.
#[derive(Clone, Debug)]
pub(crate) struct Witness {
    pub preset_id: Uuid,
    pub template_version_id: Uuid,
    pub workspace_name: String,
    pub build_number: i64,
    /// Its parameter values.
    pub parameters: Values,
    /// The tags of its job.
    pub tags: BTreeMap<String, String>,
}

/// What is different about a build if it were made now, a sentence each.
///
/// In the first build of a prebuilt workspace nothing is given. A person may have given values: those
/// of the build are then taken as the last build's, so that what follows from them is compared.
pub(crate) fn differences(witness: &Witness, version: &Version, owner: &Owner) -> Vec<String> {
    let is_prebuild = owner.id == PREBUILDS_USER_ID.to_string() && witness.build_number == 1;
    let is_given = !is_prebuild;
    let none = Values::new();
    let request = Request {
        owner,
        is_first: !is_given,
        last_build: if is_given { &witness.parameters } else { &none },
        given: &none,
        preset: version.presets.get(&witness.preset_id).unwrap_or(&none),
    };
    let build = format!(
        "build {} of workspace {:?}",
        witness.build_number, witness.workspace_name
    );
    let rendered = match resolve(version, &request) {
        Ok(rendered) => rendered,
        Err(refused) => {
            let problem = Unbuildable::from(refused);
            return vec![format!("{build} would be refused now: {problem}")];
        }
    };
    let mut tags = normalised_tags(&version.tags, &owner.id);
    let mut values = rendered.values();
    let mut written = witness.parameters.clone();
    let mut masked = Vec::new();
    for parameter in rendered.parameters {
        if parameter.definition.masked {
            masked.extend(written.get(&parameter.definition.name).cloned());
            masked.extend(parameter.value);
        }
        // One that holds for a single build is not carried over.
        if is_given && parameter.definition.ephemeral {
            values.remove(&parameter.definition.name);
            written.remove(&parameter.definition.name);
        }
    }
    tags.extend(rendered.tags);
    let secrets = secrets(version).with(masked);
    let parameters = compare("parameter", &values, &written, &build, &secrets);
    let tags = compare("tag", &tags, &witness.tags, &build, &secrets);
    parameters.into_iter().chain(tags).collect()
}

/// A sentence for each name whose values differ.
fn compare(
    what: &str,
    now: &BTreeMap<String, String>,
    then: &BTreeMap<String, String>,
    build: &str,
    secrets: &Secrets,
) -> Vec<String> {
    let shown = |value: Option<&String>| match value {
        Some(value) => format!("{:?}", secrets.hide_value(value.clone())),
        None => "missing".to_owned(),
    };
    let gone = then.keys().filter(|name| !now.contains_key(*name));
    let differing = now
        .keys()
        .chain(gone)
        .filter(|name| now.get(*name) != then.get(*name));
    let sentence = |name: &String| {
        let (now, then) = (shown(now.get(name)), shown(then.get(name)));
        let name = secrets.hide_value(name.clone());
        format!("{what} {name:?} is {now} now, and {then} in {build}")
    };
    differing.map(sentence).collect()
}
