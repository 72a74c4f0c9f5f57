//! Override files: `override.tf` and names that end in `_override.tf`.
//!
//! Invariant: what an override file says about a block replaces what the other files say, attribute
//! by attribute, and nested blocks of a type as a whole (Terraform: override files).

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::{Block, Body};

/// Whether a file of that name overrides others. coderd's renderer merges none in JSON.
pub(super) fn is_override(name: &str) -> bool {
    name.strip_suffix(".tf")
        .is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
}

/// Merges an override file into the blocks of the other files; whether each of its blocks has one
/// that it overrides.
pub(super) fn merge(blocks: &mut [Block], overriding: Body) -> bool {
    let mut places = HashMap::new();
    for (place, own) in blocks.iter().enumerate() {
        let name = (Arc::clone(&own.kind), own.labels.clone());
        places.entry(name).or_insert(place);
    }
    overriding.blocks.into_iter().all(|block| {
        let place = places.get(&(block.kind, block.labels));
        let Some(own) = place.and_then(|place| blocks.get_mut(*place)) else {
            return false;
        };
        merge_body(&mut own.body, block.body);
        true
    })
}

fn merge_body(own: &mut Body, overriding: Body) {
    for attribute in overriding.attributes {
        own.attributes.retain(|known| known.name != attribute.name);
        own.attributes.push(attribute);
    }
    let replaced: BTreeSet<Arc<str>> = overriding.blocks.iter().map(nested_type).collect();
    own.blocks
        .retain(|block| !replaced.contains(&nested_type(block)));
    own.blocks.extend(overriding.blocks);
}

/// The type of the blocks that a nested block stands for.
fn nested_type(block: &Block) -> Arc<str> {
    match block.labels.first() {
        Some(label) if &*block.kind == "dynamic" => Arc::clone(label),
        _ => Arc::clone(&block.kind),
    }
}
