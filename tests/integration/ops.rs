//! What operators do beside passes: look, measure, pause, clean up, invalidate.

mod alerts;
mod build_timings;
mod cleanup;
pub mod doctor;
mod events;
mod history;
mod invalidate;
mod metrics;
mod pause;
mod wait;
mod workspaces;
