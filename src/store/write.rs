//! Everything that is written to databases that Coder manages, and to our own in the same way.
//!
//! Every write names in its own conditions what it relies on, so that a row that has moved meanwhile
//! is left out instead of overwritten.

pub(in crate::store) mod builds;
pub(in crate::store) mod claims;
pub(in crate::store) mod cleanup;
pub(in crate::store) mod history;
pub(in crate::store) mod invalidate;
pub(in crate::store) mod lives;
pub(in crate::store) mod membership;
pub(in crate::store) mod misses;
pub(in crate::store) mod pass;
pub(in crate::store) mod scales;
pub(in crate::store) mod settings;
pub(in crate::store) mod workspaces;
