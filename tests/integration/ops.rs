//! What operators do beside passes: look, measure, pause, clean up, invalidate.

mod build_timings;
pub mod cleanup;
pub mod doctor;
mod invalidate;
pub mod metrics;
mod pause;
