//! Running the queued build jobs of a database of our own.
//!
//! ```text
//!           take               build                 complete
//!  store ─────────▶ worker ─────────────▶ builder ─────────────▶ worker ─────▶ store
//!                 (which job  (one task    (a command, or      (one transaction)
//!                  is whose)   per job)     a simulation)
//! ```
//!
//! The [`worker`] alone talks to the database; a builder turns a job into a [`build::Built`] and
//! knows nothing of other jobs. A build can run more than once, after its worker has died, so that builds
//! have to be idempotent.

mod bounded_output;
mod build;
mod build_folder;
mod builder;
mod exec;
mod last_words;
mod left_behind;
mod pace;
mod report;
mod resources;
mod running;
mod simulate;
mod worker;

pub(crate) use builder::Builder;
pub(crate) use exec::Exec;
pub(crate) use simulate::Simulate;
pub(crate) use worker::{Worker, WorkerSettings};

/// For fuzzers: reads what a build command says that it has made.
#[cfg(any(test, fuzzing))]
pub(crate) fn parse_resources(document: &[u8]) {
    let document: Result<resources::ResourcesDocument, _> = serde_json::from_slice(document);
    let _resources = document.map(resources::ResourcesDocument::resources);
}
