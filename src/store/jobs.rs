//! Build jobs of a database of our own, as a provisioner daemon takes and ends them.

pub(in crate::store) mod daemons;
pub(in crate::store) mod logs;
pub(in crate::store) mod outcomes;
pub(in crate::store) mod queue;
