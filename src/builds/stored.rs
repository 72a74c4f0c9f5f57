//! The parameter values that a build was made with, for people to see.
//!
//! Invariant: no value of a sensitive variable is shown, none of a parameter that forms hide, none that
//! Coder has encrypted, and none where it can't be told whether it is one of these.

use std::collections::BTreeMap;

use super::preview::secrets;
use super::resolution::{Refused, resolve};
use super::{Flow, Version};
use crate::template::{HIDDEN, Request, Resolved, Values};

/// The values of a build on this version as people may see them. `encrypted`: Coder has encrypted some.
pub(crate) fn shown_values(
    version: &Version,
    values: &BTreeMap<String, String>,
    encrypted: bool,
) -> BTreeMap<String, String> {
    let masked = if encrypted {
        None
    } else {
        masked(version, values)
    };
    let secrets = secrets(version);
    let show = |(name, value): (&String, &String)| {
        let is_hidden = masked.as_ref().is_none_or(|names| names.contains(name));
        let shown = match is_hidden {
            true => HIDDEN.to_owned(),
            false => secrets.hide_value(value.clone()),
        };
        (secrets.hide_value(name.clone()), shown)
    };
    values.iter().map(show).collect()
}

/// The parameters that forms hide; none where that can't be told.
fn masked(version: &Version, values: &Values) -> Option<Vec<String>> {
    let none = Values::new();
    let request = Request {
        owner: &version.prebuilds_user,
        is_first: false,
        last_build: values,
        given: &none,
        preset: &none,
    };
    let parameters = match (resolve(version, &request), &version.flow) {
        (Ok(build), _) => build.parameters,
        // Only sources of dynamic templates hide any.
        (Err(_), Flow::Classic | Flow::Static) => Vec::new(),
        (Err(Refused::Plainly(_, parameters)), Flow::Dynamic(_)) if !parameters.is_empty() => {
            parameters
        }
        (Err(_), Flow::Dynamic(_) | Flow::Unrendered(_)) => return None,
    };
    let is_masked = |it: Resolved| it.definition.masked.then_some(it.definition.name);
    Some(parameters.into_iter().filter_map(is_masked).collect())
}
