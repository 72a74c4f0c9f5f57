//! Everything that is only read: the facts of a snapshot, template versions, and what people ask
//! about.
//!
//! A [`Reader`](super::Reader) offers these on a session that can't write; a pass and claims use the
//! same functions in transactions of their own.

pub(in crate::store) mod claimable;
mod demand;
pub(in crate::store) mod failures;
pub(in crate::store) mod health;
pub(in crate::store) mod job_timings;
pub(in crate::store) mod last_builds;
pub(in crate::store) mod pools;
mod provisioners;
pub(in crate::store) mod replacements;
pub(in crate::store) mod snapshot;
pub(in crate::store) mod templates;
pub(in crate::store) mod totals;
pub(in crate::store) mod versions;
pub(in crate::store) mod what_if;
pub(in crate::store) mod witnesses;
pub(in crate::store) mod workspaces;
