//! Keeps pools of prebuilt workspaces at their desired size.
//!
//! ```text
//!           read                plan                  act
//!  store ─────────▶ Snapshot ─────────▶ Plan ─────────▶ executor ──▶ store
//!  (postgres,       (what is)   actions  (what to do,            (one atomic
//!   sqlite)                     PURE     and why)                 transaction)
//! ```

pub mod actions;
pub mod document;
pub mod model;
