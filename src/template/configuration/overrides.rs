//! Override files: `override.tf` and names that end in `_override.tf`.
//!
//! Invariant: what an override file says about a block replaces what the other files say, attribute
//! by attribute, and nested blocks of a type as a whole (Terraform: override files).

use std::collections::{BTreeSet, HashMap};
use std::iter;
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
    let mut bodies: HashMap<_, Vec<Body>> = HashMap::new();
    for block in overriding.blocks {
        let of_block = bodies.entry((block.kind, block.labels)).or_default();
        of_block.push(block.body);
    }
    for own in blocks {
        let name = (Arc::clone(&own.kind), own.labels.clone());
        if let Some(overriding) = bodies.remove(&name) {
            merge_bodies(&mut own.body, overriding);
        }
    }
    bodies.is_empty()
}

/// Merges bodies, of which each overrides those before it: all at once, since there can be very many.
fn merge_bodies(own: &mut Body, overriding: Vec<Body>) {
    let (mut names, mut types) = (BTreeSet::new(), BTreeSet::new());
    let (mut attributes, mut blocks) = (Vec::new(), Vec::new());
    for body in iter::once(std::mem::take(own)).chain(overriding).rev() {
        let kept = body.attributes.into_iter().rev();
        attributes.extend(kept.filter(|attribute| names.insert(Arc::clone(&attribute.name))));
        let of_body: Vec<Arc<str>> = body.blocks.iter().map(nested_type).collect();
        let kept = body.blocks.into_iter().rev();
        blocks.extend(kept.filter(|block| !types.contains(&nested_type(block))));
        types.extend(of_body);
    }
    attributes.reverse();
    blocks.reverse();
    *own = Body { attributes, blocks };
}

/// The type of the blocks that a nested block stands for.
fn nested_type(block: &Block) -> Arc<str> {
    match block.labels.first() {
        Some(label) if &*block.kind == "dynamic" => Arc::clone(label),
        _ => Arc::clone(&block.kind),
    }
}
