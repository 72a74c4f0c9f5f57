//! Claims: a person gets a prebuilt workspace as theirs.

mod batch;
mod crowds;
mod lost_sessions;
mod races;
mod refusals;
mod rows;
