//! What operators do beside passes: look, measure, pause, clean up, invalidate.

mod alerts;
mod build_timings;
mod cleanup;
mod demand;
pub mod doctor;
mod events;
mod history;
mod invalidate;
mod metrics;
mod pages;
mod pause;
mod wait;
mod workspaces;
